package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestPrune_ShowsExpiredExportsBeforeItDeletesThem(t *testing.T) {
	root, layer := ownRoot(t)
	dir := filepath.Join(root, ".local")
	configure(t, layer, func(c *workflow.Config) { c.Sources[0].History, c.Sources[0].Changes = nil, nil })
	runIn(t, root, "run", "--runs=2", fast)
	configure(t, layer, func(c *workflow.Config) { c.Sources[0].Keep = 1 })
	lake := lakeFiles(t, dir)

	out := runIn(t, root, "prune", "--dry-run")
	for _, want := range []string{
		"Source shop, keep: 1. The last run ended at ", "kept, newest published", "Without --dry-run, 1 exports and 9 tables would be deleted",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s lacks %q", out, want)
		}
	}
	if got := strings.Count(out, "│ expired "); got != 1 {
		t.Errorf("%d exports are expired: %s", got, out)
	}
	if diff := cmp.Diff(lake, lakeFiles(t, dir)); diff != "" {
		t.Errorf("the dry run changed the data lake: %s", diff)
	}

	out = runIn(t, root, "prune", "--source", "shop")
	if !strings.Contains(out, "Deleted 1 exports and 9 tables") {
		t.Error(out)
	}
	exports, err := filepath.Glob(filepath.Join(dir, "lake", "buckets", "*", "exports", "shop", "*", "export_info_*.json"))
	if err != nil || len(exports) != 1 {
		t.Errorf("remaining exports: %v, %v", exports, err)
	}
	if got := runIn(t, root, "query", "SELECT count(*) AS n FROM orders"); !strings.Contains(got, "1040") {
		t.Errorf("unexpected number of orders: %s", got)
	}
	const want = `snaplake: source "shopp" is not configured; the sources are shop`
	if got := fails(t, root, "prune", "--source", "shopp"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	runIn(t, root, "run", fast)
	if got := runIn(t, root, "query", "SELECT count(*) AS n FROM orders"); !strings.Contains(got, "1080") {
		t.Errorf("the sample did not continue after prune: %s", got)
	}
	if got := runIn(t, root, "prune"); !strings.Contains(got, "Deleted 0 exports and 0 tables") {
		t.Error(got)
	}
}
func TestRetention_DescribesExports(t *testing.T) {
	export := func(day int) *lakeExport {
		return &lakeExport{id: workflow.ExportID{Source: "shop", SnapshotTime: time.Date(2026, 11, day, 17, 5, 0, 0, time.UTC)}}
	}
	published := export(25)
	r := retention{published: published, expired: []string{"shop-20261121-1705-0"}}
	users, history := "shop.users", "shop.users_history"
	got := []string{
		r.describe(published, []string{users, history}), r.describe(export(24), []string{users, history}),
		r.describe(export(23), []string{history}), r.describe(export(22), nil), r.describe(export(21), nil),
	}
	want := []string{"kept, newest published", "kept, read by shop.users and 1 more", "kept, read by shop.users_history", "kept", "expired"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAge_IsInDaysAndHours(t *testing.T) {
	if got := age(50*time.Hour + 59*time.Minute); got != "2 d 2 h" {
		t.Errorf("got %s", got)
	}
}
