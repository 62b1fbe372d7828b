package runs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snaplake/local/internal/export"
)

// The names of the generated views that do not show a single table.
const (
	history      = "users_history"
	auditHistory = "audit_history"
	changes      = "users_changes"
	freshness    = "snaplake_freshness"
)

// skips reports whether a view does not change on a day because RDS skipped its table.
func (s *shop) skips(view string, day int) bool {
	return (view == "audit" || view == auditHistory) && named(s.tables(day), "audit").Skipped != ""
}

// viewsOf returns the names of all views of a day.
func (s *shop) viewsOf(day int) []string {
	names := []string{"plans", "most_points", history, auditHistory, changes, freshness}
	for _, t := range s.tables(day) {
		names = append(names, t.Name)
	}
	return names
}

// shown returns what a view shows after the run of a day. before lists the earlier published days, newest first. shown reports false if
// the view does not exist on that day.
func (s *shop) shown(view string, day int, before []int) (text string, there bool) {
	switch view {
	case history:
		return s.history("users", day, before), true
	case auditHistory:
		return s.history("audit", day, before), true
	case changes:
		return s.changes(day, before), true
	case freshness:
		return s.freshness(day), true
	}
	tables := s.tables(day)
	for _, t := range append(tables, own(day, tables)...) {
		if t.Name == view {
			return textOf(t.shown), true
		}
	}
	return "", false
}

// own returns the user-defined views in the configuration of these tests, computed from the tables of a day.
func own(day int, tables []table) []table {
	count, points := map[string]int{}, map[string]int{}
	for _, row := range named(tables, "users").rows {
		count[row[2]]++
		points[row[2]] += day
	}
	plans := table{Table: export.Table{Name: "plans"}}
	for _, plan := range slices.Sorted(maps.Keys(count)) {
		plans.shown = append(plans.shown, []string{plan, fmt.Sprint(count[plan]), fmt.Sprint(points[plan])})
	}
	most := table{Table: export.Table{Name: "most_points"}, shown: [][]string{{fmt.Sprint(slices.Max(slices.Collect(maps.Values(points))))}}}
	return []table{most, plans}
}

// history returns a history view: the rows of a table on all these days, with the columns of the newest day.
func (s *shop) history(of string, day int, before []int) string {
	columns := named(s.tables(day), of).names()
	var rows [][]string
	for _, n := range append([]int{day}, before...) {
		t := named(s.tables(n), of)
		if t.Skipped != "" {
			continue
		}
		for _, row := range t.as(columns) {
			rows = append(rows, append([]string{momentOf(s.at(n))}, row...))
		}
	}
	return textOf(rows)
}

// changes returns the changes view of users. Every row differs from the row of the previous day.
func (s *shop) changes(day int, before []int) string {
	if len(before) == 0 {
		return ""
	}
	now := named(s.tables(day), "users")
	old := named(s.tables(before[0]), "users").as(now.names())
	var rows [][]string
	add := func(operation, id string, was, is []string) {
		row := []string{operation, id}
		for i := range now.Columns[1:] {
			row = append(row, valueOf(was, i+1), valueOf(is, i+1))
		}
		rows = append(rows, append(row, momentOf(s.at(before[0])), momentOf(s.at(day))))
	}
	for _, is := range now.shown {
		if was := rowOf(old, is[0]); was != nil {
			add("update", is[0], was, is)
		} else {
			add("insert", is[0], nil, is)
		}
	}
	for _, was := range old {
		if rowOf(now.shown, was[0]) == nil {
			add("delete", was[0], was, nil)
		}
	}
	return textOf(rows)
}

// freshness returns the result of [freshQuery]. The row count is known only for empty tables and for tables with checks.
func (s *shop) freshness(day int) string {
	var rows [][]string
	at := s.at(day)
	for _, t := range s.tables(day) {
		if t.Name == "audit" { // see mismatches
			continue
		}
		count := "NULL"
		if len(t.rows) == 0 || t.Name == "users" {
			count = fmt.Sprint(len(t.rows))
		}
		rows = append(rows, []string{
			t.Name, t.Database + "." + t.Name, source + at.Format("-20060102-1504"), momentOf(at), count, "true", "true",
		})
	}
	return textOf(rows)
}

// freshQuery reads the freshness view without the values that differ between attempts: the attempt number, the exact time of the
// publication, and the compressed size.
const freshQuery = `SELECT view_name, table_name, substr(export_id, 1, length(export_id) - 2), snapshot_at, row_count,
  published_at > snapshot_at, bytes IS NOT NULL FROM ` + freshness + ` WHERE view_name <> 'audit'`

func named(tables []table, name string) table {
	return tables[slices.IndexFunc(tables, func(t table) bool { return t.Name == name })]
}

func (t table) names() []string {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}

// as returns the rows with these columns. A column that the table does not have is NULL.
func (t table) as(columns []string) [][]string {
	rows := make([][]string, len(t.shown))
	for i, row := range t.shown {
		for _, name := range columns {
			rows[i] = append(rows[i], valueOf(row, slices.Index(t.names(), name)))
		}
	}
	return rows
}

func valueOf(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return "NULL"
	}
	return row[i]
}

// rowOf returns the row with this key, or nil.
func rowOf(rows [][]string, id string) []string {
	if i := slices.IndexFunc(rows, func(row []string) bool { return row[0] == id }); i >= 0 {
		return rows[i]
	}
	return nil
}

func momentOf(t time.Time) string { return t.Format("2006-01-02 15:04:05.000") }

// textOf formats rows in an order that depends only on their content.
func textOf(rows [][]string) string {
	lines := make([]string, len(rows))
	for i, row := range rows {
		lines[i] = strings.Join(row, " | ")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
