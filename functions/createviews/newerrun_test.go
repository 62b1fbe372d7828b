package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

const newerAnnouncement = "exports/shop/shop-20261122-1705-0/publishing.json"

func TestCreateViews_LeavesTheViewsToARunOverANewerSnapshot(t *testing.T) {
	for name, announced := range map[string]func(*night, int) bool{
		"that is publishing already":           func(*night, int) bool { return true },
		"that begins when the last one begins": func(n *night, started int) bool { return started == 3 },
	} {
		n := newNight()
		n.made(nil)
		n.onStart = func() {
			if announced(n, len(n.started)) {
				n.s3[newerAnnouncement] = "{}"
			}
		}
		if announced(n, 0) {
			n.onStart()
		}
		got, err := n.run(t)
		want := []string{"export shop-20261122-1705-0 of a newer snapshot is being published, so that run creates the remaining views"}
		if diff := cmp.Diff(want, got.Warnings); diff != "" || err != nil || got.Status != workflow.Published {
			t.Errorf("%s: got %+v, %v, warnings: -want +got\n%s", name, got, err, diff)
		}
		if _, there := n.s3[folder+"published.json"]; there || len(n.deleted) > 0 {
			t.Errorf("%s: it was published, or views %q were deleted", name, n.deleted)
		}
	}
}

func TestCreateViews_GivesWayToNoRunWhenAnExportWasAskedFor(t *testing.T) {
	n := newNight()
	n.s3[newerAnnouncement] = "{}"
	n.in.Record.ExportID = n.in.Record.Export.ID
	if got, err := n.run(t); err != nil || got.Published != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// whenAllAreMade runs CreateViews, and changes the views of before when it has made all three of its own.
func (n *night) whenAllAreMade(t *testing.T, change func(views []types.Table) []types.Table) (workflow.Views, error) {
	t.Helper()
	n.onStart = func() {
		if len(n.started) == 3 {
			n.glue["shop"] = change(n.glue["shop"])
		}
	}
	return n.run(t)
}

const olderUsers = `SELECT 1 FROM "snaplake_crawled"."e20261120_1705_0_shop_users"`

func TestCreateViews_IsToBeTriedAgainWhenAViewAppears(t *testing.T) {
	for does, change := range map[string]func([]types.Table) []types.Table{
		"that an older run replaced": func(views []types.Table) []types.Table { return append(views[:0:0], viewOf("users", olderUsers)) },
		"that an older run made":     func(views []types.Table) []types.Table { return append(views, viewOf("gone", olderUsers)) },
		"that the list shows late":   func(views []types.Table) []types.Table { return append(views, viewOf("late", "SELECT 1")) },
	} {
		n := newNight()
		n.made(map[string]lake.Kind{"late": lake.Own})
		n.glue["shop"] = n.glue["shop"][:1]
		_, err := n.whenAllAreMade(t, change)
		if _, ok := err.(workflow.Unavailable); !ok || !strings.HasPrefix(err.Error(), `views of source "shop" changed while this run created its own`) {
			t.Errorf("%s: got %T %v", does, err, err)
		}
	}
}

func TestCreateViews_SaysWhichViewsItHasMadeTooLate(t *testing.T) {
	n := newNight()
	_, err := n.whenAllAreMade(t, func(views []types.Table) []types.Table {
		n.s3[newerAnnouncement], n.s3["exports/shop/shop-20261122-1705-0/published.json"] = "{}", "{}"
		return views
	})
	const want = "these show older rows: carts, users. Do not redrive: start an execution with exportId shop-20261122-1705-0"
	if _, ok := err.(workflow.ViewsFailed); !ok || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %T %v", err, err)
	}
}
