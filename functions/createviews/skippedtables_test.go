package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/lake"
)

// withLostFiles is a run whose export has lost the files of users, which may be skipped.
func withLostFiles() *night {
	n := newNight()
	n.yesterday()
	n.made(map[string]lake.Kind{"users": lake.OfTable, "users_history": lake.OfHistory, "users_changes": lake.OfChanges})
	n.source.History, n.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
	maps.DeleteFunc(n.s3, func(key, _ string) bool {
		return strings.HasPrefix(key, folder) && strings.HasSuffix(key, "Users/1/part-00000.gz.parquet")
	})
	n.in.Record.Export.Skipped = []string{"shop.Users"}
	n.glue["shop"] = []types.Table{viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`), viewOf("users_history", "SELECT 1"), viewOf("users_changes", "SELECT 1")}
	return n
}

func TestCreateViews_KeepsTheOlderViewOfATableThatIsPartial(t *testing.T) {
	n := withLostFiles()
	got, err := n.run(t)
	if diff := cmp.Diff([]string{`shop.Users: RDS skipped it, so view "users" keeps its older rows`}, got.Warnings); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	for _, sql := range n.started {
		if strings.HasPrefix(sql, `CREATE OR REPLACE VIEW "shop"."users`) {
			t.Errorf("made %s", sql)
		}
	}
	if fresh := n.statement(t, "snaplake_freshness"); strings.Count(fresh, "'users'") != 1 {
		t.Errorf("the table is not there once: %s", fresh)
	}
}

func TestCreateViews_KeepsNoViewOfASkippedTableWhoseExportIsGone(t *testing.T) {
	n := withLostFiles()
	n.glue["shop"][0] = viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261101_1705_0_shop_users"`)
	n.refused(t, `view "users" stays as it is, since RDS skipped its table, but the export that it reads is gone: drop it`)
}

func TestCreateViews_KeepsHistoryAndChangesOfASkippedTable(t *testing.T) {
	n := withLostFiles()
	if _, err := n.run(t); err != nil || len(n.deleted) > 0 {
		t.Errorf("%v, deleted %q", err, n.deleted)
	}
	p, _, err := lake.ReadPublication(t.Context(), n.s3, "lake", folder)
	want := map[string]lake.Kind{"carts": lake.OfTable, "users": lake.OfTable, "users_history": lake.OfHistory, "users_changes": lake.OfChanges, "snaplake_freshness": lake.OfFreshness}
	if diff := cmp.Diff(want, p.Views); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"shop.Users"}, p.Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestCreateViews_ComparesWithTheLastExportThatHasAllOfTheTable(t *testing.T) {
	n := newNight()
	for _, day := range []string{"20261119", "20261120"} {
		n.published(day, entryOf("Users", "ID int int32"))
		n.crawl(day, "shop.Users", "id int")
	}
	n.publish("shop-20261120-1705-0", lake.Publication{Engine: "aurora-mysql", CrawledTables: 1, Skipped: []string{"shop.Users"}, Views: map[string]lake.Kind{"users": lake.OfTable}})
	n.source.Keep, n.source.History, n.source.Changes = 3, []string{"users"}, map[string][]string{"users": {"id"}}
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	for _, view := range []string{"users_history", "users_changes"} {
		if sql := n.statement(t, view); !strings.Contains(sql, "e20261119_1705_0_") || strings.Contains(sql, "e20261120_1705_0_") {
			t.Errorf("%s reads %s", view, sql)
		}
	}
}
