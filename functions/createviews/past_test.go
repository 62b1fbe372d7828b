package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// yesterday adds the export of the night before, with its views: users with a column that is no more and without one that is, and
// carts with rows.
func (n *night) yesterday() {
	n.published("20261120", entryOf("Users", "ID int int32", "Name varchar binary (UTF8)", "Old varchar binary (UTF8)"), entryOf("carts", "ID int int32"))
	n.crawl("20261120", "shop.Users", "id int", "name string", "old string")
	n.crawl("20261120", "shop.carts", "id int")
}

// published adds a complete export of a day, at whose end its views were published.
func (n *night) published(day string, entries ...string) {
	id := "shop-" + day + "-1705-0"
	folder := "exports/shop/" + id + "/"
	n.s3[folder+"export_info_"+id+".json"] = `{"status":"COMPLETE"}`
	n.s3[folder+"export_tables_info_"+id+"_from_1_to_10.json"] = `{"perTableStatus":[` + strings.Join(entries, ",") + `]}`
	at, err := time.Parse("20060102 1504", day+" 1705")
	if err != nil {
		panic(err)
	}
	p := lake.Publication{SnapshotAt: at.Add(3 * time.Second), PublishedAt: at.Add(time.Hour), Engine: "aurora-mysql", CrawledTables: 2,
		Views: map[string]lake.Kind{"users": lake.OfTable, "carts": lake.OfTable, "snaplake_freshness": lake.OfFreshness}}
	n.publish(id, p)
}

func (n *night) publish(id string, p lake.Publication) {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	n.s3["exports/shop/"+id+"/published.json"] = string(b)
}

// crawl adds a crawled table of an export, with its file. Where there was none of that location, it is in the catalog.
func (n *night) crawl(day, table string, columns ...string) {
	folder := "exports/shop/shop-" + day + "-1705-0/shop/" + table + "/"
	n.s3[folder+"1/part-00000.gz.parquet"], n.s3[folder+"1/_SUCCESS"] = "PAR1", ""
	name := "e" + day + "_1705_0_" + strings.ToLower(strings.ReplaceAll(table, ".", "_"))
	n.glue["snaplake_crawled"] = append([]types.Table{crawled(name, "s3://lake/"+folder, columns...)}, n.glue["snaplake_crawled"]...)
}

// entryOf is one of perTableStatus, with columns as "Name type exported".
func entryOf(table string, columns ...string) string {
	var mappings []string
	for _, c := range columns {
		part := strings.SplitN(c, " ", 3)
		mappings = append(mappings, fmt.Sprintf(`{"columnName":%q,"originalType":%q,"expectedExportedType":%q}`, part[0], part[1], part[2]))
	}
	return fmt.Sprintf(`{"target":"shop.shop.%s","status":"COMPLETE","schemaMetadata":{"originalTypeMappings":[%s]}}`, table, strings.Join(mappings, ","))
}

// statement is the one that made a view.
func (n *night) statement(t *testing.T, view string) string {
	t.Helper()
	for _, s := range n.started {
		if strings.HasPrefix(s, `CREATE OR REPLACE VIEW "shop"."`+view+`" AS `) {
			return s
		}
	}
	t.Fatalf("no view %q was made, but %q", view, n.started)
	return ""
}

func TestHistoryReadsEachExportInTheShapeOfTonight(t *testing.T) {
	n := newNight()
	n.yesterday()
	n.source.History = []string{"users", "carts"}
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	golden(t, "history", n.statement(t, "users_history"))
	golden(t, "history_of_empty", n.statement(t, "carts_history"))
}

func TestHistoryReadsWhatIsKeptAndWasPublished(t *testing.T) {
	users := entryOf("Users", "ID int int32")
	for name, test := range map[string]struct {
		change func(*night)
		want   []string
	}{
		"two exports are kept": {func(*night) {}, []string{"20261121", "20261120"}},
		"three are kept":       {func(n *night) { n.source.Keep = 3 }, []string{"20261121", "20261120", "20261119"}},
		"none is older than a day": {func(n *night) {
			n.source.Keep, n.source.KeepDays = 3, 1
			n.in.Execution.StartedAt = time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
		}, []string{"20261121"}},
		"one was never published": {func(n *night) {
			n.source.Keep = 3
			delete(n.s3, "exports/shop/shop-20261120-1705-0/published.json")
		}, []string{"20261121", "20261119"}},
		"one has no such table": {func(n *night) {
			n.source.Keep = 3
			n.published("20261120", entryOf("others", "ID int int32"))
		}, []string{"20261121", "20261119"}},
		"going back leaves newer ones out": {func(n *night) {
			n.source.Keep = 4
			n.published("20261122", users)
			n.crawl("20261122", "shop.Users", "id int")
			n.in.Record.ExportID = n.in.Record.Export.ID
		}, []string{"20261121", "20261120", "20261119"}},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			for _, day := range []string{"20261119", "20261120"} {
				n.published(day, users)
				n.crawl(day, "shop.Users", "id int")
			}
			n.source.History = []string{"users"}
			test.change(n)
			if _, err := n.run(t); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range strings.Split(n.statement(t, "users_history"), "\n") {
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

func TestChangesCompareTheTwoNewestExports(t *testing.T) {
	n := newNight()
	n.yesterday()
	n.published("20261119", entryOf("Users", "ID int int32"))
	n.source.Keep = 3
	n.source.Changes = map[string][]string{"users": {"id"}, "carts": {"id", "note"}}
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	golden(t, "changes", n.statement(t, "users_changes"))
	golden(t, "changes_without_before", n.statement(t, "carts_changes"))
	const want = "SELECT count(*) AS n FROM (SELECT \"id\" FROM (\nSELECT\n  \"id\"\nFROM \"snaplake_crawled\".\"e20261120_1705_0_shop_users\"\n) GROUP BY \"id\" HAVING count(*) > 1 OR \"id\" IS NULL)"
	if !strings.Contains(strings.Join(n.asked, "\n"), want) {
		t.Errorf("asked %q\nwant %s", n.asked, want)
	}
}

func TestTheFirstNightHasNoChanges(t *testing.T) {
	n := newNight()
	n.source.Changes = map[string][]string{"users": {"id"}}
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	if got := n.statement(t, "users_changes"); !strings.HasSuffix(got, "WHERE 1 = 0") || !strings.Contains(got, "CAST(NULL AS timestamp(3)) AS old_snapshot_at") {
		t.Errorf("got %s", got)
	}
}

func TestChangesNoViewWhenHistoryOrChangesCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*night)
		want   string
	}{
		"an export without manifests": {
			func(n *night) {
				delete(n.s3, "exports/shop/shop-20261120-1705-0/export_info_shop-20261120-1705-0.json")
			},
			"history and changes read export shop-20261120-1705-0, which was complete and is so no more: s3://lake/exports/shop/shop-20261120-1705-0/export_info_*.json: no such manifest. " +
				"Delete its folder s3://lake/exports/shop/shop-20261120-1705-0/ to do without it",
		},
		"an export without the table's objects": {
			func(n *night) {
				delete(n.s3, "exports/shop/shop-20261120-1705-0/shop/shop.Users/1/part-00000.gz.parquet")
				delete(n.s3, "exports/shop/shop-20261120-1705-0/shop/shop.Users/1/_SUCCESS")
			},
			`history of "users": export shop-20261120-1705-0 has an object of table shop.Users no more: delete its folder s3://lake/exports/shop/shop-20261120-1705-0/ to do without it`,
		},
		"an export whose crawled table was deleted": {
			func(n *night) {
				tables := n.glue["snaplake_crawled"]
				n.glue["snaplake_crawled"] = tables[:0:0]
				for _, table := range tables {
					if !strings.HasPrefix(*table.Name, "e20261120_1705_0_shop_users") {
						n.glue["snaplake_crawled"] = append(n.glue["snaplake_crawled"], table)
					}
				}
			},
			`history of "users": export shop-20261120-1705-0 has the crawled table of table shop.Users no more: delete its folder s3://lake/exports/shop/shop-20261120-1705-0/ to do without it`,
		},
		"a key that is not unique": {
			func(n *night) { n.numbers = map[string]int64{`"e20261121_1705_0_shop_users_5f3c"` + "\n) GROUP BY": 2} },
			`changes: id is no key of view "users": in export shop-20261121-1705-0 2 of its values are NULL or belong to several rows`,
		},
		"a key that there is not": {
			func(n *night) { n.source.Changes["users"] = []string{"no"} },
			`changes: view "users" has no column "no"; it has id, born`,
		},
		"a key that is excluded": {
			func(n *night) {
				n.source.Columns = []workflow.ColumnRule{{View: "*", Column: "i*", As: workflow.Drop}}
			},
			`changes: column "id" of view "users" is dropped, and cannot be its key`,
		},
		"a column of the name that the history needs": {
			func(n *night) {
				n.s3[folder+"export_tables_info_shop-20261121-1705-0_from_1_to_10.json"] =
					`{"perTableStatus":[` + exported("Users", "Snapshot_At", "datetime") + "," + exported("carts", "note", "varchar") + `]}`
				n.glue["snaplake_crawled"] = nil
				n.crawl("20261120", "shop.Users", "id int")
				n.crawl("20261121", "shop.Users", "id int", "snapshot_at timestamp")
				n.source.Changes = nil
			},
			`history: view "users" has a column "snapshot_at" of its own, which is what its history calls the snapshot's time: drop it under columns`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.published("20261120", entryOf("Users", "ID int int32"))
			n.crawl("20261120", "shop.Users", "id int")
			n.source.History = []string{"users"}
			n.source.Changes = map[string][]string{"users": {"id"}}
			test.change(n)
			_, err := n.run(t)
			if _, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(err.Error(), "\n"+test.want+"\n") {
				t.Errorf("got %T %v\nwant %s", err, err, test.want)
			}
			if len(n.started) > 0 {
				t.Errorf("started %q", n.started)
			}
		})
	}
}

// oneTable lets both exports have a table users with these columns, as "Name type exported crawled".
func (n *night) oneTable(engine string, columns ...string) {
	var entries, names []string
	for _, c := range columns {
		part := strings.Split(c, "|")
		entries, names = append(entries, strings.Join(part[:3], " ")), append(names, strings.ToLower(part[0])+" "+part[3])
	}
	n.s3 = bucket(entryOf("Users", entries...))
	n.published("20261120", entryOf("Users", entries...))
	n.publish("shop-20261120-1705-0", lake.Publication{Engine: engine, Views: map[string]lake.Kind{"users": lake.OfTable}})
	n.glue["snaplake_crawled"], n.in.Record.Snapshot.Engine = nil, engine
	n.crawl("20261120", "shop.Users", names...)
	n.crawl("20261121", "shop.Users", names...)
	n.source.History, n.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
}

func TestCreateViews_AppliesRulesOfColumnsToEachExport(t *testing.T) {
	n := newNight()
	n.oneTable("postgres", "ID|bit(8)|binary|binary", "At|timestamp with time zone|binary (UTF8)|string", "Price|numeric(12,2)|binary (UTF8)|string")
	for column, as := range map[string]string{"id": workflow.Raw, "at": workflow.Raw, "price": "double"} {
		n.source.Columns = append(n.source.Columns, workflow.ColumnRule{View: "users", Column: column, As: as})
	}
	got, err := n.run(t)
	if err != nil || len(got.Warnings) > 0 {
		t.Fatalf("%v, warned %q", err, got.Warnings)
	}
	// Both exports have the same columns, and so the history casts outside, and the changes compare like with like.
	const columns = "\n  \"id\",\n  \"at\",\n  "
	const price = "TRY_CAST(\"price\" AS double) AS \"price\"\nFROM "
	if sql := n.statement(t, "users_history"); !strings.Contains(sql, columns+price+"(") || strings.Count(sql, columns+"\"price\"\nFROM") != 2 {
		t.Errorf("the history is %s", sql)
	}
	if sql := n.statement(t, "users_changes"); strings.Count(sql, columns+price) != 2 {
		t.Errorf("the changes are %s", sql)
	}
	for _, query := range n.asked {
		if strings.Contains(query, "NULL AS varbinary") {
			t.Errorf("the older key is lost: %s", query)
		}
	}
}

func TestCreateViews_AppliesARuleThatDoesNotFitAnOlderExportToTheOthers(t *testing.T) {
	n := newNight()
	n.oneTable("aurora-mysql", "ID|int|int32|int", "Born|varchar|binary (UTF8)|string")
	n.published("20261120", entryOf("Users", "ID int int32", "Born int int32"))
	n.glue["snaplake_crawled"] = n.glue["snaplake_crawled"][:1]
	n.crawl("20261120", "shop.Users", "id int", "born int")
	n.source.Columns = []workflow.ColumnRule{{View: "users", Column: "born", As: "date"}}
	got, err := n.run(t)
	want := []string{"users.born: it was integer in export shop-20261120-1705-0, which cannot become date: NULL there"}
	if diff := cmp.Diff(want, got.Warnings); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}
