package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/metrics"
	"snaplake/workflow"
)

func (l *lake) prune(t *testing.T, published string) (workflow.Pruned, error) {
	t.Helper()
	return l.measure(t, published, io.Discard)
}

// measure is prune, with the metrics written to out. Forty seconds pass between two looks at the clock.
func (l *lake) measure(t *testing.T, published string, out io.Writer) (workflow.Pruned, error) {
	t.Helper()
	now := time.Date(2026, 11, 21, 19, 0, 0, 0, time.UTC)
	h := &Handler{
		S3: l, Glue: l, RDS: l, Bucket: "lake",
		Config:  workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop", Keep: 2}, {Name: "crm", Keep: 2}, {Name: "new", Keep: 2}}},
		Log:     slog.New(slog.DiscardHandler),
		Metrics: metrics.Recorder{Pipeline: "snaplake", Out: out, Now: func() time.Time { now = now.Add(40 * time.Second); return now }},
	}
	return h.Handle(t.Context(), workflow.Request{
		Record:    workflow.Record{Source: "shop", Export: &workflow.Export{ID: published}},
		Execution: workflow.Execution{Name: "nightly-1"},
	})
}

func TestRecordsThatTheNightSucceeded(t *testing.T) {
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

func TestRecordsNoSuccessOfANightThatCouldNotPrune(t *testing.T) {
	l := newLake()
	l.undeletable[l.add("shop-20261117-1705-0", "")] = "AccessDeniedException"
	var out strings.Builder
	if _, err := l.measure(t, "shop-20261121-1705-0", &out); err == nil || out.Len() > 0 {
		t.Errorf("%v, recorded %s", err, &out)
	}
}

func wantLeft(t *testing.T, l *lake, ids ...string) {
	t.Helper()
	if diff := cmp.Diff(ids, l.exports()); diff != "" {
		t.Errorf("exports left: -want +got\n%s", diff)
	}
}

func TestKeepsTheNewestCompleteExports(t *testing.T) {
	l := newLake()
	l.add("shop-20261118-1705-0", "COMPLETE")
	l.add("shop-20261119-1705-0", "COMPLETE")
	l.add("shop-20261120-1705-1", "COMPLETE")
	l.add("shop-20261120-1705-0", "FAILED")
	l.add("shop-20261121-1705-0", "COMPLETE")
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(workflow.Pruned{Exports: 3, Tables: 3}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantLeft(t, l, "shop-20261120-1705-1", "shop-20261121-1705-0")
}

func TestDeletesTablesThenTheManifestThenTheRest(t *testing.T) {
	l := newLake()
	old := l.add("shop-20261118-1705-0", "COMPLETE")
	l.add("shop-20261120-1705-0", "COMPLETE")
	l.add("shop-20261121-1705-0", "COMPLETE")
	const folder = "exports/shop/shop-20261118-1705-0/"
	l.objects[folder+"app/app.a/1/_SUCCESS"] = "" // is listed before the manifest
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	want := []string{
		old, folder + "export_info_shop-20261118-1705-0.json",
		folder + "app/app.a/1/_SUCCESS",
		folder + "shop/shop.users/1/_SUCCESS", folder + "shop/shop.users/1/part-00000.gz.parquet",
	}
	if diff := cmp.Diff(want, l.deleted); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestKeepsThePublishedExportHoweverOldItIs(t *testing.T) {
	l := newLake()
	for _, day := range []string{"18", "19", "20", "21"} {
		l.add("shop-202611"+day+"-1705-0", "COMPLETE")
	}
	if _, err := l.prune(t, "shop-20261118-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261118-1705-0", "shop-20261120-1705-0", "shop-20261121-1705-0")
}

func TestKeepsWhatAViewOfAnySourceReads(t *testing.T) {
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

func TestKeepsExportsThatRDSStillWrites(t *testing.T) {
	l := newLake()
	for i, status := range []string{"STARTING", "IN_PROGRESS", "CANCELING", "CANCELED", "FAILED", "COMPLETE"} {
		id := fmt.Sprintf("shop-20261119-1705-%d", i)
		l.add(id, "")
		l.tasks[id] = status
	}
	l.add("shop-20261119-1705-6", "") // RDS does not know it
	l.add("shop-20261121-1705-0", "COMPLETE")
	if _, err := l.prune(t, "shop-20261121-1705-0"); err != nil {
		t.Fatal(err)
	}
	wantLeft(t, l, "shop-20261119-1705-0", "shop-20261119-1705-1", "shop-20261119-1705-2", "shop-20261121-1705-0")
}

func TestNeverTouchesAFolderOfAnotherName(t *testing.T) {
	l := newLake()
	others := []string{"backup", "crm-20261101-1705-0", "shop-20261101-1705", "shop-20261301-1705-0"}
	for _, id := range others {
		l.add(id, "COMPLETE")
	}
	l.add("shop-20261120-1705-0", "COMPLETE")
	l.add("shop-20261121-1705-0", "COMPLETE")
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil || got != (workflow.Pruned{}) {
		t.Fatal(got, err)
	}
	wantLeft(t, l, slices.Sorted(slices.Values(append(others, "shop-20261120-1705-0", "shop-20261121-1705-0")))...)
}

func TestLeavesTheTablesOfAnotherSourceOfTheSameMinute(t *testing.T) {
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

func TestDeletesManyTablesAHundredAtATime(t *testing.T) {
	l := newLake()
	l.add("shop-20261118-1705-0", "")
	for i := range 249 {
		l.crawled(fmt.Sprintf("t%03d", i), fmt.Sprintf("s3://lake/exports/shop/shop-20261118-1705-0/shop/shop.t%03d", i))
	}
	l.undeletable["t007"] = "EntityNotFoundException" // gone already
	got, err := l.prune(t, "shop-20261121-1705-0")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(workflow.Pruned{Exports: 1, Tables: 249}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNamesWhatItCouldNotDeleteAndDeletesTheRest(t *testing.T) {
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
	want := `source "shop": 2 of 3 old exports are not deleted:
export shop-20261118-1705-0: 1 of its objects cannot be deleted, the first is s3://lake/` + key + `: AccessDenied: no
export shop-20261117-1705-0: table "shop_20261117_1705_0_users" of database "snaplake_crawled" cannot be deleted: AccessDeniedException: no
The views are published. Redrive this execution to go on deleting`
	if diff := cmp.Diff(want, failed.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantLeft(t, l, "shop-20261117-1705-0", "shop-20261118-1705-0", "shop-20261120-1705-0", "shop-20261121-1705-0")

	// The next run goes on, and does not take the half of an export for a complete one.
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

func TestDeletesNothingWhenAViewCannotBeRead(t *testing.T) {
	for _, test := range []struct{ name, text, reason string }{
		{"not base64", "/* Presto View: ? */", "illegal base64 data at input byte 0"},
		{"not JSON", "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte("{")) + " */", "unexpected end of JSON input"},
		{"without a query", "/* Presto View: " + base64.StdEncoding.EncodeToString([]byte("{}")) + " */", "it has no query"},
		{"without a text", "", "it has no text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLake()
			l.add("shop-20261101-1705-0", "")
			l.rawView("crm", "odd", test.text)
			_, err := l.prune(t, "shop-20261121-1705-0")
			want := `source "shop": nothing is deleted, because view crm.odd cannot be read (` + test.reason + `): make it anew or drop it` +
				"\nThe views are published. Redrive this execution to go on deleting"
			if failed, ok := err.(workflow.PruneFailed); !ok || failed.Error() != want {
				t.Errorf("got  %T %v\nwant %s", err, err, want)
			}
			if len(l.deleted) > 0 {
				t.Errorf("deleted %q", l.deleted)
			}
		})
	}
}

func TestStopsWhenTheFunctionsTimeIsOver(t *testing.T) {
	l := newLake()
	l.add("shop-20261101-1705-0", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := &Handler{S3: l, Glue: l, RDS: l, Bucket: "lake", Log: slog.New(slog.DiscardHandler), Metrics: metrics.Recorder{Now: time.Now},
		Config: workflow.Config{Name: "snaplake", Sources: []workflow.Source{{Name: "shop", Keep: 2}}}}
	l.undeletable["exports/shop/shop-20261101-1705-0/shop/shop.users/1/_SUCCESS"] = "RequestCanceled"
	_, err := h.Handle(ctx, workflow.Request{Record: workflow.Record{Source: "shop", Export: &workflow.Export{ID: "shop-20261121-1705-0"}}})
	if err == nil || !strings.HasPrefix(err.Error(), `source "shop": the function's time was over while it deleted export shop-20261101-1705-0: `) {
		t.Errorf("got %v", err)
	}
}
