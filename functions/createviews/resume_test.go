package main

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/viewplan"
	"snaplake/workflow"
)

// slow returns a source for which the first invocation creates 30 of 41 views.
func slow() *largeSource {
	c := newLargeSource(40)
	c.source.History, c.source.Changes = nil, nil
	c.latency = 200 * time.Second
	return c
}

func TestCreateViews_StopsBeforeHalfOfItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := slow()
		entered := time.Now().UTC()
		first, err := c.invoke(t.Context())
		if err != nil || first.Status != workflow.Publishing || first.Published < 30 || first.Published >= 41 || first.Published != len(c.made) {
			t.Fatalf("made %d: %+v, %v", len(c.made), first, err)
		}
		if took := time.Since(entered); took < timeout*2/5 || took >= timeout/2 || first.Seconds != int(took.Round(time.Second).Seconds()) {
			t.Errorf("took %v, reported %d s", took, first.Seconds)
		}
		if c.published != nil || c.metrics.Len() > 0 {
			t.Errorf("wrote %s, recorded %s", c.published, &c.metrics)
		}
		c.in.Execution.RedriveCount = 1 // a redrive changes nothing
		time.Sleep(time.Hour)
		last, err := c.invoke(t.Context())
		if err != nil || last.Status != workflow.Published || last.Published != 41 || last.Digest != "" || !last.StartedAt.Equal(entered) {
			t.Errorf("%+v, %v", last, err)
		}
		made := slices.Sorted(slices.Values(c.made))
		if distinct := slices.Compact(slices.Clone(made)); len(made) != 41 || len(distinct) != 41 {
			t.Errorf("made %q", made)
		}
		if c.made[40] != "snaplake_freshness" {
			t.Errorf("the last is %s", c.made[40])
		}
		var p exports.Publication
		if err := json.Unmarshal(c.published, &p); err != nil || !p.PublishedAt.Equal(entered) || len(p.Views) != 41 {
			t.Errorf("published %s", c.published)
		}
		var recorded struct{ ViewsSeconds float64 }
		if err := json.Unmarshal([]byte(c.metrics.String()), &recorded); err != nil || math.Round(recorded.ViewsSeconds) != 800 ||
			last.Seconds != 800 {
			t.Errorf("recorded %s, reported %d s, want four times 200 s", &c.metrics, last.Seconds)
		}
	})
}

func TestCreateViews_KeepsChangesAndWarningsOfTheFirstInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := slow()
		c.source.Columns = []workflow.ColumnRule{exclude("*", "born")}
		first, err := c.invoke(t.Context())
		if err != nil || len(first.Changed) == 0 || first.Changed[0] != tableName(0)+".born: removed, was date" {
			t.Fatalf("%+v, %v", first, err)
		}
		c.in.State.Views.Warnings = []string{"told"}
		last, err := c.invoke(t.Context())
		if err != nil || last.Status != workflow.Published || !slices.Equal(last.Changed, first.Changed) || !slices.Equal(last.Warnings,
			[]string{"told"}) {
			t.Errorf("%+v, %v", last, err)
		}
	})
}

func TestCreateViews_StartsOverIfThePlanChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := slow()
		if _, err := c.invoke(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.made = nil
		c.source.Columns = []workflow.ColumnRule{mask("*", "born", workflow.Hide)}
		entered := time.Now().UTC()
		views, err := c.invoke(t.Context())
		if err != nil || views.Status != workflow.Publishing || !views.StartedAt.Equal(entered) || !slices.Contains(c.made, tableName(0)) {
			t.Errorf("%+v, %v, made %q", views, err, c.made)
		}
		if err := c.publish(t.Context()); err != nil || len(c.made) != 41 {
			t.Errorf("%v, made %q", err, c.made)
		}
	})
}

func TestCreateViews_MakesProgressInEachInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := slow()
		c.latency = 430 * time.Second
		c.source.Checks = map[string]workflow.Check{tableName(0): {MinRows: 0}, tableName(1): {MinRows: 0}}
		for i := range 3 {
			views, err := c.invoke(t.Context())
			if want := []int{15, 30, 40}[i]; err != nil || views.Published != want || views.Status != workflow.Publishing {
				t.Fatalf("%+v, %v; want %d", views, err, want)
			}
		}
		if views, err := c.invoke(t.Context()); err != nil || views.Published != 41 || views.Status != workflow.Published {
			t.Errorf("%+v, %v", views, err)
		}
	})
}

func TestCreateViews_KeepsTheStateBelow4KB(t *testing.T) {
	long := strings.Repeat("a", 30)
	warnings := slices.Repeat([]string{strings.Repeat("w", 200)}, 100)
	at := time.Date(2026, 11, 21, 17, 31, 4, 218_000_000, time.UTC)
	id := workflow.ExportID{Source: long, SnapshotTime: at, Attempt: 9999}
	state := workflow.State{
		Source: long, ExportID: id.String(),
		Snapshot: &workflow.Snapshot{ARN: "arn:aws:rds:ap-northeast-1:123456789012:cluster-snapshot:" + strings.Repeat("s", 255),
			ID: strings.Repeat("s", 255), CreatedAt: at, Engine: "aurora-postgresql"},
		Export: &workflow.Export{ID: id.String(), Status: "COMPLETE", Prefix: workflow.ExportPrefix(long), Percent: 100, Gigabytes: 123456.789,
			Tables:      10_000,
			EmptyTables: 10_000, Objects: 1_000_000, Skipped: []string{}, StartedAt: at, RedriveCount: 99, WaitSeconds: 300},
		Crawl: &workflow.Crawl{Crawler: "snaplake-" + long, TablePrefix: id.TablePrefix(), StartedAt: at, Status: "SUCCEEDED", Tables: 10_000,
			RedriveCount: 99, WaitSeconds: 60},
		Views: &workflow.Views{Database: long, Published: 30_000, Status: workflow.Publishing, StartedAt: at, Seconds: 100_000,
			Digest:   (&viewplan.Plan{}).Digest(),
			Warnings: workflow.SummarizeForState(warnings), Changed: workflow.SummarizeForState(warnings)},
	}
	b, err := json.Marshal(state)
	if err != nil || len(b) > 4096 {
		t.Errorf("%d bytes, %v: %s", len(b), err, b)
	}
}
