package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"snaplake/functions/internal/statement"
)

// withExports returns a scenario with published exports of earlier days. The view casts every column of their table.
func withExports(days, columns int) *scenario {
	sc := newScenario()
	mappings, crawledColumns := make([]string, columns), make([]string, columns)
	for i := range columns {
		mappings[i] = fmt.Sprintf("Column_with_a_name_%03d date binary (UTF8)", i)
		crawledColumns[i] = fmt.Sprintf("column_with_a_name_%03d string", i)
	}
	sc.glue["snaplake_crawled"] = nil
	sc.s3 = bucket(entryOf("Users", mappings...))
	sc.crawl("20261121", "shop.Users", crawledColumns...)
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for i := range days {
		day := at.AddDate(0, 0, -1-i).Format("20060102")
		sc.published(day, entryOf("Users", mappings...))
		sc.crawl(day, "shop.Users", crawledColumns...)
	}
	sc.source.Keep, sc.source.History = 1000, []string{"users"}
	sc.glue["shop"] = nil
	return sc
}

func TestCreateViews_ShowsTheNewest100Of400ExportsInHistory(t *testing.T) {
	sc := withExports(399, 40)
	got, err := sc.run(t)
	if err != nil {
		t.Fatal(err)
	}
	sql := sc.statement(t, "users_history")
	if bytes, exports := len(sql), strings.Count(sql, "snaplake_crawled"); bytes > statement.MaxBytes || exports != 100 {
		t.Errorf("%d bytes, %d exports", bytes, exports)
	}
	if casts := strings.Count(sql, "TRY_CAST"); casts != 40 {
		t.Errorf("%d casts of 40 columns", casts)
	}
	if want := []string{"users_history shows only the newest 100 exports; the 300 oldest exceed the limits of a history view"}; !cmp.Equal(want, got.Warnings) {
		t.Errorf("warned %q, want %q", got.Warnings, want)
	}
	sc.statement(t, "users")
}

func TestCreateViews_ShowsAsManyExportsInHistoryAsFitAStatement(t *testing.T) {
	sc := withExports(30, 500)
	got, err := sc.run(t)
	if err != nil {
		t.Fatal(err)
	}
	sql := sc.statement(t, "users_history")
	exports := strings.Count(sql, "snaplake_crawled")
	if len(sql) > statement.MaxBytes || len(sql) < statement.MaxBytes*9/10 {
		t.Errorf("%d bytes", len(sql))
	}
	if want := []string{fmt.Sprintf("users_history shows only the newest %d exports; the %d oldest exceed the limits of a history view", exports,
		31-exports)}; !cmp.Equal(want, got.Warnings) {
		t.Errorf("warned %q, want %q", got.Warnings, want)
	}
}

func TestCreateViews_Warns30RunsBeforeAHistoryIsFull(t *testing.T) {
	for before, want := range map[int]string{
		69: "", 70: "users_history can show 29 more exports; after that, it omits the oldest of the 1000 exports that are kept",
		99: "users_history can show 0 more exports; after that, it omits the oldest of the 1000 exports that are kept",
	} {
		sc := withExports(before, 2)
		got, err := sc.run(t)
		if err != nil || strings.Join(got.Warnings, "\n") != want {
			t.Errorf("after %d exports: %v, warned %q, want %q", before, err, got.Warnings, want)
		}
		sc = withExports(before, 2)
		sc.source.Keep = 100
		if got, err := sc.run(t); err != nil || len(got.Warnings) > 0 {
			t.Errorf("where no more are kept: %v, %q", err, got.Warnings)
		}
	}
}

func TestCreateViews_WarnsIfNoExportFitsAHistory(t *testing.T) {
	sc := withExports(1, 1460)
	got, err := sc.run(t)
	if err != nil || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "was not changed, because its statement would exceed") {
		t.Errorf("%v, warned %q", err, got.Warnings)
	}
	if slices.ContainsFunc(sc.started, func(s string) bool { return strings.Contains(s, "users_history") }) {
		t.Error("it was made")
	}
}
