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

// viewOf returns a view as Athena stores it.
func viewOf(name, query string) types.Table {
	text := "/* Presto View: " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"originalSql":%q}`, query)) + " */"
	return types.Table{Name: &name, TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: &text}
}

// viewOver returns a view of a crawled table with varchar columns.
func viewOver(name, table string, columns ...string) types.Table {
	text := fmt.Sprintf(`{"originalSql":"SELECT 1 FROM %s","columns":[{"name":"%s","type":"varchar"}]}`, table, strings.Join(columns,
		`","type":"varchar"},{"name":"`))
	text = "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte(text)) + " */"
	return types.Table{Name: &name, TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: &text}
}

// viewWith returns a view with columns such as `"id","type":"bigint"`.
func viewWith(name string, columns ...string) types.Table {
	text := fmt.Sprintf(`{"originalSql":"SELECT 1","columns":[{"name":%s}]}`, strings.Join(columns, `},{"name":`))
	text = "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte(text)) + " */"
	return types.Table{Name: &name, TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: &text}
}

const (
	newer = `SELECT "id" FROM "snaplake_crawled"."e20261122_1705_0_shop_users"`
	// newerEmpty is the query for an empty table.
	newerEmpty = `SELECT CAST(NULL AS integer) AS "id" WHERE ('e20261122_1705_0_' IS NULL)`
)

func TestCreateViews_KeepsViewsOfANewerSnapshot(t *testing.T) {
	for name, query := range map[string]string{"of a table": newer, "of an empty table": newerEmpty} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.glue["shop"] = append(sc.glue["shop"], viewOf("carts", query))
			sc.s3 = fakeS3{} // deleted by Prune in the meantime
			got, err := sc.run(t)
			if err != nil {
				t.Fatal(err)
			}
			want := workflow.Views{Database: "shop", Status: "PUBLISHED", StartedAt: sc.in.Execution.EnteredAt, Changed: []string{},
				Warnings: []string{
					"the views were not changed, because they already read a newer snapshot, taken at 2026-11-22 17:05 UTC; this run's was taken at 2026-11-21 17:05 UTC. " +
						"To roll back, start a new execution with the identifier of the older snapshot",
				}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(sc.started) > 0 || sc.metrics.Len() > 0 {
				t.Errorf("started %q, recorded %s", sc.started, &sc.metrics)
			}
		})
	}
}

func TestCreateViews_RollsBackOnRequest(t *testing.T) {
	for name, ask := range map[string]func(*workflow.Request){
		"with a snapshot": func(in *workflow.Request) { in.Input.Snapshot = "rds:shop-prod-2026-11-21-17-05" },
		"with an export":  func(in *workflow.Request) { in.State.ExportID = in.State.Export.ID },
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.glue["shop"] = []types.Table{viewOf("users", newer)}
			ask(&sc.in)
			got, err := sc.run(t)
			if err != nil || got.Published != 3 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestCreateViews_ReplacesViewsOfTheSameOrAnOlderSnapshot(t *testing.T) {
	for name, view := range map[string]types.Table{
		"of the previous export": viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`),
		"of the next attempt":    viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261121_1705_1_shop_users"`),
		"that cannot be decoded": {Name: aws.String("users"), TableType: aws.String("VIRTUAL_VIEW"),
			ViewOriginalText: aws.String("/* Presto View: ? */")},
		"over nothing of Snaplake": viewOf("users", "SELECT 1 AS e20269999_1705_0_"),
		"over a similar name":      viewOf("older_20261122_1705_0_users", "SELECT 1 AS x"),
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.glue["shop"] = []types.Table{view}
			got, err := sc.run(t)
			if err != nil || got.Published != 3 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// withoutATable and withoutObjects delete tables and objects that a redrive can create again.
func withoutATable(sc *scenario)  { sc.glue["snaplake_crawled"] = sc.glue["snaplake_crawled"][:1] }
func withoutObjects(sc *scenario) { sc.s3 = fakeS3{} }

func TestCreateViews_RestartsAfterARedrive(t *testing.T) {
	for _, test := range []struct {
		name                    string
		lose                    func(*scenario)
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
			sc := newScenario()
			test.lose(sc)
			sc.in.Execution.RedriveCount, sc.in.State.Export.RedriveCount, sc.in.State.Crawl.RedriveCount = test.redriven, test.export, test.crawl
			got, err := sc.run(t)
			if test.status == "" {
				if err == nil {
					t.Errorf("got %+v, want an error", got)
				}
				return
			}
			want := workflow.Views{Database: "shop", Status: test.status, StartedAt: sc.in.Execution.EnteredAt, Warnings: []string{},
				Changed: []string{}}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v, -want +got\n%s", err, diff)
			}
			if len(sc.started) > 0 {
				t.Errorf("started %q", sc.started)
			}
		})
	}
}

func TestCreateViews_DoesNotReplaceARequestedExport(t *testing.T) {
	sc := newScenario()
	withoutObjects(sc)
	sc.in.State.ExportID, sc.in.Execution.RedriveCount = sc.in.State.Export.ID, 1
	_, err := sc.run(t)
	const want = "; " + workflow.NoRedrive + " without exportId"
	if _, ok := err.(workflow.ObjectsMissing); !ok || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestCreateViews_RefusesAnExportWithMissingObjects(t *testing.T) {
	const manifests = folder + "export_tables_info_shop-20261121-1705-0_from_1_to_10.json"
	for _, test := range []struct {
		name string
		lose func(*scenario)
		want string
	}{
		{"all", withoutObjects, location + "export_info_*.json: no such manifest"},
		{"a manifest", func(sc *scenario) { delete(sc.s3, manifests) }, location + "export_tables_info_*.json: no such manifest"},
		{"half of a manifest", func(sc *scenario) { sc.s3[manifests] = sc.s3[manifests][:100] }, "read s3://lake/" + manifests +
			": damaged manifest: the file is truncated"},
		{"a part", func(sc *scenario) { delete(sc.s3, folder+"shop/shop.Users/1/part-00000.gz.parquet") }, "only 4 of 5 objects are left in " + location},
		{"a table", func(sc *scenario) {
			maps.DeleteFunc(sc.s3, func(key, _ string) bool { return strings.Contains(key, "Users") })
		}, location + "shop/shop.Users/, the folder of table shop.Users, is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sc := newScenario()
			sc.in.State.Export.Objects = len(sc.s3)
			test.lose(sc)
			_, err := sc.run(t)
			missing, ok := err.(workflow.ObjectsMissing)
			if !ok {
				t.Fatalf("got %T %v, want an ObjectsMissing", err, err)
			}
			want := `the views of source "shop" were not changed, because export shop-20261121-1705-0 is no longer complete: ` + test.want
			if diff := cmp.Diff(want, missing.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(sc.started) > 0 {
				t.Errorf("started %q", sc.started)
			}
		})
	}
}

func TestCreateViews_AcceptsMissingObjectsOfASkippedTable(t *testing.T) {
	sc := newScenario()
	maps.DeleteFunc(sc.s3, func(key, _ string) bool { return strings.Contains(key, "Users") })
	sc.in.State.Export.Skipped = []string{"shop.Users"}
	got, err := sc.run(t)
	if err != nil || got.Published != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCreateViews_RefusesAnInvalidState(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*workflow.State)
		want   string
	}{
		{"no snapshot", func(r *workflow.State) { r.Snapshot = nil }, "the input, the snapshot, the export or the crawl is missing from the state"},
		{"no export", func(r *workflow.State) { r.Export = nil }, "the input, the snapshot, the export or the crawl is missing from the state"},
		{"no crawl", func(r *workflow.State) { r.Crawl = nil }, "the input, the snapshot, the export or the crawl is missing from the state"},
		{"a foreign export", func(r *workflow.State) { r.Export.ID = "backup" }, `"backup" is not an export of Snaplake`},
	} {
		t.Run(test.name, func(t *testing.T) {
			sc := newScenario()
			test.change(&sc.in.State)
			_, err := sc.run(t)
			want := `source "shop": ` + test.want
			if wrong, ok := err.(workflow.InvalidInput); !ok || wrong.Error() != want {
				t.Errorf("got  %T %v\nwant %s", err, err, want)
			}
		})
	}
}
