package viewplan

import (
	"context"
	"fmt"
	"maps"
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
	// tables maps the names of views to their tables. It holds only tables with a history or changes view.
	tables map[string]*previousTable
}

type previousTable struct {
	projection projection.Table
	// err is the reason why the projection is unknown, or nil.
	err error
	// aligned is the result of [Plan.align], or nil before the first call.
	aligned *projection.Table
}

// readPrevious reads the older exports that history and changes views need, among those that are published and retained. If several exports
// have the same snapshot, only the last attempt is read.
func (p *Plan) readPrevious(ctx context.Context, r inventory.Reader) error {
	if len(p.Source.History)+len(p.Source.Changes) == 0 {
		return nil
	}
	retained := exports.Retained(p.Exports, p.Source, p.Export.ID, p.Request.Execution.StartedAt)
	newest := p.ID.SnapshotTime
	missing := maps.Clone(p.Source.Changes) // tables for which no previous export has been read
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
		if manifest.IsUnreadable(err) {
			p.problem("history and changes views read export %s, which is no longer complete: %v. To do without this export, delete its folder %s",
				e.ID, err, e.Location)
			continue
		}
		if err != nil {
			return err
		}
		newest = e.ID.SnapshotTime
		p.previous = append(p.previous, previous)
		maps.DeleteFunc(missing, func(name string, _ []string) bool { return previous.tables[name] != nil })
		if len(p.Source.History)+len(missing) == 0 {
			return nil
		}
	}
	return nil
}

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

func (p *Plan) projectPrevious(e *previousExport, name string, t manifest.Table) (projection.Table, error) {
	crawled := p.Crawled[e.Location+t.Folder]
	if t.Objects == 0 || crawled == nil && !t.Empty() {
		return projection.Table{}, fmt.Errorf("export %s no longer has the S3 objects or the crawled table for %s. "+
			"To do without this export, delete its folder %s", e.ID, t, e.Location)
	}
	if t.Empty() {
		crawled = nil
	}
	m := p.mapper
	m.Engine, m.Previous = e.Engine, true
	columns, _, err := m.Project(name, t, crawled, e.ID.TablePrefix())
	return columns, err
}

// readNewerColumns reads the newest published export if the run rolls back to an older one. Settings may name columns that only the newest
// export contains.
func (p *Plan) readNewerColumns(ctx context.Context, r inventory.Reader) error {
	i := slices.IndexFunc(p.Exports, func(e exports.Export) bool { _, published := p.Publications[e.ID]; return published })
	if !p.IsRollback() || i < 0 || !p.Exports[i].ID.SnapshotTime.After(p.ID.SnapshotTime) {
		return nil
	}
	newest, err := manifest.Read(ctx, r.S3, r.Bucket, p.Exports[i].Folder)
	if manifest.IsUnreadable(err) {
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

// align projects a table in a previous export onto the columns of the current view. A column is NULL if the previous export does not have
// it, or if its type cannot be converted.
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
				p.warn("%s.%s is NULL for export %s, because its type in that export, %s, cannot be converted to %s",
					v.name, c.Name, e.ID, was.Type, c.Type)
			}
		}
		aligned.Columns = append(aligned.Columns, now)
	}
	old.aligned = &aligned
	return aligned
}
