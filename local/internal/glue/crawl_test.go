package glue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/glue"
)

const export = "exports/shop/shop-20261121-1705-0/"

type user struct {
	ID   int64  `parquet:"ID,optional"`
	Name string `parquet:"name,optional"`
}

type order struct {
	ID    int32 `parquet:"id,optional"`
	Total int64 `parquet:"total,optional,decimal(2:12)"`
}

func TestCrawl_CreatesTablesOfExport(t *testing.T) {
	w := newEnv(t)
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{1, "a"}, user{2, "b"})
	put(w, export+"shop/shop.users/1/part-00001-b.gz.parquet", user{3, "c"})
	put(w, export+"shop/shop.Order-Items/1/part-00000-c.gz.parquet", order{1, 100})
	for _, sidecar := range []string{"export_info_shop.json", "shop/shop.users/1/_SUCCESS", "shop/shop.empty/1/_SUCCESS"} {
		if err := w.store.Put("lake", export+sidecar, []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	w.mustCreateCrawler(nil)
	start := w.clock.Now()
	last := w.crawl()
	if last.Status != types.LastCrawlStatusSucceeded || last.ErrorMessage != nil {
		t.Fatalf("got %s %s", last.Status, aws.ToString(last.ErrorMessage))
	}
	if !last.StartTime.Equal(start) || aws.ToString(last.LogGroup) != "/aws-glue/crawlers" || aws.ToString(last.LogStream) != "snaplake-shop" {
		t.Errorf("got %+v", last)
	}
	if diff := cmp.Diff([]string{"e20261121_1705_0_shop_order_items", "e20261121_1705_0_shop_users"}, w.tableNames()); diff != "" {
		t.Fatal(diff)
	}
	users := w.table("e20261121_1705_0_shop_users")
	if got := *users.StorageDescriptor.Location; got != "s3://lake/"+export+"shop/shop.users/" {
		t.Errorf("location %s", got)
	}
	if diff := cmp.Diff(map[string]string{"id": "bigint", "name": "string"}, columns(users.StorageDescriptor.Columns)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"partition_0": "string"}, columns(users.PartitionKeys)); diff != "" {
		t.Error(diff)
	}
	want := map[string]string{
		"classification": "parquet", "UPDATED_BY_CRAWLER": "snaplake-shop", "typeOfData": "file",
	}
	for k, v := range want {
		if users.Parameters[k] != v {
			t.Errorf("parameter %s is %q, want %q", k, users.Parameters[k], v)
		}
	}
	partitions, err := w.service.Partitions(t.Context(), "crawled", *users.Name)
	if err != nil {
		t.Fatal(err)
	}
	const location = "s3://lake/" + export + "shop/shop.users/1/"
	if len(partitions) != 1 || partitions[0].Values[0] != "1" || partitions[0].StorageDescriptor.Location != location {
		t.Errorf("got partitions %+v", partitions)
	}
}

func columns(list []types.Column) map[string]string {
	m := map[string]string{}
	for _, c := range list {
		m[*c.Name] = *c.Type
	}
	return m
}

func TestCrawl_InfersTypes(t *testing.T) {
	type row struct {
		Small    int16     `parquet:"small,optional"`
		Int      int32     `parquet:"int,optional"`
		Unsigned [9]byte   `parquet:"big_unsigned,optional,decimal(0:20)"`
		Float    float32   `parquet:"float,optional"`
		Double   float64   `parquet:"double,optional"`
		Bool     bool      `parquet:"bool,optional"`
		Bytes    []byte    `parquet:"bytes,optional"`
		Enum     string    `parquet:"enum,optional,enum"`
		JSON     string    `parquet:"json,optional,json"`
		Day      int32     `parquet:"day,optional,date"`
		At       time.Time `parquet:"at,optional,timestamp(microsecond)"`
	}
	w := newEnv(t)
	put(w, export+"shop/shop.all/1/part-00000-a.gz.parquet", row{})
	w.mustCreateCrawler(nil)
	if last := w.crawl(); last.Status != types.LastCrawlStatusSucceeded {
		t.Fatal(aws.ToString(last.ErrorMessage))
	}
	want := map[string]string{
		"small": "smallint", "int": "int", "big_unsigned": "decimal(20,0)", "float": "float", "double": "double", "bool": "boolean",
		"bytes": "binary", "enum": "string", "json": "string", "day": "date", "at": "timestamp",
	}
	if diff := cmp.Diff(want, columns(w.table("e20261121_1705_0_shop_all").StorageDescriptor.Columns)); diff != "" {
		t.Error(diff)
	}
}

func TestCrawl_AppendsHashToTakenName(t *testing.T) {
	w := newEnv(t)
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{})
	put(w, export+"shop/shop_users/1/part-00000-a.gz.parquet", user{})
	w.mustCreateCrawler(nil)
	w.crawl()
	names := w.tableNames()
	if len(names) != 2 || names[0] != "e20261121_1705_0_shop_users" || len(names[1]) != len(names[0])+1+32 {
		t.Errorf("got %q", names)
	}
}

func TestCrawl_AddsNewPartitionsAndColumnsToTable(t *testing.T) {
	w := newEnv(t)
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{})
	w.mustCreateCrawler(nil)
	w.crawl()
	put(w, export+"shop/shop.users/2/part-00000-b.gz.parquet", struct {
		ID   int64  `parquet:"id,optional"`
		Mail string `parquet:"mail,optional"`
	}{2, "b"})
	if last := w.crawl(); last.Status != types.LastCrawlStatusSucceeded {
		t.Fatal(aws.ToString(last.ErrorMessage))
	}
	users := w.table("e20261121_1705_0_shop_users")
	if len(w.tableNames()) != 1 || len(users.StorageDescriptor.Columns) != 3 || *users.VersionId != "1" {
		t.Errorf("got tables %q, columns %v and version %s", w.tableNames(), columns(users.StorageDescriptor.Columns), *users.VersionId)
	}
	partitions, err := w.service.Partitions(t.Context(), "crawled", *users.Name)
	if err != nil || len(partitions) != 2 || len(partitions[1].StorageDescriptor.Columns) != 3 {
		t.Errorf("got partitions %+v, %v", partitions, err)
	}
}

func TestCrawl_AddsNothingAfterError(t *testing.T) {
	cases := map[string]struct {
		prepare func(*env)
		change  func(*glue.CrawlerInput)
		want    string
	}{
		"truncated file": {
			prepare: func(w *env) {
				if err := w.store.Put("lake", export+"shop/shop.broken/1/part-00000-x.gz.parquet", []byte("PAR1...")); err != nil {
					t.Fatal(err)
				}
			},
			want: "s3://lake/" + export + "shop/shop.broken/1/part-00000-x.gz.parquet: not a complete Parquet file",
		},
		"manifest that is not excluded": {
			prepare: func(w *env) {
				if err := w.store.Put("lake", export+"export_info.json", []byte("{}")); err != nil {
					t.Fatal(err)
				}
			},
			change: func(in *glue.CrawlerInput) { in.Targets.S3Targets[0].Exclusions = nil },
			want:   "s3://lake/" + export + "export_info.json is not in a folder of a table; exclude it",
		},
		"no bucket": {
			change: func(in *glue.CrawlerInput) { in.Targets.S3Targets[0].Path = "s3://nowhere/" },
			want:   "bucket nowhere does not exist",
		},
		"no database": {
			change: func(in *glue.CrawlerInput) { in.DatabaseName = "nowhere" },
			want:   "Database nowhere not found",
		},
		"two types for one column": {
			prepare: func(w *env) {
				put(w, export+"shop/shop.users/1/part-00001-b.gz.parquet", struct {
					ID string `parquet:"id,optional"`
				}{"x"})
			},
			want: `column "id" has type string in this file, but type bigint in other files`,
		},
		"folders of different depths": {
			prepare: func(w *env) { put(w, export+"shop/shop.users/2/3/part-00000-a.gz.parquet", user{}) },
			want:    `folders "1" and "2/3" of the same table have different depths`,
		},
		"folder that names its partition key": {
			prepare: func(w *env) { put(w, export+"shop/shop.logs/year=2026/part-00000-a.parquet", user{}) },
			want:    `does not support folder "year=2026"`,
		},
		"nested column": {
			prepare: func(w *env) {
				put(w, export+"shop/shop.nested/1/part-00000-a.gz.parquet", struct {
					L []int `parquet:"l"`
				}{[]int{1}})
			},
			want: "does not support nested columns",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newEnv(t)
			put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{})
			if c.prepare != nil {
				c.prepare(w)
			}
			w.mustCreateCrawler(c.change)
			last := w.crawl()
			if last.Status != types.LastCrawlStatusFailed || !strings.Contains(aws.ToString(last.ErrorMessage), c.want) {
				t.Errorf("got %s %q, want %q in it", last.Status, aws.ToString(last.ErrorMessage), c.want)
			}
			if names := w.tableNames(); len(names) != 0 {
				t.Errorf("got tables %q", names)
			}
		})
	}
}

func TestCrawl_ExcludesByGlob(t *testing.T) {
	for exclusion, want := range map[string][]string{ // the tables that are not excluded
		"**.parquet":   {},
		"**.json":      {"t_a_users", "t_b_users", "t_c_logs"},
		"**-2.parquet": {"t_a_users", "t_c_logs"},
	} {
		t.Run(exclusion, func(t *testing.T) {
			w := newEnv(t)
			put(w, "in/x/y/a/a.users/1/part-00.parquet", user{})
			put(w, "in/x/y/b/b.users/1/part-00-2.parquet", user{})
			put(w, "in/x/y/c/c.logs/1/part-00.parquet", user{})
			w.mustCreateCrawler(func(in *glue.CrawlerInput) {
				in.Targets.S3Targets[0] = glue.S3Target{Path: "s3://lake/in", Exclusions: []string{exclusion}}
				in.TablePrefix = aws.String("T-")
			})
			if last := w.crawl(); last.Status != types.LastCrawlStatusSucceeded {
				t.Fatal(aws.ToString(last.ErrorMessage))
			}
			if diff := cmp.Diff(want, append([]string{}, w.tableNames()...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
