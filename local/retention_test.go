package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

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
