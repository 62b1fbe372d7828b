package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func TestWhyAnExportStays(t *testing.T) {
	at := time.Date(2026, 11, 26, 17, 5, 0, 0, time.UTC)
	export := func(daysAgo int, status string) *lakeExport {
		e := &lakeExport{id: workflow.ExportID{Source: "shop", SnapshotTime: at.AddDate(0, 0, -daysAgo)}}
		e.info.Status = status
		return e
	}
	running, published, second, old := export(0, ""), export(1, workflow.Complete), export(2, workflow.Complete), export(9, workflow.Complete)
	r := retention{source: workflow.Source{Keep: 3, KeepDays: 7}, at: at, published: published}
	kept := 0
	var got []string
	for _, test := range []struct {
		export *lakeExport
		views  []string
	}{
		{running, nil},
		{published, []string{"shop.users", "shop.users_changes", "shop.users_history"}},
		{second, []string{"shop.users_changes", "shop.users_history"}},
		{old, []string{"shop.users_history"}},
	} {
		got = append(got, strings.Join(r.reasons(test.export, test.views, &kept), "; "))
	}
	want := []string{
		"RDS may still write it, or a view reads a table of it that the catalog has no more",
		"published; 1 of 3 kept; read by shop.users and 2 more",
		"2 of 3 kept; read by shop.users_changes and 1 more",
		"read by shop.users_history",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAgeIsInDaysAndHours(t *testing.T) {
	if got := age(50*time.Hour + 59*time.Minute); got != "2 d 2 h" {
		t.Errorf("got %s", got)
	}
}
