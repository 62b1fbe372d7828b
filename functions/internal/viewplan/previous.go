package viewplan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/inventory"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/projection"
)

// previousExport is a published export of an earlier run.
type previousExport struct {
	exports.Export
	exports.Publication
	// tables are those with history or changes, by the names of their views.
	tables map[string]*previousTable
}

// previousTable is a table as a previous export has it, or err says why that is unknown.
type previousTable struct {
	projection projection.Table
	err        error
	// aligned has the columns of the current view, see [Plan.align].
	aligned *projection.Table
}

// readPrevious reads the published exports that the source retains and that are older than this run's, as far as history and changes need
// them. Of two exports of one snapshot the later attempt counts.
func (p *Plan) readPrevious(ctx context.Context, r inventory.Reader) error {
	if len(p.Source.History)+len(p.Source.Changes) == 0 {
		return nil
	}
	retained := exports.Retained(p.Exports, p.Source, p.Export.ID, p.Request.Execution.StartedAt)
	newest := p.ID.SnapshotTime
	for _, e := range p.Exports {
		publication, published := p.Publications[e.ID]
		isRetained := !e.Complete || slices.ContainsFunc(retained, func(r exports.Export) bool { return r.ID == e.ID })
		if !published || !e.ID.SnapshotTime.Before(newest) || !isRetained || len(p.previous)+1 >= p.Source.Keep {
			continue
		}
		if len(p.previous)+1 >= historyExports {
			newest = e.ID.SnapshotTime
			p.omitted++
			continue
		}
		previous := &previousExport{Export: e, Publication: publication}
		err := p.readTables(ctx, r, previous)
		if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
			p.problem("history and changes read export %s, which is no longer complete: %v. To do without it, delete its folder %s",
				e.ID, err, e.Location)
			continue
		}
		if err != nil {
			return err
		}
		newest = e.ID.SnapshotTime
		p.previous = append(p.previous, previous)
		if len(p.Source.History) == 0 && p.havePrevious(p.Source.Changes) {
			return nil
		}
	}
	return nil
}

// havePrevious reports whether a previous export has been read for each table with changes.
func (p *Plan) havePrevious(changes map[string][]string) bool {
	for name := range changes {
		if !slices.ContainsFunc(p.previous, func(e *previousExport) bool { return e.tables[name] != nil }) {
			return false
		}
	}
	return true
}

// readTables reads the tables of a previous export that have history or changes.
func (p *Plan) readTables(ctx context.Context, r inventory.Reader, e *previousExport) error {
	contents, err := manifest.Read(ctx, r.S3, r.Bucket, e.Folder)
	if err != nil {
		return err
	}
	e.tables = map[string]*previousTable{}
	for _, t := range contents.Tables {
		name := p.Source.ViewName(t.TableName)
		isWanted := slices.Contains(p.Source.History, name) || p.Source.Changes[name] != nil
		isKnown := t.Complete() && (!t.Empty() || len(t.Columns) > 0) && !slices.Contains(e.Skipped, t.String())
		if isWanted && isKnown && p.Source.Selects(t.TableName) {
			columns, err := p.projectPrevious(e, name, t)
			e.tables[name] = &previousTable{projection: columns, err: err}
		}
	}
	return nil
}

// projectPrevious returns the projection of a table as a previous export has it.
func (p *Plan) projectPrevious(e *previousExport, name string, t manifest.Table) (projection.Table, error) {
	lost := func(what string) (projection.Table, error) {
		return projection.Table{}, fmt.Errorf("export %s no longer has %s of table %s. To do without it, delete its folder %s",
			e.ID, what, t, e.Location)
	}
	if t.Objects == 0 {
		return lost("the objects")
	}
	crawled := p.Crawled[e.Location+t.Folder]
	switch {
	case t.Empty():
		crawled = nil
	case crawled == nil:
		return lost("the crawled table")
	}
	m := p.mapper
	m.Engine, m.Previous = e.Engine, true
	columns, _, err := m.Project(name, t, crawled, e.ID.TablePrefix())
	return columns, err
}

// readNewerColumns reads the newest published export if the run is a rollback behind it. Settings may name what only that one has.
func (p *Plan) readNewerColumns(ctx context.Context, r inventory.Reader) error {
	i := slices.IndexFunc(p.Exports, func(e exports.Export) bool { _, published := p.Publications[e.ID]; return published })
	if !p.IsRollback() || i < 0 || !p.Exports[i].ID.SnapshotTime.After(p.ID.SnapshotTime) {
		return nil
	}
	newest, err := manifest.Read(ctx, r.S3, r.Bucket, p.Exports[i].Folder)
	if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
		return nil
	}
	p.newerColumns = map[string][]string{}
	for _, t := range newest.Tables {
		name := p.Source.ViewName(t.TableName)
		for _, c := range t.Columns {
			p.newerColumns[name] = append(p.newerColumns[name], strings.ToLower(c.Name))
		}
	}
	return err
}

// align gives the projection of a previous export the columns of the current view. A column that it does not have, or whose type cannot
// be converted, is NULL.
func (p *Plan) align(v *tableView, old *previousTable, e *previousExport) projection.Table {
	if old.aligned != nil {
		return *old.aligned
	}
	aligned := old.projection
	aligned.Columns = nil
	for _, c := range v.projection.Columns {
		now := c.Null()
		if was, there := old.projection.Find(c.Name); there {
			if expression, ok := projection.Cast(was.Expression, was.Type, c.Type); ok {
				now.Expression = expression
			} else {
				p.warn("%s.%s: its type in export %s is %s, which cannot become %s: NULL there", v.name, c.Name, e.ID, was.Type, c.Type)
			}
		}
		aligned.Columns = append(aligned.Columns, now)
	}
	old.aligned = &aligned
	return aligned
}
