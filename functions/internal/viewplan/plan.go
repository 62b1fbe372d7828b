// Package viewplan decides which views a run creates, keeps and drops, before any of them changes. A problem with one view fails the
// whole plan.
//
// [Make] adds the views of tables (tables.go), and then the views that derive from them: the history, changes, user-defined and freshness
// views. It verifies the settings (settings.go) and compares the result with the existing views (existingviews.go). [Plan.Queries] returns
// the checks that need Athena (queries.go), and [Plan.Verify] evaluates their results. The tests are in package createviews.
package viewplan

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/inventory"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

// Plan describes what a run does with each view of a source.
type Plan struct {
	*inventory.Inventory
	// PublishedAt is the time of publication that snaplake_freshness shows.
	PublishedAt time.Time
	// Levels holds the views to create. The views of a level read only views of earlier levels.
	Levels [][]*View
	// Dropped holds the names of the existing views to drop.
	Dropped []string
	// Changed describes how the views of tables differ from the existing ones. Warnings holds problems that do not fail the plan.
	Changed, Warnings []string

	mapper projection.Mapper
	// locations maps crawled tables to their locations in S3.
	locations map[string]string
	// previous holds the older exports that history and changes views read, newest first.
	previous []*previousExport
	// omitted is the number of older exports that do not fit into a history view.
	omitted int
	// newerColumns maps views to their columns in the newest published export. It is nil unless the run rolls back to an older export.
	newerColumns map[string][]string

	tables  []*tableView
	tableOf map[string]*tableView
	views   []*View
	viewOf  map[string]*View
	// kept holds the existing views of tables that RDS skipped, and skipped holds the names of these tables.
	kept    map[string]keptView
	skipped []string
	// failed holds the views whose tables have a problem.
	failed map[string]bool
	// keyQueries holds the queries that check the keys of changes views.
	keyQueries []statement.Query
	problems   []string
}

// View is a view to create.
type View struct {
	Name string
	kind exports.Kind
	// label says what the view shows, for example "table shop.users" or "views/shop/daily_sales.sql".
	label string
	// query returns the SELECT. The text is built on demand, because all queries together are large, and some contain row counts that are
	// not known earlier.
	query func() string
	// Needs holds the names of the planned views that this view reads.
	Needs []string
}

// Statement returns the statement that creates the view. The query begins on the first line, so that the line numbers in Athena's
// errors match the user's file.
func (v *View) Statement(database string) string { return v.prefix(database) + v.query() }

func (v *View) prefix(database string) string {
	return "CREATE OR REPLACE VIEW " + projection.Quote(database) + "." + projection.Quote(v.Name) + " AS "
}

// Describe returns a description of the view for an error message.
func (v *View) Describe(database string) string {
	return fmt.Sprintf("view %s.%s (%s)", projection.Quote(database), projection.Quote(v.Name), v.label)
}

// ReadsNoExport reports whether a view of this kind may exist without reading a crawled table.
func (v *View) ReadsNoExport() bool {
	return v.kind == exports.UserDefined || v.kind == exports.OfFreshness
}

func fixed(query string) func() string { return func() string { return query } }

type tableView struct {
	name       string
	table      manifest.Table
	projection projection.Table
	// rows and published are the row counts of the table and of the existing view. They are nil until the rows have been counted.
	rows, published *int64
}

// keptView is an existing view that the run does not replace.
type keptView struct {
	kind exports.Kind
	// table is the name of the table, if the view shows only one.
	table string
}

func (p *Plan) isKept(name string) bool { _, is := p.kept[name]; return is }

// Make returns a plan. The error is a [workflow.ViewsFailed] if there are problems.
func Make(ctx context.Context, r inventory.Reader, i *inventory.Inventory) (*Plan, error) {
	p := &Plan{
		Inventory: i, mapper: projection.Mapper{Source: i.Source, Engine: i.Engine, Database: r.CrawledDatabase},
		locations: map[string]string{}, tableOf: map[string]*tableView{}, viewOf: map[string]*View{},
		kept: map[string]keptView{}, failed: map[string]bool{},
	}
	for location, t := range i.Crawled {
		p.locations[t.Name] = location
	}
	for _, t := range i.Tables {
		if i.Selects(t) {
			p.addTable(t)
		}
	}
	for _, name := range i.Export.Skipped {
		p.addSkipped(name)
	}
	if err := p.readPrevious(ctx, r); err != nil {
		return nil, err
	}
	if err := p.readNewerColumns(ctx, r); err != nil {
		return nil, err
	}
	p.decide()
	p.Changed = p.schemaDiff()
	return p, p.err()
}

// decide adds all views except the views of tables, and verifies the plan.
func (p *Plan) decide() {
	p.requireSettings()
	for _, name := range p.Source.History {
		p.addHistory(name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Source.Changes)) {
		p.addChanges(name, p.Source.Changes[name])
	}
	for _, v := range p.Source.Views {
		needs := inventory.ReferencedViews(v.SQL, p.Source.Database())
		p.views = append(p.views, &View{Name: v.Name, kind: exports.UserDefined, label: v.File, query: fixed(v.SQL), Needs: needs})
	}
	p.addFreshness()
	p.requireFreeNames()
	p.findDropped()
	p.requireNeeds()
	p.requireHidden()
	p.sort()
}

// sort sorts the views into levels.
func (p *Plan) sort() {
	reads := map[string][]string{}
	for _, v := range p.views {
		v.Needs = slices.DeleteFunc(v.Needs, func(name string) bool { return p.viewOf[name] == nil })
		reads[v.Name] = v.Needs
	}
	levels, err := workflow.TopoLevels(reads)
	if err != nil {
		p.problem("%v", err)
	}
	for _, names := range levels {
		var level []*View
		for _, name := range names {
			level = append(level, p.viewOf[name])
		}
		p.Levels = append(p.Levels, level)
	}
}

func (p *Plan) problem(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

func (p *Plan) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

func (p *Plan) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	return workflow.Errorf[workflow.ViewsFailed](
		"the views of source %q were not changed:\n%s",
		p.Source.Name, strings.Join(workflow.Summarize(p.problems, workflow.MaxListed), "\n"))
}

// Queries returns the checks to run in Athena before any view changes: whether the rows pass the source's checks, whether keys are unique,
// and whether Athena accepts the user-defined views. A resumed plan repeats only the first of these checks.
func (p *Plan) Queries(resumed bool) []statement.Query {
	if resumed {
		return p.countRows()
	}
	return slices.Concat(p.countRows(), p.keyQueries, p.dryRun())
}

// Verify evaluates the results of the queries. The error is a [workflow.ViewsFailed] or a [workflow.ChecksFailed].
func (p *Plan) Verify() error {
	if err := p.err(); err != nil {
		return err
	}
	if err := p.checkRows(); err != nil {
		return err
	}
	for _, v := range p.views {
		if n := len(v.Statement(p.Source.Database())); n > statement.MaxBytes {
			p.problem("view %q of %s: its statement has %d bytes, but Athena accepts only %d; omit columns", v.Name, v.label, n, statement.MaxBytes)
		}
	}
	return p.err()
}

// View returns the planned view with the given name, or nil if there is none.
func (p *Plan) View(name string) *View { return p.viewOf[name] }

// Digest returns the SHA-256 of all statements as hexadecimal digits. It excludes the queries of the freshness views, because they
// contain row counts that are not known yet.
func (p *Plan) Digest() string {
	sum := sha256.New()
	for _, v := range slices.Concat(p.Levels...) {
		text := v.Name
		if v.kind != exports.OfFreshness {
			text = v.Statement(p.Source.Database())
		}
		fmt.Fprint(sum, text, "\x00")
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// Publication returns the publication to write once the views have been created.
func (p *Plan) Publication() exports.Publication {
	views := map[string]exports.Kind{}
	for _, v := range p.views {
		views[v.Name] = v.kind
	}
	for name, v := range p.kept {
		views[name] = v.kind
	}
	return exports.Publication{
		SnapshotAt: p.SnapshotAt, PublishedAt: p.PublishedAt, Engine: p.Engine, CrawledTables: p.Request.State.Crawl.Tables, Views: views,
		Skipped: p.skipped, Rules: p.Source.Columns,
	}
}
