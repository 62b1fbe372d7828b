package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
	// locations by the names of crawled tables.
	locations map[string]string
	// entries of the view database.
	entries entries
	// past is what was published before.
	past past
	// later are the columns of the newest published export by the names of views; nil unless the run goes back past it.
	later map[string][]string

	// publishedAt is what the views say of themselves.
	publishedAt time.Time

	tables  []*tableView
	tableOf map[string]*tableView
	views   []*view
	viewOf  map[string]*view
	// waves are the views in the order in which they need each other.
	waves [][]*view
	// stays are views that this night does not make and does not delete, with the tables that they are of.
	stays map[string]string
	// kept are views of the history and the changes of such tables, and skipped these tables.
	kept    map[string]lake.Kind
	skipped []string
	// broken are views whose tables have a problem.
	broken map[string]bool
	// keys must be unique.
	keys []keyed
	// goes are views that are to be deleted.
	goes []string
	// changed says how the views of tables differ from those of the night before.
	changed  []string
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

func newPlan(b basis, crawledDatabase string, crawled map[string]*crawledTable, entries entries, past past) *plan {
	locations := make(map[string]string, len(crawled))
	for location, t := range crawled {
		locations[t.name] = location
	}
	return &plan{
		basis: b, locations: locations, crawledDatabase: crawledDatabase, crawled: crawled, entries: entries, past: past,
		tableOf: map[string]*tableView{}, viewOf: map[string]*view{}, stays: map[string]string{}, kept: map[string]lake.Kind{}, broken: map[string]bool{},
	}
}

// addTables decides on the views of an export's tables.
func (p *plan) addTables(tables []manifest.Table) {
	for _, t := range tables {
		if p.wants(t) {
			p.addTable(t)
		}
	}
	for _, name := range p.export.Skipped {
		p.addSkipped(name)
	}
}

// make decides on all that comes with the views of tables. The error is a [workflow.ViewsFailed] that names all that is wrong.
func (p *plan) make() error {
	p.problems = append(p.past.damaged, p.problems...)
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
	p.requireWhatIsRead()
	p.requireKept()
	p.findNeeds()
	if err := p.order(); err != nil {
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

// requireShortStatements finds statements that Athena does not take. The error is a [workflow.ViewsFailed].
func (p *plan) requireShortStatements() error {
	for _, v := range p.views {
		if n := len(v.statement(p.source.Database())); n > statementBytes {
			p.problem("view %q of %s: its statement has %d bytes, and Athena takes %d: drop columns", v.name, v.of, n, statementBytes)
		}
	}
	return p.failed()
}

// order puts the views into waves: a view comes after those that it reads.
func (p *plan) order() error {
	reads := make(map[string][]string, len(p.views))
	for _, v := range p.views {
		reads[v.name] = v.needs
	}
	names, err := workflow.Waves(reads)
	if err != nil {
		return err
	}
	p.waves = make([][]*view, len(names))
	for i, wave := range names {
		for _, name := range wave {
			p.waves[i] = append(p.waves[i], p.viewOf[name])
		}
	}
	return nil
}

// isExported is false of a table that RDS skipped. CheckExport has let it pass because allow_skipped names it. Even an empty
// table has an object, _SUCCESS.
func isExported(t manifest.Table) bool { return t.Complete() && t.Objects > 0 }

func (p *plan) shaper() shaper {
	return shaper{source: p.source, engine: p.engine, crawledDatabase: p.crawledDatabase}
}

func (p *plan) addTable(t manifest.Table) {
	name := p.source.ViewName(t.TableName)
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
		p.broken[name] = true
		p.problem("table %s: %v", t, err)
		return
	}
	p.warnings = append(p.warnings, warnings...)
	if t.Warning != "" {
		p.warnings = append(p.warnings, fmt.Sprintf("%s: RDS notes: %s", t, t.Warning))
	}
	v := &tableView{name: name, table: t, shape: shape, columns: columns}
	if t.Empty() {
		v.rows = new(int64)
	}
	p.tables = append(p.tables, v)
	if p.tableOf[name] == nil { // else it is a problem, of which requireFreeNames tells
		p.tableOf[name] = v
	}
	p.views = append(p.views, &view{name: name, kind: lake.OfTable, of: "table " + t.String(), query: v.shape.query})
}

// addSkipped is for what RDS left out and allow_skipped names: a table, "shop.audit" or "app.public.audit", or all of a database. The
// manifests need not mention it. Any other text of RDS's concerns no view.
func (p *plan) addSkipped(name string) {
	table, isTable := workflow.ParseTableName(name)
	switch {
	case strings.Contains(name, " "):
	case isTable:
		p.skip(p.source.ViewName(table), name)
	default:
		for _, view := range slices.Sorted(maps.Keys(p.past.last.Views)) {
			if p.past.last.Views[view] == lake.OfTable && p.tableOf[view] == nil && p.isOf(name, p.entries[view]) {
				p.skip(view, name)
			}
		}
	}
}

// isOf reports whether a view reads a crawled table of one of the source's databases.
func (p *plan) isOf(database string, e entry) bool {
	databases, _ := p.over(e)
	return slices.Contains(databases, database)
}

// over are, of each crawled table of the source that a view reads, the database and the name of the view that the stack makes of it.
func (p *plan) over(e entry) (databases, views []string) {
	for _, name := range e.crawled {
		below, isOurs := strings.CutPrefix(p.locations[name], strings.TrimSuffix(p.root, p.export.ID+"/"))
		_, key, _ := strings.Cut(below, "/") // after the export's ID
		if table, isTable := workflow.ParseTableFolder(key); isOurs && isTable {
			databases, views = append(databases, table.Database), append(views, p.source.ViewName(table))
		}
	}
	return databases, views
}

// skip leaves a table's view as it is, with those of its history and its changes.
func (p *plan) skip(name, table string) {
	if p.stays[name] == "" {
		p.stays[name] = table
		p.skipped = append(p.skipped, table)
		if slices.Contains(p.source.History, name) {
			p.keep(name+workflow.HistorySuffix, lake.OfHistory)
		}
		if p.source.Changes[name] != nil {
			p.keep(name+workflow.ChangesSuffix, lake.OfChanges)
		}
		p.warnings = append(p.warnings, fmt.Sprintf("%s: skipped by RDS, so view %q was not made anew", table, name))
	}
}

// keep leaves a view as it is that there is already.
func (p *plan) keep(name string, kind lake.Kind) {
	if p.past.last.Views[name] == kind {
		p.kept[name] = kind
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
	p.views = append(p.views, &view{name: v.Name, kind: lake.Own, of: v.File, query: fixed(v.SQL), needs: readIn(v.SQL, p.source.Database())})
}

// readIn are the names of what a query reads in its own database.
func readIn(query, database string) []string {
	var names []string
	for _, r := range workflow.Relations(query) {
		if r.Database == "" || r.Database == database {
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// requireFreeNames notes the views by their names, and finds those that would take each other's name, or a table's, and names that are none.
func (p *plan) requireFreeNames() {
	for _, v := range p.views {
		other, twice := p.viewOf[v.name]
		e, there := p.entries[v.name]
		switch {
		case strings.Trim(v.name, "_") == "":
			p.problem("%s: no letter of its name can stand in a view's name: name its view under names", v.of)
		case len(v.name) > longestName:
			p.problem("view %q of %s: a name has %d characters at most: name its view under names", v.name, v.of, longestName)
		case twice:
			p.problem("view %q would be made of both %s and %s: %s", v.name, other.of, v.of, p.howToSeparate(v, other))
		case there && !e.isView:
			p.problem("view %q of %s: database %q has a table of this name, which is not replaced: drop it, or set another view_name", v.name, v.of, p.source.Database())
		}
		p.viewOf[v.name] = v
	}
}

// howToSeparate says how two views of one name get different ones. No template separates Users from users.
func (p *plan) howToSeparate(a, b *view) string {
	if a.kind == lake.Own || b.kind == lake.Own {
		return "rename the view that is your own"
	}
	if a.kind != lake.OfTable || b.kind != lake.OfTable {
		return "name the table under names"
	}
	for _, template := range []string{"{database}_{table}", "{schema}_{table}", "{database}_{schema}_{table}"} {
		source, views, tables := p.source, map[string]bool{}, 0
		source.ViewTemplate = template
		for _, t := range p.tables {
			if t.name == a.name {
				tables++
				views[source.ViewName(t.table.TableName)] = true
			}
		}
		if len(views) == tables {
			return fmt.Sprintf("name one of them under names, or set view_name: %q", template)
		}
	}
	return "name one of them under names"
}

// longestName is how many characters the name of a view may have (Athena guide, "Name databases, tables, and columns").
const longestName = 255

// findNeeds leaves of the relations that a view reads those that are views of this night.
func (p *plan) findNeeds() {
	for _, v := range p.views {
		v.needs = slices.DeleteFunc(v.needs, func(name string) bool { return p.viewOf[name] == nil })
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
	maps.Copy(views, p.kept)
	r := p.request.Record
	return lake.Publication{
		SnapshotAt: r.Snapshot.CreatedAt, PublishedAt: p.publishedAt, Engine: p.engine, CrawledTables: r.Crawl.Tables, Views: views, Skipped: p.skipped,
		Rules: p.source.Columns,
	}
}
