package athena_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sync/errgroup"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/glue"
)

func TestGetQueryExecution_DescribesFinishedQuery(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	const sql = `SELECT name FROM users`
	out, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: aws.String(sql), WorkGroup: aws.String("snaplake"),
		QueryExecutionContext: &types.QueryExecutionContext{Catalog: aws.String("AwsDataCatalog"), Database: aws.String("Crawled")},
		// The location is ignored, because the workgroup enforces its own location.
		ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("s3://elsewhere/")},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := env.wait(*out.QueryExecutionId)
	want := &types.QueryExecution{
		QueryExecutionId:      out.QueryExecutionId,
		Query:                 aws.String(sql),
		StatementType:         types.StatementTypeDml,
		SubstatementType:      aws.String("SELECT"),
		WorkGroup:             aws.String("snaplake"),
		ResultConfiguration:   &types.ResultConfiguration{OutputLocation: aws.String("s3://lake/athena/" + *out.QueryExecutionId + ".csv")},
		QueryExecutionContext: &types.QueryExecutionContext{Catalog: aws.String("awsdatacatalog"), Database: aws.String("crawled")},
		EngineVersion: &types.EngineVersion{
			SelectedEngineVersion: aws.String("AUTO"), EffectiveEngineVersion: aws.String("Athena engine version 3"),
		},
		Status: &types.QueryExecutionStatus{State: types.QueryExecutionStateSucceeded},
		Statistics: &types.QueryExecutionStatistics{
			DataScannedInBytes: aws.Int64(bytesOf(env, "users", "name")), ResultReuseInformation: &types.ResultReuseInformation{},
		},
	}
	ignore := cmp.Options{
		cmpopts.IgnoreUnexported(types.QueryExecution{}, types.ResultConfiguration{}, types.QueryExecutionContext{}, types.EngineVersion{},
			types.QueryExecutionStatus{}, types.QueryExecutionStatistics{}, types.ResultReuseInformation{}),
		cmpopts.IgnoreFields(types.QueryExecutionStatus{}, "SubmissionDateTime", "CompletionDateTime"),
		cmpopts.IgnoreFields(types.QueryExecutionStatistics{}, "EngineExecutionTimeInMillis", "TotalExecutionTimeInMillis",
			"QueryQueueTimeInMillis", "ServicePreProcessingTimeInMillis", "QueryPlanningTimeInMillis", "ServiceProcessingTimeInMillis"),
	}
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Error(diff)
	}
	csv, err := os.ReadFile(env.store.Path("lake", "athena/"+*out.QueryExecutionId+".csv"))
	if err != nil || string(csv) != "\"name\"\n\"Ada\"\n\n" {
		t.Errorf("got the file %q, %v", csv, err)
	}
}

func TestGetQueryResults_ReturnsPagesAndTypes(t *testing.T) {
	env := newTestEnv(t)
	id := env.start(`SELECT i AS "n", 'x' AS s, CAST(i AS decimal(10,2)) AS d FROM ` + numbers("t(i)", 1500) + ` ORDER BY 1`)
	env.wait(id)
	var sizes, precisions []int
	var first string
	pages := awsathena.NewGetQueryResultsPaginator(env.client, &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(sizes) == 0 {
			first = *page.ResultSet.Rows[0].Data[0].VarCharValue
			for _, c := range page.ResultSet.ResultSetMetadata.ColumnInfo {
				precisions = append(precisions, int(c.Precision))
			}
		}
		sizes = append(sizes, len(page.ResultSet.Rows))
	}
	if diff := cmp.Diff([]int{1000, 501}, sizes); diff != "" || first != "n" {
		t.Errorf("%s; the first row begins with %q", diff, first)
	}
	if diff := cmp.Diff([]int{10, 2147483647, 10}, precisions); diff != "" {
		t.Error(diff)
	}
	_, err := env.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id, MaxResults: aws.Int32(1001)})
	wantCode(t, err, "InvalidRequestException")
}

// numbers returns SQL for a table of the integers from 0 to n-1.
func numbers(alias string, n int) string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("(%d)", i))
	}
	return "(VALUES " + strings.Join(rows, ", ") + ") AS " + alias
}

func TestStartQueryExecution_ReturnsSameQueryForSameToken(t *testing.T) {
	env := newTestEnv(t)
	start := func(sql, token string) (string, error) {
		out, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
			QueryString: &sql, WorkGroup: aws.String("snaplake"), ClientRequestToken: &token,
		})
		if err != nil {
			return "", err
		}
		return *out.QueryExecutionId, nil
	}
	token := strings.Repeat("t", 32)
	first, err := start("SELECT nope", token)
	if err != nil {
		t.Fatal(err)
	}
	env.wait(first) // the query fails, but reusing the token still returns its ID
	if again, err := start("SELECT nope", token); err != nil || again != first {
		t.Errorf("got %s and %v, want %s", again, err, first)
	}
	_, err = start("SELECT 1", token)
	if e, ok := errors.AsType[*types.InvalidRequestException](err); !ok || *e.AthenaErrorCode != "IDEMPOTENT_PARAMETER_MISMATCH" {
		t.Errorf("got %v", err)
	}
	_, err = start("SELECT 1", token[1:])
	wantCode(t, err, "InvalidRequestException")
}

func TestStartQueryExecution_RejectsInvalidRequests(t *testing.T) {
	env := newTestEnv(t)
	query := func(sql string) awsathena.StartQueryExecutionInput {
		return awsathena.StartQueryExecutionInput{QueryString: &sql, WorkGroup: aws.String("snaplake")}
	}
	in := func(workGroup, output, catalog string) awsathena.StartQueryExecutionInput {
		out := query("SELECT 1")
		out.WorkGroup, out.QueryExecutionContext = &workGroup, &types.QueryExecutionContext{Catalog: &catalog}
		if output != "" {
			out.ResultConfiguration = &types.ResultConfiguration{OutputLocation: &output}
		}
		return out
	}
	cases := map[string]struct {
		in   awsathena.StartQueryExecutionInput
		want string
	}{
		"unknown workgroup":    {in("nope", "", "AwsDataCatalog"), "WorkGroup nope is not found."},
		"no output location":   {in("primary", "", "AwsDataCatalog"), "No output location provided."},
		"no output bucket":     {in("primary", "s3://nowhere/", "AwsDataCatalog"), "output bucket nowhere"},
		"another catalog":      {in("snaplake", "", "hive"), "Catalog hive was not found"},
		"INSERT":               {query("INSERT INTO t VALUES (1)"), "Queries of this type are not supported"},
		"CREATE TABLE AS":      {query("CREATE TABLE t AS SELECT 1"), "Queries of this type are not supported"},
		"two statements":       {query("SELECT 1; SELECT 2"), "Only one sql statement is allowed."},
		"columns of a view":    {query("CREATE VIEW v (a) AS SELECT 1"), "line 1:15: mismatched input '('"},
		"unterminated comment": {query("SELECT 1 /* x"), "line 1:10: mismatched input '/*'"},
		"no statement":         {query("-- x"), "does not contain a statement"},
		"too long":             {query("SELECT '" + strings.Repeat("x", 262144) + "'"), "262144"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := env.client.StartQueryExecution(t.Context(), &c.in)
			wantCode(t, err, "InvalidRequestException")
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
	_, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: aws.String("SELECT '"), WorkGroup: aws.String("snaplake"),
	})
	if e, ok := errors.AsType[*types.InvalidRequestException](err); !ok || *e.AthenaErrorCode != "MALFORMED_QUERY" {
		t.Errorf("got %v", err)
	}
}

func TestStartQueryExecution_ForgetsQueriesAfter45Days(t *testing.T) {
	env := newTestEnv(t)
	token := strings.Repeat("t", 32)
	start := func() string {
		out, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
			QueryString: aws.String("SELECT 1"), WorkGroup: aws.String("snaplake"), ClientRequestToken: &token,
		})
		if err != nil {
			t.Fatal(err)
		}
		env.wait(*out.QueryExecutionId)
		return *out.QueryExecutionId
	}
	first := start()
	if err := env.clock.Sleep(t.Context(), 45*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if again := start(); again != first {
		t.Errorf("after 45 days, the token returned %s, want %s", again, first)
	}
	env.clock.Advance(time.Second)
	if again := start(); again == first {
		t.Error("the token still returns the first query")
	}
	_, err := env.client.GetQueryExecution(t.Context(), &awsathena.GetQueryExecutionInput{QueryExecutionId: &first})
	wantCode(t, err, "InvalidRequestException")
	list, err := env.client.ListQueryExecutions(t.Context(), &awsathena.ListQueryExecutionsInput{WorkGroup: aws.String("snaplake")})
	if err != nil || len(list.QueryExecutionIds) != 1 {
		t.Errorf("got %q, %v", list.QueryExecutionIds, err)
	}
}

func BenchmarkQuery(b *testing.B) {
	env := newTestEnv(b)
	createUsers(env)
	env.query(`CREATE VIEW people AS SELECT id, name FROM crawled.users`)
	for b.Loop() {
		env.query(`SELECT count(*) FROM people`)
	}
}

func TestStopQueryExecution_CancelsQuery(t *testing.T) {
	env := newTestEnv(t)
	id := env.start(`SELECT count(*) FROM ` + strings.Join([]string{
		numbers("a(x)", 5000), numbers("b(y)", 5000), numbers("c(z)", 5000), numbers("d(w)", 5000),
	}, ", ") + ` WHERE x + y + z + w = 7`)
	_, err := env.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	wantCode(t, err, "InvalidRequestException")
	if _, err := env.client.StopQueryExecution(t.Context(), &awsathena.StopQueryExecutionInput{QueryExecutionId: &id}); err != nil {
		t.Fatal(err)
	}
	if got := env.wait(id); got.Status.State != types.QueryExecutionStateCancelled {
		t.Errorf("got %s", got.Status.State)
	}
	_, err = env.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	wantCode(t, err, "InvalidRequestException")
}

func TestBatchGetQueryExecution_DescribesConcurrentQueries(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	var group errgroup.Group
	ids := make([]string, 16)
	for i := range ids {
		group.Go(func() error {
			out, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
				QueryString: aws.String(fmt.Sprintf("CREATE OR REPLACE VIEW shop.v%d AS SELECT id FROM crawled.users", i%4)),
				WorkGroup:   aws.String("snaplake"),
			})
			if err == nil {
				ids[i] = *out.QueryExecutionId
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		env.wait(id)
	}
	out, err := env.client.BatchGetQueryExecution(t.Context(), &awsathena.BatchGetQueryExecutionInput{QueryExecutionIds: append(ids, "nope")})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out.QueryExecutions {
		if e.Status.State != types.QueryExecutionStateSucceeded {
			t.Errorf("%s: %s", *e.Query, aws.ToString(e.Status.StateChangeReason))
		}
	}
	if len(out.QueryExecutions) != len(ids) || len(out.UnprocessedQueryExecutionIds) != 1 {
		t.Errorf("got %d and %d", len(out.QueryExecutions), len(out.UnprocessedQueryExecutionIds))
	}
}

// slowCatalog is a catalog whose method Database blocks until the channel gate is closed.
type slowCatalog struct {
	athena.Catalog
	gate chan struct{}
}

func (c slowCatalog) Database(ctx context.Context, name string) (glue.Database, error) {
	<-c.gate
	return c.Catalog.Database(ctx, name)
}

func TestStartQueryExecution_LimitsActiveDDL(t *testing.T) {
	gate := make(chan struct{})
	env := newTestEnvWith(t, nil, func(o *athena.Options) { o.Catalog = slowCatalog{o.Catalog, gate} })
	var ids []string
	for i := range 20 {
		ids = append(ids, env.start(fmt.Sprintf("CREATE VIEW v%d AS SELECT 1 AS x", i)))
	}
	_, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: aws.String("DROP VIEW v"), WorkGroup: aws.String("snaplake"),
	})
	if e, ok := errors.AsType[*types.TooManyRequestsException](err); !ok || e.Reason != types.ThrottleReasonConcurrentQueryLimitExceeded {
		t.Errorf("got %v", err)
	}
	env.start("SELECT 1") // the limit applies only to DDL
	close(gate)
	for _, id := range ids {
		if e := env.wait(id); e.Status.State != types.QueryExecutionStateSucceeded {
			t.Errorf("%s: %s", *e.Query, aws.ToString(e.Status.StateChangeReason))
		}
	}
	env.query("DROP VIEW v0")
}

func TestGetWorkGroup_DescribesWorkgroup(t *testing.T) {
	env := newTestEnvWith(t, nil, func(o *athena.Options) { o.WorkGroups[0].BytesScannedCutoff = 100 })
	out, err := env.client.GetWorkGroup(t.Context(), &awsathena.GetWorkGroupInput{WorkGroup: aws.String("snaplake")})
	if err != nil {
		t.Fatal(err)
	}
	c := out.WorkGroup.Configuration
	if *c.ResultConfiguration.OutputLocation != "s3://lake/athena/" || !*c.EnforceWorkGroupConfiguration ||
		aws.ToInt64(c.BytesScannedCutoffPerQuery) != 100 {
		t.Errorf("got %+v", c)
	}
}
