package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

// made adds views created by the previous run to the catalog.
func (sc *scenario) made(views map[string]exports.Kind) {
	sc.published("20261120")
	sc.publish("shop-20261120-1705-0", exports.Publication{Engine: "aurora-mysql", Views: views})
	for name, kind := range views {
		query := "SELECT 1 FROM users"
		if kind != exports.UserDefined {
			table := strings.TrimSuffix(strings.TrimSuffix(name, "_history"), "_changes")
			query = `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_` + table + `"`
			sc.glue["snaplake_crawled"] = append(sc.glue["snaplake_crawled"], crawled("e20261120_1705_0_shop_"+table,
				"s3://lake/exports/shop/shop-20261120-1705-0/shop/shop."+table, "id int"))
		}
		sc.glue["shop"] = slices.DeleteFunc(sc.glue["shop"], func(t types.Table) bool { return *t.Name == name })
		sc.glue["shop"] = append(sc.glue["shop"], viewOf(name, query))
	}
}

const missingTable = `view "flash_sales": the export no longer contains its table, which was dropped, renamed or removed from the setting "tables". ` +
	`To drop the view, list it under allow_gone`

func TestCreateViews_RefusesAMissingTable(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{"flash_sales": exports.OfTable, "users": exports.OfTable})
	_, err := sc.run(t)
	want := "the views of source \"shop\" were not changed:\n" + missingTable
	if _, ok := err.(workflow.ViewsFailed); !ok || err.Error() != want {
		t.Errorf("got %T %v\nwant %s", err, err, want)
	}
}

func TestCreateViews_DropsAllowedAndUnconfiguredViews(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{
		"tmp_1": exports.OfTable, "users_history": exports.OfHistory, "users_changes": exports.OfChanges, "daily": exports.UserDefined, "users": exports.OfTable,
	})
	sc.glue["shop"] = append(sc.glue["shop"], types.Table{Name: aws.String("foreign"), TableType: aws.String("VIRTUAL_VIEW")})
	sc.source.AllowGone = []string{"tmp_*"}
	got, err := sc.run(t)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shop.daily", "shop.tmp_1", "shop.users_changes", "shop.users_history"}, sc.deleted); diff != "" {
		t.Errorf("deleted: -want +got\n%s", diff)
	}
	want := []string{"carts: new", "daily: removed", "tmp_1: removed", "users.id: added, integer", "users.born: added, date",
		"users_changes: removed", "users_history: removed"}
	if diff := cmp.Diff(want, got.Changed); diff != "" {
		t.Errorf("changed: -want +got\n%s", diff)
	}
}

func TestCreateViews_DropsNewerViewsInARollback(t *testing.T) {
	sc := newScenario()
	sc.published("20261122", entryOf("Users", "ID int int32", "Born date binary (UTF8)"), entryOf("gift_cards", "Code varchar binary (UTF8)"))
	sc.made(map[string]exports.Kind{"gift_cards": exports.OfTable, "gift_cards_history": exports.OfHistory})
	sc.source.History = []string{"gift_cards"}
	sc.source.Columns = []workflow.ColumnRule{mask("gift_cards", "code", workflow.Hide)}
	sc.in.State.ExportID = sc.in.State.Export.ID
	if _, err := sc.run(t); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shop.gift_cards", "shop.gift_cards_history"}, sc.deleted); diff != "" {
		t.Errorf("deleted: -want +got\n%s", diff)
	}
}

func TestCreateViews_WarnsOfOrDropsUnpublishedViews(t *testing.T) {
	sc := newScenario()
	sc.previousRun()
	sc.glue["shop"] = append(sc.glue["shop"], viewOf("tmp_lost", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`),
		viewOf("foreign", `SELECT 1 FROM snaplake_crawled.e20261120_1705_0_shop_carts`), viewOf("derived", "SELECT 1 FROM users"))
	sc.source.AllowGone = []string{"tmp_*"}
	got, err := sc.run(t)
	want := []string{`view "foreign" was not published by any run, but Prune keeps the export that the view reads; drop the view, or list it under allow_gone`}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" {
		t.Errorf("%v, warnings: -want +got\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"shop.tmp_lost"}, sc.deleted); diff != "" {
		t.Errorf("deleted: -want +got\n%s", diff)
	}
}

func TestCreateViews_RejectsAUserViewOverADroppedView(t *testing.T) {
	for name, test := range map[string]struct {
		kind   exports.Kind
		view   string
		change func(*scenario)
	}{
		"a user view whose file was deleted":     {exports.UserDefined, "base", func(*scenario) {}},
		"a table in allow_gone":                  {exports.OfTable, "promotions", func(sc *scenario) { sc.source.AllowGone = []string{"promo*"} }},
		"a newer table":                          {exports.OfTable, "gift_cards", func(sc *scenario) { sc.back(entryOf("gift_cards", "ID int int32")) }},
		"a history that is no longer configured": {exports.OfHistory, "users_history", func(*scenario) {}},
		"the changes of a missing table": {exports.OfChanges, "promotions_changes", func(sc *scenario) {
			sc.source.Changes, sc.source.AllowGone = map[string][]string{"promotions": {"id"}}, []string{"*"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.made(map[string]exports.Kind{test.view: test.kind, "users": exports.OfTable})
			sc.source.Views = []workflow.View{{Name: "top", SQL: "SELECT count(*) AS n FROM shop." + test.view, File: "views/shop/top.sql"}}
			test.change(sc)
			sc.refused(t, `view "top" (views/shop/top.sql) reads "`+test.view+`", which this run drops because it is no longer configured `+
				`or export shop-20261121-1705-0 does not have its table; change the query or delete the file`)
		})
	}
}

func TestCreateViews_DropsOnlyViewsThatItCreated(t *testing.T) {
	emptyTable := `SELECT CAST(NULL AS integer) AS "id" WHERE 'e20261120_1705_0_' IS NULL`
	for name, test := range map[string]struct {
		kind exports.Kind
		view types.Table
		gone bool
	}{
		"a history over an export":           {exports.OfHistory, viewOf("old", "SELECT 1 FROM snaplake_crawled.e20261120_1705_0_shop_users"), true},
		"changes of an empty table":          {exports.OfChanges, viewOf("old", emptyTable), true},
		"a user view of a view":              {exports.UserDefined, viewOf("old", "SELECT 1 FROM users"), true},
		"a part of the freshness":            {exports.OfFreshness, viewOf("snaplake_freshness_2", "SELECT 1"), true},
		"a user view of no view":             {exports.UserDefined, viewOf("old", "SELECT 1 FROM crm.users"), false},
		"a user view of a missing view":      {exports.UserDefined, viewOf("old", "SELECT 1 FROM nothing"), false},
		"a history of a view":                {exports.OfHistory, viewOf("old", "SELECT 1 FROM users"), false},
		"a freshness view with another name": {exports.OfFreshness, viewOf("old", "SELECT 1"), false},
		"a view of another source":           {exports.OfHistory, viewOf("old", "SELECT 1 FROM snaplake_crawled.e20261120_1705_0_crm_users"), false},
		"a table":                            {exports.UserDefined, crawled("old", "s3://elsewhere/old/"), false},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.publish("shop-20261120-1705-0", exports.Publication{Engine: "aurora-mysql", Views: map[string]exports.Kind{*test.view.Name: test.kind}})
			sc.glue["snaplake_crawled"] = append(sc.glue["snaplake_crawled"], crawled("e20261120_1705_0_crm_users",
				"s3://lake/exports/crm/crm-20261120-1705-0/crm/crm.users/"))
			sc.glue["shop"] = append(sc.glue["shop"], test.view)
			got, err := sc.run(t)
			if err != nil || len(sc.deleted) > 0 != test.gone {
				t.Errorf("%v, deleted %q", err, sc.deleted)
			}
			if isView := *test.view.TableType == "VIRTUAL_VIEW"; isView && !test.gone && !strings.HasPrefix(strings.Join(got.Warnings, ""),
				`an earlier run published view "old", but this run does not drop it`) {
				t.Errorf("warned %q", got.Warnings)
			}
		})
	}
}

func TestCreateViews_DoesNotTrustAPublicationAboutTheViewOfATable(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{"flash_sales": exports.OfTable})
	sc.publish("shop-20261120-1705-0", exports.Publication{Engine: "aurora-mysql", Views: map[string]exports.Kind{"flash_sales": exports.UserDefined}})
	sc.refused(t, missingTable)
}

func TestCreateViews_IgnoresPublicationsWithAFutureTime(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{"daily": exports.UserDefined})
	sc.published("20261119")
	forged := exports.Publication{PublishedAt: sc.in.Execution.EnteredAt.Add(time.Second), Views: map[string]exports.Kind{"foreign": exports.UserDefined}}
	sc.publish("shop-20261119-1705-0", forged)
	sc.glue["shop"] = append(sc.glue["shop"], viewOf("foreign", "SELECT 1 FROM users"))
	if _, err := sc.run(t); err != nil || !cmp.Equal(sc.deleted, []string{"shop.daily"}) {
		t.Errorf("%v, deleted %q", err, sc.deleted)
	}
}

func TestCreateViews_WarnsOfForeignViewsInARollback(t *testing.T) {
	sc := newScenario()
	sc.previousRun()
	sc.glue["shop"] = append(sc.glue["shop"], viewOf("foreign", `SELECT 1 FROM snaplake_crawled.e20261120_1705_0_shop_carts`))
	sc.in.Input.Snapshot = "rds:x"
	got, err := sc.run(t)
	want := []string{`view "foreign" was not published by any run, but Prune keeps the export that the view reads; drop the view, or list it under allow_gone`}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" || len(sc.deleted) > 0 {
		t.Errorf("%v, deleted %q, warnings: -want +got\n%s", err, sc.deleted, diff)
	}
}

func TestCreateViews_AcceptsAViewThatWasAlreadyDropped(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{"flash_sales": exports.OfTable})
	sc.glue["shop"] = nil
	if _, err := sc.run(t); err != nil || len(sc.deleted) > 0 {
		t.Errorf("got %v, deleted %q", err, sc.deleted)
	}
}

func TestCreateViews_KeepsTheViewOfASkippedTable(t *testing.T) {
	for name, skip := range map[string]func(*scenario){
		"in a manifest": func(sc *scenario) {
			sc.s3[folder+"export_tables_info_shop-20261121-1705-0_from_11_to_11.json"] = `{"perTableStatus":[{"target":"shop.shop.audit","warningMessage":"skipped"}]}`
		},
		"only in the state": func(sc *scenario) { sc.in.State.Export.Skipped = []string{"shop.audit"} },
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.made(map[string]exports.Kind{"audit": exports.OfTable})
			skip(sc)
			got, err := sc.run(t)
			if diff := cmp.Diff([]string{`shop.audit: RDS skipped this table, so view "audit" still shows older rows`}, got.Warnings); err != nil ||
				diff != "" || len(sc.deleted) > 0 {
				t.Errorf("got %v, deleted %q, warnings: -want +got\n%s", err, sc.deleted, diff)
			}
			if p, _, err := exports.ReadPublication(t.Context(), sc.s3, "lake", folder); err != nil || p.Views["audit"] != exports.OfTable {
				t.Errorf("published %v, %v", p.Views, err)
			}
		})
	}
}

func TestCreateViews_KeepsTheViewsOfASkippedDatabase(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{"sales": exports.OfTable, "users": exports.OfTable})
	sc.glue["snaplake_crawled"] = append(sc.glue["snaplake_crawled"], crawled("e20261120_1705_0_reports_sales",
		"s3://lake/exports/shop/shop-20261120-1705-0/reports/reports.sales/", "id int"))
	sc.glue["shop"] = []types.Table{viewOf("sales", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_reports_sales"`)}
	sc.in.State.Export.Skipped = []string{"reports", "Two tables were left out."}
	got, err := sc.run(t)
	if diff := cmp.Diff([]string{`reports: RDS skipped this table, so view "sales" still shows older rows`}, got.Warnings); err != nil || diff != "" ||
		len(sc.deleted) > 0 {
		t.Errorf("got %v, deleted %q, warnings: -want +got\n%s", err, sc.deleted, diff)
	}
}

func TestCreateViews_ReportsViewsThatCannotBeDropped(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{"daily": exports.UserDefined, "weekly": exports.UserDefined})
	sc.refuse = map[string]string{"delete daily": "ConcurrentModificationException", "delete weekly": "EntityNotFoundException"}
	_, err := sc.run(t)
	const want = "the views of database \"shop\" were created, but 1 old views could not be dropped:\n" +
		"view \"daily\": ConcurrentModificationException: no"
	if _, ok := err.(workflow.ViewsFailed); !ok || err.Error() != want {
		t.Errorf("got %T %v", err, err)
	}
	if _, there := sc.s3[folder+"published.json"]; there {
		t.Error("it was published, and a redrive would not know what is left")
	}
}

func TestCreateViews_ReportsChangedColumns(t *testing.T) {
	sc := newScenario()
	sc.made(map[string]exports.Kind{})
	sc.glue["shop"] = []types.Table{viewWith("users", `"id","type":"bigint"`, `"born","type":"date"`, `"memo","type":"varchar"`)}
	got, err := sc.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"carts: new", "users.id: integer, was bigint", "users.memo: removed, was varchar"}
	if diff := cmp.Diff(want, got.Changed); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
