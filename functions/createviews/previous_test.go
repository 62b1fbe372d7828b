package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

// previousRun adds the export of the previous run, with its views: users with a column that no longer exists and without a new one,
// and carts with rows.
func (sc *scenario) previousRun() {
	sc.published("20261120", entryOf("Users", "ID int int32", "Name varchar binary (UTF8)", "Old varchar binary (UTF8)"), entryOf("carts",
		"ID int int32"))
	sc.crawl("20261120", "shop.Users", "id int", "name string", "old string")
	sc.crawl("20261120", "shop.carts", "id int")
}

// published adds a complete export of a day with its publication.
func (sc *scenario) published(day string, entries ...string) {
	id := "shop-" + day + "-1705-0"
	folder := "exports/shop/" + id + "/"
	sc.s3[folder+"export_info_"+id+".json"] = `{"status":"COMPLETE"}`
	sc.s3[folder+"export_tables_info_"+id+"_from_1_to_10.json"] = `{"perTableStatus":[` + strings.Join(entries, ",") + `]}`
	at, err := time.Parse("20060102 1504", day+" 1705")
	if err != nil {
		panic(err)
	}
	p := exports.Publication{SnapshotAt: at.Add(3 * time.Second), PublishedAt: at.Add(time.Hour), Engine: "aurora-mysql", CrawledTables: 2,
		Views: map[string]exports.Kind{"users": exports.OfTable, "carts": exports.OfTable, "snaplake_freshness": exports.OfFreshness}}
	sc.publish(id, p)
}

func (sc *scenario) publish(id string, p exports.Publication) {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	sc.s3["exports/shop/"+id+"/published.json"] = string(b)
}

// crawl adds a crawled table of an export, with its file.
func (sc *scenario) crawl(day, table string, columns ...string) {
	folder := "exports/shop/shop-" + day + "-1705-0/shop/" + table + "/"
	sc.s3[folder+"1/part-00000.gz.parquet"], sc.s3[folder+"1/_SUCCESS"] = "PAR1", ""
	name := "e" + day + "_1705_0_" + strings.ToLower(strings.ReplaceAll(table, ".", "_"))
	sc.glue["snaplake_crawled"] = append([]types.Table{crawled(name, "s3://lake/"+folder, columns...)}, sc.glue["snaplake_crawled"]...)
}

// entryOf returns an entry of perTableStatus with columns such as "Name type exported".
func entryOf(table string, columns ...string) string {
	var mappings []string
	for _, c := range columns {
		part := strings.SplitN(c, " ", 3)
		mappings = append(mappings, fmt.Sprintf(`{"columnName":%q,"originalType":%q,"expectedExportedType":%q}`, part[0], part[1], part[2]))
	}
	return fmt.Sprintf(`{"target":"shop.shop.%s","status":"COMPLETE","schemaMetadata":{"originalTypeMappings":[%s]}}`, table,
		strings.Join(mappings, ","))
}

// statement returns the statement that created a view.
func (sc *scenario) statement(t *testing.T, view string) string {
	t.Helper()
	for _, s := range sc.started {
		if strings.HasPrefix(s, `CREATE OR REPLACE VIEW "shop"."`+view+`" AS `) {
			return s
		}
	}
	t.Fatalf("no view %q was made, but %q", view, sc.started)
	return ""
}

func TestCreateViews_AlignsPreviousExportsInHistory(t *testing.T) {
	sc := newScenario()
	sc.previousRun()
	sc.source.History = []string{"users", "carts"}
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	golden(t, "history", sc.statement(t, "users_history"))
	golden(t, "history_of_empty", sc.statement(t, "carts_history"))
}

func TestCreateViews_FindsCrawledTablesThatGlueListsLate(t *testing.T) {
	for _, late := range []string{"e20261121_1705_0_.*", "e20261120_1705_0_.*"} {
		sc := newScenario()
		sc.previousRun()
		sc.source.History = []string{"users", "carts"}
		sc.late = late
		if _, err := sc.run(t); err != nil {
			t.Errorf("%s: %v", late, err)
		}
	}
}

func TestCreateViews_ReadsRetainedPublishedExportsInHistory(t *testing.T) {
	users := entryOf("Users", "ID int int32")
	for name, test := range map[string]struct {
		change func(*scenario)
		want   []string
	}{
		"two exports are kept": {func(*scenario) {}, []string{"20261121", "20261120"}},
		"three are kept":       {func(sc *scenario) { sc.source.Keep = 3 }, []string{"20261121", "20261120", "20261119"}},
		"none is older than a day": {func(sc *scenario) {
			sc.source.Keep, sc.source.KeepDays = 3, 1
			sc.in.Execution.StartedAt = time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
		}, []string{"20261121"}},
		"one was never published": {func(sc *scenario) {
			sc.source.Keep = 3
			delete(sc.s3, "exports/shop/shop-20261120-1705-0/published.json")
		}, []string{"20261121", "20261119"}},
		"one does not contain the table": {func(sc *scenario) {
			sc.source.Keep = 3
			sc.published("20261120", entryOf("others", "ID int int32"))
		}, []string{"20261121", "20261119"}},
		"a rollback ignores newer ones": {func(sc *scenario) {
			sc.source.Keep = 4
			sc.published("20261122", users)
			sc.crawl("20261122", "shop.Users", "id int")
			sc.in.State.ExportID = sc.in.State.Export.ID
		}, []string{"20261121", "20261120", "20261119"}},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			for _, day := range []string{"20261119", "20261120"} {
				sc.published(day, users)
				sc.crawl(day, "shop.Users", "id int")
			}
			sc.source.History = []string{"users"}
			test.change(sc)
			if _, err := sc.run(t); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range strings.Split(sc.statement(t, "users_history"), "\n") {
				if _, after, ok := strings.Cut(line, `FROM "snaplake_crawled"."e`); ok {
					got = append(got, after[:8])
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCreateViews_ComparesTheTwoNewestExportsInChanges(t *testing.T) {
	sc := newScenario()
	sc.previousRun()
	sc.published("20261119", entryOf("Users", "ID int int32"))
	sc.source.Keep = 3
	sc.source.Changes = map[string][]string{"users": {"id"}, "carts": {"id", "note"}}
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	golden(t, "changes", sc.statement(t, "users_changes"))
	golden(t, "changes_without_before", sc.statement(t, "carts_changes"))
	const want = "SELECT count(*) AS n FROM (SELECT \"id\" FROM (\nSELECT\n  \"id\"\nFROM \"snaplake_crawled\".\"e20261120_1705_0_shop_users\"\n) GROUP BY \"id\" HAVING count(*) > 1 OR \"id\" IS NULL)"
	if !strings.Contains(strings.Join(sc.asked, "\n"), want) {
		t.Errorf("asked %q\nwant %s", sc.asked, want)
	}
}

func TestCreateViews_ShowsNoChangesInTheFirstRun(t *testing.T) {
	sc := newScenario()
	sc.source.Changes = map[string][]string{"users": {"id"}}
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	if got := sc.statement(t, "users_changes"); !strings.HasSuffix(got, "WHERE 1 = 0") || !strings.Contains(got,
		"CAST(NULL AS timestamp(3)) AS old_snapshot_at") {
		t.Errorf("got %s", got)
	}
}

func TestCreateViews_RefusesImpossibleHistoryAndChanges(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*scenario)
		want   string
	}{
		"an export without manifests": {
			func(sc *scenario) {
				delete(sc.s3, "exports/shop/shop-20261120-1705-0/export_info_shop-20261120-1705-0.json")
			},
			"history and changes views read export shop-20261120-1705-0, which is no longer complete: s3://lake/exports/shop/shop-20261120-1705-0/export_info_*.json: no such manifest. " +
				"To do without this export, delete its folder s3://lake/exports/shop/shop-20261120-1705-0/",
		},
		"an export without the table's objects": {
			func(sc *scenario) {
				delete(sc.s3, "exports/shop/shop-20261120-1705-0/shop/shop.Users/1/part-00000.gz.parquet")
				delete(sc.s3, "exports/shop/shop-20261120-1705-0/shop/shop.Users/1/_SUCCESS")
			},
			`history of "users": export shop-20261120-1705-0 no longer has the S3 objects or the crawled table for shop.Users. To do without this export, delete its folder s3://lake/exports/shop/shop-20261120-1705-0/`,
		},
		"an export whose crawled table was deleted": {
			func(sc *scenario) {
				tables := sc.glue["snaplake_crawled"]
				sc.glue["snaplake_crawled"] = tables[:0:0]
				for _, table := range tables {
					if !strings.HasPrefix(*table.Name, "e20261120_1705_0_shop_users") {
						sc.glue["snaplake_crawled"] = append(sc.glue["snaplake_crawled"], table)
					}
				}
			},
			`history of "users": export shop-20261120-1705-0 no longer has the S3 objects or the crawled table for shop.Users. To do without this export, delete its folder s3://lake/exports/shop/shop-20261120-1705-0/`,
		},
		"a key that is not unique": {
			func(sc *scenario) {
				sc.numbers = map[string]int64{`"e20261121_1705_0_shop_users_5f3c"` + "\n) GROUP BY": 2}
			},
			`changes: id is not a unique key of view "users": 2 values in export shop-20261121-1705-0 are NULL or duplicated`,
		},
		"an unknown key": {
			func(sc *scenario) { sc.source.Changes["users"] = []string{"no"} },
			`changes: view "users" has no column "no", only id, born`,
		},
		"an excluded key": {
			func(sc *scenario) {
				sc.source.Columns = []workflow.ColumnRule{exclude("*", "i*")}
			},
			`changes: column "id" of view "users" is dropped, so it cannot be in the key`,
		},
		"a column named like the time of the history": {
			func(sc *scenario) {
				sc.s3[folder+"export_tables_info_shop-20261121-1705-0_from_1_to_10.json"] =
					`{"perTableStatus":[` + exported("Users", "Snapshot_At", "datetime") + "," + exported("carts", "note", "varchar") + `]}`
				sc.glue["snaplake_crawled"] = nil
				sc.crawl("20261120", "shop.Users", "id int")
				sc.crawl("20261121", "shop.Users", "id int", "snapshot_at timestamp")
				sc.source.Changes = nil
			},
			`history: view "users" has a column "snapshot_at", which is the snapshot time in its history view; add a rule under "columns" that drops it`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.published("20261120", entryOf("Users", "ID int int32"))
			sc.crawl("20261120", "shop.Users", "id int")
			sc.source.History = []string{"users"}
			sc.source.Changes = map[string][]string{"users": {"id"}}
			test.change(sc)
			sc.refused(t, test.want)
		})
	}
}

// oneTable gives both exports a table users with columns such as "Name|type|exported|crawled".
func (sc *scenario) oneTable(engine string, columns ...string) {
	var entries, names []string
	for _, c := range columns {
		part := strings.Split(c, "|")
		entries, names = append(entries, strings.Join(part[:3], " ")), append(names, strings.ToLower(part[0])+" "+part[3])
	}
	sc.s3 = bucket(entryOf("Users", entries...))
	sc.published("20261120", entryOf("Users", entries...))
	sc.publish("shop-20261120-1705-0", exports.Publication{Engine: engine, Views: map[string]exports.Kind{"users": exports.OfTable}})
	sc.glue["snaplake_crawled"], sc.in.State.Snapshot.Engine = nil, engine
	sc.crawl("20261120", "shop.Users", names...)
	sc.crawl("20261121", "shop.Users", names...)
	sc.source.History, sc.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
}

func TestCreateViews_AppliesRulesOfColumnsToEachExport(t *testing.T) {
	sc := newScenario()
	sc.oneTable("postgres", "ID|bit(8)|binary|binary", "At|timestamp with time zone|binary (UTF8)|string",
		"Price|numeric(12,2)|binary (UTF8)|string")
	for column, as := range map[string]string{"id": workflow.Raw, "at": workflow.Raw, "price": "double"} {
		sc.source.Columns = append(sc.source.Columns, override("users", column, as))
	}
	got, err := sc.run(t)
	if err != nil || len(got.Warnings) > 0 {
		t.Fatalf("%v, warned %q", err, got.Warnings)
	}
	// Both exports have the same columns, so the history casts outside its union.
	const columns = "\n  \"id\",\n  \"at\",\n  "
	const price = "TRY_CAST(\"price\" AS double) AS \"price\"\nFROM "
	if sql := sc.statement(t, "users_history"); !strings.Contains(sql, columns+price+"(") || strings.Count(sql,
		columns+"\"price\"\nFROM") != 2 {
		t.Errorf("the history is %s", sql)
	}
	if sql := sc.statement(t, "users_changes"); strings.Count(sql, columns+price) != 2 {
		t.Errorf("the changes are %s", sql)
	}
	for _, query := range sc.asked {
		if strings.Contains(query, "NULL AS varbinary") {
			t.Errorf("the older key is missing: %s", query)
		}
	}
}

func TestCreateViews_SkipsRulesThatDoNotFitAPreviousExport(t *testing.T) {
	sc := newScenario()
	sc.oneTable("aurora-mysql", "ID|int|int32|int", "Born|varchar|binary (UTF8)|string")
	sc.published("20261120", entryOf("Users", "ID int int32", "Born int int32"))
	sc.glue["snaplake_crawled"] = sc.glue["snaplake_crawled"][:1]
	sc.crawl("20261120", "shop.Users", "id int", "born int")
	sc.source.Columns = []workflow.ColumnRule{override("users", "born", "date")}
	got, err := sc.run(t)
	want := []string{"users.born is NULL for export shop-20261120-1705-0, because its type in that export, integer, cannot be converted to date"}
	if diff := cmp.Diff(want, got.Warnings); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}
