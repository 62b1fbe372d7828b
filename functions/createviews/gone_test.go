package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// made puts views into the catalog as the night before made them.
func (n *night) made(views map[string]lake.Kind) {
	n.published("20261120")
	n.publish("shop-20261120-1705-0", lake.Publication{Engine: "aurora-mysql", Views: views})
	for name, kind := range views {
		query := "SELECT 1 FROM users"
		if kind != lake.Own {
			table := strings.TrimSuffix(strings.TrimSuffix(name, "_history"), "_changes")
			query = `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_` + table + `"`
			n.glue["snaplake_crawled"] = append(n.glue["snaplake_crawled"], crawled("e20261120_1705_0_shop_"+table, "s3://lake/exports/shop/shop-20261120-1705-0/shop/shop."+table, "id int"))
		}
		n.glue["shop"] = append(n.glue["shop"], viewOf(name, query))
	}
}

func TestATableThatWentAwayFailsTheNightBeforeAnyViewChanges(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{"flash_sales": lake.OfTable, "users": lake.OfTable})
	_, err := n.run(t)
	const want = `view "flash_sales": its table is not in the export any more; it was dropped or renamed in the database, or the source's tables leave it out. ` +
		`List the view under allow_gone to remove it`
	if _, ok := err.(workflow.ViewsFailed); !ok || !strings.Contains(err.Error(), want) || len(n.started)+len(n.deleted) > 0 {
		t.Errorf("got %T %v, started %q, deleted %q", err, err, n.started, n.deleted)
	}
}

func TestViewsGoThatTheSourceLetsGoAndThoseThatItDoesNotHaveAnyMore(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{
		"tmp_1": lake.OfTable, "users_history": lake.OfHistory, "users_changes": lake.OfChanges, "daily": lake.Own, "users": lake.OfTable,
	})
	n.glue["shop"] = append(n.glue["shop"], types.Table{Name: aws.String("somebodys"), TableType: aws.String("VIRTUAL_VIEW")})
	n.source.AllowGone = []string{"tmp_*"}
	got, err := n.run(t)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shop.daily", "shop.tmp_1", "shop.users_changes", "shop.users_history"}, n.deleted); diff != "" {
		t.Errorf("deleted: -want +got\n%s", diff)
	}
	want := []string{"carts: new", "daily: removed", "tmp_1: removed", "users.id: added, integer", "users.born: added, date", "users_changes: removed", "users_history: removed"}
	if diff := cmp.Diff(want, got.Changed); diff != "" {
		t.Errorf("changed: -want +got\n%s", diff)
	}
}

func TestWhatIsNewerGoesUntilTheNextNightWhenGoingBack(t *testing.T) {
	n := newNight()
	n.published("20261122", entryOf("Users", "ID int int32", "Born date binary (UTF8)"), entryOf("gift_cards", "Code varchar binary (UTF8)"))
	n.made(map[string]lake.Kind{"gift_cards": lake.OfTable, "gift_cards_history": lake.OfHistory})
	n.source.History = []string{"gift_cards"}
	n.source.Columns = []workflow.ColumnRule{{View: "gift_cards", Column: "code", As: workflow.Hide}}
	n.in.Record.ExportID = n.in.Record.Export.ID
	if _, err := n.run(t); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"shop.gift_cards", "shop.gift_cards_history"}, n.deleted); diff != "" {
		t.Errorf("deleted: -want +got\n%s", diff)
	}
}

func TestAViewThatNoAccountTellsOfIsWarnedOfOrGoes(t *testing.T) {
	n := newNight()
	n.yesterday()
	n.glue["shop"] = append(n.glue["shop"], viewOf("tmp_lost", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`),
		viewOf("somebodys", `SELECT 1 FROM snaplake_crawled.e20261120_1705_0_shop_carts`), viewOf("derived", "SELECT 1 FROM users"))
	n.source.AllowGone = []string{"tmp_*"}
	got, err := n.run(t)
	want := []string{`view "somebodys" is of no table of tonight's, and reads an export that is kept for it: drop it, or list it under allow_gone`}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" {
		t.Errorf("%v, warnings: -want +got\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{"shop.tmp_lost"}, n.deleted); diff != "" {
		t.Errorf("deleted: -want +got\n%s", diff)
	}
}

func TestCreateViews_RefusesAnOwnViewOfWhatGoes(t *testing.T) {
	const noTable = "export shop-20261121-1705-0 does not have its table"
	for name, test := range map[string]struct {
		kind   lake.Kind
		view   string
		change func(*night)
		why    string
	}{
		"an own view whose file is gone": {lake.Own, "base", func(*night) {}, "the configuration does not have it any more"},
		"a table that may be gone":       {lake.OfTable, "promotions", func(n *night) { n.source.AllowGone = []string{"promo*"} }, noTable},
		"a table that came later":        {lake.OfTable, "gift_cards", func(n *night) { n.back(entryOf("gift_cards", "ID int int32")) }, noTable},
		"a history that is not wanted":   {lake.OfHistory, "users_history", func(*night) {}, "the configuration does not have it any more"},
		"the changes of a table that went": {lake.OfChanges, "promotions_changes", func(n *night) {
			n.source.Changes, n.source.AllowGone = map[string][]string{"promotions": {"id"}}, []string{"*"}
		}, noTable},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.made(map[string]lake.Kind{test.view: test.kind, "users": lake.OfTable})
			n.source.Views = []workflow.View{{Name: "top", SQL: "SELECT count(*) AS n FROM shop." + test.view, File: "views/shop/top.sql"}}
			test.change(n)
			n.refused(t, `view "top" (views/shop/top.sql) reads "`+test.view+`", which goes, since `+test.why+`: read something else, or delete the file`)
		})
	}
}

func TestCreateViews_DeletesOnlyWhatGlueShowsToBeItsOwn(t *testing.T) {
	emptyTable := `SELECT CAST(NULL AS integer) AS "id" WHERE 'e20261120_1705_0_' IS NULL`
	for name, test := range map[string]struct {
		kind lake.Kind
		view types.Table
		gone bool
	}{
		"a history over an export":         {lake.OfHistory, viewOf("old", "SELECT 1 FROM snaplake_crawled.e20261120_1705_0_shop_users"), true},
		"changes of an empty table":        {lake.OfChanges, viewOf("old", emptyTable), true},
		"an own view of a view":            {lake.Own, viewOf("old", "SELECT 1 FROM users"), true},
		"a part of the freshness":          {lake.OfFreshness, viewOf("snaplake_freshness_2", "SELECT 1"), true},
		"an own view of nothing":           {lake.Own, viewOf("old", "SELECT 1 FROM crm.users"), false},
		"an own view of what is not there": {lake.Own, viewOf("old", "SELECT 1 FROM nothing"), false},
		"a history of a view":              {lake.OfHistory, viewOf("old", "SELECT 1 FROM users"), false},
		"a freshness of another name":      {lake.OfFreshness, viewOf("old", "SELECT 1"), false},
		"a view of another source":         {lake.OfHistory, viewOf("old", "SELECT 1 FROM snaplake_crawled.e20261120_1705_0_crm_users"), false},
		"a table":                          {lake.Own, crawled("old", "s3://elsewhere/old/"), false},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.publish("shop-20261120-1705-0", lake.Publication{Engine: "aurora-mysql", Views: map[string]lake.Kind{*test.view.Name: test.kind}})
			n.glue["snaplake_crawled"] = append(n.glue["snaplake_crawled"], crawled("e20261120_1705_0_crm_users", "s3://lake/exports/crm/crm-20261120-1705-0/crm/crm.users/"))
			n.glue["shop"] = append(n.glue["shop"], test.view)
			got, err := n.run(t)
			if err != nil || len(n.deleted) > 0 != test.gone {
				t.Errorf("%v, deleted %q", err, n.deleted)
			}
			if isView := *test.view.TableType == "VIRTUAL_VIEW"; isView && !test.gone && !strings.HasPrefix(strings.Join(got.Warnings, ""), `view "old": published before, but not deleted`) {
				t.Errorf("warned %q", got.Warnings)
			}
		})
	}
}

func TestCreateViews_DeletesNoTablesViewByThePublicationsWord(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{"flash_sales": lake.OfTable})
	n.publish("shop-20261120-1705-0", lake.Publication{Engine: "aurora-mysql", Views: map[string]lake.Kind{"flash_sales": lake.Own}})
	n.refused(t, `view "flash_sales": its table is not in the export any more; it was dropped or renamed in the database, or the source's tables leave it out. `+
		`List the view under allow_gone to remove it`)
}

func TestCreateViews_BelievesNoPublicationOfTheFuture(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{"daily": lake.Own})
	n.published("20261119")
	forged := lake.Publication{PublishedAt: n.in.Execution.EnteredAt.Add(time.Second), Views: map[string]lake.Kind{"somebodys": lake.Own}}
	n.publish("shop-20261119-1705-0", forged)
	n.glue["shop"] = append(n.glue["shop"], viewOf("somebodys", "SELECT 1 FROM users"))
	if _, err := n.run(t); err != nil || !cmp.Equal(n.deleted, []string{"shop.daily"}) {
		t.Errorf("%v, deleted %q", err, n.deleted)
	}
}

func TestCreateViews_WarnsOfViewsThatPeopleMadeWhenGoingBack(t *testing.T) {
	n := newNight()
	n.yesterday()
	n.glue["shop"] = append(n.glue["shop"], viewOf("somebodys", `SELECT 1 FROM snaplake_crawled.e20261120_1705_0_shop_carts`))
	n.in.Input.Snapshot = "rds:x"
	got, err := n.run(t)
	want := []string{`view "somebodys" is of no table of tonight's, and reads an export that is kept for it: drop it, or list it under allow_gone`}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" || len(n.deleted) > 0 {
		t.Errorf("%v, deleted %q, warnings: -want +got\n%s", err, n.deleted, diff)
	}
}

func TestAViewIsGoneThatSomebodyDroppedAlready(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{"flash_sales": lake.OfTable})
	n.glue["shop"] = nil
	if _, err := n.run(t); err != nil || len(n.deleted) > 0 {
		t.Errorf("got %v, deleted %q", err, n.deleted)
	}
}

func TestAViewStaysWhoseTableWasSkipped(t *testing.T) {
	for name, skip := range map[string]func(*night){
		"as a manifest says": func(n *night) {
			n.s3[folder+"export_tables_info_shop-20261121-1705-0_from_11_to_11.json"] = `{"perTableStatus":[{"target":"shop.shop.audit","warningMessage":"skipped"}]}`
		},
		"as only RDS says": func(n *night) { n.in.Record.Export.Skipped = []string{"shop.audit"} },
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.made(map[string]lake.Kind{"audit": lake.OfTable})
			skip(n)
			got, err := n.run(t)
			if diff := cmp.Diff([]string{`shop.audit: skipped by RDS, so view "audit" was not made anew`}, got.Warnings); err != nil || diff != "" || len(n.deleted) > 0 {
				t.Errorf("got %v, deleted %q, warnings: -want +got\n%s", err, n.deleted, diff)
			}
			if p, _, err := lake.ReadPublication(t.Context(), n.s3, "lake", folder); err != nil || p.Views["audit"] != lake.OfTable {
				t.Errorf("published %v, %v", p.Views, err)
			}
		})
	}
}

func TestCreateViews_KeepsTheViewsOfADatabaseThatWasSkipped(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{"sales": lake.OfTable, "users": lake.OfTable})
	n.glue["snaplake_crawled"] = append(n.glue["snaplake_crawled"], crawled("e20261120_1705_0_reports_sales", "s3://lake/exports/shop/shop-20261120-1705-0/reports/reports.sales/", "id int"))
	n.glue["shop"] = []types.Table{viewOf("sales", `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_reports_sales"`)}
	n.in.Record.Export.Skipped = []string{"reports", "Two tables were left out."}
	got, err := n.run(t)
	if diff := cmp.Diff([]string{`reports: skipped by RDS, so view "sales" was not made anew`}, got.Warnings); err != nil || diff != "" || len(n.deleted) > 0 {
		t.Errorf("got %v, deleted %q, warnings: -want +got\n%s", err, n.deleted, diff)
	}
}

func TestSaysWhichViewsCouldNotBeDeleted(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{"daily": lake.Own, "weekly": lake.Own})
	n.refuse = map[string]string{"delete daily": "ConcurrentModificationException", "delete weekly": "EntityNotFoundException"}
	_, err := n.run(t)
	const want = "the views of database \"shop\" are made, and 1 that are needed no more could not be deleted:\n" +
		"view \"daily\": ConcurrentModificationException: no\nRedrive this execution to try again"
	if _, ok := err.(workflow.ViewsFailed); !ok || err.Error() != want {
		t.Errorf("got %T %v", err, err)
	}
	if _, there := n.s3[folder+"published.json"]; there {
		t.Error("it was published, and a redrive would not know what is left")
	}
}

func TestTellsWhatChangedInAView(t *testing.T) {
	n := newNight()
	n.made(map[string]lake.Kind{})
	n.glue["shop"] = []types.Table{viewWith("users", `"id","type":"bigint"`, `"born","type":"date"`, `"memo","type":"varchar"`)}
	got, err := n.run(t)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"carts: new", "users.id: integer, was bigint", "users.memo: removed, was varchar"}
	if diff := cmp.Diff(want, got.Changed); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
