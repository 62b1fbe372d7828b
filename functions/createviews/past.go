package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// past is what there was before this night.
type past struct {
	// last is the newest publication of the source; its Views are nil when there is none.
	last lake.Publication
	// publications by the exports that have one.
	publications map[workflow.ExportID]lake.Publication
	// exports are those that the source keeps and that were published, older than this night's, the newest first. They are read
	// only when the source wants history or changes.
	exports []pastExport
	// damaged are published exports of which nobody can tell any more what they held, with the reason.
	damaged []string
}

// pastExport is an export of an earlier night.
type pastExport struct {
	lake.Export
	lake.Publication
	// tables by the names of their views.
	tables map[string]manifest.Table
}

// past reads what was published before.
func (h *Handler) past(ctx context.Context, b basis) (past, error) {
	p := past{publications: map[workflow.ExportID]lake.Publication{}}
	exports, err := lake.Exports(ctx, h.S3, h.Bucket, b.source.Name)
	if err != nil {
		return p, err
	}
	for _, e := range exports {
		publication, there, err := lake.ReadPublication(ctx, h.S3, h.Bucket, e.Folder)
		if err != nil {
			return p, err
		}
		if there {
			p.publications[e.ID] = publication
			if p.last.Views == nil || publication.PublishedAt.After(p.last.PublishedAt) {
				p.last = publication
			}
		}
	}
	if len(b.source.History)+len(b.source.Changes) == 0 {
		return p, nil
	}
	return p, h.older(ctx, b, exports, &p)
}

// older adds the published exports that are older than this night's. Of two of one snapshot the later attempt counts.
func (h *Handler) older(ctx context.Context, b basis, exports []lake.Export, p *past) error {
	retained := lake.Retained(exports, b.source, b.export.ID, b.request.Execution.StartedAt)
	newest := b.id.SnapshotTime
	for _, e := range exports {
		publication, published := p.publications[e.ID]
		if !published || !e.ID.SnapshotTime.Before(newest) {
			continue
		}
		if len(p.exports)+1 >= b.source.Keep || e.Complete && !slices.ContainsFunc(retained, func(r lake.Export) bool { return r.ID == e.ID }) {
			continue
		}
		tables, err := h.pastTables(ctx, b.source, e)
		if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
			p.damaged = append(p.damaged, fmt.Sprintf("history and changes read export %s, which was complete and is so no more: %v. Delete its folder %s to do without it", e.ID, err, e.Location))
			continue
		}
		if err != nil {
			return err
		}
		newest = e.ID.SnapshotTime
		p.exports = append(p.exports, pastExport{Export: e, Publication: publication, tables: tables})
		if len(b.source.History) == 0 {
			return nil // changes are those since the one before
		}
	}
	return nil
}

func (h *Handler) pastTables(ctx context.Context, source workflow.Source, e lake.Export) (map[string]manifest.Table, error) {
	contents, err := manifest.Read(ctx, h.S3, h.Bucket, e.Folder)
	if err != nil {
		return nil, err
	}
	tables := map[string]manifest.Table{}
	for _, t := range contents.Tables {
		if t.Complete() && source.Wants(t.Database, t.Schema, t.Name) {
			tables[source.ViewOf(t.Database, t.Schema, t.Name)] = t
		}
	}
	return tables, nil
}

// pastShape is a table as an earlier export has it; it reports false when that export does not have it, or not with columns that
// its export tells.
func (p *plan) pastShape(e pastExport, name string) (sh shape, there bool, err error) {
	t, there := e.tables[name]
	if !there || t.Empty() && len(t.Columns) == 0 {
		return shape{}, false, nil
	}
	lost := func(what string) error {
		return fmt.Errorf("export %s has %s of table %s no more: delete its folder %s to do without it", e.ID, what, t, e.Location)
	}
	if t.Objects == 0 {
		return shape{}, false, lost("an object")
	}
	s := p.shaper()
	s.engine = e.Engine
	if t.Empty() {
		sh, _, _, err = s.shape(name, t, nil, e.ID.TablePrefix())
		return sh, true, err
	}
	crawled := p.crawled[e.Location+t.Folder]
	if crawled == nil {
		return shape{}, false, lost("the crawled table")
	}
	// A setting about types that fits today's column only is no reason to do without yesterday's.
	s.source.Columns = slices.DeleteFunc(slices.Clone(s.source.Columns), func(r workflow.ColumnRule) bool { return r.Setting == "columns" && r.As != workflow.Drop })
	sh, _, _, err = s.shape(name, t, crawled, e.ID.TablePrefix())
	return sh, true, err
}
