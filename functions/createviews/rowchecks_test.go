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
	tonight   = `FROM "snaplake_crawled"."e20261121_1705_0_shop_users_5f3c"`
	published = `FROM "shop"."users"`
)

func TestANightThatBreaksACheckChangesNoViewAndSaysBothFigures(t *testing.T) {
	n := newNight()
	n.source.Checks = map[string]workflow.Check{"users": {MinRows: 100, MaxDropPercent: percent(20)}, "carts": {MinRows: 1}}
	n.numbers = map[string]int64{tonight: 79, published: 120}
	_, err := n.run(t)
	const want = `the views of source "shop" stay as they are, since export shop-20261121-1705-0 fails its checks:
users: 79 rows, less than min_rows 100
users: 79 rows, 34.2 % fewer than the published 120, more than max_drop_percent 20
carts: 0 rows, less than min_rows 1
If the rows are right in the database, change checks, deploy and redrive`
	failed, ok := err.(workflow.ChecksFailed)
	if !ok {
		t.Fatalf("got %T %v", err, err)
	}
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(n.started) > 0 {
		t.Errorf("started %q", n.started)
	}
}

func TestANightPassesItsChecksUpToTheLimit(t *testing.T) {
	for name, test := range map[string]struct {
		check workflow.Check
		rows  map[string]int64
	}{
		"as many rows as there must be":   {workflow.Check{MinRows: 100}, map[string]int64{tonight: 100}},
		"as many percent less as allowed": {workflow.Check{MaxDropPercent: percent(20)}, map[string]int64{tonight: 96, published: 120}},
		"more rows":                       {workflow.Check{MaxDropPercent: percent(0)}, map[string]int64{tonight: 121, published: 120}},
		"none before":                     {workflow.Check{MaxDropPercent: percent(0)}, map[string]int64{tonight: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNight()
			n.source.Checks, n.numbers = map[string]workflow.Check{"users": test.check}, test.rows
			if _, err := n.run(t); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRowsAreNotComparedWhenGoingBack(t *testing.T) {
	n := newNight()
	n.source.Checks = map[string]workflow.Check{"users": {MaxDropPercent: percent(0)}}
	n.numbers = map[string]int64{tonight: 5, published: 120}
	n.in.Record.ExportID = n.in.Record.Export.ID
	if _, err := n.run(t); err != nil {
		t.Error(err)
	}
}

func TestRowsAreNotComparedWithAViewThatIsBrokenOrNew(t *testing.T) {
	n := newNight()
	n.source.Checks = map[string]workflow.Check{"users": {MaxDropPercent: percent(0)}, "carts": {MaxDropPercent: percent(0)}}
	n.numbers = map[string]int64{tonight: 5}
	n.refuse[published] = "VIEW_IS_STALE: line 1:15"
	got, err := n.run(t)
	want := []string{"checks: rows are not compared with the existing view users, which cannot be read: VIEW_IS_STALE: line 1:15"}
	if diff := cmp.Diff(want, got.Warnings); err != nil || diff != "" {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if slices.ContainsFunc(n.asked, func(q string) bool { return strings.Contains(q, `"shop"."carts"`) }) {
		t.Errorf("asked for a view that is not there: %q", n.asked)
	}
}

func TestAthenasOwnTroubleWithACheckPasses(t *testing.T) {
	n := newNight()
	n.source.Checks = map[string]workflow.Check{"users": {MinRows: 1}}
	n.fail = map[string]string{tonight: "INTERNAL_ERROR"}
	_, err := n.run(t)
	if _, ok := err.(workflow.Unavailable); !ok || !strings.Contains(err.Error(), "INTERNAL_ERROR") || len(n.started) > 0 {
		t.Errorf("got %T %v", err, err)
	}
}
