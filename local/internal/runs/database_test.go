package runs

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/export"
	"snaplake/workflow"
)

// shop is a small database that changes every day. Each row contains the number of the day, so that a view that mixes two days is noticed.
type shop struct {
	mu sync.Mutex
	// times holds the times of the snapshots, one per day. The first day is 1.
	times []time.Time
	// tables returns the tables of a day.
	tables func(day int) []table
	clock  clock.Clock
}

// table is a table with its rows in MySQL's text protocol, and the rows that Athena shows in its view.
type table struct {
	export.Table
	rows  [][]string
	shown [][]string
}

const shopDatabase = "shop"

// Engine returns MySQL 8.0, which Aurora MySQL 3 is compatible with.
func (s *shop) Engine() (name, version string) { return "mysql", "8.0.36" }

// Snapshot starts the next day and returns its tables.
func (s *shop) Snapshot(context.Context) (export.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, s.clock.Now())
	return shopDay(s.tables(len(s.times))), nil
}

// newest returns the day of the newest snapshot, or 0 if there is none.
func (s *shop) newest() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

// at returns the time at which the snapshot of a day was taken.
func (s *shop) at(day int) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times[day-1]
}

// dayOf returns the day whose snapshot was taken in the same minute as the time at, or 0 if there is none.
func (s *shop) dayOf(at time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := func(t time.Time) bool { return t.Truncate(time.Minute).Equal(at.Truncate(time.Minute)) }
	return slices.IndexFunc(s.times, same) + 1
}

// Close does nothing.
func (s *shop) Close() error { return nil }

// shopDay is the shop on one day.
type shopDay []table

// Export writes the tables in the layout of an RDS export.
func (n shopDay) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	var tables []export.Table
	for _, t := range n {
		tables = append(tables, t.Table)
	}
	return export.Write(ctx, task, tables, n.read, put)
}

func (n shopDay) read(_ context.Context, of export.Table) iter.Seq2[[]sql.RawBytes, error] {
	i := slices.IndexFunc(n, func(t table) bool { return t.Name == of.Name })
	return func(yield func([]sql.RawBytes, error) bool) {
		for _, row := range n[i].rows {
			values := make([]sql.RawBytes, len(row))
			for i, v := range row {
				values[i] = sql.RawBytes(v)
			}
			if !yield(values, nil) {
				return
			}
		}
	}
}

// Close does nothing.
func (n shopDay) Close() error { return nil }

// usual returns the tables of a day. Each day, one table is new and one table of the previous day no longer exists. RDS skips audit on
// every day except the first.
func usual(day int) []table {
	return []table{audit(day, day > 1), coupons(), orders(day), temporary(day), users(day)}
}

// unskipped returns the same tables as usual, but RDS skips none of them.
func unskipped(day int) []table {
	tables := usual(day)
	tables[0] = audit(day, false)
	return tables
}

// secret is part of every value that the configuration of these tests masks.
const secret = "secret"

// maskColumns configures columns that analysts must not see, and a table that RDS may skip.
func maskColumns(s *workflow.Source) {
	s.Columns = append(slices.Clip(s.Columns),
		workflow.ColumnRule{View: "users", Column: "email", As: workflow.SHA256},
		workflow.ColumnRule{View: "audit", Column: "password", As: workflow.Hide})
	s.History = append(slices.Clip(s.History), "audit")
	s.AllowSkipped = append(slices.Clip(s.AllowSkipped), "shop.audit")
}

func audit(day int, skipped bool) table {
	t := table{Table: export.Table{Database: shopDatabase, Name: "audit", Columns: []export.Column{
		{Name: "day", Type: "int", Precision: 10}, {Name: "password", Type: "varchar", CharLength: 40},
	}}, rows: [][]string{{fmt.Sprint(day), secret}}, shown: [][]string{{fmt.Sprint(day), "NULL"}}}
	if skipped {
		t.Skipped = "it is locked"
	}
	return t
}

// users returns a table with three rows that change every day, and one row that exists on this day only.
func users(day int) table {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, day)
	t := table{Table: export.Table{Database: shopDatabase, Name: "users", Columns: []export.Column{
		{Name: "id", Type: "int", Precision: 10},
		{Name: "name", Type: "varchar", CharLength: 100},
		{Name: "plan", Type: "char", CharLength: 8},
		{Name: "points", Type: "int", Precision: 10},
		{Name: "seen_at", Type: "datetime"},
		{Name: "email", Type: "varchar", CharLength: 100},
	}}}
	for i, id := range []int{1, 2, 3, 10 + day} {
		row := []string{fmt.Sprint(id), fmt.Sprintf("利用者%d", id), []string{"free", "premium"}[i%2], fmt.Sprint(day)}
		email := fmt.Sprintf("%s-%d@example.com", secret, id)
		t.rows = append(t.rows, append(slices.Clip(row), at.Format(time.DateTime), email))
		t.shown = append(t.shown, append(slices.Clip(row), at.Format("2006-01-02 15:04:05.000"), fmt.Sprintf("%x", sha256.Sum256([]byte(email)))))
	}
	return t
}

func orders(day int) table {
	t := table{Table: export.Table{Database: shopDatabase, Name: "orders", Columns: []export.Column{
		{Name: "id", Type: "bigint", Unsigned: true, Precision: 20},
		{Name: "user_id", Type: "int", Precision: 10},
		{Name: "total", Type: "decimal", Precision: 12, Scale: 2},
		{Name: "day", Type: "int", Precision: 10},
	}}}
	for id := range day%7 + 2 {
		row := []string{fmt.Sprint(day*100 + id), fmt.Sprint(id%3 + 1), fmt.Sprintf("%d.50", 10*day+id), fmt.Sprint(day)}
		t.rows = append(t.rows, row)
	}
	t.shown = t.rows
	return t
}

// coupons returns an empty table.
func coupons() table {
	return table{Table: export.Table{Database: shopDatabase, Name: "coupons", Columns: []export.Column{
		{Name: "code", Type: "varchar", CharLength: 32},
		{Name: "expires_on", Type: "date"},
	}}}
}

// temporary returns a table whose name differs from one day to the next.
func temporary(day int) table {
	rows := [][]string{{fmt.Sprint(day), "感謝祭"}}
	return table{Table: export.Table{Database: shopDatabase, Name: fmt.Sprintf("tmp_%d", day%2), Columns: []export.Column{
		{Name: "day", Type: "smallint", Precision: 5}, {Name: "title", Type: "text"},
	}}, rows: rows, shown: rows}
}
