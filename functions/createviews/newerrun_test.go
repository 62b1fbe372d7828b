package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

const newerAnnouncement = "exports/shop/shop-20261122-1705-0/publishing.json"

func TestCreateViews_YieldsToARunWithANewerSnapshot(t *testing.T) {
	for name, announced := range map[string]func(*scenario, int) bool{
		"that publishes already":         func(*scenario, int) bool { return true },
		"that starts with the last view": func(sc *scenario, started int) bool { return started == 3 },
	} {
		sc := newScenario()
		sc.made(nil)
		sc.onStart = func() {
			if announced(sc, len(sc.started)) {
				sc.s3[newerAnnouncement] = "{}"
			}
		}
		if announced(sc, 0) {
			sc.onStart()
		}
		got, err := sc.run(t)
		want := []string{"export shop-20261122-1705-0 of a newer snapshot is being published, by another run, which creates the remaining views"}
		if diff := cmp.Diff(want, got.Warnings); diff != "" || err != nil || got.Status != workflow.Published {
			t.Errorf("%s: got %+v, %v, warnings: -want +got\n%s", name, got, err, diff)
		}
		if _, there := sc.s3[folder+"published.json"]; there || len(sc.deleted) > 0 {
			t.Errorf("%s: it was published, or views %q were deleted", name, sc.deleted)
		}
	}
}

func TestCreateViews_DoesNotYield(t *testing.T) {
	for name, change := range map[string]func(*scenario){
		"in a rollback": func(sc *scenario) {
			sc.s3[newerAnnouncement] = "{}"
			sc.in.State.ExportID = sc.in.State.Export.ID
		},
		"to a snapshot of the future": func(sc *scenario) { sc.s3["exports/shop/shop-20261201-1705-0/publishing.json"] = "{}" },
	} {
		sc := newScenario()
		change(sc)
		if got, err := sc.run(t); err != nil || got.Published != 3 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// whenAllAreMade runs CreateViews and changes the catalog as soon as all three views have been created.
func (sc *scenario) whenAllAreMade(t *testing.T, change func(views []types.Table) []types.Table) (workflow.Views, error) {
	t.Helper()
	sc.onStart = func() {
		if len(sc.started) == 3 {
			sc.glue["shop"] = change(sc.glue["shop"])
		}
	}
	return sc.run(t)
}

const olderUsers = `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`

func TestCreateViews_RequestsARetryIfAViewAppears(t *testing.T) {
	for does, change := range map[string]func([]types.Table) []types.Table{
		"that an older run replaced": func(views []types.Table) []types.Table { return append(views[:0:0], viewOf("users", olderUsers)) },
		"that an older run created":  func(views []types.Table) []types.Table { return append(views, viewOf("gone", olderUsers)) },
		"that Glue listed late":      func(views []types.Table) []types.Table { return append(views, viewOf("late", "SELECT 1")) },
	} {
		sc := newScenario()
		sc.made(map[string]exports.Kind{"late": exports.UserDefined})
		sc.glue["shop"] = sc.glue["shop"][:1]
		_, err := sc.whenAllAreMade(t, change)
		if _, ok := err.(workflow.Unavailable); !ok || !strings.HasPrefix(err.Error(),
			`views of source "shop" were changed, perhaps by another run, while this run was creating its views`) {
			t.Errorf("%s: got %T %v", does, err, err)
		}
	}
}

func TestCreateViews_ReportsViewsCreatedTooLate(t *testing.T) {
	sc := newScenario()
	_, err := sc.whenAllAreMade(t, func(views []types.Table) []types.Table {
		sc.s3[newerAnnouncement], sc.s3["exports/shop/shop-20261122-1705-0/published.json"] = "{}", "{}"
		return views
	})
	const want = "these views show older rows: carts, users. Do not redrive; start a new execution with exportId shop-20261122-1705-0"
	if _, ok := err.(workflow.ViewsFailed); !ok || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %T %v", err, err)
	}
}
