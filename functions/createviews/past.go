package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// past is what there was before this night.
type past struct {
	// last is the newest publication of the source; its Views are nil when there is none.
	last lake.Publication
	// all exports that have a folder, the newest first.
	all []lake.Export
	// publications by the exports that have one.
	publications map[workflow.ExportID]lake.Publication
	// exports are those that the source keeps and that were published, older than this night's, the newest first. They are read
	// only when the source wants history or changes.
	exports []pastExport
	// left is how many more of them there are than a history can show.
	left int
	// damaged are published exports of which nobody can tell any more what they held, with the reason.
	damaged []string
}

// pastExport is an export of an earlier night.
type pastExport struct {
	lake.Export
	lake.Publication
	// tables by the names of their views: those that have a history or changes.
	tables map[string]*pastTable
}

// pastTable is a table as an export of an earlier night has it; err is why nobody can tell.
type pastTable struct {
	shape shape
	err   error
	// like is the shape with the columns of tonight's view, once it is known.
	like *shape
}

// past reads what was published before.
func (h *Handler) past(ctx context.Context, b basis) (past, error) {
	p := past{publications: map[workflow.ExportID]lake.Publication{}}
	var err error
	if p.all, err = lake.Exports(ctx, h.S3, h.Bucket, b.source.Name); err != nil {
		return p, err
	}
	for _, e := range p.all {
		if !e.Published {
			continue
		}
		publication, there, err := lake.ReadPublication(ctx, h.S3, h.Bucket, e.Folder)
		if err != nil {
			return p, err
		}
		if there {
			isNewest := p.last.Views == nil || publication.PublishedAt.After(p.last.PublishedAt)
			if isNewest && !publication.PublishedAt.After(b.startedAt()) { // whoever may write to the bucket can write a time of the future
				p.last = publication
			}
			p.publications[e.ID] = publication
		}
	}
	return p, nil
}

// readOlder adds the published exports that are older than this night's. Of two of one snapshot the later attempt counts.
func (h *Handler) readOlder(ctx context.Context, p *plan) error {
	if len(p.source.History)+len(p.source.Changes) == 0 {
		return nil
	}
	past := &p.past
	retained := lake.Retained(past.all, p.source, p.export.ID, p.request.Execution.StartedAt)
	newest := p.id.SnapshotTime
	for _, e := range past.all {
		publication, published := past.publications[e.ID]
		if !published || !e.ID.SnapshotTime.Before(newest) {
			continue
		}
		if len(past.exports)+1 >= p.source.Keep || e.Complete && !slices.ContainsFunc(retained, func(r lake.Export) bool { return r.ID == e.ID }) {
			continue
		}
		if len(past.exports)+1 >= historyExports {
			newest = e.ID.SnapshotTime
			past.left++
			continue
		}
		older := pastExport{Export: e, Publication: publication}
		var err error
		older.tables, err = h.pastTables(ctx, p, older)
		if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
			past.damaged = append(past.damaged, fmt.Sprintf("history and changes read export %s, which was complete and is so no more: %v. Delete its folder %s to do without it", e.ID, err, e.Location))
			continue
		}
		if err != nil {
			return err
		}
		newest = e.ID.SnapshotTime
		past.exports = append(past.exports, older)
		if len(p.source.History) == 0 && past.haveAll(p.source.Changes) {
			return nil // changes are those since the one before
		}
	}
	return nil
}

// haveAll reports whether an earlier export has been read of each table whose changes are wanted.
func (p past) haveAll(changes map[string][]string) bool {
	for name := range changes {
		if !slices.ContainsFunc(p.exports, func(e pastExport) bool { return e.tables[name] != nil }) {
			return false
		}
	}
	return true
}

func (h *Handler) pastTables(ctx context.Context, p *plan, e pastExport) (map[string]*pastTable, error) {
	contents, err := manifest.Read(ctx, h.S3, h.Bucket, e.Folder)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, name := range p.source.History {
		wanted[name] = true
	}
	for name := range p.source.Changes {
		wanted[name] = true
	}
	tables := map[string]*pastTable{}
	for _, t := range contents.Tables {
		name := p.source.ViewName(t.TableName)
		known := (!t.Empty() || len(t.Columns) > 0) && !slices.Contains(e.Skipped, t.String())
		if known && wanted[name] && t.Complete() && p.source.Selects(t.TableName) {
			tables[name] = &pastTable{}
			tables[name].shape, tables[name].err = p.pastShape(e, name, t)
		}
	}
	return tables, nil
}

// pastShape is a table as an earlier export has it.
func (p *plan) pastShape(e pastExport, name string, t manifest.Table) (sh shape, err error) {
	lost := func(what string) error {
		return fmt.Errorf("export %s has %s of table %s no more: delete its folder %s to do without it", e.ID, what, t, e.Location)
	}
	if t.Objects == 0 {
		return shape{}, lost("an object")
	}
	s := p.shaper()
	s.engine, s.older = e.Engine, true
	if t.Empty() {
		sh, _, _, err = s.shape(name, t, nil, e.ID.TablePrefix())
		return sh, err
	}
	crawled := p.crawled[e.Location+t.Folder]
	if crawled == nil {
		return shape{}, lost("the crawled table")
	}
	sh, _, _, err = s.shape(name, t, crawled, e.ID.TablePrefix())
	return sh, err
}

// readLater reads the tables of the newest published export when the run goes back past it: what is in them and not in this export, the
// settings may name nevertheless.
func (h *Handler) readLater(ctx context.Context, p *plan) error {
	i := slices.IndexFunc(p.past.all, func(e lake.Export) bool { _, published := p.past.publications[e.ID]; return published })
	if !p.goesBack() || i < 0 || !p.past.all[i].ID.SnapshotTime.After(p.id.SnapshotTime) {
		return nil
	}
	newest, err := manifest.Read(ctx, h.S3, h.Bucket, p.past.all[i].Folder)
	if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
		return nil
	}
	p.later = map[string][]string{}
	for _, t := range newest.Tables {
		name := p.source.ViewName(t.TableName)
		for _, c := range t.Columns {
			p.later[name] = append(p.later[name], strings.ToLower(c.Name))
		}
	}
	return err
}
