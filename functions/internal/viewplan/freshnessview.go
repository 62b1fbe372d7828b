package viewplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

// freshnessBytes is the size at which the freshness is split. Athena takes 262,144 bytes, and Glue 409,600 of them in base64.
const freshnessBytes = 200_000

// freshTable is a table in snaplake_freshness.
type freshTable struct {
	view, table string
	id          workflow.ExportID
	// planned is the view to create, nil if the existing one is kept: its numbers are unknown.
	planned *tableView
}

// row returns the table as a row of VALUES.
func (f freshTable) row() string {
	rows, bytes := "NULL", "NULL"
	if f.planned != nil {
		bytes = fmt.Sprint(f.planned.table.Bytes)
		if f.planned.rows != nil {
			rows = fmt.Sprint(*f.planned.rows)
		}
	}
	return fmt.Sprintf("(%s, %s, %s, %s)", projection.Literal(f.view), projection.Literal(f.table), rows, bytes)
}

// addFreshness adds the view snaplake_freshness and, for thousands of tables, views of its parts. It reads none of the tables' views, but
// is created after them, when the tables are as fresh as it shows.
func (p *Plan) addFreshness() {
	const of = "the freshness of all tables"
	var tables []string
	for _, v := range p.tables {
		tables = append(tables, v.name)
	}
	parts, size := p.freshnessParts()
	whole := &View{Name: workflow.FreshnessView, kind: exports.OfFreshness, of: of, Needs: tables}
	var queries []func() string
	for i, part := range parts {
		query := func() string { return p.freshnessQuery(part) }
		if size > freshnessBytes {
			name := fmt.Sprintf("%s_%d", workflow.FreshnessView, i+1)
			p.views = append(p.views, &View{Name: name, kind: exports.OfFreshness, of: of, query: query, Needs: tables})
			whole.Needs = append(slices.Clip(whole.Needs), name)
			query = fixed("SELECT * FROM " + projection.Quote(name))
		}
		queries = append(queries, query)
	}
	whole.query = func() string {
		var selects []string
		for _, query := range queries {
			selects = append(selects, query())
		}
		return strings.Join(selects, "\nUNION ALL\n")
	}
	p.views = append(p.views, whole)
}

// freshnessParts returns the tables in parts of one export that each fit a statement, and the size of all. Numbers of rows do not affect
// it.
func (p *Plan) freshnessParts() (parts [][]freshTable, size int) {
	var part []freshTable
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

// freshTables returns the tables whose views are created or kept.
func (p *Plan) freshTables() []freshTable {
	var all []freshTable
	for _, v := range p.tables {
		all = append(all, freshTable{v.name, v.table.String(), p.ID, v})
	}
	for _, name := range slices.Sorted(maps.Keys(p.kept)) {
		if p.kept[name].kind != exports.OfTable {
			continue
		}
		isRead := func(e exports.Export) bool {
			_, published := p.Publications[e.ID]
			return published && p.Entries[name].ReadsExport(e.ID)
		}
		if i := slices.IndexFunc(p.Exports, isRead); i >= 0 {
			all = append(all, freshTable{view: name, table: p.kept[name].table, id: p.Exports[i].ID})
		}
	}
	return all
}

// freshnessQuery returns the SELECT of tables of one export.
func (p *Plan) freshnessQuery(tables []freshTable) string {
	if len(tables) == 0 {
		return "SELECT\n  " + freshnessColumns("CAST(NULL AS varchar)", "CAST(NULL AS timestamp(3))", "CAST(NULL AS timestamp(3))") +
			"\nFROM (VALUES ('', '', 0, 0)) AS t (view_name, table_name, row_count, bytes)\nWHERE 1 = 0"
	}
	rows := make([]string, len(tables))
	for i, f := range tables {
		rows[i] = f.row()
	}
	id, snapshotAt, publishedAt := tables[0].id, p.SnapshotAt, p.PublishedAt
	if id != p.ID {
		snapshotAt, publishedAt = p.Publications[id].SnapshotAt, p.Publications[id].PublishedAt
	}
	export := "CAST(" + projection.Literal(id.String()) + " AS varchar)"
	return "SELECT\n  " + freshnessColumns(export, timestamp(snapshotAt), timestamp(publishedAt)) +
		"\nFROM (VALUES\n  " + strings.Join(rows, ",\n  ") + "\n) AS t (view_name, table_name, row_count, bytes)"
}

func freshnessColumns(export, snapshot, published string) string {
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
