package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func (l *fakeLake) prune(t *testing.T, published string) (workflow.Pruned, error) {
	t.Helper()
	return l.measure(t, published, io.Discard)
}

// measure is like prune, but writes the metrics to out.
func (l *fakeLake) measure(t *testing.T, published string, out io.Writer) (workflow.Pruned, error) {
	t.Helper()
	return l.handler(out).Handle(t.Context(), request(published))
}

// handler returns a handler whose clock advances by 40 seconds each time it is read.
func (l *fakeLake) handler(out io.Writer) *Handler {
	now := time.Date(2026, 11, 21, 19, 0, 0, 0, time.UTC)
	return &Handler{
		Setup: setup.Setup{
			Config:  workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop", Keep: 2}, {Name: "crm", Keep: 2}, {Name: "new", Keep: 2}}},
			Log:     slog.New(slog.DiscardHandler),
			Metrics: metrics.Recorder{Pipeline: "snaplake", Out: out, Now: func() time.Time { now = now.Add(40 * time.Second); return now }},
			Bucket:  "lake",
		},
		S3: l, Glue: l, RDS: l,
	}
}

func request(published string) workflow.Request {
	return workflow.Request{
		State:     workflow.State{Source: "shop", Export: &workflow.Export{ID: published}},
		Execution: workflow.Execution{Name: "nightly-1", StartedAt: time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC)},
	}
}

func TestPrune_EmitsTheSuccessOfTheRun(t *testing.T) {
	l := newLake()
	l.add("shop-20261121-1705-0", "COMPLETE")
	var out strings.Builder
	if _, err := l.measure(t, "shop-20261121-1705-0", &out); err != nil {
		t.Fatal(err)
	}
	const want = `{"Execution":"nightly-1","Pipeline":"snaplake","PruneSeconds":40,"Source":"shop","Succeeded":1,"SucceededTime":1795287680,`
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("recorded %s\nwant %s", &out, want)
	}
}

func TestPrune_EmitsNoSuccessAfterAFailure(t *testing.T) {
	l := newLake()
	l.undeletable[l.add("shop-20261117-1705-0", "")] = "AccessDeniedException"
	var out strings.Builder
	if _, err := l.measure(t, "shop-20261121-1705-0", &out); err == nil || out.Len() > 0 {
		t.Errorf("%v, recorded %s", err, &out)
	}
}

func wantLeft(t *testing.T, l *fakeLake, ids ...string) {
	t.Helper()
	if diff := cmp.Diff(ids, l.exports()); diff != "" {
		t.Errorf("exports left: -want +got\n%s", diff)
	}
}

func TestPrune_KeepsTheNewestPublishedExports(t *testing.T) {
	l := newLake()
	l.add("shop-20261118-1705-0", "COMPLETE")
	l.add("shop-20261119-1705-0", "COMPLETE")
	l.add("shop-20261120-1705-1", "COMPLETE")
	l.add("shop-20261120-1705-0", "FAILED")
	l.addUnpublished("shop-20261121-0705-0", "Nov 20, 2026 3:29:00 AM") // its run failed after the export
	l.add("shop-20261121-1705-0", "COMPLETE")
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(workflow.Pruned{Exports: 4, Tables: 4}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantLeft(t, l, "shop-20261120-1705-1", "shop-20261121-1705-0")
}

func TestPrune_KeepsAnExportThatAnotherRunMayStillPublish(t *testing.T) {
	l := newLake()
	l.addUnpublished("shop-20261001-1705-0", "Nov 20, 2026 3:31:00 AM") // a run exported an old snapshot
	l.addUnpublished("shop-20261120-0705-0", "")
	l.addUnpublished("shop-20261119-0705-0", "")
	l.addUnpublished("shop-20261121-1705-0", "Nov 21, 2026 9:00:00 PM") // another export of this snapshot was published
	l.add("shop-20261121-1705-1", "COMPLETE")
	if _, err := l.prune(t, "shop-20261121-1705-1"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261001-1705-0", "shop-20261120-0705-0", "shop-20261121-1705-1")
}

func TestPrune_DeletesPublicationThenTablesThenManifestThenRest(t *testing.T) {
	l := newLake()
	old := l.add("shop-20261118-1705-0", "COMPLETE")
	l.add("shop-20261120-1705-0", "COMPLETE")
	l.add("shop-20261121-1705-0", "COMPLETE")
	const folder = "exports/shop/shop-20261118-1705-0/"
	l.objects[folder+"app/app.a/1/_SUCCESS"] = "" // S3 lists it before the manifest
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		folder + "published.json", old, folder + "export_info_shop-20261118-1705-0.json",
		folder + "app/app.a/1/_SUCCESS",
		folder + "shop/shop.users/1/_SUCCESS", folder + "shop/shop.users/1/part-00000.gz.parquet",
	}
	if diff := cmp.Diff(want, l.deleted); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPrune_KeepsTablesWhileThePublicationExists(t *testing.T) {
	l := newLake()
	l.add("shop-20261118-1705-0", "")
	const publication = "exports/shop/shop-20261118-1705-0/published.json"
	l.objects[publication], l.undeletable[publication] = "{}", "AccessDenied"
	l.add("shop-20261121-1705-0", "COMPLETE")
	_, err := l.prune(t, "shop-20261121-1705-0")
	if failed, ok := err.(workflow.PruneFailed); !ok || !strings.Contains(failed.Error(), "for example s3://lake/"+publication+": AccessDenied: no") {
		t.Errorf("got %T %v", err, err)
	}
	if len(l.deleted) > 0 {
		t.Errorf("deleted %q", l.deleted)
	}
}

// days returns exports of five days, and a handler with these settings.
func days(keep, keepDays int) (*fakeLake, *Handler) {
	l := newLake()
	for _, day := range []string{"17", "18", "19", "20", "21"} {
		l.add("shop-202611"+day+"-1705-0", "COMPLETE")
	}
	h := l.handler(io.Discard)
	h.Config.Sources[0].Keep, h.Config.Sources[0].KeepDays = keep, keepDays
	return l, h
}

func TestPrune_KeepsTheNewestExportsWithinKeepDays(t *testing.T) {
	at := time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		keep, days int
		at         time.Time
		want       []string
	}{
		"by number":                           {3, 0, at, []string{"19", "20", "21"}},
		"by age":                              {5, 3, at, []string{"19", "20", "21"}},
		"by number, although more are recent": {2, 3, at, []string{"20", "21"}},
		"by the start of the execution":       {5, 3, at.AddDate(0, 0, -1), []string{"18", "19", "20", "21"}},
		"the current export at any age":       {5, 1, at.AddDate(0, 0, 7), []string{"21"}},
	} {
		l, h := days(test.keep, test.days)
		in := request("shop-20261121-1705-0")
		in.Execution.StartedAt = test.at
		if _, err := h.Handle(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, id := range l.exports() {
			left = append(left, id[11:13])
		}
		if diff := cmp.Diff(test.want, left); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestPrune_DryRunDeletesNothing(t *testing.T) {
	l, h := days(2, 0)
	var out strings.Builder
	h.Metrics.Out = &out
	l.view("shop", "users", "SELECT 1 FROM shop_20261118_1705_0_users")
	l.add("shop-20261116-1705-0", "")
	l.tasks["shop-20261116-1705-0"] = "IN_PROGRESS"
	in := request("shop-20261121-1705-0")
	in.DryRun = true
	got, err := h.Handle(t.Context(), in)
	want := workflow.Pruned{Exports: 2, Tables: 2, IDs: []string{"shop-20261119-1705-0", "shop-20261117-1705-0"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if len(l.deleted) > 0 || out.Len() > 0 {
		t.Errorf("deleted %q, recorded %s", l.deleted, &out)
	}

	in.DryRun = false
	pruned, err := h.Handle(t.Context(), in)
	if want.IDs = nil; err != nil || !cmp.Equal(want, pruned) {
		t.Errorf("then pruned %+v, %v", pruned, err)
	}
	wantLeft(t, l, "shop-20261116-1705-0", "shop-20261118-1705-0", "shop-20261120-1705-0", "shop-20261121-1705-0")
}

// A user who starts a dry run knows neither an export nor an execution. The current time is 2026-11-21 19:00.
func TestPrune_DryRunNeedsOnlyTheSource(t *testing.T) {
	for name, test := range map[string]struct {
		keep, days int
		want       []string
	}{
		"by number": {4, 0, []string{"shop-20261117-1705-0"}},
		"by age":    {5, 3, []string{"shop-20261118-1705-0", "shop-20261117-1705-0"}},
	} {
		l, h := days(test.keep, test.days)
		got, err := h.Handle(t.Context(), workflow.Request{State: workflow.State{Source: "shop"}, DryRun: true})
		if diff := cmp.Diff(test.want, got.IDs); diff != "" || err != nil {
			t.Errorf("%s: %v, -want +got\n%s", name, err, diff)
		}
		if len(l.deleted) > 0 {
			t.Errorf("%s: deleted %q", name, l.deleted)
		}
	}
}

func TestPrune_DryRunReportsAFailedCall(t *testing.T) {
	l, h := days(2, 0)
	delete(l.tables, "snaplake_crawled")
	_, err := h.Handle(t.Context(), workflow.Request{State: workflow.State{Source: "shop"}, DryRun: true})
	if err == nil || !strings.HasPrefix(err.Error(), `source "shop": list what would be deleted: list the tables of database "snaplake_crawled": `) {
		t.Errorf("got %v", err)
	}
}

func TestPrune_KeepsTheCurrentExportAtAnyAge(t *testing.T) {
	l := newLake()
	for _, day := range []string{"18", "19", "20", "21"} {
		l.add("shop-202611"+day+"-1705-0", "COMPLETE")
	}
	if _, err := l.prune(t, "shop-20261118-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261118-1705-0", "shop-20261120-1705-0", "shop-20261121-1705-0")
}

func TestPrune_KeepsExportsThatAViewOfAnySourceReads(t *testing.T) {
	l := newLake()
	for _, day := range []string{"20", "21"} {
		l.add("shop-202611"+day+"-1705-0", "COMPLETE")
	}
	l.view("shop", "first", `SELECT 1 FROM snaplake_crawled."`+strings.ToUpper(l.add("shop-20261115-1705-0", "COMPLETE"))+`"`)
	l.view("shop", "other", "SELECT 1 AS x")
	l.view("shop", "third", "SELECT 1 FROM "+l.add("shop-20261116-1705-0", "COMPLETE")+" x")
	l.rawView("crm", "of_hive", "SELECT 1 FROM snaplake_crawled."+l.add("shop-20261117-1705-0", "COMPLETE"))
	l.view("crm", "like_it", "SELECT 1 FROM "+l.add("shop-20261118-1705-0", "COMPLETE")+"_2")
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(workflow.Pruned{Exports: 1, Tables: 1}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantLeft(t, l, "shop-20261115-1705-0", "shop-20261116-1705-0", "shop-20261117-1705-0", "shop-20261120-1705-0", "shop-20261121-1705-0")
}

func TestPrune_KeepsExportsInProgress(t *testing.T) {
	l := newLake()
	for i, status := range []string{"STARTING", "IN_PROGRESS", "CANCELING", "CANCELED", "FAILED", "COMPLETE"} {
		id := fmt.Sprintf("shop-20261119-1705-%d", i)
		l.add(id, "")
		l.tasks[id] = status
	}
	l.add("shop-20261119-1705-6", "") // unknown to RDS
	l.add("shop-20261121-1705-0", "COMPLETE")
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261119-1705-0", "shop-20261119-1705-1", "shop-20261119-1705-2", "shop-20261121-1705-0")
}

func TestPrune_IgnoresOtherFolders(t *testing.T) {
	l := newLake()
	others := []string{"backup", "crm-20261101-1705-0", "shop-20261101-1705", "shop-20261301-1705-0"}
	for _, id := range others {
		l.add(id, "COMPLETE")
	}
	l.add("shop-20261120-1705-0", "COMPLETE")
	l.add("shop-20261121-1705-0", "COMPLETE")
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil || got.Exports > 0 || got.Tables > 0 {
		t.Fatal(got, err)
	}
	wantLeft(t, l, slices.Sorted(slices.Values(append(others, "shop-20261120-1705-0", "shop-20261121-1705-0")))...)
}

func TestPrune_KeepsTablesOfAnotherSourceWithTheSamePrefix(t *testing.T) {
	l := newLake()
	old := l.add("shop-20261118-1705-0", "")
	l.crawled("e20261118_1705_0_crm_users", "s3://lake/exports/crm/crm-20261118-1705-0/crm/crm.users/")
	l.crawled("e20261118_1705_0_like_it", "s3://lake/exports/shop/shop-20261118-1705-01/shop/shop.users/")
	l.add("shop-20261121-1705-0", "COMPLETE")
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	for _, name := range l.deleted {
		if !strings.Contains(name, "/") && name != old {
			t.Errorf("deleted table %s", name)
		}
	}
}

func TestPrune_DeletesTablesInBatches(t *testing.T) {
	l := newLake()
	l.add("shop-20261118-1705-0", "")
	for i := range 249 {
		l.crawled(fmt.Sprintf("t%03d", i), fmt.Sprintf("s3://lake/exports/shop/shop-20261118-1705-0/shop/shop.t%03d", i))
	}
	l.undeletable["t007"] = "EntityNotFoundException" // already deleted
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(workflow.Pruned{Exports: 1, Tables: 249}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPrune_ReportsWhatItCouldNotDelete(t *testing.T) {
	l := newLake()
	l.undeletable[l.add("shop-20261117-1705-0", "COMPLETE")] = "AccessDeniedException"
	l.add("shop-20261118-1705-0", "COMPLETE")
	const key = "exports/shop/shop-20261118-1705-0/shop/shop.users/1/_SUCCESS"
	l.undeletable[key] = "AccessDenied"
	for _, day := range []string{"19", "20", "21"} {
		l.add("shop-202611"+day+"-1705-0", "COMPLETE")
	}
	_, err := l.prune(t, "shop-20261121-1705-0")
	failed, ok := err.(workflow.PruneFailed)
	if !ok {
		t.Fatalf("got %T %v, want a PruneFailed", err, err)
	}
	want := `source "shop": these could not be deleted:
export shop-20261118-1705-0: 1 of its objects, for example s3://lake/` + key + `: AccessDenied: no
export shop-20261117-1705-0: table "shop_20261117_1705_0_users" of database "snaplake_crawled": AccessDeniedException: no`
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantLeft(t, l, "shop-20261117-1705-0", "shop-20261118-1705-0", "shop-20261120-1705-0", "shop-20261121-1705-0")

	// The next run deletes the rest, and does not treat half an export as complete.
	clear(l.undeletable)
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil {
		t.Fatal(err)
	}
	if got.Exports != 2 {
		t.Errorf("%d exports deleted, want 2", got.Exports)
	}
	wantLeft(t, l, "shop-20261120-1705-0", "shop-20261121-1705-0")
}

func TestPrune_DeletesNothingIfAViewCannotBeRead(t *testing.T) {
	for _, test := range []struct{ name, text, reason string }{
		{"not base64", "/* Presto View: ? */", "illegal base64 data at input byte 0"},
		{"not JSON", "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte("{")) + " */", "unexpected end of JSON input"},
		{"without a query", "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte("{}")) + " */", "it has no query"},
		{"without a text", "", "it has no query"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLake()
			l.add("shop-20261101-1705-0", "")
			l.rawView("crm", "odd", test.text)
			_, err := l.prune(t, "shop-20261121-1705-0")
			want := "nothing was deleted, because view crm.odd cannot be read (" + test.reason + "); drop it or create it again"
			if failed, ok := err.(workflow.PruneFailed); !ok || failed.Error() != want {
				t.Errorf("got  %T %v\nwant %s", err, err, want)
			}
			if len(l.deleted) > 0 {
				t.Errorf("deleted %q", l.deleted)
			}
		})
	}
}

func TestPrune_ReportsATimeout(t *testing.T) {
	l := newLake()
	l.add("shop-20261101-1705-0", "")
	l.refused["DeleteObjects"] = context.Canceled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.handler(io.Discard).Handle(ctx, request("shop-20261121-1705-0"))
	if failed, ok := err.(workflow.PruneFailed); !ok ||
		!strings.HasPrefix(failed.Error(), `source "shop": the function timed out: delete export shop-20261101-1705-0: `) {
		t.Errorf("got %T %v", err, err)
	}
}

func TestPrune_ReturnsAnUnnamedErrorAfterAFailedCall(t *testing.T) {
	l := newLake()
	old := l.add("shop-20261101-1705-0", "")
	throttled := &smithy.GenericAPIError{Code: "SlowDown", Message: "Please reduce your request rate."}
	l.refused["DeleteObjects"] = throttled
	_, err := l.prune(t, "shop-20261121-1705-0")
	const want = `source "shop": the views are published, but old exports could not be deleted: delete export shop-20261101-1705-0: delete objects of s3://lake: `
	if workflow.IsNamed(err) || !errors.Is(err, throttled) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %T %v", err, err)
	}
	// The tables are deleted, but the objects remain. The retry deletes them.
	if diff := cmp.Diff([]string{old}, l.deleted); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	clear(l.refused)
	if got, err := l.prune(t, "shop-20261121-1705-0"); err != nil || got.Exports != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
	wantLeft(t, l)
}

func TestPrune_FindsTablesWithoutObjects(t *testing.T) {
	l := newLake()
	l.add("shop-20261121-1705-0", "COMPLETE")
	l.crawled("e20261118_1705_0_users", "s3://lake/exports/shop/shop-20261118-1705-0/shop/shop.users/")
	l.crawled("e20261119_1705_0_users", "s3://lake/exports/shop/shop-20261119-1705-0/shop/shop.users/")
	l.crawled("backup_users", "s3://lake/exports/shop/backup/users/")
	l.crawled("other_users", "s3://elsewhere/exports/shop/shop-20261118-1705-0/users/")
	l.view("crm", "old_users", "SELECT 1 FROM e20261119_1705_0_users")
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(workflow.Pruned{Exports: 1, Tables: 1}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"e20261118_1705_0_users"}, l.deleted); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestPrune_DeletesAnExportWithADamagedManifest(t *testing.T) {
	l := newLake()
	l.add("shop-20261120-1705-0", "COMPLETE")
	l.objects["exports/shop/shop-20261120-1705-0/export_info_shop-20261120-1705-0.json"] = `{"status":"COMP`
	l.tasks["shop-20261120-1705-0"] = "COMPLETE"
	l.add("shop-20261121-1705-0", "COMPLETE")
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261121-1705-0")
}

func TestPrune_KeepsAnExportThatJustCompleted(t *testing.T) {
	l := newLake()
	l.add("shop-20261122-1705-0", "")
	l.tasks["shop-20261122-1705-0"] = "COMPLETE, just now"
	l.add("shop-20261121-1705-0", "COMPLETE")
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261121-1705-0", "shop-20261122-1705-0")
}

func TestPrune_DeletesNothingWhileGlueListsNoPublishedViews(t *testing.T) {
	l := newLake()
	l.add("shop-20261101-1705-0", "COMPLETE")
	l.add("shop-20261120-1705-0", "COMPLETE")
	l.add("shop-20261121-1705-0", "COMPLETE")
	l.view("crm", "users", "SELECT 1 AS x")
	in := request("shop-20261121-1705-0")
	in.State.Views = &workflow.Views{Published: 51}
	_, err := l.handler(io.Discard).Handle(t.Context(), in)
	if stale, ok := err.(workflow.Unavailable); !ok || !strings.Contains(stale.Error(), "none of the 51 published views") {
		t.Errorf("got %T %v", err, err)
	}
	if len(l.deleted) > 0 {
		t.Errorf("deleted %q", l.deleted)
	}
	l.view("shop", "users", "SELECT 1 AS x")
	if got, err := l.handler(io.Discard).Handle(t.Context(), in); err != nil || got.Exports != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestPrune_KeepsTablesThatTheCatalogDoesNotList(t *testing.T) {
	l := newLake()
	l.add("shop-20261118-1705-0", "COMPLETE")
	l.add("shop-20261119-1705-0", "COMPLETE")
	l.add("shop-20261120-1705-0", "COMPLETE")
	l.add("shop-20261121-1705-0", "COMPLETE")
	l.view("shop", "users", "SELECT 1 FROM e20261118_1705_0_shop_users")
	l.view("shop", "empty", "SELECT 1 AS x WHERE 'e20261119_1705_0_' IS NULL") // reads no table
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261118-1705-0", "shop-20261120-1705-0", "shop-20261121-1705-0")
}

func TestPrune_ReadsTheViewsBeforeEachDeletion(t *testing.T) {
	l := newLake()
	first, second := l.add("shop-20261101-1705-0", ""), l.add("shop-20261102-1705-0", "")
	l.add("shop-20261121-1705-0", "COMPLETE")
	listed := 0
	l.onList = func() {
		if listed++; listed == 2 { // another run publishes the first export while Prune deletes the second
			l.view("shop", "users", "SELECT 1 FROM "+first)
		}
	}
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261101-1705-0", "shop-20261121-1705-0")
	if slices.Contains(l.deleted, first) || !slices.Contains(l.deleted, second) {
		t.Errorf("deleted %q", l.deleted)
	}
}

func TestPrune_RejectsAStateWithoutAnExport(t *testing.T) {
	in := request("")
	in.State.Export = nil
	_, err := newLake().handler(io.Discard).Handle(t.Context(), in)
	const want = `source "shop": the state has no export`
	if wrong, ok := err.(workflow.InvalidInput); !ok || wrong.Error() != want {
		t.Errorf("got %T %v", err, err)
	}
}
