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

// freshnessBytes is the size at which the freshness view is split. Athena accepts 262,144 bytes, and Glue 409,600 in base64.
const freshnessBytes = 200_000

// freshTable is a row of snaplake_freshness.
type freshTable struct {
	view, table string
	id          workflow.ExportID
	// planned is nil for a kept view, because its numbers of rows and bytes are unknown.
	planned *tableView
}

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

// addFreshness adds the view snaplake_freshness and, if there are thousands of tables, the views that it combines. They do not read the
// views of tables, but are created after them, because the freshness that they show is correct only then.
func (p *Plan) addFreshness() {
	add := func(name string, needs []string, query func() string) {
		p.views = append(p.views, &View{Name: name, kind: exports.OfFreshness, label: "the freshness of all tables", query: query, Needs: needs})
	}
	var tables []string
	for _, v := range p.tables {
		tables = append(tables, v.name)
	}
	needs := tables
	parts, size := p.freshnessParts()
	var selects []func() string
	for i, part := range parts {
		query := func() string { return p.freshnessQuery(part) }
		if size > freshnessBytes {
			name := fmt.Sprintf("%s_%d", workflow.FreshnessView, i+1)
			add(name, tables, query)
			needs = append(slices.Clip(needs), name)
			query = fixed("SELECT * FROM " + projection.Quote(name))
		}
		selects = append(selects, query)
	}
	add(workflow.FreshnessView, needs, func() string {
		var queries []string
		for _, query := range selects {
			queries = append(queries, query())
		}
		return strings.Join(queries, "\nUNION ALL\n")
	})
}

// freshnessParts splits the tables into parts. Each part fits into a statement and belongs to one export. size is the total size in bytes.
func (p *Plan) freshnessParts() (parts [][]freshTable, size int) {
	const numbers = 60
	var part []freshTable
	used := 0
	for _, f := range p.freshTables() {
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
		for _, e := range p.Exports {
			_, published := p.Publications[e.ID]
			if p.kept[name].kind == exports.OfTable && published && p.Entries[name].ReadsExport(e.ID) {
				all = append(all, freshTable{view: name, table: p.kept[name].table, id: e.ID})
				break
			}
		}
	}
	return all
}

func (p *Plan) freshnessQuery(tables []freshTable) string {
	id, snapshotAt, publishedAt := p.ID, p.SnapshotAt, p.PublishedAt
	rows, where := []string{"('', '', 0, 0)"}, "\nWHERE 1 = 0"
	if len(tables) > 0 {
		rows, where = nil, ""
		if id = tables[0].id; id != p.ID {
			snapshotAt, publishedAt = p.Publications[id].SnapshotAt, p.Publications[id].PublishedAt
		}
	}
	for _, f := range tables {
		rows = append(rows, f.row())
	}
	return `SELECT
  CAST(view_name AS varchar) AS view_name,
  CAST(table_name AS varchar) AS table_name,
  CAST(` + projection.Literal(id.String()) + ` AS varchar) AS export_id,
  ` + timestamp(snapshotAt) + ` AS snapshot_at,
  ` + timestamp(publishedAt) + ` AS published_at,
  CAST(row_count AS bigint) AS row_count,
  CAST(bytes AS bigint) AS bytes
FROM (VALUES
  ` + strings.Join(rows, ",\n  ") + `
) AS t (view_name, table_name, row_count, bytes)` + where
}
