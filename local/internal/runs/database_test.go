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

// shop is the database of the days: small, and other every day. Each row tells its day, so that a view that reads two
// days at once cannot hide it.
type shop struct {
	mu sync.Mutex
	// times are those of the snapshots, one a day. Days are counted from 1.
	times []time.Time
	// tables are what there is in a day.
	tables func(day int) []table
	clock  clock.Clock
}

// table is a table with its rows: as MySQL's text protocol has them, and as Athena shows the view over it.
type table struct {
	export.Table
	rows  [][]string
	shown [][]string
}

const shopDatabase = "shop"

// Engine is that of Aurora MySQL's ancestor.
func (s *shop) Engine() (name, version string) { return "mysql", "8.0.36" }

// Snapshot makes the next day.
func (s *shop) Snapshot(context.Context) (export.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times = append(s.times, s.clock.Now())
	return shopDay(s.tables(len(s.times))), nil
}

// newest is the day of the newest snapshot, 0 before the first.
func (s *shop) newest() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

// at is the time of a day's snapshot.
func (s *shop) at(day int) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times[day-1]
}

// dayOf is the day of a snapshot, by its time to the minute; 0 when there was none.
func (s *shop) dayOf(at time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := func(t time.Time) bool { return t.Truncate(time.Minute).Equal(at.Truncate(time.Minute)) }
	return slices.IndexFunc(s.times, same) + 1
}

// Close leaves nothing to do.
func (s *shop) Close() error { return nil }

// shopDay is the shop as it was in a day.
type shopDay []table

// Export writes what RDS writes.
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

// Close leaves nothing to do.
func (n shopDay) Close() error { return nil }

// usual are the tables that every day has, and one of the day alone: each day one is new and one has gone. RDS skips audit in all
// but the first.
func usual(day int) []table {
	return []table{audit(day, day > 1), coupons(), orders(day), temporary(day), users(day)}
}

// unskipped are the same, of which RDS skips none.
func unskipped(day int) []table {
	tables := usual(day)
	tables[0] = audit(day, false)
	return tables
}

// secret is in every value that the settings of these tests mask.
const secret = "secret"

// privately are those settings: columns that nobody may see, and a table that RDS may skip.
func privately(s *workflow.Source) {
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

// users has three rows that change every day, and one that is new and gone the next.
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

// coupons is empty.
func coupons() table {
	return table{Table: export.Table{Database: shopDatabase, Name: "coupons", Columns: []export.Column{
		{Name: "code", Type: "varchar", CharLength: 32},
		{Name: "expires_on", Type: "date"},
	}}}
}

// temporary is called otherwise in the day before and in the day after.
func temporary(day int) table {
	rows := [][]string{{fmt.Sprint(day), "感謝祭"}}
	return table{Table: export.Table{Database: shopDatabase, Name: fmt.Sprintf("tmp_%d", day%2), Columns: []export.Column{
		{Name: "day", Type: "smallint", Precision: 5}, {Name: "title", Type: "text"},
	}}, rows: rows, shown: rows}
}
