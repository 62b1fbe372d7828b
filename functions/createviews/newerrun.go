package main

import (
	"context"
	"maps"
	"slices"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/statement"
	"snaplake/functions/internal/viewplan"
	"snaplake/workflow"
)

// Two runs of a source may publish at the same time, and neither Athena nor Glue prevents one from replacing the other's views. So each run
// announces itself in its export's folder before it changes the first view, and lists all views after it has written its publication. It
// stops as soon as a run with a newer snapshot has announced itself, and then checks whether that run has published. So at least one of the
// two runs detects the last change by the older run, and the newest snapshot wins, whichever run is faster.

// newerRun looks for a run with a newer snapshot.
type newerRun struct {
	*viewplan.Plan
	h *Handler
	// calls is the number of calls to exists() since the last reset. Only the first of every InFlight calls reads the bucket.
	calls int
	found bool
	// id identifies the export of the newer run.
	id  workflow.ExportID
	err error
}

// exists reports whether a run with a newer snapshot has announced itself. It also returns true after an error, which it stores in err. It
// always returns false in a rollback.
func (n *newerRun) exists(ctx context.Context) bool {
	n.calls++
	if n.IsRollback() || n.found || n.err != nil || n.calls%statement.InFlight != 1 {
		return n.found || n.err != nil
	}
	ids, err := exports.List(ctx, n.h.S3, n.h.Bucket, n.Source.Name)
	latest := n.StartedAt().Add(workflow.LongestRun) // anyone who can write to the bucket can forge a later time
	for _, id := range ids {
		if err != nil || !id.SnapshotTime.After(n.ID.SnapshotTime) || id.SnapshotTime.After(latest) {
			continue
		}
		var announced bool
		if announced, err = exports.Exists(ctx, n.h.S3, n.h.Bucket, id.Folder()+workflow.PublishingFile); announced {
			n.found, n.id = true, id
		}
	}
	n.err = err
	return n.found || n.err != nil
}

// requireOwnViews finds views that an older run replaced, created or dropped during this run, and published views that Glue did not list
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
	n.calls = 0 // a newer run may replace views
	if len(wrong) == 0 || n.exists(ctx) {
		return nil
	}
	return workflow.Errorf[workflow.Unavailable](
		"views of source %q were changed, perhaps by another run, while this run was creating its views: %s",
		n.Source.Name, viewplan.ShortList(slices.Sorted(maps.Keys(wrong))))
}

// requireNewerViews finds views that this run created after the newer run had published and listed all views. The error is a
// [workflow.ViewsFailed].
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
		"export %s of a newer snapshot was published while this run was creating views, and these views show older rows: %s. "+
			"Do not redrive; start a new execution with exportId %s", n.id, viewplan.ShortList(older), n.id)
}
