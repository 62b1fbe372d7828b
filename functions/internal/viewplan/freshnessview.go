package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

// freshnessBytes is how long a view of it becomes: Athena takes 262,144 bytes, and Glue 409,600 of them in base64.
const freshnessBytes = 200_000

// fresh is one table in it.
type fresh struct {
	view, table string
	id          workflow.ExportID
	// of is tonight's view; nil where the view stays as it is, of which nothing more is known.
	of *tableView
}

// row is a fresh table as a row of VALUES.
func (f fresh) row() string {
	orNull := func(n *int64) string {
		if n == nil {
			return "NULL"
		}
		return fmt.Sprint(*n)
	}
	var rows, bytes *int64
	if f.of != nil {
		rows, bytes = f.of.rows, &f.of.table.Bytes
	}
	return fmt.Sprintf("(%s, %s, %s, %s)", projection.Literal(f.view), projection.Literal(f.table), orNull(rows), orNull(bytes))
}

// addFreshness adds the view of all tables and, for thousands of them, views that it is put together of. It comes when the tables are
// as it says.
func (p *plan) addFreshness() {
	const of = "the freshness of all tables"
	var tables []string
	var queries []func() string
	for _, v := range p.tables {
		tables = append(tables, v.name)
	}
	parts, size := p.freshParts()
	for _, part := range parts {
		queries = append(queries, func() string { return p.selectFresh(part) })
	}
	whole := &view{name: workflow.FreshnessView, kind: lake.OfFreshness, of: of, needs: tables}
	if size > freshnessBytes {
		for i, query := range queries {
			name := fmt.Sprintf("%s_%d", workflow.FreshnessView, i+1)
			p.views = append(p.views, &view{name: name, kind: lake.OfFreshness, of: of, query: query, needs: tables})
			whole.needs = append(slices.Clip(whole.needs), name)
			queries[i] = fixed("SELECT * FROM " + projection.Quote(name))
		}
	}
	whole.query = func() string {
		selects := make([]string, len(queries))
		for i, query := range queries {
			selects[i] = query()
		}
		return strings.Join(selects, "\nUNION ALL\n")
	}
	p.views = append(p.views, whole)
}

// freshParts are the tables, those of each export by themselves, in parts that each fit a statement, and the size of all. What is
// not known yet, as the number of rows, makes no difference to it.
func (p *plan) freshParts() (parts [][]fresh, size int) {
	var part []fresh
	used := 0
	for _, f := range p.freshTables() {
		const numbers = 60
		n := len(f.view) + len(f.table) + numbers
		if len(part) > 0 && (used+n > freshnessBytes || part[0].id != f.id) {
			parts, part, used = append(parts, part), nil, 0
		}
		part, used, size = append(part, f), used+n, size+n
	}
	return append(parts, part), size
}

// freshTables are the tables of tonight, and those whose view stays as it is.
func (p *plan) freshTables() []fresh {
	var all []fresh
	for _, v := range p.tables {
		all = append(all, fresh{view: v.name, table: v.table.String(), id: p.id, of: v})
	}
	for _, name := range slices.Sorted(maps.Keys(p.stays)) {
		for _, e := range p.past.all {
			if _, published := p.past.publications[e.ID]; published && p.entries[name].reads(e.ID.TablePrefix()) {
				all = append(all, fresh{view: name, table: p.stays[name], id: e.ID})
				break
			}
		}
	}
	return all
}

// selectFresh shows some tables.
func (p *plan) selectFresh(tables []fresh) string {
	if len(tables) == 0 {
		return "SELECT\n  " + freshColumns("CAST(NULL AS varchar)", "CAST(NULL AS timestamp(3))", "CAST(NULL AS timestamp(3))") +
			"\nFROM (VALUES ('', '', 0, 0)) AS t (view_name, table_name, row_count, bytes)\nWHERE 1 = 0"
	}
	rows := make([]string, len(tables))
	for i, f := range tables {
		rows[i] = f.row()
	}
	f := tables[0]
	snapshotAt, publishedAt := p.request.Record.Snapshot.CreatedAt, p.publishedAt
	if f.id != p.id {
		publication := p.past.publications[f.id]
		snapshotAt, publishedAt = publication.SnapshotAt, publication.PublishedAt
	}
	return "SELECT\n  " + freshColumns("CAST("+projection.Literal(f.id.String())+" AS varchar)", moment(snapshotAt), moment(publishedAt)) +
		"\nFROM (VALUES\n  " + strings.Join(rows, ",\n  ") + "\n) AS t (view_name, table_name, row_count, bytes)"
}

func freshColumns(export, snapshot, published string) string {
	return strings.Join([]string{
		"CAST(view_name AS varchar) AS view_name",
		"CAST(table_name AS varchar) AS table_name",
		export + " AS export_id",
		snapshot + " AS snapshot_at",
		published + " AS published_at",
		"CAST(row_count AS bigint) AS row_count",
		"CAST(bytes AS bigint) AS bytes",
	}, ",\n  ")
}
