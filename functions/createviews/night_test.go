package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
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
	for _, key := range slices.Sorted(maps.Keys(f)) {
		if strings.HasPrefix(key, *in.Prefix) {
			out.Contents = append(out.Contents, s3types.Object{Key: &key, Size: aws.Int64(int64(len(f[key])))})
		}
	}
	return out, nil
}

func (f fakeS3) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader([]byte(f[*in.Key])))}, nil
}

// fakeGlue stands for a catalog: the tables of a database. The first page is empty, and each of the others has one.
type fakeGlue map[string][]types.Table

func (f fakeGlue) GetTables(_ context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	tables, ok := f[*in.DatabaseName]
	if !ok {
		return nil, &types.EntityNotFoundException{Message: aws.String("Database not found")}
	}
	if in.NextToken == nil {
		return &glue.GetTablesOutput{NextToken: aws.String("x")}, nil
	}
	n := len(*in.NextToken)
	if n > len(tables) {
		return &glue.GetTablesOutput{}, nil
	}
	return &glue.GetTablesOutput{TableList: tables[n-1 : n], NextToken: aws.String(strings.Repeat("x", n+1))}, nil
}

// entry is one of perTableStatus, of a table with a column ID and another.
func entry(table, column, columnType string) string {
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
	views   []workflow.View
	refuse  map[string]string // reasons by the view's name
	fail    map[string]string // Athena's own
	mu      sync.Mutex
	started []string // statements
	metrics strings.Builder
	clock   time.Time
	in      workflow.Request
	// looks are how often the crawled database was listed; its tables appear at the look of this number.
	looks, appear int
}

// now lets forty seconds pass between two looks at the clock.
func (n *night) now() time.Time {
	n.clock = n.clock.Add(40 * time.Second)
	return n.clock
}

func newNight() *night {
	return &night{
		s3: bucket(entry("Users", "Born", "date"), entry("carts", "note", "varchar")).
			add("shop/shop.Users/1/part-00000.gz.parquet", "shop/shop.Users/1/_SUCCESS", "shop/shop.carts/1/_SUCCESS"),
		glue: fakeGlue{
			"snaplake_crawled": {
				crawled("e20261120_1705_0_shop_users", "s3://lake/exports/shop/shop-20261120-1705-0/shop/shop.Users/", "id int", "born string"),
				{Name: aws.String("no_storage")},
				crawled("e20261121_1705_0_shop_users_5f3c", location+"shop/shop.Users", "id int", "born string"),
			},
			"shop": {{Name: aws.String("users"), TableType: aws.String("VIRTUAL_VIEW")}},
		},
		refuse: map[string]string{},
		in:     request(),
	}
}

// GetTables lists the catalog, in which the crawled tables may not have appeared yet.
func (n *night) GetTables(ctx context.Context, in *glue.GetTablesInput, _ ...func(*glue.Options)) (*glue.GetTablesOutput, error) {
	if *in.DatabaseName == "snaplake_crawled" && in.NextToken == nil {
		n.looks++
		if n.looks < n.appear {
			return &glue.GetTablesOutput{}, nil
		}
	}
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
			start: func(in *athena.StartQueryExecutionInput) (string, error) {
				n.mu.Lock()
				defer n.mu.Unlock()
				n.started = append(n.started, *in.QueryString)
				name, _, _ := strings.Cut(strings.TrimPrefix(*in.QueryString, `CREATE OR REPLACE VIEW "shop"."`), `"`)
				return name, nil
			},
			get: func(id string) (*athenatypes.QueryExecutionStatus, error) {
				if reason, ok := n.refuse[id]; ok {
					return failure(reason, 2, false), nil
				}
				if reason, ok := n.fail[id]; ok {
					return failure(reason, 1, true), nil
				}
				return status(athenatypes.QueryExecutionStateSucceeded), nil
			},
		},
		Config:  workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop", ViewName: "{table}", Views: n.views}}},
		Metrics: metrics.Recorder{Pipeline: "snaplake", Out: &n.metrics, Now: n.now},
		pause:   func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func request() workflow.Request {
	return workflow.Request{Input: &workflow.Input{Source: "shop"}, Execution: workflow.Execution{Name: "nightly-1"}, Record: workflow.Record{
		Source:   "shop",
		Snapshot: &workflow.Snapshot{Engine: "aurora-mysql", CreatedAt: time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC)},
		Export:   &workflow.Export{ID: "shop-20261121-1705-0", Prefix: "exports/shop/"},
		Crawl:    &workflow.Crawl{TablePrefix: "e20261121_1705_0_"},
	}}
}
