package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	snaplakemetrics "snaplake/functions/internal/metrics"
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

// largeSource is a fake of AWS with a source of many tables of 12 columns. It has two exports, and the older one is published. It generates its
// responses on demand, so that the measured heap is the function's. Each statement takes some virtual time.
type largeSource struct {
	tables  int
	latency time.Duration
	source  workflow.Source
	in      workflow.Request
	metrics strings.Builder

	mu        sync.Mutex
	running   map[string]time.Time // start times of running statements
	made      []string             // views
	begun     []time.Time          // start times of all statements
	polls     int
	most      int            // maximum number of concurrent statements
	listed    map[string]int // pages by database
	published []byte
	heap      uint64 // maximum size in bytes
}

const (
	currentExport  = "shop-20261121-1705-0"
	previousExport = "shop-20261120-1705-0"
	timeout        = 900 * time.Second
)

// newLargeSource returns a source with history and changes for every tenth table.
func newLargeSource(tables int) *largeSource {
	c := &largeSource{
		tables: tables, latency: time.Second, in: request(), running: map[string]time.Time{}, listed: map[string]int{},
		source: workflow.Source{Name: "shop", ViewTemplate: "{table}", Keep: 2, Changes: map[string][]string{}},
	}
	for i := 0; i < tables; i += 10 {
		c.source.History = append(c.source.History, tableName(i))
		c.source.Changes[tableName(i)] = []string{"id"}
	}
	return c
}

func tableName(i int) string { return fmt.Sprintf("table_of_a_large_source_%05d", i) }

func (c *largeSource) handler() *Handler {
	return &Handler{
		S3: c, Glue: c, Athena: statement.NewRunner(c, "snaplake"), Bucket: "lake", Log: slog.New(slog.DiscardHandler),
		Config:  workflow.Config{Name: "snaplake", Sources: []workflow.Source{c.source}},
		Metrics: snaplakemetrics.Recorder{Pipeline: "snaplake", Out: &c.metrics, Now: time.Now},
	}
}

// invoke invokes the function as Lambda does and adds its result to the state as the state machine does.
func (c *largeSource) invoke(ctx context.Context) (workflow.Views, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c.in.Execution.EnteredAt = time.Now().UTC()
	views, err := c.handler().Handle(ctx, c.in)
	if err == nil {
		c.in.State.Views = &views
	}
	return views, err
}

// publish invokes the function until all views are created.
func (c *largeSource) publish(ctx context.Context) error {
	for {
		if views, err := c.invoke(ctx); err != nil || views.Status == workflow.Published {
			return err
		}
	}
}

// largeSourceColumn returns a column with types of Aurora MySQL.
func largeSourceColumn(i int) (name, original, exported, crawled, shown string) {
	switch i {
	case 0:
		return "id", "bigint", "int64", "bigint", "bigint"
	case 1:
		return "created_at", "datetime", "int64 (TIMESTAMP_MICRO)", "timestamp", "timestamp(3)"
	case 2:
		return "born", "date", "binary (UTF8)", "string", "date"
	}
	return fmt.Sprintf("attribute_%02d", i), "varchar", "binary (UTF8)", "string", "varchar"
}

const largeSourceColumns = 12

func (c *largeSource) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	c.note()
	out := &s3.ListObjectsV2Output{}
	if in.Delimiter != nil {
		for _, id := range []string{previousExport, currentExport} {
			out.CommonPrefixes = append(out.CommonPrefixes, s3types.CommonPrefix{Prefix: aws.String(*in.Prefix + id + "/")})
		}
		return out, nil
	}
	folder, name, _ := strings.Cut(strings.TrimPrefix(*in.Prefix, "exports/shop/"), "/")
	objects := []string{"export_info_" + folder + ".json", "export_tables_info_" + folder + "_from_1_to_10000.json"}
	if folder == previousExport || c.published != nil {
		objects = append(objects, "published.json")
	}
	const page = 1000
	from, _ := strconv.Atoi(aws.ToString(in.ContinuationToken))
	for i := from; i < min(from+page, len(objects)+c.tables); i++ {
		key := ""
		if i < len(objects) {
			key = objects[i]
		} else {
			key = "shop/shop." + tableName(i-len(objects)) + "/1/part-00000.gz.parquet"
		}
		if strings.HasPrefix(key, name) {
			out.Contents = append(out.Contents, s3types.Object{Key: aws.String("exports/shop/" + folder + "/" + key), Size: aws.Int64(1000)})
		}
	}
	if next := from + page; next < len(objects)+c.tables {
		out.NextContinuationToken, out.IsTruncated = aws.String(strconv.Itoa(next)), aws.Bool(true)
	}
	return out, nil
}

func (c *largeSource) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	switch key := *in.Key; {
	case strings.HasSuffix(key, "published.json"):
		return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(c.publication()))}, nil
	case strings.Contains(key, "export_info_"):
		return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(`{"status":"COMPLETE"}`))}, nil
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(&manifestReader{tables: c.tables})}, nil
}

func (c *largeSource) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	content, err := io.ReadAll(in.Body)
	if strings.HasSuffix(*in.Key, "published.json") {
		c.published = content
	}
	return &s3.PutObjectOutput{}, err
}

func (c *largeSource) publication() string {
	views := map[string]string{"snaplake_freshness": "freshness"}
	for i := range c.tables {
		views[tableName(i)] = "table"
	}
	b, err := json.Marshal(map[string]any{"snapshotAt": "2026-11-20T17:05:03Z", "publishedAt": "1999-12-31T18:05:00Z",
		"engine": "aurora-mysql", "views": views})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// manifestReader generates a manifest while it is read.
type manifestReader struct {
	tables, next int
	rest         string
}

func (m *manifestReader) Read(p []byte) (int, error) {
	for m.rest == "" {
		switch {
		case m.next > m.tables:
			return 0, io.EOF
		case m.next == m.tables:
			m.rest = "]}"
		default:
			m.rest = m.entry()
		}
		m.next++
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

func (m *manifestReader) entry() string {
	var columns []string
	for i := range largeSourceColumns {
		name, original, exported, _, _ := largeSourceColumn(i)
		columns = append(columns, fmt.Sprintf(`{"columnName":%q,"originalType":%q,"expectedExportedType":%q}`, name, original, exported))
	}
	before := ","
	if m.next == 0 {
		before = `{"perTableStatus":[`
	}
	return before + fmt.Sprintf(`{"target":"shop.shop.%s","status":"COMPLETE","schemaMetadata":{"originalTypeMappings":[%s]}}`,
		tableName(m.next), strings.Join(columns, ","))
}

func (c *largeSource) GetTables(_ context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	c.note()
	c.listed[*in.DatabaseName]++
	c.mu.Lock()
	defer c.mu.Unlock()
	views := c.views()
	table, from, to := func(i int) types.Table { return views[i]() }, 0, len(views)
	if *in.DatabaseName == "snaplake_crawled" {
		table = c.crawled
		switch *in.Expression {
		case "e20261121_1705_0_.*":
		case "e20261120_1705_0_.*":
			from, to = c.tables, 2*c.tables
		default:
			return nil, fmt.Errorf("expression %s", *in.Expression)
		}
	}
	const page = 100
	passed, _ := strconv.Atoi(aws.ToString(in.NextToken))
	out := &glue.GetTablesOutput{}
	for i := from + passed; i < min(from+passed+page, to); i++ {
		out.TableList = append(out.TableList, table(i))
	}
	if from+passed+page < to {
		out.NextToken = aws.String(strconv.Itoa(passed + page))
	}
	return out, nil
}

func (c *largeSource) crawled(i int) types.Table {
	id, prefix := currentExport, "e20261121_1705_0_"
	if i >= c.tables {
		i, id, prefix = i-c.tables, previousExport, "e20261120_1705_0_"
	}
	var columns []string
	for k := range largeSourceColumns {
		name, _, _, glueType, _ := largeSourceColumn(k)
		columns = append(columns, name+" "+glueType)
	}
	return crawled(prefix+"shop_"+tableName(i), "s3://lake/exports/shop/"+id+"/shop/shop."+tableName(i)+"/", columns...)
}

// views returns the views of the previous run. Newly created views replace them or are added.
func (c *largeSource) views() []func() types.Table {
	made := map[string]bool{}
	for _, name := range c.made {
		made[name] = true
	}
	var views []func() types.Table
	for i := range c.tables {
		if !made[tableName(i)] {
			views = append(views, func() types.Table { return c.view(i) })
		}
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		views = append(views, func() types.Table { return viewOf(name, "SELECT 1 FROM e20261121_1705_0_"+name) })
	}
	return views
}

// view returns a view of the previous run.
func (c *largeSource) view(i int) types.Table {
	var columns []map[string]string
	query := "SELECT\n"
	for k := range largeSourceColumns {
		name, _, _, _, shown := largeSourceColumn(k)
		columns = append(columns, map[string]string{"name": name, "type": shown})
		query += "  " + projection.Quote(name) + ",\n"
	}
	query += "FROM snaplake_crawled.e20261120_1705_0_shop_" + tableName(i)
	b, err := json.Marshal(map[string]any{"originalSql": query, "columns": columns})
	if err != nil {
		panic(err)
	}
	return types.Table{Name: aws.String(tableName(i)), TableType: aws.String("VIRTUAL_VIEW"),
		ViewOriginalText: aws.String("/* Presto View: " + base64.StdEncoding.EncodeToString(b) + " */")}
}

func (c *largeSource) BatchDeleteTable(context.Context, *glue.BatchDeleteTableInput, ...func(*glue.Options)) (
	*glue.BatchDeleteTableOutput, error) {
	return nil, errors.New("no view goes")
}

func (c *largeSource) UpdateTable(context.Context, *glue.UpdateTableInput, ...func(*glue.Options)) (*glue.UpdateTableOutput, error) {
	return nil, errors.New("each table is readable")
}

func (c *largeSource) StartQueryExecution(_ context.Context, in *athena.StartQueryExecutionInput, _ ...func(*athena.Options)) (
	*athena.StartQueryExecutionOutput, error) {
	c.note()
	c.mu.Lock()
	defer c.mu.Unlock()
	if name, isView := strings.CutPrefix(*in.QueryString, `CREATE OR REPLACE VIEW "shop"."`); isView {
		name, _, _ = strings.Cut(name, `"`)
		c.made = append(c.made, strings.Clone(name))
	}
	id := strconv.Itoa(len(c.begun))
	c.begun, c.running[id] = append(c.begun, time.Now()), time.Now()
	c.most = max(c.most, len(c.running))
	return &athena.StartQueryExecutionOutput{QueryExecutionId: &id}, nil
}

func (c *largeSource) GetQueryExecution(_ context.Context, in *athena.GetQueryExecutionInput, _ ...func(*athena.Options)) (
	*athena.GetQueryExecutionOutput, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.polls++
	state := athenatypes.QueryExecutionStateRunning
	if time.Since(c.running[*in.QueryExecutionId]) >= c.latency {
		state = athenatypes.QueryExecutionStateSucceeded
		delete(c.running, *in.QueryExecutionId)
	}
	return &athena.GetQueryExecutionOutput{QueryExecution: &athenatypes.QueryExecution{Status: &athenatypes.QueryExecutionStatus{State: state}}}, nil
}

// GetQueryResults returns the number 0.
func (c *largeSource) GetQueryResults(context.Context, *athena.GetQueryResultsInput, ...func(*athena.Options)) (
	*athena.GetQueryResultsOutput, error) {
	return &athena.GetQueryResultsOutput{ResultSet: &athenatypes.ResultSet{
		ResultSetMetadata: &athenatypes.ResultSetMetadata{},
		Rows:              []athenatypes.Row{{}, {Data: []athenatypes.Datum{{VarCharValue: aws.String("0")}}}},
	}}, nil
}

// note records the size of the heap.
func (c *largeSource) note() {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heap = max(c.heap, heap[0].Value.Uint64())
}
