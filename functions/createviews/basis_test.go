package main

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// viewOf is a view as Athena stores it.
func viewOf(name, query string) types.Table {
	text := "/* Presto View: " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"originalSql":%q}`, query)) + " */"
	return types.Table{Name: &name, TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: &text}
}

// viewOver is a view with columns of text over a crawled table.
func viewOver(name, table string, columns ...string) types.Table {
	text := fmt.Sprintf(`{"originalSql":"SELECT 1 FROM %s","columns":[{"name":"%s","type":"varchar"}]}`, table, strings.Join(columns, `","type":"varchar"},{"name":"`))
	text = "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte(text)) + " */"
	return types.Table{Name: &name, TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: &text}
}

// viewWith is a view with columns, as `"id","type":"bigint"`.
func viewWith(name string, columns ...string) types.Table {
	text := fmt.Sprintf(`{"originalSql":"SELECT 1","columns":[{"name":%s}]}`, strings.Join(columns, `},{"name":`))
	text = "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte(text)) + " */"
	return types.Table{Name: &name, TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: &text}
}

const (
	newer = `SELECT "id" FROM "snaplake_crawled"."e20261122_1705_0_shop_users"`
	// newerEmpty is of an empty table.
	newerEmpty = `SELECT CAST(NULL AS integer) AS "id" WHERE ('e20261122_1705_0_' IS NULL)`
)

func TestLeavesViewsThatReadANewerSnapshot(t *testing.T) {
	for name, query := range map[string]string{"of a table": newer, "of an empty table": newerEmpty} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.glue["shop"] = append(n.glue["shop"], viewOf("carts", query))
			n.s3 = fakeS3{} // pruned since
			got, err := n.run(t)
			if err != nil {
				t.Fatal(err)
			}
			want := workflow.Views{Database: "shop", Status: "PUBLISHED", StartedAt: n.in.Execution.EnteredAt, Changed: []string{}, Warnings: []string{
				"the views stay as they are: they read a snapshot of 2026-11-22 17:05 UTC, and this execution has one of 2026-11-21 17:05 UTC; " +
					"start a new execution with it as snapshot to go back to it",
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(n.started) > 0 || n.metrics.Len() > 0 {
				t.Errorf("started %q, recorded %s", n.started, &n.metrics)
			}
		})
	}
}

func TestGoesBackToAnOlderSnapshotOnPurpose(t *testing.T) {
	for name, ask := range map[string]func(*workflow.Request){
		"with a snapshot": func(in *workflow.Request) { in.Input.Snapshot = "rds:shop-prod-2026-11-21-17-05" },
		"with an export":  func(in *workflow.Request) { in.Record.ExportID = in.Record.Export.ID },
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.glue["shop"] = []types.Table{viewOf("users", newer)}
			ask(&n.in)
			got, err := n.run(t)
			if err != nil || got.Published != 3 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestReplacesViewsOfTheSameSnapshotAndOfOlderOnes(t *testing.T) {
	for name, view := range map[string]types.Table{
		"of the day before":    viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`),
		"of the next attempt":  viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261121_1705_1_shop_users"`),
		"that cannot be read":  {Name: aws.String("users"), TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: aws.String("/* Presto View: ? */")},
		"of nothing of ours":   viewOf("users", "SELECT 1 AS e20269999_1705_0_"),
		"that is not our name": viewOf("older_20261122_1705_0_users", "SELECT 1 AS x"),
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.glue["shop"] = []types.Table{view}
			got, err := n.run(t)
			if err != nil || got.Published != 3 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// Two kinds of things may be missing, and each takes a night in which it is.
func withoutATable(n *night)  { n.glue["snaplake_crawled"] = n.glue["snaplake_crawled"][:1] }
func withoutObjects(n *night) { n.s3 = fakeS3{} }

func TestARedriveMakesGoodWhatIsMissing(t *testing.T) {
	for _, test := range []struct {
		name                    string
		lose                    func(*night)
		redriven, export, crawl int
		status                  string
	}{
		{"a table, not redriven", withoutATable, 0, 0, 0, ""},
		{"a table, redriven", withoutATable, 1, 0, 0, "RESTART"},
		{"a table, redriven before the crawl", withoutATable, 1, 0, 1, ""},
		{"objects, not redriven", withoutObjects, 0, 0, 0, ""},
		{"objects, redriven", withoutObjects, 2, 1, 1, "RESTART_EXPORT"},
		{"objects, redriven before the export", withoutObjects, 2, 2, 2, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNight()
			test.lose(n)
			n.in.Execution.RedriveCount, n.in.Record.Export.RedriveCount, n.in.Record.Crawl.RedriveCount = test.redriven, test.export, test.crawl
			got, err := n.run(t)
			if test.status == "" {
				if err == nil {
					t.Errorf("got %+v, want an error", got)
				}
				return
			}
			want := workflow.Views{Database: "shop", Status: test.status, StartedAt: n.in.Execution.EnteredAt, Warnings: []string{}, Changed: []string{}}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v, -want +got\n%s", err, diff)
			}
			if len(n.started) > 0 {
				t.Errorf("started %q", n.started)
			}
		})
	}
}

func TestSaysWhatARedriveDoesNotMakeGood(t *testing.T) {
	n := newNight()
	withoutObjects(n)
	n.in.Record.ExportID, n.in.Execution.RedriveCount = n.in.Record.Export.ID, 1
	_, err := n.run(t)
	const want = ". A redrive does not export again: start a new execution without exportId"
	if _, ok := err.(workflow.ObjectsMissing); !ok || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestChangesNoViewWhenObjectsAreGone(t *testing.T) {
	const manifests = folder + "export_tables_info_shop-20261121-1705-0_from_1_to_10.json"
	for _, test := range []struct {
		name string
		lose func(*night)
		want string
	}{
		{"all", withoutObjects, location + "export_info_*.json: no such manifest"},
		{"a manifest", func(n *night) { delete(n.s3, manifests) }, location + "export_tables_info_*.json: no such manifest"},
		{"half of a manifest", func(n *night) { n.s3[manifests] = n.s3[manifests][:100] }, "read s3://lake/" + manifests + ": damaged manifest: the file is truncated"},
		{"a part", func(n *night) { delete(n.s3, folder+"shop/shop.Users/1/part-00000.gz.parquet") }, "of 5 objects in " + location + " there are 4 left"},
		{"a table", func(n *night) {
			maps.DeleteFunc(n.s3, func(key, _ string) bool { return strings.Contains(key, "Users") })
		}, "nothing of table shop.Users lies in " + location + "shop/shop.Users/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNight()
			n.in.Record.Export.Objects = len(n.s3)
			test.lose(n)
			_, err := n.run(t)
			missing, ok := err.(workflow.ObjectsMissing)
			if !ok {
				t.Fatalf("got %T %v, want an ObjectsMissing", err, err)
			}
			want := `the views of source "shop" stay as they are: export shop-20261121-1705-0 was complete, and is so no more: ` + test.want + ". Redrive to export once more"
			if diff := cmp.Diff(want, missing.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(n.started) > 0 {
				t.Errorf("started %q", n.started)
			}
		})
	}
}

func TestATableThatWasSkippedIsNotGone(t *testing.T) {
	n := newNight()
	maps.DeleteFunc(n.s3, func(key, _ string) bool { return strings.Contains(key, "Users") })
	n.in.Record.Export.Skipped = []string{"shop.Users"}
	got, err := n.run(t)
	if err != nil || got.Published != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestARecordThatIsWrongIsNotRedriven(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*workflow.Record)
		want   string
	}{
		{"no snapshot", func(r *workflow.Record) { r.Snapshot = nil }, "the request lacks an input, a snapshot, an export or a crawl"},
		{"no export", func(r *workflow.Record) { r.Export = nil }, "the request lacks an input, a snapshot, an export or a crawl"},
		{"no crawl", func(r *workflow.Record) { r.Crawl = nil }, "the request lacks an input, a snapshot, an export or a crawl"},
		{"somebody else's export", func(r *workflow.Record) { r.Export.ID = "backup" }, `"backup" is no export identifier of ours`},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := newNight()
			test.change(&n.in.Record)
			_, err := n.run(t)
			want := `source "shop": ` + test.want + ". A redrive does not help: start a new execution"
			if wrong, ok := err.(workflow.InvalidInput); !ok || wrong.Error() != want {
				t.Errorf("got  %T %v\nwant %s", err, err, want)
			}
		})
	}
}
