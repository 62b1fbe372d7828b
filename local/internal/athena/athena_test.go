package athena_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/smithy-go"
	"github.com/parquet-go/parquet-go"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/clock"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
)

// world is an Athena over a Glue catalog with the databases "crawled" and "shop" and a bucket "lake", and a real client of it.
type world struct {
	t      testing.TB
	clock  *clock.Virtual
	store  *s3.Store
	glue   *glue.Service
	client *awsathena.Client
	// caller is whose calls the client's are: at first the operator's.
	caller iam.Caller
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldWith(t, nil, func(*athena.Options) {})
}

// newWorldWith is a world with a guard, whose Athena has other options.
func newWorldWith(t testing.TB, guard *iam.Guard, change func(*athena.Options)) *world {
	t.Helper()
	store, err := s3.Open(t.TempDir(), guard)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateBucket("lake", "arn:aws:kms:ap-northeast-1:123456789012:key/lake"); err != nil {
		t.Fatal(err)
	}
	now := clock.NewVirtual(time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC))
	catalog := glue.New(glue.Options{Region: "ap-northeast-1", Account: "123456789012", Clock: now, Store: store, Guard: guard})
	for _, name := range []string{"crawled", "shop"} {
		if err := catalog.CreateDatabase(name); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{t: t, clock: now, store: store, glue: catalog}
	options := athena.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: now, Store: store, Catalog: catalog, Guard: guard,
		WorkGroups: []athena.WorkGroup{
			{Name: "snaplake", OutputLocation: "s3://lake/athena/", Enforce: true},
			{Name: "primary"},
		},
	}
	change(&options)
	w.serve(athena.New(options))
	return w
}

// serve makes the client of a service.
func (w *world) serve(service *athena.Service) {
	w.t.Helper()
	w.t.Cleanup(func() {
		if err := service.Close(w.t.Context()); err != nil && w.t.Context().Err() == nil {
			w.t.Error(err)
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(rw, r.WithContext(iam.WithCaller(r.Context(), w.caller)))
	}))
	w.t.Cleanup(server.Close)
	w.client = awsathena.New(awsathena.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		// The client may hang up on a long answer that comes at once (smithy-go closes the request's body while net/http still
		// looks whether it is over), and then asks again.
		Retryer: retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond),
	})
}

// createTable makes a table as a crawler would, without partitions: the rows are in one file.
func createTable[T any](w *world, name string, columns []glue.Column, rows ...T) {
	w.t.Helper()
	location := "s3://lake/exports/" + name + "/"
	sd := glue.StorageDescriptor{Columns: columns, Location: location}
	err := w.glue.CreateTable(w.t.Context(), "crawled", glue.TableInput{
		Name: name, TableType: "EXTERNAL_TABLE", StorageDescriptor: &sd, Parameters: map[string]string{"classification": "parquet"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.Put("lake", "exports/"+name+"/1/part-00000-a.gz.parquet", b.Bytes()); err != nil {
		w.t.Fatal(err)
	}
}

type user struct {
	ID   int64   `parquet:"id,optional"`
	Name *string `parquet:"Name,optional"`
}

// createUsers makes the table crawled.users with the rows 1 Ada, 2 NULL.
func createUsers(w *world) {
	w.t.Helper()
	createTable(w, "users", []glue.Column{{Name: "id", Type: "bigint"}, {Name: "name", Type: "string"}},
		user{1, aws.String("Ada")}, user{2, nil})
}

// start starts a query with the default database "shop".
func (w *world) start(sql string) string {
	w.t.Helper()
	out, err := w.client.StartQueryExecution(w.t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString:           &sql,
		WorkGroup:             aws.String("snaplake"),
		QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("shop")},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.QueryExecutionId
}

// wait waits for the end of a query.
func (w *world) wait(id string) *types.QueryExecution {
	w.t.Helper()
	for {
		out, err := w.client.GetQueryExecution(w.t.Context(), &awsathena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			w.t.Fatal(err)
		}
		if s := out.QueryExecution.Status.State; s != types.QueryExecutionStateQueued && s != types.QueryExecutionStateRunning {
			return out.QueryExecution
		}
	}
}

// query runs a statement that succeeds, and returns its rows, NULL as "NULL", with the names first.
func (w *world) query(sql string) [][]string {
	w.t.Helper()
	id := w.start(sql)
	if e := w.wait(id); e.Status.State != types.QueryExecutionStateSucceeded {
		w.t.Fatalf("%s: %s %s", sql, e.Status.State, aws.ToString(e.Status.StateChangeReason))
	}
	out, err := w.client.GetQueryResults(w.t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	if err != nil {
		w.t.Fatal(err)
	}
	return texts(out.ResultSet.Rows)
}

// expression is one and what its value is printed as.
type expression struct{ sql, want string }

// expressions checks the values of expressions, by one query. If that fails, each is asked for alone, so that it is named.
func (w *world) expressions(cases []expression) {
	w.t.Helper()
	var list []string
	for _, c := range cases {
		list = append(list, c.sql)
	}
	e := w.wait(w.start("SELECT " + strings.Join(list, ",\n ")))
	if e.Status.State != types.QueryExecutionStateSucceeded && len(cases) > 1 {
		for _, c := range cases {
			w.expressions([]expression{c})
		}
		w.t.Fatalf("all together: %s", aws.ToString(e.Status.StateChangeReason))
	}
	if e.Status.State != types.QueryExecutionStateSucceeded {
		w.t.Errorf("%s: %s", list[0], aws.ToString(e.Status.StateChangeReason))
		return
	}
	out, err := w.client.GetQueryResults(w.t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: e.QueryExecutionId})
	if err != nil {
		w.t.Fatal(err)
	}
	got := texts(out.ResultSet.Rows)[1]
	for i, c := range cases {
		if got[i] != c.want {
			w.t.Errorf("%s is %q, want %q", c.sql, got[i], c.want)
		}
	}
}

func texts(rows []types.Row) [][]string {
	var all [][]string
	for _, r := range rows {
		var row []string
		for _, d := range r.Data {
			if d.VarCharValue == nil {
				row = append(row, "NULL")
			} else {
				row = append(row, *d.VarCharValue)
			}
		}
		all = append(all, row)
	}
	return all
}

// failure runs a statement that fails, and returns why.
func (w *world) failure(sql string) string {
	w.t.Helper()
	e := w.wait(w.start(sql))
	if e.Status.State != types.QueryExecutionStateFailed {
		w.t.Fatalf("%s: %s", sql, e.Status.State)
	}
	if e.Status.AthenaError == nil || aws.ToString(e.Status.AthenaError.ErrorMessage) != *e.Status.StateChangeReason {
		w.t.Errorf("%s: the AthenaError is %+v", sql, e.Status.AthenaError)
	}
	return *e.Status.StateChangeReason
}

// wantCode checks that a call was refused with this error code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("got the error %v, want %s", err, code)
	}
}
