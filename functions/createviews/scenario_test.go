package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

const (
	folder   = "exports/shop/shop-20261121-1705-0/"
	location = "s3://lake/" + folder
)

// fakeS3 is a fake of the S3 API. It maps keys to objects.
type fakeS3 map[string]string

func (f fakeS3) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	folders := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(f)) {
		below, ok := strings.CutPrefix(key, *in.Prefix)
		name, _, isFolder := strings.Cut(below, "/")
		switch {
		case !ok:
		case in.Delimiter == nil || !isFolder:
			out.Contents = append(out.Contents, s3types.Object{Key: &key, Size: aws.Int64(int64(len(f[key])))})
		case !folders[name]:
			folders[name] = true
			out.CommonPrefixes = append(out.CommonPrefixes, s3types.CommonPrefix{Prefix: aws.String(*in.Prefix + name + "/")})
		}
	}
	return out, nil
}

func (f fakeS3) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	content, there := f[*in.Key]
	if !there {
		return nil, &s3types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(content))}, nil
}

func (f fakeS3) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	content, err := io.ReadAll(in.Body)
	f[*in.Key] = string(content)
	return &s3.PutObjectOutput{}, err
}

// lockedS3 is a bucket that another run writes to concurrently.
type lockedS3 struct {
	fakeS3
	mu *sync.Mutex
}

func (l lockedS3) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, o ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fakeS3.ListObjectsV2(ctx, in, o...)
}

// fakeGlue is a fake of the Glue API. It maps databases to tables. Its first page is empty, and the others are small.
type fakeGlue map[string][]types.Table

func (f fakeGlue) GetTables(_ context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	all, ok := f[*in.DatabaseName]
	if !ok {
		return nil, &types.EntityNotFoundException{Message: aws.String("Database not found")}
	}
	name := regexp.MustCompile("^(?:" + cmp.Or(aws.ToString(in.Expression), ".*") + ")$")
	tables := slices.DeleteFunc(slices.Clone(all), func(t types.Table) bool { return !name.MatchString(*t.Name) })
	if in.NextToken == nil {
		return &glue.GetTablesOutput{NextToken: aws.String("x")}, nil
	}
	n, size := len(*in.NextToken), 1+len(tables)/50
	if n > len(tables) {
		return &glue.GetTablesOutput{}, nil
	}
	return &glue.GetTablesOutput{TableList: tables[n-1 : min(n-1+size, len(tables))], NextToken: aws.String(strings.Repeat("x", n+size))}, nil
}

// exported returns an entry of perTableStatus for a table with a column ID and another column.
func exported(table, column, columnType string) string {
	return fmt.Sprintf(`{"target":"shop.shop.%s","status":"COMPLETE","schemaMetadata":{"originalTypeMappings":[`+
		`{"columnName":"ID","originalType":"int","expectedExportedType":"int32"},`+
		`{"columnName":"%s","originalType":"%s","expectedExportedType":"binary (UTF8)"}]}}`, table, column, columnType)
}

func bucket(entries ...string) fakeS3 {
	return fakeS3{
		folder + "export_info_shop-20261121-1705-0.json":                     `{"status":"COMPLETE"}`,
		folder + "export_tables_info_shop-20261121-1705-0_from_1_to_10.json": `{"perTableStatus":[` + strings.Join(entries, ",") + `]}`,
	}
}

func (f fakeS3) add(keys ...string) fakeS3 {
	for _, key := range keys {
		f[folder+key] = "PAR1"
	}
	return f
}

func crawled(name, tableLocation string, columns ...string) types.Table {
	t := types.Table{Name: &name, TableType: aws.String("EXTERNAL_TABLE"),
		StorageDescriptor: &types.StorageDescriptor{Location: &tableLocation}}
	for _, c := range columns {
		n, glueType, _ := strings.Cut(c, " ")
		t.StorageDescriptor.Columns = append(t.StorageDescriptor.Columns, types.Column{Name: &n, Type: &glueType})
	}
	t.PartitionKeys = []types.Column{{Name: aws.String("partition_0"), Type: aws.String("string")}}
	return t
}

// scenario is a shop with a table users, an empty table carts, and a catalog from the previous run.
type scenario struct {
	s3      fakeS3
	glue    fakeGlue
	source  workflow.Source     // its configuration
	refuse  map[string]string   // reasons, by the name of a view or a part of a query
	fail    map[string]string   // the same for transient failures
	numbers map[string]int64    // results, by a part of a query
	columns map[string][]string // columns of results, likewise
	deleted []string            // views
	updated []*types.TableInput // crawled tables
	mu      sync.Mutex
	started []string // statements that create views
	asked   []string // queries
	metrics strings.Builder
	onStart func() // is called when a statement that creates a view has started
	in      workflow.Request
	late    string // an expression for which Glue first lists no tables
}

// now returns 2026-11-23 at the beginning of each run, because virtual time begins in 2000.
func (sc *scenario) now() time.Time {
	return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Add(time.Since(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
}

func newScenario() *scenario {
	return &scenario{
		s3: bucket(exported("Users", "Born", "date"), exported("carts", "note", "varchar")).
			add("shop/shop.Users/1/part-00000.gz.parquet", "shop/shop.Users/1/_SUCCESS", "shop/shop.carts/1/_SUCCESS"),
		glue: fakeGlue{
			"snaplake_crawled": {
				crawled("e20261120_1705_0_shop_users", "s3://lake/exports/shop/shop-20261120-1705-0/shop/shop.Users/", "id int", "born string"),
				{Name: aws.String("no_storage")},
				crawled("e20261121_1705_0_shop_users_5f3c", location+"shop/shop.Users", "id int", "born string"),
			},
			"shop": {{Name: aws.String("users"), TableType: aws.String("VIRTUAL_VIEW")}},
		},
		source: workflow.Source{Name: "shop", ViewTemplate: "{table}", Keep: 2},
		refuse: map[string]string{},
		in:     request(),
	}
}

func (sc *scenario) GetTables(ctx context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	if sc.late != "" && aws.ToString(in.Expression) == sc.late {
		sc.late = ""
		return &glue.GetTablesOutput{}, nil
	}
	return sc.glue.GetTables(ctx, in)
}

// run runs CreateViews on virtual time.
func (sc *scenario) run(t *testing.T) (views workflow.Views, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { views, err = sc.handler().Handle(t.Context(), sc.in) })
	return views, err
}

func (sc *scenario) handler() *Handler {
	return &Handler{
		S3: lockedS3{sc.s3, &sc.mu}, Glue: sc, Bucket: "lake",
		Log:     slog.New(slog.DiscardHandler),
		Athena:  statement.NewRunner(sc, "snaplake"),
		Config:  workflow.Config{Name: "snaplake", Sources: []workflow.Source{sc.source}},
		Metrics: metrics.Recorder{Pipeline: "snaplake", Out: &sc.metrics, Now: sc.now},
	}
}

// StartQueryExecution records a statement. The identifier is the name of the view, or the query itself.
func (sc *scenario) StartQueryExecution(_ context.Context, in *athena.StartQueryExecutionInput, _ ...func(*athena.Options)) (
	*athena.StartQueryExecutionOutput, error) {
	id := sc.start(in)
	return &athena.StartQueryExecutionOutput{QueryExecutionId: &id}, nil
}

func (sc *scenario) start(in *athena.StartQueryExecutionInput) string {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	name, isView := strings.CutPrefix(*in.QueryString, `CREATE OR REPLACE VIEW "shop"."`)
	if !isView {
		sc.asked = append(sc.asked, *in.QueryString)
		return *in.QueryString
	}
	sc.started = append(sc.started, *in.QueryString)
	name, sql, _ := strings.Cut(name, `"`)
	_, refused := about(name, sc.refuse)
	if _, failed := about(name, sc.fail); !refused && !failed {
		if i := slices.IndexFunc(sc.glue["shop"], func(t types.Table) bool { return *t.Name == name }); i >= 0 {
			sc.glue["shop"][i] = viewOf(name, sql)
		} else {
			sc.glue["shop"] = append(sc.glue["shop"], viewOf(name, sql))
		}
	}
	if sc.onStart != nil {
		sc.onStart()
	}
	return name
}

func (sc *scenario) GetQueryExecution(_ context.Context, in *athena.GetQueryExecutionInput, _ ...func(*athena.Options)) (
	*athena.GetQueryExecutionOutput, error) {
	status := &athenatypes.QueryExecutionStatus{State: athenatypes.QueryExecutionStateSucceeded}
	if reason, ok := about(*in.QueryExecutionId, sc.refuse); ok {
		status.State, status.StateChangeReason = athenatypes.QueryExecutionStateFailed, &reason
	}
	if reason, ok := about(*in.QueryExecutionId, sc.fail); ok {
		status.State, status.StateChangeReason = athenatypes.QueryExecutionStateFailed, &reason
		status.AthenaError = &athenatypes.AthenaError{Retryable: true}
	}
	return &athena.GetQueryExecutionOutput{QueryExecution: &athenatypes.QueryExecution{Status: status}}, nil
}

// GetQueryResults returns a number for a query that counts, and no row for a dry run.
func (sc *scenario) GetQueryResults(_ context.Context, in *athena.GetQueryResultsInput, _ ...func(*athena.Options)) (
	*athena.GetQueryResultsOutput, error) {
	query := *in.QueryExecutionId
	columns, _ := about(query, sc.columns)
	set := &athenatypes.ResultSet{ResultSetMetadata: &athenatypes.ResultSetMetadata{}}
	for _, c := range columns {
		set.ResultSetMetadata.ColumnInfo = append(set.ResultSetMetadata.ColumnInfo, athenatypes.ColumnInfo{Name: &c})
	}
	set.Rows = []athenatypes.Row{{}}
	if strings.HasPrefix(query, "SELECT count(*) AS n") {
		number, _ := about(query, sc.numbers)
		set.Rows = append(set.Rows, athenatypes.Row{Data: []athenatypes.Datum{{VarCharValue: aws.String(fmt.Sprint(number))}}})
	}
	return &athena.GetQueryResultsOutput{ResultSet: set}, nil
}

// about looks up a view by its name, or a query by a part that contains a space.
func about[T any](id string, said map[string]T) (what T, ok bool) {
	for part, what := range said {
		if id == part || strings.Contains(part, " ") && strings.Contains(id, part) {
			return what, true
		}
	}
	return what, false
}

// BatchDeleteTable deletes views.
func (sc *scenario) BatchDeleteTable(_ context.Context, in *glue.BatchDeleteTableInput, _ ...func(*glue.Options)) (
	*glue.BatchDeleteTableOutput, error) {
	out := &glue.BatchDeleteTableOutput{}
	for _, name := range in.TablesToDelete {
		if reason, ok := sc.refuse["delete "+name]; ok {
			out.Errors = append(out.Errors, types.TableError{TableName: &name, ErrorDetail: &types.ErrorDetail{ErrorCode: aws.String(reason),
				ErrorMessage: aws.String("no")}})
			continue
		}
		sc.deleted = append(sc.deleted, *in.DatabaseName+"."+name)
	}
	return out, nil
}

// UpdateTable replaces a crawled table.
func (sc *scenario) UpdateTable(_ context.Context, in *glue.UpdateTableInput, _ ...func(*glue.Options)) (*glue.UpdateTableOutput, error) {
	sc.updated = append(sc.updated, in.TableInput)
	return &glue.UpdateTableOutput{}, nil
}

func request() workflow.Request {
	return workflow.Request{Input: &workflow.Input{Source: "shop"}, Execution: workflow.Execution{Name: "run-1", EnteredAt: time.Date(2026,
		11, 21, 17, 45, 0, 0, time.UTC)}, State: workflow.State{
		Source:   "shop",
		Snapshot: &workflow.Snapshot{Engine: "aurora-mysql", CreatedAt: time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC)},
		Export:   &workflow.Export{ID: "shop-20261121-1705-0", Prefix: "exports/shop/"},
		Crawl:    &workflow.Crawl{TablePrefix: "e20261121_1705_0_"},
	}}
}
