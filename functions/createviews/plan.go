package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// plan decides which views there will be, before the first of them changes.
type plan struct {
	basis
	crawledDatabase string
	// crawled tables by location.
	crawled map[string]*crawledTable
	// entries of the view database.
	entries entries
	// past is what was published before.
	past past

	tables []tableView
	views  []view
	// stays are views that this night does not make and does not delete, with the tables that they are of.
	stays map[string]string
	// broken are views whose tables have a problem.
	broken []string
	// keys must be unique.
	keys []keyed
	// goes are views that are to be deleted.
	goes     []string
	warnings []string
	// problems are what a user has to correct.
	problems []string
}

// tableView is the view of a table.
type tableView struct {
	name  string
	table manifest.Table
	shape shape
	// columns are the names of all that the table has.
	columns []string
	// rows is nil where nobody has counted them.
	rows *int64
}

// make decides on the views of an export's tables, and on all that comes with them. The error is a [workflow.ViewsFailed] that
// names all that is wrong.
func (p *plan) make(tables []manifest.Table) error {
	p.stays = map[string]string{}
	p.problems = append(p.problems, p.past.damaged...)
	for _, t := range tables {
		if p.source.Wants(t.Database, t.Schema, t.Name) {
			p.addTable(t)
		}
	}
	for _, name := range p.export.Skipped {
		p.addSkipped(name)
	}
	p.requireSettings()
	for _, name := range p.source.History {
		p.addHistory(name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.source.Changes)) {
		p.addChanges(name, p.source.Changes[name])
	}
	for _, v := range p.source.Views {
		p.addOwn(v)
	}
	p.addFreshness()
	p.requireFreeNames()
	p.findGone()
	p.findNeeds()
	if _, err := p.waves(); err != nil {
		p.problems = append(p.problems, err.Error())
	}
	return p.failed()
}

// failed is the error about all problems, or nil.
func (p *plan) failed() error {
	if len(p.problems) == 0 {
		return nil
	}
	return workflow.Errorf[workflow.ViewsFailed](
		"the views of source %q stay as they are:\n%s\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution",
		p.source.Name, list(p.problems))
}

func (p *plan) problem(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

// order returns the views in waves: a view comes after those that it reads.
func (p *plan) order() ([][]view, error) {
	p.fillFreshness()
	for _, v := range p.views {
		if n := len(v.statement(p.source.Database())); n > statementBytes {
			p.problem("view %q of %s: its statement has %d bytes, and Athena takes %d: exclude columns, or keep fewer exports", v.name, v.of, n, statementBytes)
		}
	}
	if err := p.failed(); err != nil {
		return nil, err
	}
	return p.waves()
}

// waves are the views in the order in which they need each other.
func (p *plan) waves() ([][]view, error) {
	byName, reads := map[string]view{}, map[string][]string{}
	for _, v := range p.views {
		byName[v.name], reads[v.name] = v, v.needs
	}
	names, err := workflow.Waves(reads)
	if err != nil {
		return nil, err
	}
	waves := make([][]view, len(names))
	for i, wave := range names {
		for _, name := range wave {
			waves[i] = append(waves[i], byName[name])
		}
	}
	return waves, nil
}

// isExported is false of a table that RDS skipped. CheckExport has let it pass because allow_skipped names it. Even an empty
// table has an object, _SUCCESS.
func isExported(t manifest.Table) bool { return t.Complete() && t.Objects > 0 }

func (p *plan) shaper() shaper {
	return shaper{source: p.source, engine: p.engine, crawledDatabase: p.crawledDatabase}
}

func (p *plan) addTable(t manifest.Table) {
	name := p.source.ViewOf(t.Database, t.Schema, t.Name)
	if !isExported(t) {
		p.skip(name, t.String())
		return
	}
	crawled := p.crawled[p.root+t.Folder]
	if t.Empty() {
		crawled = nil
		if len(t.Columns) == 0 {
			p.addUnknown(t, name)
			return
		}
	}
	shape, columns, warnings, err := p.shaper().shape(name, t, crawled, p.id.TablePrefix())
	if err != nil {
		p.broken = append(p.broken, name)
		p.problem("table %s: %v", t, err)
		return
	}
	p.warnings = append(p.warnings, warnings...)
	v := tableView{name: name, table: t, shape: shape, columns: columns}
	if t.Empty() {
		v.rows = new(int64)
	}
	p.tables = append(p.tables, v)
	p.views = append(p.views, view{name: name, kind: lake.OfTable, of: "table " + t.String(), query: shape.query()})
}

// addSkipped is for a table that RDS left out and that allow_skipped names, "shop.audit" or "app.public.audit". The manifests need
// not mention it.
func (p *plan) addSkipped(table string) {
	part := strings.SplitN(table, ".", 3)
	if len(part) == 2 {
		part = []string{part[0], part[0], part[1]}
	}
	if len(part) == 3 {
		p.skip(p.source.ViewOf(part[0], part[1], part[2]), table)
	}
}

// skip leaves a view as it is.
func (p *plan) skip(name, table string) {
	if p.stays[name] == "" {
		p.stays[name] = table
		p.warnings = append(p.warnings, fmt.Sprintf("%s: skipped by RDS, so view %q was not made anew", table, name))
	}
}

// addUnknown is for an empty table whose columns the export does not say. It has no view; but one that is there must not go
// on to show the rows of another night among those of this one.
func (p *plan) addUnknown(t manifest.Table, name string) {
	unknown := fmt.Sprintf("table %s is empty, and the export does not say its columns", t)
	if _, there := p.entries[name]; there {
		p.stays[name] = t.String()
		p.problem("%s: drop view %q, which still shows older rows", unknown, name)
		return
	}
	p.warnings = append(p.warnings, unknown+": it has no view")
}

func (p *plan) addOwn(v workflow.View) {
	p.views = append(p.views, view{name: v.Name, kind: lake.Own, of: v.File, query: v.SQL, needs: p.reads(v.SQL)})
}

// reads are the names of what a query reads in the source's own database.
func (p *plan) reads(query string) []string {
	var names []string
	for _, r := range workflow.Relations(query) {
		if r.Database == "" || r.Database == p.source.Database() {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// table finds the view of a table.
func (p *plan) table(name string) (tableView, bool) {
	i := slices.IndexFunc(p.tables, func(v tableView) bool { return v.name == name })
	if i < 0 {
		return tableView{}, false
	}
	return p.tables[i], true
}

// requireFreeNames finds views that would take each other's name, or a table's, and names that are none.
func (p *plan) requireFreeNames() {
	first := map[string]view{}
	for _, v := range p.views {
		other, twice := first[v.name]
		e, there := p.entries[v.name]
		switch {
		case strings.Trim(v.name, "_") == "":
			p.problem("%s: no letter of its name can stand in a view's name: name its view under names", v.of)
		case len(v.name) > longestName:
			p.problem("view %q of %s: a name has %d characters at most: name its view under names", v.name, v.of, longestName)
		case twice:
			p.problem("view %q would be made of both %s and %s: name one of them under names, set a view_name that separates them, such as %q, or rename the view that is your own",
				v.name, other.of, v.of, "{database}_{table}")
		case there && !e.isView:
			p.problem("view %q of %s: database %q has a table of this name, which is not replaced: drop it, or set another view_name", v.name, v.of, p.source.Database())
		}
		first[v.name] = v
	}
}

// longestName is how many characters the name of a view may have (Athena guide, "Name databases, tables, and columns").
const longestName = 255

// findNeeds leaves of the relations that a view reads those that are views of this night.
func (p *plan) findNeeds() {
	names := map[string]bool{}
	for _, v := range p.views {
		names[v.name] = true
	}
	for i := range p.views {
		p.views[i].needs = slices.DeleteFunc(p.views[i].needs, func(name string) bool { return !names[name] })
	}
}

// publication is the account of this night's views.
func (p *plan) publication() lake.Publication {
	views := map[string]lake.Kind{}
	for _, v := range p.views {
		views[v.name] = v.kind
	}
	for name := range p.stays {
		views[name] = lake.OfTable
	}
	r := p.request.Record
	return lake.Publication{
		SnapshotAt: r.Snapshot.CreatedAt, PublishedAt: p.request.Execution.EnteredAt, Engine: p.engine, CrawledTables: r.Crawl.Tables, Views: views,
	}
}
