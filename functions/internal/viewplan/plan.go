package viewplan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
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

// Plan is the decision about all views of a source.
type Plan struct {
	*inventory.Inventory
	// PublishedAt is the time of publication that snaplake_freshness shows.
	PublishedAt time.Time
	// Levels are the views to create; those of a level read only views of the levels before.
	Levels [][]*View
	// Dropped are the names of existing views to drop.
	Dropped []string
	// Changed describes how the views of tables differ from the existing ones. Warnings are problems that do not fail the plan.
	Changed, Warnings []string

	mapper projection.Mapper
	// locations of the crawled tables, by name.
	locations map[string]string
	// previous are the exports that history and changes read besides this one, the newest first.
	previous []*previousExport
	// omitted is the number of further exports, for which a history has no room.
	omitted int
	// newerColumns are those of the newest published export, by view; nil unless the run is a rollback behind it.
	newerColumns map[string][]string

	tables  []*tableView
	tableOf map[string]*tableView
	views   []*View
	viewOf  map[string]*View
	// skipped are the names of tables that RDS skipped, kept their existing views, which stay as they are.
	skipped []string
	kept    map[string]keptView
	// failed are the views whose tables have a problem.
	failed map[string]bool
	// uniqueKeys are those that changes need.
	uniqueKeys []uniqueKey
	// published is the number of rows in existing views.
	published map[string]int64
	// problems are for the user to correct.
	problems []string
}

// tableView is the view of a table.
type tableView struct {
	name       string
	table      manifest.Table
	projection projection.Table
	// rows is nil while nothing has counted them.
	rows *int64
}

// keptView is an existing view that stays as it is. table is that of a view of a table.
type keptView struct {
	kind  exports.Kind
	table string
}

func (p *Plan) isKept(name string) bool { _, is := p.kept[name]; return is }

// Make makes a plan. The error is a [workflow.ViewsFailed] if there are problems.
func Make(ctx context.Context, r inventory.Reader, i *inventory.Inventory) (*Plan, error) {
	p := &Plan{
		Inventory: i, mapper: projection.Mapper{Source: i.Source, Engine: i.Engine, Database: r.CrawledDatabase},
		locations: map[string]string{}, tableOf: map[string]*tableView{}, viewOf: map[string]*View{},
		kept: map[string]keptView{}, failed: map[string]bool{}, published: map[string]int64{},
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

// decide decides on everything besides the views of tables.
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
		p.views = append(p.views, &View{Name: v.Name, kind: exports.Own, of: v.File, query: fixed(v.SQL), Needs: needs})
	}
	p.addFreshness()
	p.requireFreeNames()
	p.findDropped()
	p.requireNeeds()
	p.requireHidden()
	if err := p.sort(); err != nil {
		p.problem("%v", err)
	}
}

// sort sorts the views into levels.
func (p *Plan) sort() error {
	reads := map[string][]string{}
	for _, v := range p.views {
		v.Needs = slices.DeleteFunc(v.Needs, func(name string) bool { return p.viewOf[name] == nil })
		reads[v.Name] = v.Needs
	}
	levels, err := workflow.TopoLevels(reads)
	if err != nil {
		return err
	}
	for _, names := range levels {
		var level []*View
		for _, name := range names {
			level = append(level, p.viewOf[name])
		}
		p.Levels = append(p.Levels, level)
	}
	return nil
}

func (p *Plan) problem(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

func (p *Plan) warn(format string, args ...any) {
	p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...))
}

// err returns an error about all problems, or nil.
func (p *Plan) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	return workflow.Errorf[workflow.ViewsFailed](
		"the views of source %q stay as they are:\n%s\nCorrect this, deploy if views or pipeline.yaml changed, then redrive",
		p.Source.Name, strings.Join(workflow.Summarize(p.problems, workflow.MaxListed), "\n"))
}

// Queries returns what Athena has to answer before views change: whether the rows pass the source's checks, whether keys are unique, and
// whether Athena accepts the user's SQL. A resumed plan has passed the latter two.
func (p *Plan) Queries(resumed bool) []statement.Query {
	if resumed {
		return p.countRows()
	}
	return slices.Concat(p.countRows(), p.checkKeys(), p.dryRun())
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
			p.problem("view %q of %s: its statement has %d bytes, more than Athena's limit of %d: drop columns",
				v.Name, v.of, n, statement.MaxBytes)
		}
	}
	return p.err()
}

// View returns a view to create by its name, or nil.
func (p *Plan) View(name string) *View { return p.viewOf[name] }

// Digest returns the SHA-256 of all statements in their order, in hexadecimal digits. It leaves out the queries of the freshness: they
// depend on numbers of rows, and their tables are part of the other statements.
func (p *Plan) Digest() string {
	sum := sha256.New()
	for _, level := range p.Levels {
		for _, v := range level {
			text := v.Name
			if v.kind != exports.OfFreshness {
				text = v.Statement(p.Source.Database())
			}
			_, _ = io.WriteString(sum, text+"\x00") // a hash returns no error
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Publication returns the record of the published views.
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
