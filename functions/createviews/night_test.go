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
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"golang.org/x/time/rate"

	"snaplake/functions/internal/metrics"
	"snaplake/workflow"
)

const (
	folder   = "exports/shop/shop-20261121-1705-0/"
	location = "s3://lake/" + folder
)

// fakeS3 stands for the bucket: the objects by key.
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

// fakeGlue stands for a catalog: the tables of a database. The first page is empty, and each of the others has one, or some of many.
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

// exported is one of perTableStatus, of a table with a column ID and another.
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
	t := types.Table{Name: &name, TableType: aws.String("EXTERNAL_TABLE"), StorageDescriptor: &types.StorageDescriptor{Location: &tableLocation}}
	for _, c := range columns {
		n, glueType, _ := strings.Cut(c, " ")
		t.StorageDescriptor.Columns = append(t.StorageDescriptor.Columns, types.Column{Name: &n, Type: &glueType})
	}
	t.PartitionKeys = []types.Column{{Name: aws.String("partition_0"), Type: aws.String("string")}}
	return t
}

// night is a shop with a table users, an empty table carts, and what is in the catalog from the night before.
type night struct {
	s3      fakeS3
	glue    fakeGlue
	source  workflow.Source     // its settings; a name and a template are put in
	refuse  map[string]string   // reasons by the view's name, or by a part of a query
	fail    map[string]string   // Athena's own
	numbers map[string]int64    // answers by a part of a query
	columns map[string][]string // the columns of answers, likewise
	deleted []string            // views
	updated []*types.TableInput // crawled tables
	mu      sync.Mutex
	started []string // statements that make views
	asked   []string // queries
	metrics strings.Builder
	clock   time.Time
	in      workflow.Request
}

func (n *night) now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.clock
}

// wait lets ten seconds pass, however long somebody wants to wait.
func (n *night) wait(ctx context.Context, _ time.Duration) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.clock = n.clock.Add(10 * time.Second)
	return ctx.Err()
}

func newNight() *night {
	return &night{
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
		clock:  time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	}
}

func (n *night) GetTables(ctx context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	return n.glue.GetTables(ctx, in)
}

func (n *night) run(t *testing.T) (workflow.Views, error) {
	t.Helper()
	return n.handler().Handle(t.Context(), n.in)
}

func (n *night) handler() *Handler {
	return &Handler{
		S3: n.s3, Glue: n, Bucket: "lake",
		Log: slog.New(slog.DiscardHandler),
		Athena: fakeAthena{
			start:   n.start,
			get:     n.status,
			results: n.results,
		},
		Config:  workflow.Config{Name: "snaplake", Sources: []workflow.Source{n.source}},
		starts:  rate.NewLimiter(rate.Inf, 1),
		Metrics: metrics.Recorder{Pipeline: "snaplake", Out: &n.metrics, Now: n.now},
		pause:   n.wait,
	}
}

// start notes a statement. Its identifier is the view's name, or a query itself.
func (n *night) start(in *athena.StartQueryExecutionInput) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name, isView := strings.CutPrefix(*in.QueryString, `CREATE OR REPLACE VIEW "shop"."`)
	if !isView {
		n.asked = append(n.asked, *in.QueryString)
		return *in.QueryString, nil
	}
	n.started = append(n.started, *in.QueryString)
	name, sql, _ := strings.Cut(name, `"`)
	_, refused := about(name, n.refuse)
	if _, failed := about(name, n.fail); !refused && !failed {
		if i := slices.IndexFunc(n.glue["shop"], func(t types.Table) bool { return *t.Name == name }); i >= 0 {
			n.glue["shop"][i] = viewOf(name, sql)
		} else {
			n.glue["shop"] = append(n.glue["shop"], viewOf(name, sql))
		}
	}
	return name, nil
}

func (n *night) status(id string) (*athenatypes.QueryExecutionStatus, error) {
	if reason, ok := about(id, n.refuse); ok {
		return failure(reason, 2, false), nil
	}
	if reason, ok := about(id, n.fail); ok {
		return failure(reason, 1, true), nil
	}
	return status(athenatypes.QueryExecutionStateSucceeded), nil
}

// results are a number for a query that counts, and no row for one that is tried.
func (n *night) results(query string) *athenatypes.ResultSet {
	columns, _ := about(query, n.columns)
	set := &athenatypes.ResultSet{ResultSetMetadata: &athenatypes.ResultSetMetadata{}}
	for _, c := range columns {
		set.ResultSetMetadata.ColumnInfo = append(set.ResultSetMetadata.ColumnInfo, athenatypes.ColumnInfo{Name: &c})
	}
	set.Rows = []athenatypes.Row{{}}
	if strings.HasPrefix(query, "SELECT count(*) AS n") {
		number, _ := about(query, n.numbers)
		set.Rows = append(set.Rows, athenatypes.Row{Data: []athenatypes.Datum{{VarCharValue: aws.String(fmt.Sprint(number))}}})
	}
	return set
}

// about finds what is said about a view by its name, or about a query by a part of it, which has a blank.
func about[T any](id string, said map[string]T) (what T, ok bool) {
	for part, what := range said {
		if id == part || strings.Contains(part, " ") && strings.Contains(id, part) {
			return what, true
		}
	}
	return what, false
}

// BatchDeleteTable deletes views.
func (n *night) BatchDeleteTable(_ context.Context, in *glue.BatchDeleteTableInput, _ ...func(*glue.Options)) (*glue.BatchDeleteTableOutput, error) {
	out := &glue.BatchDeleteTableOutput{}
	for _, name := range in.TablesToDelete {
		if reason, ok := n.refuse["delete "+name]; ok {
			out.Errors = append(out.Errors, types.TableError{TableName: &name, ErrorDetail: &types.ErrorDetail{ErrorCode: aws.String(reason), ErrorMessage: aws.String("no")}})
			continue
		}
		n.deleted = append(n.deleted, *in.DatabaseName+"."+name)
	}
	return out, nil
}

// UpdateTable replaces a crawled table.
func (n *night) UpdateTable(_ context.Context, in *glue.UpdateTableInput, _ ...func(*glue.Options)) (*glue.UpdateTableOutput, error) {
	n.updated = append(n.updated, in.TableInput)
	return &glue.UpdateTableOutput{}, nil
}

func request() workflow.Request {
	return workflow.Request{Input: &workflow.Input{Source: "shop"}, Execution: workflow.Execution{Name: "nightly-1", EnteredAt: time.Date(2026, 11, 21, 17, 45, 0, 0, time.UTC)}, Record: workflow.Record{
		Source:   "shop",
		Snapshot: &workflow.Snapshot{Engine: "aurora-mysql", CreatedAt: time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC)},
		Export:   &workflow.Export{ID: "shop-20261121-1705-0", Prefix: "exports/shop/"},
		Crawl:    &workflow.Crawl{TablePrefix: "e20261121_1705_0_"},
	}}
}
