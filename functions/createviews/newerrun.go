package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/statement"
	"snaplake/functions/internal/viewplan"
	"snaplake/workflow"
)

// Two runs of a source may publish at the same time, and Athena and Glue replace a view whatever it reads. Each run announces itself in
// its export's folder before it changes the first view, and lists all views after it has written its publication. It stops as soon as
// the run of a newer snapshot has announced itself, and then checks whether that one is published already. So one of the two sees what
// the older run did last, and the newest snapshot wins whichever run is faster.

// newerRun looks for a run over a newer snapshot.
type newerRun struct {
	*viewplan.Plan
	h *Handler
	// asked is how often exists was called since it was reset. It looks at the first of InFlight calls.
	asked int
	found bool
	// id is the export of the newer run.
	id  workflow.ExportID
	err error
}

// exists reports whether a run over a newer snapshot has announced itself, or that cannot be known. For a rollback it is always false.
func (n *newerRun) exists(ctx context.Context) bool {
	n.asked++
	if n.IsRollback() || n.found || n.err != nil || n.asked%statement.InFlight != 1 {
		return n.found || n.err != nil
	}
	var ids []workflow.ExportID
	if ids, n.err = exports.List(ctx, n.h.S3, n.h.Bucket, n.Source.Name); n.err != nil {
		return true
	}
	for _, id := range ids {
		isNewer := id.SnapshotTime.After(n.ID.SnapshotTime)
		if !isNewer || id.SnapshotTime.After(n.StartedAt().Add(workflow.LongestRun)) { // any writer of the bucket can forge a future time
			continue
		}
		var announced bool
		if announced, n.err = exports.IsAnnounced(ctx, n.h.S3, n.h.Bucket, id); announced {
			n.found, n.id = true, id
		}
	}
	return n.found || n.err != nil
}

// warning says that the newer run creates the remaining views.
func (n *newerRun) warning() string {
	return fmt.Sprintf("export %s of a newer snapshot is being published, so that run creates the remaining views", n.id)
}

// requireOwnViews finds views that an older run replaced, created or dropped during this one, and published views that Glue did not list
// before. The error is a [workflow.Unavailable], so that the state machine retries with a plan that includes them.
func (h *Handler) requireOwnViews(ctx context.Context, n *newerRun) error {
	entries, err := h.reader().ReadEntries(ctx, n.Source.Database())
	if err != nil {
		return err
	}
	wrong := map[string]bool{}
	for _, v := range slices.Concat(n.Levels...) {
		wrong[v.Name] = true
	}
	for name, e := range entries {
		v := n.View(name)
		_, known := n.Entries[name]
		switch {
		case !e.IsView:
		case v == nil && !known && (n.Last.Views[name] != "" || slices.ContainsFunc(n.Exports, e.ReadsExportOf)):
			wrong[name] = true
		case v != nil && (v.ReadsNoExport() || e.ReadsExport(n.ID)):
			delete(wrong, name)
		}
	}
	n.asked = 0 // replaced views are right if a newer run replaced them
	if len(wrong) == 0 || n.exists(ctx) {
		return nil
	}
	return workflow.Errorf[workflow.Unavailable](
		"views of source %q changed while this run created its own, perhaps by another run: %s. "+
			"This is usually transient: redrive if the retries did not help",
		n.Source.Name, viewplan.ShortList(slices.Sorted(maps.Keys(wrong))))
}

// requireNewerViews finds views that this run created after the newer one was published, and that the newer one has therefore not seen.
// The error is a [workflow.ViewsFailed].
func (h *Handler) requireNewerViews(ctx context.Context, n *newerRun) error {
	if n.err != nil {
		return n.err
	}
	published, err := exports.Exists(ctx, h.S3, h.Bucket, n.id.Folder()+workflow.PublishedFile)
	if err != nil || !published {
		return err
	}
	entries, err := h.reader().ReadEntries(ctx, n.Source.Database())
	if err != nil {
		return err
	}
	var older []string
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if e := entries[name]; e.IsView && e.ReadsExport(n.ID) && !e.ReadsExport(n.id) {
			older = append(older, name)
		}
	}
	if len(older) == 0 {
		return nil
	}
	return workflow.Errorf[workflow.ViewsFailed](
		"export %s of a newer snapshot was published while this run created views, and these show older rows: %s. "+
			"Do not redrive: start an execution with exportId %s",
		n.id, viewplan.ShortList(older), n.id)
}
