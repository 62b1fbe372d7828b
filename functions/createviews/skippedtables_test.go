package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/exports"
)

// withLostFiles returns a run whose export has lost the files of users. allow_skipped lists that table.
func withLostFiles() *scenario {
	sc := newScenario()
	sc.previousRun()
	sc.made(map[string]exports.Kind{"users": exports.OfTable, "users_history": exports.OfHistory, "users_changes": exports.OfChanges})
	sc.source.History, sc.source.Changes = []string{"users"}, map[string][]string{"users": {"id"}}
	maps.DeleteFunc(sc.s3, func(key, _ string) bool {
		return strings.HasPrefix(key, folder) && strings.HasSuffix(key, "Users/1/part-00000.gz.parquet")
	})
	sc.in.State.Export.Skipped = []string{"shop.Users"}
	sc.glue["shop"] = []types.Table{viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`),
		viewOf("users_history", "SELECT 1"), viewOf("users_changes", "SELECT 1")}
	return sc
}

func TestCreateViews_KeepsTheViewOfAPartialTable(t *testing.T) {
	sc := withLostFiles()
	got, err := sc.run(t)
	if diff := cmp.Diff([]string{`shop.Users: RDS skipped this table, so view "users" still shows older rows`}, got.Warnings); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	for _, sql := range sc.started {
		if strings.HasPrefix(sql, `CREATE OR REPLACE VIEW "shop"."users`) {
			t.Errorf("made %s", sql)
		}
	}
	if fresh := sc.statement(t, "snaplake_freshness"); strings.Count(fresh, "'users'") != 1 {
		t.Errorf("the table does not occur exactly once: %s", fresh)
	}
}

func TestCreateViews_RefusesToKeepAViewOfADeletedExport(t *testing.T) {
	sc := withLostFiles()
	sc.glue["shop"][0] = viewOf("users", `SELECT 1 FROM "snaplake_crawled"."e20261101_1705_0_shop_users"`)
	sc.refused(t, `view "users" is kept because RDS skipped its table, but the export that it reads no longer exists; drop the view`)
}

func TestCreateViews_KeepsHistoryAndChangesOfASkippedTable(t *testing.T) {
	sc := withLostFiles()
	if _, err := sc.run(t); err != nil || len(sc.deleted) > 0 {
		t.Errorf("%v, deleted %q", err, sc.deleted)
	}
	p, _, err := exports.ReadPublication(t.Context(), sc.s3, "lake", folder)
	want := map[string]exports.Kind{"carts": exports.OfTable, "users": exports.OfTable, "users_history": exports.OfHistory,
		"users_changes": exports.OfChanges, "snaplake_freshness": exports.OfFreshness}
	if diff := cmp.Diff(want, p.Views); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"shop.Users"}, p.Skipped); diff != "" {
		t.Error(diff)
	}
}

func TestCreateViews_SkipsExportsWithoutTheTable(t *testing.T) {
	sc := newScenario()
	for _, day := range []string{"20261119", "20261120"} {
		sc.published(day, entryOf("Users", "ID int int32"))
		sc.crawl(day, "shop.Users", "id int")
	}
	sc.publish("shop-20261120-1705-0", exports.Publication{Engine: "aurora-mysql", CrawledTables: 1, Skipped: []string{"shop.Users"},
		Views: map[string]exports.Kind{"users": exports.OfTable}})
	sc.source.Keep, sc.source.History, sc.source.Changes = 3, []string{"users"}, map[string][]string{"users": {"id"}}
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	for _, view := range []string{"users_history", "users_changes"} {
		if sql := sc.statement(t, view); !strings.Contains(sql, "e20261119_1705_0_") || strings.Contains(sql, "e20261120_1705_0_") {
			t.Errorf("%s reads %s", view, sql)
		}
	}
}
