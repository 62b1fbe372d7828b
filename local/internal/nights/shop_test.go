package nights

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"snaplake/local/internal/export"
)

// shop is the database of the nights: small, and other every night. Each row tells its night, so that a view that reads two
// nights at once cannot hide it.
type shop struct {
	mu sync.Mutex
	// night is that of the newest snapshot, counted from 1; 0 before the first.
	night int
	// tables are what there is in a night.
	tables func(night int) []table
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

// Snapshot makes the next night.
func (s *shop) Snapshot(context.Context) (export.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.night++
	return shopNight(s.tables(s.night)), nil
}

// Close leaves nothing to do.
func (s *shop) Close() error { return nil }

// shopNight is the shop as it was in a night.
type shopNight []table

// Export writes what RDS writes.
func (n shopNight) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	var tables []export.Table
	for _, t := range n {
		tables = append(tables, t.Table)
	}
	return export.Write(ctx, task, tables, n.read, put)
}

func (n shopNight) read(_ context.Context, of export.Table) iter.Seq2[[]sql.RawBytes, error] {
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
func (n shopNight) Close() error { return nil }

// usual are the tables that every night has.
func usual(night int) []table {
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, night)
	users := table{Table: export.Table{Database: shopDatabase, Name: "users", Columns: []export.Column{
		{Name: "id", Type: "int", Precision: 10},
		{Name: "name", Type: "varchar", CharLength: 100},
		{Name: "plan", Type: "char", CharLength: 8},
		{Name: "points", Type: "int", Precision: 10},
		{Name: "seen_at", Type: "datetime"},
	}}}
	for id := range 3 {
		row := []string{fmt.Sprint(id + 1), fmt.Sprintf("利用者%d", id+1), []string{"free", "premium"}[id%2], fmt.Sprint(night)}
		users.rows = append(users.rows, append(slices.Clip(row), at.Format(time.DateTime)))
		users.shown = append(users.shown, append(slices.Clip(row), at.Format("2006-01-02 15:04:05.000")))
	}
	orders := table{Table: export.Table{Database: shopDatabase, Name: "orders", Columns: []export.Column{
		{Name: "id", Type: "bigint", Unsigned: true, Precision: 20},
		{Name: "user_id", Type: "int", Precision: 10},
		{Name: "total", Type: "decimal", Precision: 12, Scale: 2},
		{Name: "night", Type: "int", Precision: 10},
	}}}
	for id := range night%7 + 2 {
		row := []string{fmt.Sprint(night*100 + id), fmt.Sprint(id%3 + 1), fmt.Sprintf("%d.50", 10*night+id), fmt.Sprint(night)}
		orders.rows = append(orders.rows, row)
	}
	orders.shown = orders.rows
	coupons := table{Table: export.Table{Database: shopDatabase, Name: "coupons", Columns: []export.Column{
		{Name: "code", Type: "varchar", CharLength: 32},
		{Name: "expires_on", Type: "date"},
	}}}
	return []table{coupons, orders, users}
}

// own are the views of the configuration beside this package, as they are over a night's tables.
func own(night int, tables []table) []table {
	users := tables[slices.IndexFunc(tables, func(t table) bool { return t.Name == "users" })]
	points := map[string]int{}
	for _, row := range users.rows {
		points[row[2]] += night
	}
	plans := table{Table: export.Table{Name: "plans"}, shown: [][]string{
		{"free", "2", fmt.Sprint(points["free"])}, {"premium", "1", fmt.Sprint(points["premium"])},
	}}
	most := table{Table: export.Table{Name: "most_points"}, shown: [][]string{{fmt.Sprint(max(points["free"], points["premium"]))}}}
	return []table{most, plans}
}
