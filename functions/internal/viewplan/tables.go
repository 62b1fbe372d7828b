package viewplan

import (
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/inventory"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

func (p *Plan) addTable(t manifest.Table) {
	name := p.Source.ViewName(t.TableName)
	if !inventory.IsExported(t) {
		p.keep(name, t.String())
		return
	}
	crawled := p.Crawled[p.Root+t.Folder]
	if t.Empty() {
		crawled = nil
		if len(t.Columns) == 0 {
			p.addUnknown(t, name)
			return
		}
	}
	columns, warnings, err := p.mapper.Project(name, t, crawled, p.ID.TablePrefix())
	if err != nil {
		p.failed[name] = true
		p.problem("table %s: %v", t, err)
		return
	}
	p.Warnings = append(p.Warnings, warnings...)
	if t.Warning != "" {
		p.warn("%s: warning from RDS: %s", t, t.Warning)
	}
	v := &tableView{name: name, table: t, projection: columns}
	if t.Empty() {
		v.rows = new(int64)
	}
	p.tables = append(p.tables, v)
	if p.tableOf[name] == nil { // requireFreeNames reports the others
		p.tableOf[name] = v
	}
	p.views = append(p.views, &View{Name: name, kind: exports.OfTable, label: "table " + t.String(), query: columns.Query})
}

// addUnknown handles an empty table whose columns are unknown. If it already has a view, that is a problem: the view shows older rows.
func (p *Plan) addUnknown(t manifest.Table, name string) {
	if _, there := p.Entries[name]; there {
		p.kept[name] = keptView{exports.OfTable, t.String()}
		p.problem("table %s is empty and the export does not list its columns; drop view %q, which shows older rows", t, name)
		return
	}
	p.warn("table %s is empty and the export does not list its columns, so it has no view", t)
}

// addSkipped keeps the existing views of a table or database that RDS skipped and that allow_skipped lists: "shop.audit",
// "app.public.audit", "shop". The manifests need not mention the table. A name with a space is a message from RDS and affects no view.
func (p *Plan) addSkipped(name string) {
	table, isTable := workflow.ParseTableName(name)
	switch {
	case strings.Contains(name, " "):
	case isTable:
		p.keep(p.Source.ViewName(table), name)
	default:
		for _, view := range slices.Sorted(maps.Keys(p.Last.Views)) {
			isOf := func(t workflow.TableName) bool { return t.Database == name }
			if p.Last.Views[view] == exports.OfTable && p.tableOf[view] == nil && slices.ContainsFunc(p.tablesOf(p.Entries[view]), isOf) {
				p.keep(view, name)
			}
		}
	}
}

// keep marks the existing views of a table as kept: its own view and its history and changes views.
func (p *Plan) keep(name, table string) {
	if p.isKept(name) {
		return
	}
	p.kept[name] = keptView{exports.OfTable, table}
	p.skipped = append(p.skipped, table)
	if history := name + workflow.HistorySuffix; slices.Contains(p.Source.History, name) && p.Last.Views[history] == exports.OfHistory {
		p.kept[history] = keptView{kind: exports.OfHistory}
	}
	if changes := name + workflow.ChangesSuffix; p.Source.Changes[name] != nil && p.Last.Views[changes] == exports.OfChanges {
		p.kept[changes] = keptView{kind: exports.OfChanges}
	}
	p.warn("%s: RDS skipped this table, so view %q still shows older rows", table, name)
}

// tablesOf returns the source's tables that a view reads through their crawled tables.
func (p *Plan) tablesOf(e inventory.Entry) []workflow.TableName {
	var tables []workflow.TableName
	for _, name := range e.Crawled {
		below, ours := strings.CutPrefix(p.locations[name], strings.TrimSuffix(p.Root, p.Export.ID+"/"))
		_, key, _ := strings.Cut(below, "/") // after the export's identifier
		if table, isTable := workflow.ParseTableFolder(key); ours && isTable {
			tables = append(tables, table)
		}
	}
	return tables
}

// viewsOf is like tablesOf, but returns the names of the views that show these tables.
func (p *Plan) viewsOf(e inventory.Entry) []string {
	var names []string
	for _, t := range p.tablesOf(e) {
		names = append(names, p.Source.ViewName(t))
	}
	return names
}

// longestName is the maximum length of a view's name in characters (Athena guide, "Name databases, tables, and columns").
const longestName = 255

// requireFreeNames fills viewOf and reports names that are invalid or already used by another view or a table.
func (p *Plan) requireFreeNames() {
	for _, v := range p.views {
		other, twice := p.viewOf[v.Name]
		e, there := p.Entries[v.Name]
		switch {
		case strings.Trim(v.Name, "_") == "":
			p.problem("%s has no letter or digit that is valid in a view name; set its view's name under \"names\"", v.label)
		case len(v.Name) > longestName:
			p.problem("the name of view %q (%s) has more than %d characters; set a shorter one under \"names\"", v.Name, v.label, longestName)
		case twice:
			p.problem("%s and %s would both have the view name %q; set another name under \"names\", set view_name, or rename your own view",
				other.label, v.label, v.Name)
		case there && !e.IsView:
			p.problem("view %q of %s cannot be created, because database %q has a table with this name; drop the table, or set view_name",
				v.Name, v.label, p.Source.Database())
		}
		p.viewOf[v.Name] = v
	}
}
