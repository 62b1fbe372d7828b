package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func percent(n int) *int { return &n }

const (
	current   = `FROM "snaplake_crawled"."e20261121_1705_0_shop_users_5f3c"`
	published = `FROM "shop"."users"`
)

func TestCreateViews_FailsIfACheckFails(t *testing.T) {
	sc := newScenario()
	sc.source.Checks = map[string]workflow.Check{"users": {MinRows: 100, MaxDropPercent: percent(20)}, "carts": {MinRows: 1}}
	sc.numbers = map[string]int64{current: 79, published: 120}
	_, err := sc.run(t)
	const want = `the views of source "shop" were not changed, because export shop-20261121-1705-0 failed these checks:
users: 79 rows; min_rows is 100
users: 79 rows, 34.2% fewer than the 120 published rows; max_drop_percent is 20
carts: 0 rows; min_rows is 1`
	failed, ok := err.(workflow.ChecksFailed)
	if !ok {
		t.Fatalf("got %T %v", err, err)
	}
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(sc.started) > 0 {
		t.Errorf("started %q", sc.started)
	}
}

func TestCreateViews_AcceptsRowsUpToTheLimitsOfChecks(t *testing.T) {
	for name, test := range map[string]struct {
		check workflow.Check
		rows  map[string]int64
	}{
		"min_rows":         {workflow.Check{MinRows: 100}, map[string]int64{current: 100}},
		"max_drop_percent": {workflow.Check{MaxDropPercent: percent(20)}, map[string]int64{current: 96, published: 120}},
		"more rows":        {workflow.Check{MaxDropPercent: percent(0)}, map[string]int64{current: 121, published: 120}},
		"no rows before":   {workflow.Check{MaxDropPercent: percent(0)}, map[string]int64{current: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			sc := newScenario()
			sc.source.Checks, sc.numbers = map[string]workflow.Check{"users": test.check}, test.rows
			if _, err := sc.run(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCreateViews_DoesNotCompareRowsInARollback(t *testing.T) {
	sc := newScenario()
	sc.source.Checks = map[string]workflow.Check{"users": {MaxDropPercent: percent(0)}}
	sc.numbers = map[string]int64{current: 5, published: 120}
	sc.in.State.ExportID = sc.in.State.Export.ID
	if _, err := sc.run(t); err != nil {
		t.Error(err)
	}
}

func TestCreateViews_DoesNotCompareRowsWithABrokenOrMissingView(t *testing.T) {
	sc := newScenario()
	sc.source.Checks = map[string]workflow.Check{"users": {MaxDropPercent: percent(0)}, "carts": {MaxDropPercent: percent(0)}}
	sc.numbers = map[string]int64{current: 5}
	sc.refuse[published] = "VIEW_IS_STALE: line 1:15"
	got, err := sc.run(t)
	want := []string{"checks: rows are not compared with the existing view users, which cannot be read: VIEW_IS_STALE: line 1:15"}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if slices.ContainsFunc(sc.asked, func(q string) bool { return strings.Contains(q, `"shop"."carts"`) }) {
		t.Errorf("queried a view that does not exist: %q", sc.asked)
	}
}

func TestCreateViews_ReportsTransientFailuresOfQueriesAsUnavailable(t *testing.T) {
	const sql = "SELECT id FROM users"
	for query, subject := range map[string]string{
		current:             "the number of rows of users",
		sql + "\n) LIMIT 0": `view "shop"."daily" (views/shop/daily.sql)`,
	} {
		sc := newScenario()
		sc.source.Checks = map[string]workflow.Check{"users": {MinRows: 1}}
		sc.numbers = map[string]int64{current: 5}
		sc.source.Views = []workflow.View{{Name: "daily", SQL: sql, File: "views/shop/daily.sql"}}
		sc.fail = map[string]string{query: "INTERNAL_ERROR"}
		_, err := sc.run(t)
		want := `the views of database "shop" were not changed, because Athena could not check ` + subject + ": INTERNAL_ERROR"
		if unavailable, ok := err.(workflow.Unavailable); !ok || unavailable.Error() != want || len(sc.started) > 0 {
			t.Errorf("got  %T %v\nwant %s", err, err, want)
		}
	}
}
