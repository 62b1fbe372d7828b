package athena_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/glue"
)

// createNumbers creates the table crawled.numbers with n rows. Some names are NULL, empty, or contain characters that CSV must quote.
func createNumbers(env *testEnv, n int) (want [][]string) {
	env.t.Helper()
	names := []*string{aws.String("a,\"b\"\r\nc"), nil, aws.String(""), aws.String("\n\n"), aws.String(strings.Repeat(`"`, 9000))}
	var rows []user
	want = append(want, []string{"id", "name"})
	for i := range n {
		rows = append(rows, user{int64(i + 1), names[i%len(names)]})
		name := "NULL"
		if names[i%len(names)] != nil {
			name = *names[i%len(names)]
		}
		want = append(want, []string{fmt.Sprint(i + 1), name})
	}
	createTable(env, "numbers", []glue.Column{{Name: "id", Type: "bigint"}, {Name: "name", Type: "string"}}, rows...)
	return want
}

// resultPath returns the path of a query's result file.
func (env *testEnv) resultPath(id string) string {
	return env.store.Path("lake", "athena/"+id+".csv")
}

func TestGetQueryResults_PagesThroughLargeResult(t *testing.T) {
	env := newTestEnv(t)
	want := createNumbers(env, 2500)
	id := env.start("SELECT id, name FROM crawled.numbers ORDER BY id -- all of them")
	env.wait(id)
	for _, size := range []int32{1, 700, 1000} {
		var got [][]string
		in := awsathena.GetQueryResultsInput{QueryExecutionId: &id, MaxResults: &size}
		if size == 1 { // the last row follows 2,500 records
			before := awsathena.GetQueryResultsInput{QueryExecutionId: &id}
			for _, n := range []int32{1000, 1000, 500} {
				before.MaxResults = &n
				page, err := env.client.GetQueryResults(t.Context(), &before)
				if err != nil {
					t.Fatal(err)
				}
				before.NextToken = page.NextToken
			}
			in.NextToken = before.NextToken
		}
		for pages := awsathena.NewGetQueryResultsPaginator(env.client, &in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, texts(page.ResultSet.Rows)...)
		}
		if diff := cmp.Diff(want[len(want)-len(got):], got); diff != "" || len(got) == 0 {
			t.Errorf("pages of %d rows: %s", size, diff)
		}
	}
}

// The rows are stored only in the file, so a change to the file changes the response.
func TestGetQueryResults_ReadsRowsFromResultFile(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	id := env.start("SELECT id, name FROM crawled.users ORDER BY id")
	env.wait(id)
	path := env.resultPath(id)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "\"id\",\"name\"\n\"1\",\"Ada\"\n\"2\",\n"; string(content) != want {
		t.Fatalf("the result file is %q, want %q", content, want)
	}
	change := func(to []byte) ([][]string, error) {
		if err := os.WriteFile(path, to, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := env.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
		if err != nil {
			return nil, err
		}
		return texts(out.ResultSet.Rows), nil
	}
	got, err := change(bytes.ReplaceAll(content, []byte("Ada"), []byte("Eva")))
	if diff := cmp.Diff([][]string{{"id", "name"}, {"1", "Eva"}, {"2", "NULL"}}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, bad := range []string{"", "\"id\",\"name\"\n", "id,name\n\"1\",\n\"2\",\n", "\"id\",\"name\"\n\"1\",\"Ada"} {
		if _, err := change([]byte(bad)); err == nil || !strings.Contains(err.Error(), "it was changed") {
			t.Errorf("with the file %q: %v", bad, err)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, err = env.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	wantCode(t, err, "InvalidRequestException")
}
