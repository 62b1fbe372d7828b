package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// basis is what the views are to be made of.
type basis struct {
	source workflow.Source
	engine string
	id     workflow.ExportID
	export workflow.Export
	// folder is the export's key, root its location: "s3://lake/exports/shop/shop-20261121-1705-0/".
	folder, root string
	request      workflow.Request
}

func (h *Handler) basis(in workflow.Request) (basis, error) {
	r := in.Record
	source, err := setup.Source(h.Config, r.Source)
	if err != nil {
		return basis{}, err
	}
	if in.Input == nil || r.Snapshot == nil || r.Export == nil || r.Crawl == nil {
		return basis{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the request lacks an input, a snapshot, an export or a crawl. A redrive does not help: start a new execution", r.Source)
	}
	id, ours := workflow.ParseExportID(r.Export.ID)
	if !ours {
		return basis{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: %q is no export identifier of ours. A redrive does not help: start a new execution", r.Source, r.Export.ID)
	}
	folder := r.Export.Folder()
	return basis{
		source: source, engine: r.Snapshot.Engine, id: id, export: *r.Export,
		folder: folder, root: workflow.S3URI(h.Bucket, folder), request: in,
	}, nil
}

// asExported sets the time of a live export, which has no snapshot: when RDS began it, hours after the start of the execution perhaps.
func (b basis) asExported(info manifest.Info) basis {
	began := cmp.Or(info.SnapshotTime, info.TaskStartTime)
	if strings.Contains(b.request.Record.Snapshot.ARN, ":cluster:") && !began.IsZero() {
		live := *b.request.Record.Snapshot
		live.CreatedAt = began
		b.request.Record.Snapshot = &live
	}
	return b
}

// wants reports whether a table is to have a view of this export: the source wants it, and CheckExport did not let it be skipped.
func (b basis) wants(t manifest.Table) bool {
	return b.source.Selects(t.TableName) && !slices.Contains(b.export.Skipped, t.String())
}

// outdated says that the views read a newer snapshot than this night's, or "" when they do not. So it is in an execution that
// was redriven days later, or took longer than a day. An execution that was started for a certain snapshot or export goes back
// on purpose.
func (b basis) outdated(all entries) string {
	if b.goesBack() {
		return ""
	}
	newest := newestRead(all)
	if !newest.After(b.id.SnapshotTime) {
		return ""
	}
	return fmt.Sprintf("the views stay as they are: they read a snapshot of %s, and this execution has one of %s; start a new execution with it as snapshot to go back to it",
		workflow.FormatTime(newest), workflow.FormatTime(b.id.SnapshotTime))
}

// goesBack tells whether the execution was started for a certain snapshot or export.
func (b basis) goesBack() bool {
	return b.request.Record.ExportID != "" || b.request.Input.Snapshot != ""
}

// newestRead is the time of the newest snapshot that a view reads, as the names of crawled tables tell it; zero when there is
// no view.
func newestRead(all entries) time.Time {
	var newest time.Time
	for _, e := range all {
		for _, word := range e.crawled {
			if at, ok := workflow.SnapshotTimeOf(word); ok && at.After(newest) {
				newest = at
			}
		}
	}
	return newest
}

// restarts is the status that makes good what err says is missing, or "". It takes somebody who has redriven the execution since
// CheckCrawler: a redrive says to try again. An export that the execution was started with is not replaced, since that very one was
// asked for.
func (b basis) restarts(err error) string {
	r := b.request.Record
	if b.request.Execution.RedriveCount <= r.Crawl.RedriveCount {
		return ""
	}
	switch err.(type) {
	case workflow.TablesMissing:
		return workflow.Restart
	case workflow.ObjectsMissing:
		if r.ExportID == "" {
			return workflow.RestartExport
		}
	}
	return ""
}

// exportAgain says how objects that are missing are made good.
func (b basis) exportAgain() string {
	if b.request.Record.ExportID != "" {
		return "A redrive does not export again: start a new execution without exportId"
	}
	return "Redrive to export once more"
}
