//go:build trino

package main

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/clock"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
)

const (
	expressionsFile = "testdata/expressions.sql"
	localDoc        = "../docs/local.md"
	// The table in localDoc is between these lines.
	differencesBegin = "<!-- The table is made by expressions_test.go. -->"
	differencesEnd   = "<!-- The end of the table. -->"
)

// differences gives the reason for each statement of expressionsFile whose answer differs.
var differences = map[string]string{
	"SELECT * FROM (VALUES 1) AS t(x) JOIN (VALUES '1') AS u(x) USING (x)":      usingReason,
	"SELECT * FROM (VALUES 1) AS t(x) LEFT JOIN (VALUES 1e0) AS u(x) USING (x)": usingReason,
	"SELECT * FROM (SELECT 1 AS a, 'x' AS a) AS t":                              renamedReason,
	"SELECT a FROM (SELECT 1 AS a, 'x' AS a) AS t":                              renamedReason,
}

const (
	usingReason   = "The types of the columns of USING are not compared."
	renamedReason = "DuckDB renames columns of a subquery that have the same name."
)

// TestExpressions_DefaultEngineAnswersLikeTrino runs the statements of expressionsFile in both engines. The default engine must return the
// same columns and values, or an error if Trino returns one. Otherwise, it must say that it does not support the statement, or the
// statement must be in the table of docs/local.md. With -update, the test writes the table.
func TestExpressions_DefaultEngineAnswersLikeTrino(t *testing.T) {
	client := defaultEngine(t)
	counts := map[string]int{}
	table := "| Query | Trino | Default engine | Reason |\n|---|---|---|---|\n"
	for _, sql := range expressions(t) {
		want, got := askTrino(t, sql), answerOf(client.Query(t.Context(), sql))
		outcome := compare(sql, want, got)
		counts[outcome]++
		reason, listed := differences[sql]
		switch {
		case listed && outcome != different:
			t.Errorf("%s: the engines no longer differ", sql)
		case outcome == different && !listed:
			t.Errorf("%s\n Trino   %s\n default %s", sql, want, got)
		case listed:
			cells := []string{"`" + sql + "`", want.String(), got.String(), reason}
			for i, c := range cells {
				cells[i] = strings.ReplaceAll(c, "|", `\|`)
			}
			table += "| " + strings.Join(cells, " | ") + " |\n"
		}
	}
	t.Logf("%d equal, %d rejected by both, %d refused by name, %d different",
		counts[equal], counts[rejected], counts[refused], counts[different])
	checkTable(t, table)
}

// checkTable compares the table of differences in localDoc. With -update, it writes the table.
func checkTable(t *testing.T, table string) {
	t.Helper()
	text, err := os.ReadFile(localDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), differencesBegin+"\n\n")
	written, after, ok2 := strings.Cut(rest, "\n"+differencesEnd)
	switch {
	case !ok1 || !ok2:
		t.Fatalf("%s has no table of differences", localDoc)
	case *update:
		err = os.WriteFile(localDoc, []byte(before+differencesBegin+"\n\n"+table+"\n"+differencesEnd+after), 0o644)
	case written != table:
		t.Errorf("the table in %s is not current; run the test with -update:\n%s", localDoc, table)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The outcomes of a comparison.
const (
	equal     = "equal"
	rejected  = "rejected by both"
	refused   = "refused by name"
	different = "different"
)

func compare(sql string, want, got answer) string {
	switch {
	case want.err != "" && got.err != "":
		return rejected
	case strings.Contains(got.err, "the default engine of the local Athena does not support"):
		return refused
	case want.err != "" || got.err != "" || !slices.Equal(want.columns, got.columns):
		return different
	}
	if !strings.Contains(sql, "ORDER BY") {
		slices.Sort(want.rows)
		slices.Sort(got.rows)
	}
	if !slices.Equal(want.rows, got.rows) {
		return different
	}
	return equal
}

// expressions returns the statements of expressionsFile.
func expressions(t *testing.T) (statements []string) {
	t.Helper()
	text, err := os.ReadFile(expressionsFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "--") {
			statements = append(statements, line)
		}
	}
	return statements
}

// answer is the result of a statement. A column is its name and type, and a row its values as Athena prints them.
type answer struct {
	columns, rows []string
	err           string
}

func (a answer) String() string {
	return cmp.Or(a.err, strings.Join(a.columns, ", ")+"; "+strings.Join(a.rows, "; "))
}

func answerOf(r athenaclient.Result, err error) (a answer) {
	if err != nil {
		return answer{err: err.Error()}
	}
	for _, c := range r.Columns {
		a.columns = append(a.columns, c.Name+" "+c.Type)
	}
	for _, row := range r.Rows {
		var values []string
		for _, v := range row {
			values = append(values, cmp.Or(aws.ToString(v), map[bool]string{true: "NULL", false: "''"}[v == nil]))
		}
		a.rows = append(a.rows, strings.Join(values, " | "))
	}
	return a
}

// defaultEngine starts a local Athena without tables.
func defaultEngine(t *testing.T) athenaclient.Client {
	t.Helper()
	store, err := s3.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateBucket("lake", "arn:aws:kms:eu-central-1:123456789012:key/lake"); err != nil {
		t.Fatal(err)
	}
	now := clock.NewVirtual(time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC))
	catalog := glue.New(glue.Options{Region: "eu-central-1", Account: "123456789012", Clock: now, Store: store})
	if err := catalog.DeployDatabase(t.Context(), glue.DatabaseInput{Name: "shop"}); err != nil {
		t.Fatal(err)
	}
	service := athena.New(athena.Options{
		Region: "eu-central-1", Account: "123456789012", Clock: now, Store: store, Catalog: catalog,
		WorkGroups: []athena.WorkGroup{{Name: "primary", OutputLocation: "s3://lake/athena/", Enforce: true}},
	})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(rw, r.WithContext(iam.WithCaller(r.Context(), iam.Caller{})))
	}))
	t.Cleanup(server.Close)
	return athenaclient.NewFromConfig(aws.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, "primary", "shop")
}

// trinoPage is a response of Trino's REST API.
type trinoPage struct {
	NextURI string `json:"nextUri"`
	Columns []struct{ Name, Type string }
	Data    [][]json.RawMessage
	Error   *struct{ ErrorName, Message string }
}

// askTrino runs a statement in the Trino server whose address is in the environment variable TRINO_URL.
func askTrino(t *testing.T, sql string) (a answer) {
	t.Helper()
	call := func(method, url, body string) (page trinoPage) {
		r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Trino-User", "snaplake")
		r.Header.Set("X-Trino-Time-Zone", "UTC")
		r.Header.Set("X-Trino-Client-Capabilities", "PARAMETRIC_DATETIME") // otherwise, every timestamp has three digits
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
			t.Fatal(err)
		}
		return page
	}
	var kinds []string
	for page := call("POST", os.Getenv("TRINO_URL")+"/v1/statement", sql); ; page = call("GET", page.NextURI, "") {
		if page.Error != nil {
			return answer{err: page.Error.ErrorName + ": " + page.Error.Message}
		}
		if a.columns == nil {
			for _, c := range page.Columns {
				kinds = append(kinds, c.Type)
				a.columns = append(a.columns, c.Name+" "+athenaType(c.Type))
			}
		}
		for _, row := range page.Data {
			var values []string
			for i, v := range row {
				values = append(values, athenaValue(v, kinds[i]))
			}
			a.rows = append(a.rows, strings.Join(values, " | "))
		}
		if page.NextURI == "" {
			return a
		}
	}
}

// athenaType returns the name of a Trino type in Athena's API.
func athenaType(kind string) string {
	base, parameters, _ := strings.Cut(kind, "(")
	switch {
	case base == "real":
		return "float"
	case base == "decimal":
		return strings.ReplaceAll(kind, " ", "")
	case strings.HasSuffix(parameters, "with time zone"):
		return base + " with time zone"
	}
	return base
}

// athenaValue returns a value of Trino's REST API as Athena prints it.
func athenaValue(value json.RawMessage, kind string) string {
	var text string
	var raw []byte
	switch {
	case bytes.Equal(value, []byte("null")):
		return "NULL"
	case kind == "varbinary" && json.Unmarshal(value, &raw) == nil:
		var pairs []string
		for _, b := range raw {
			pairs = append(pairs, hex.EncodeToString([]byte{b}))
		}
		return cmp.Or(strings.Join(pairs, " "), "''")
	case json.Unmarshal(value, &text) == nil:
		return cmp.Or(text, "''")
	}
	return string(value)
}
