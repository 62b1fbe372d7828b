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

func TestDescribesAFinishedQuery(t *testing.T) {
	w := newWorld(t)
	createUsers(w)
	const sql = `SELECT name FROM users`
	out, err := w.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: aws.String(sql), WorkGroup: aws.String("snaplake"),
		QueryExecutionContext: &types.QueryExecutionContext{Catalog: aws.String("AwsDataCatalog"), Database: aws.String("Crawled")},
		ResultConfiguration:   &types.ResultConfiguration{OutputLocation: aws.String("s3://elsewhere/")}, // the workgroup enforces its own
	})
	if err != nil {
		t.Fatal(err)
	}
	got := w.wait(*out.QueryExecutionId)
	want := &types.QueryExecution{
		QueryExecutionId:      out.QueryExecutionId,
		Query:                 aws.String(sql),
		StatementType:         types.StatementTypeDml,
		SubstatementType:      aws.String("SELECT"),
		WorkGroup:             aws.String("snaplake"),
		ResultConfiguration:   &types.ResultConfiguration{OutputLocation: aws.String("s3://lake/athena/" + *out.QueryExecutionId + ".csv")},
		QueryExecutionContext: &types.QueryExecutionContext{Catalog: aws.String("awsdatacatalog"), Database: aws.String("crawled")},
		EngineVersion:         &types.EngineVersion{SelectedEngineVersion: aws.String("AUTO"), EffectiveEngineVersion: aws.String("Athena engine version 3")},
		Status:                &types.QueryExecutionStatus{State: types.QueryExecutionStateSucceeded},
		Statistics:            &types.QueryExecutionStatistics{DataScannedInBytes: aws.Int64(bytesOf(w, "users", "name"))},
	}
	ignore := cmp.Options{
		cmpopts.IgnoreUnexported(types.QueryExecution{}, types.ResultConfiguration{}, types.QueryExecutionContext{}, types.EngineVersion{}, types.QueryExecutionStatus{}, types.QueryExecutionStatistics{}),
		cmpopts.IgnoreFields(types.QueryExecutionStatus{}, "SubmissionDateTime", "CompletionDateTime"),
		cmpopts.IgnoreFields(types.QueryExecutionStatistics{}, "EngineExecutionTimeInMillis", "TotalExecutionTimeInMillis", "QueryQueueTimeInMillis", "ServicePreProcessingTimeInMillis", "QueryPlanningTimeInMillis", "ServiceProcessingTimeInMillis"),
	}
	if diff := cmp.Diff(want, got, ignore); diff != "" {
		t.Error(diff)
	}
	csv, err := os.ReadFile(w.store.Path("lake", "athena/"+*out.QueryExecutionId+".csv"))
	if err != nil || string(csv) != "\"name\"\n\"Ada\"\n\n" {
		t.Errorf("got the file %q, %v", csv, err)
	}
}

func TestGivesResultsInPagesWithTheirTypes(t *testing.T) {
	w := newWorld(t)
	id := w.start(`SELECT i AS "n", 'x' AS s, CAST(i AS decimal(10,2)) AS d FROM ` + numbers("t(i)", 1500) + ` ORDER BY 1`)
	w.wait(id)
	var sizes, precisions []int
	var first string
	pages := awsathena.NewGetQueryResultsPaginator(w.client, &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
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
	_, err := w.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id, MaxResults: aws.Int32(1001)})
	wantCode(t, err, "InvalidRequestException")
}

// numbers returns a table of the integers from 0 to below n.
func numbers(alias string, n int) string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("(%d)", i))
	}
	return "(VALUES " + strings.Join(rows, ", ") + ") AS " + alias
}

func TestATokenGivesTheSameQueryAgain(t *testing.T) {
	w := newWorld(t)
	start := func(sql, token string) (string, error) {
		out, err := w.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
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
	w.wait(first) // a failure is given again, too
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

func TestRefusesWhatCannotBeStarted(t *testing.T) {
	w := newWorld(t)
	cases := map[string]struct {
		in   awsathena.StartQueryExecutionInput
		want string
	}{
		"a workgroup that is not there": {awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1"), WorkGroup: aws.String("nope")}, "WorkGroup nope is not found."},
		"no output location":            {awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1")}, "No output location provided."},
		"no output bucket": {awsathena.StartQueryExecutionInput{
			QueryString: aws.String("SELECT 1"), WorkGroup: aws.String("primary"),
			ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("s3://nowhere/")},
		}, "output bucket nowhere"},
		"INSERT":          {awsathena.StartQueryExecutionInput{QueryString: aws.String("INSERT INTO t VALUES (1)")}, "Queries of this type are not supported"},
		"CREATE TABLE AS": {awsathena.StartQueryExecutionInput{QueryString: aws.String("CREATE TABLE t AS SELECT 1")}, "Queries of this type are not supported"},
		"two statements":  {awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1; SELECT 2")}, "Only one sql statement is allowed."},
		"a broken view":   {awsathena.StartQueryExecutionInput{QueryString: aws.String("CREATE VIEW v (a) AS SELECT 1")}, "line 1:15: mismatched input '('"},
		"an open comment": {awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT 1 /* x")}, "line 1:10: mismatched input '/*'"},
		"nothing":         {awsathena.StartQueryExecutionInput{QueryString: aws.String("-- x")}, "no statement"},
		"a text too long": {awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT '" + strings.Repeat("x", 262144) + "'")}, "262144"},
		"another catalog": {awsathena.StartQueryExecutionInput{
			QueryString:           aws.String("SELECT 1"),
			QueryExecutionContext: &types.QueryExecutionContext{Catalog: aws.String("hive")},
		}, "Catalog hive was not found"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.in.WorkGroup == nil && name != "no output location" {
				c.in.WorkGroup = aws.String("snaplake")
			}
			_, err := w.client.StartQueryExecution(t.Context(), &c.in)
			wantCode(t, err, "InvalidRequestException")
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
	_, err := w.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{QueryString: aws.String("SELECT '"), WorkGroup: aws.String("snaplake")})
	if e, ok := errors.AsType[*types.InvalidRequestException](err); !ok || *e.AthenaErrorCode != "MALFORMED_QUERY" {
		t.Errorf("got %v", err)
	}
}

func TestForgetsAQueryAfter45Days(t *testing.T) {
	w := newWorld(t)
	token := strings.Repeat("t", 32)
	start := func() string {
		out, err := w.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
			QueryString: aws.String("SELECT 1"), WorkGroup: aws.String("snaplake"), ClientRequestToken: &token,
		})
		if err != nil {
			t.Fatal(err)
		}
		w.wait(*out.QueryExecutionId)
		return *out.QueryExecutionId
	}
	first := start()
	if err := w.clock.Sleep(t.Context(), 45*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if again := start(); again != first {
		t.Errorf("on the 45th day the token gives %s, not %s", again, first)
	}
	w.clock.Advance(time.Second)
	if again := start(); again == first {
		t.Error("the token gives the first query for ever")
	}
	_, err := w.client.GetQueryExecution(t.Context(), &awsathena.GetQueryExecutionInput{QueryExecutionId: &first})
	wantCode(t, err, "InvalidRequestException")
	list, err := w.client.ListQueryExecutions(t.Context(), &awsathena.ListQueryExecutionsInput{WorkGroup: aws.String("snaplake")})
	if err != nil || len(list.QueryExecutionIds) != 1 {
		t.Errorf("got %q, %v", list.QueryExecutionIds, err)
	}
}

func BenchmarkQuery(b *testing.B) {
	w := newWorld(b)
	createUsers(w)
	w.query(`CREATE VIEW people AS SELECT id, name FROM crawled.users`)
	for b.Loop() {
		w.query(`SELECT count(*) FROM people`)
	}
}

func TestAStoppedQueryIsCancelled(t *testing.T) {
	w := newWorld(t)
	id := w.start(`SELECT count(*) FROM ` + strings.Join([]string{
		numbers("a(x)", 5000), numbers("b(y)", 5000), numbers("c(z)", 5000), numbers("d(w)", 5000),
	}, ", ") + ` WHERE x + y + z + w = 7`)
	_, err := w.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	wantCode(t, err, "InvalidRequestException")
	if _, err := w.client.StopQueryExecution(t.Context(), &awsathena.StopQueryExecutionInput{QueryExecutionId: &id}); err != nil {
		t.Fatal(err)
	}
	if got := w.wait(id); got.Status.State != types.QueryExecutionStateCancelled {
		t.Errorf("got %s", got.Status.State)
	}
	_, err = w.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: &id})
	wantCode(t, err, "InvalidRequestException")
}

func TestRunsManyStatementsAtOnce(t *testing.T) {
	w := newWorld(t)
	createUsers(w)
	var group errgroup.Group
	ids := make([]string, 16)
	for i := range ids {
		group.Go(func() error {
			out, err := w.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
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
		w.wait(id)
	}
	out, err := w.client.BatchGetQueryExecution(t.Context(), &awsathena.BatchGetQueryExecutionInput{QueryExecutionIds: append(ids, "nope")})
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

// slowCatalog is a catalog that finds a database only when it is let.
type slowCatalog struct {
	athena.Catalog
	gate chan struct{}
}

func (c slowCatalog) Database(ctx context.Context, name string) (glue.Database, error) {
	<-c.gate
	return c.Catalog.Database(ctx, name)
}

func TestRefusesMoreThanTwentyActiveDDLStatements(t *testing.T) {
	gate := make(chan struct{})
	w := newWorldWith(t, nil, func(o *athena.Options) { o.Catalog = slowCatalog{o.Catalog, gate} })
	var ids []string
	for i := range 20 {
		ids = append(ids, w.start(fmt.Sprintf("CREATE VIEW v%d AS SELECT 1 AS x", i)))
	}
	_, err := w.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: aws.String("DROP VIEW v"), WorkGroup: aws.String("snaplake"),
	})
	if e, ok := errors.AsType[*types.TooManyRequestsException](err); !ok || e.Reason != types.ThrottleReasonConcurrentQueryLimitExceeded {
		t.Errorf("got %v", err)
	}
	w.start("SELECT 1") // is no DDL
	close(gate)
	for _, id := range ids {
		if e := w.wait(id); e.Status.State != types.QueryExecutionStateSucceeded {
			t.Errorf("%s: %s", *e.Query, aws.ToString(e.Status.StateChangeReason))
		}
	}
	w.query("DROP VIEW v0")
}

func TestGetWorkGroup_DescribesTheWorkgroup(t *testing.T) {
	w := newWorldWith(t, nil, func(o *athena.Options) { o.WorkGroups[0].BytesScannedCutoff = 100 })
	out, err := w.client.GetWorkGroup(t.Context(), &awsathena.GetWorkGroupInput{WorkGroup: aws.String("snaplake")})
	if err != nil {
		t.Fatal(err)
	}
	c := out.WorkGroup.Configuration
	if *c.ResultConfiguration.OutputLocation != "s3://lake/athena/" || !*c.EnforceWorkGroupConfiguration || aws.ToInt64(c.BytesScannedCutoffPerQuery) != 100 {
		t.Errorf("got %+v", c)
	}
}
