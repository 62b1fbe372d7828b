package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/inventory"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/functions/internal/statement"
	"snaplake/functions/internal/viewplan"
	"snaplake/workflow"
)

// S3 is the part of the S3 client that reads exports and writes publications.
type S3 interface {
	manifest.Client
	exports.PutObject
}

// Glue is the part of the Glue client that reads the catalog and drops views.
type Glue interface {
	inventory.Glue
	BatchDeleteTable(context.Context, *glue.BatchDeleteTableInput, ...func(*glue.Options)) (*glue.BatchDeleteTableOutput, error)
}

// Handler creates the views of an export.
type Handler struct {
	S3      S3
	Glue    Glue
	Athena  *statement.Runner
	Config  workflow.Config
	Log     *slog.Logger
	Metrics metrics.Recorder
	Bucket  string
}

// Handle creates all views of a source from the export in the state: the table, history, changes, user-defined and freshness views. It
// changes no view if the plan has a problem (see package viewplan). Unless the run is a rollback, it also changes no view if a view
// already reads a newer snapshot.
//
// After two fifths of the function's timeout, Handle stops creating views and returns the status PUBLISHING. The next invocation with that
// state creates the remaining views, so the timeout does not limit the number of tables.
//
// The error is a [workflow.ObjectsMissing], a [workflow.TablesMissing], a [workflow.ChecksFailed] or a [workflow.ViewsFailed]. After a
// redrive, Handle returns a status instead of the first two errors, so that the state machine exports or crawls again.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Views, error) {
	began := h.Metrics.Now()
	stopAt := h.stopAt(ctx)
	ctx, cancel := setup.WithHeadroom(ctx)
	defer cancel()
	input, err := inventory.NewInput(h.Config, h.Bucket, in)
	if err != nil {
		return workflow.Views{}, err
	}
	views, err := h.create(ctx, input, stopAt)
	if status := restartStatus(input, err); status != "" {
		h.Log.WarnContext(ctx, "restarting", "status", status, "export", input.Export.ID, "reason", err)
		views = noViews(input)
		views.Status = status
		return views, nil
	}
	if err != nil && ctx.Err() != nil && !workflow.IsNamed(err) {
		err = workflow.Errorf[workflow.Unavailable](
			"the function timed out before it created all views of database %q: %w. Redrive to continue", input.Source.Database(), err)
	}
	if err != nil {
		return workflow.Views{}, err
	}
	worked := time.Duration(views.Seconds)*time.Second + h.Metrics.Now().Sub(began)
	views.Seconds = int(worked.Round(time.Second) / time.Second)
	if views.Published > 0 && views.Status == workflow.Published {
		h.Metrics.Emit(input.Source.Name, in.Execution.Name,
			metrics.Seconds(workflow.MetricViewsSeconds, worked),
			metrics.Time(workflow.MetricSnapshotTime, in.State.Snapshot.CreatedAt))
	}
	return views, nil
}

// stopAt returns the time at which two fifths of the function's timeout have elapsed, so that an invocation takes at most half of the
// timeout. Without a timeout, it returns the zero time.
func (h *Handler) stopAt(ctx context.Context) time.Time {
	deadline, limited := ctx.Deadline()
	if !limited {
		return time.Time{}
	}
	now := h.Metrics.Now()
	return now.Add(deadline.Sub(now) * 2 / 5)
}

func (h *Handler) reader() inventory.Reader {
	return inventory.Reader{S3: h.S3, Glue: h.Glue, Log: h.Log, Bucket: h.Bucket, CrawledDatabase: h.Config.CrawledDatabase()}
}

func (h *Handler) create(ctx context.Context, input inventory.Input, stopAt time.Time) (workflow.Views, error) {
	views := noViews(input)
	entries, err := h.reader().ReadEntries(ctx, views.Database)
	if err != nil {
		return workflow.Views{}, err
	}
	if warning := newerWarning(input, entries); warning != "" {
		views.Warnings = append(views.Warnings, warning)
		return views, nil
	}
	existing, err := h.reader().Read(ctx, input, entries)
	if err != nil {
		return workflow.Views{}, err
	}
	plan, err := viewplan.Make(ctx, h.reader(), existing)
	if err != nil {
		return workflow.Views{}, err
	}
	last := input.Request.State.Views
	// The digest differs if the configuration has changed.
	resumed := last != nil && last.Status == workflow.Publishing && last.Digest == plan.Digest()
	if resumed {
		views = *last
	}
	plan.PublishedAt = views.StartedAt
	if err := h.Athena.RunQueries(ctx, views.Database, plan.Queries(resumed)); err != nil {
		return workflow.Views{}, err
	}
	if err := plan.Verify(); err != nil {
		return workflow.Views{}, err
	}
	return h.publish(ctx, plan, views, stopAt)
}

// noViews returns the result of an invocation that has not created any views yet.
func noViews(in inventory.Input) workflow.Views {
	return workflow.Views{
		Database: in.Source.Database(), Status: workflow.Published, StartedAt: in.StartedAt(), Warnings: []string{}, Changed: []string{},
	}
}

// newerWarning returns a warning if a view already reads a newer snapshot than this run does, or else "". A view does so if an execution is
// redriven days later, or takes longer than a day. A rollback causes no warning.
func newerWarning(in inventory.Input, entries inventory.Entries) string {
	var newest time.Time
	for _, e := range entries {
		for _, name := range e.Crawled {
			if at, ok := workflow.SnapshotTimeOf(name); ok && at.After(newest) {
				newest = at
			}
		}
	}
	if in.IsRollback() || !newest.After(in.ID.SnapshotTime) {
		return ""
	}
	return fmt.Sprintf("the views were not changed, because they already read a newer snapshot, taken at %s; this run's was taken at %s. "+
		"To roll back, start a new execution with the identifier of the older snapshot",
		workflow.FormatTime(newest), workflow.FormatTime(in.ID.SnapshotTime))
}

// restartStatus returns the status that makes the state machine export or crawl again, or "". It returns a status only if the execution
// was redriven after CheckCrawler succeeded. An export that the execution's input names is never replaced.
func restartStatus(in inventory.Input, err error) string {
	r := in.Request.State
	if in.Request.Execution.RedriveCount <= r.Crawl.RedriveCount {
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
