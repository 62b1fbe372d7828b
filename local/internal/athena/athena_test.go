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

// testEnv is an Athena service with an SDK client. Its Glue catalog has the databases "crawled" and "shop"; its store has the bucket
// "lake".
type testEnv struct {
	t      testing.TB
	clock  *clock.Virtual
	store  *s3.Store
	glue   *glue.Service
	client *awsathena.Client
	// caller is the caller of the client's requests. The zero value is the operator.
	caller iam.Caller
}

func newTestEnv(t testing.TB) *testEnv {
	t.Helper()
	return newTestEnvWith(t, nil, func(*athena.Options) {})
}

// newTestEnvWith is like newTestEnv, but uses a guard and lets change modify the options.
func newTestEnvWith(t testing.TB, guard *iam.Guard, change func(*athena.Options)) *testEnv {
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
		if err := catalog.DeployDatabase(t.Context(), glue.DatabaseInput{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	env := &testEnv{t: t, clock: now, store: store, glue: catalog}
	options := athena.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: now, Store: store, Catalog: catalog, Guard: guard,
		WorkGroups: []athena.WorkGroup{
			{Name: "snaplake", OutputLocation: "s3://lake/athena/", Enforce: true},
			{Name: "primary"},
		},
	}
	change(&options)
	started := env.useEngine(&options)
	service := athena.New(options)
	started(service)
	env.serve(service)
	return env
}

// serve starts a server for the service and creates a client of the server.
func (env *testEnv) serve(service *athena.Service) {
	env.t.Helper()
	env.t.Cleanup(func() {
		if err := service.Close(env.t.Context()); err != nil && env.t.Context().Err() == nil {
			env.t.Error(err)
		}
	})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(rw, r.WithContext(iam.WithCaller(r.Context(), env.caller)))
	}))
	env.t.Cleanup(server.Close)
	env.client = awsathena.New(awsathena.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		// smithy-go closes the request body early and may lose the connection of a long response. The client then retries.
		Retryer: retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond),
	})
}

// parquetFiles describes Parquet files as a crawler does.
func parquetFiles(location string, columns []glue.Column) *glue.StorageDescriptor {
	return &glue.StorageDescriptor{
		Columns: columns, Location: location, InputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
		OutputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
		SerdeInfo:    &glue.SerDeInfo{SerializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
	}
}

// createTable creates a crawled table without partitions. All rows are in one file.
func createTable[T any](env *testEnv, name string, columns []glue.Column, rows ...T) {
	env.t.Helper()
	location := "s3://lake/exports/" + name + "/"
	err := env.glue.CreateTable(env.t.Context(), "crawled", glue.TableInput{
		Name: name, TableType: "EXTERNAL_TABLE", StorageDescriptor: parquetFiles(location, columns),
		Parameters: map[string]string{"classification": "parquet"},
	})
	if err != nil {
		env.t.Fatal(err)
	}
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		env.t.Fatal(err)
	}
	if err := env.store.Put("lake", "exports/"+name+"/1/part-00000-a.gz.parquet", b.Bytes()); err != nil {
		env.t.Fatal(err)
	}
}

type user struct {
	ID   int64   `parquet:"id,optional"`
	Name *string `parquet:"Name,optional"`
}

// createUsers creates the table crawled.users with the rows (1, Ada) and (2, NULL).
func createUsers(env *testEnv) {
	env.t.Helper()
	createTable(env, "users", []glue.Column{{Name: "id", Type: "bigint"}, {Name: "name", Type: "string"}},
		user{1, aws.String("Ada")}, user{2, nil})
}

// start starts a query with the default database "shop".
func (env *testEnv) start(sql string) string {
	env.t.Helper()
	out, err := env.client.StartQueryExecution(env.t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString:           &sql,
		WorkGroup:             aws.String("snaplake"),
		QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("shop")},
	})
	if err != nil {
		env.t.Fatal(err)
	}
	return *out.QueryExecutionId
}

// wait waits until a query has ended.
func (env *testEnv) wait(id string) *types.QueryExecution {
	env.t.Helper()
	for {
		out, err := env.client.GetQueryExecution(env.t.Context(), &awsathena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			env.t.Fatal(err)
		}
		if s := out.QueryExecution.Status.State; s != types.QueryExecutionStateQueued && s != types.QueryExecutionStateRunning {
			return out.QueryExecution
		}
	}
}

// query runs a statement that must succeed. It returns the column names and the rows, in which "NULL" stands for NULL.
func (env *testEnv) query(sql string) [][]string {
	env.t.Helper()
	id := env.start(sql)
	if e := env.wait(id); e.Status.State != types.QueryExecutionStateSucceeded {
		env.t.Fatalf("%s: %s %s", sql, e.Status.State, aws.ToString(e.Status.StateChangeReason))
	}
	out, err := env.client.GetQueryResults(env.t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	if err != nil {
		env.t.Fatal(err)
	}
	return texts(out.ResultSet.Rows)
}

// expression is an SQL expression with its expected value as Athena prints it.
type expression struct{ sql, want string }

// expressions checks the values of expressions in one query. If the query fails, it checks each expression in a query of its own.
func (env *testEnv) expressions(cases []expression) {
	env.t.Helper()
	var list []string
	for _, c := range cases {
		list = append(list, c.sql)
	}
	e := env.wait(env.start("SELECT " + strings.Join(list, ",\n ")))
	if e.Status.State != types.QueryExecutionStateSucceeded && len(cases) > 1 {
		for _, c := range cases {
			env.expressions([]expression{c})
		}
		env.t.Fatalf("all expressions in one query: %s", aws.ToString(e.Status.StateChangeReason))
	}
	if e.Status.State != types.QueryExecutionStateSucceeded {
		env.t.Errorf("%s: %s", list[0], aws.ToString(e.Status.StateChangeReason))
		return
	}
	out, err := env.client.GetQueryResults(env.t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: e.QueryExecutionId})
	if err != nil {
		env.t.Fatal(err)
	}
	got := texts(out.ResultSet.Rows)[1]
	for i, c := range cases {
		if got[i] != c.want {
			env.t.Errorf("%s is %q, want %q", c.sql, got[i], c.want)
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

// failure runs a statement that must fail, and returns the reason for the failure.
func (env *testEnv) failure(sql string) string {
	env.t.Helper()
	e := env.wait(env.start(sql))
	if e.Status.State != types.QueryExecutionStateFailed {
		env.t.Fatalf("%s: %s", sql, e.Status.State)
	}
	if e.Status.AthenaError == nil || aws.ToString(e.Status.AthenaError.ErrorMessage) != *e.Status.StateChangeReason {
		env.t.Errorf("%s: the AthenaError is %+v", sql, e.Status.AthenaError)
	}
	return *e.Status.StateChangeReason
}

// fails runs a statement that must fail, and checks the reason for the failure.
func (env *testEnv) fails(sql, want string) {
	env.t.Helper()
	if got := env.failure(sql); got != want {
		env.t.Errorf("%s\n got %s\nwant %s", sql, got, want)
	}
}

// wantCode checks the code of an error.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("got the error %v, want %s", err, code)
	}
}
