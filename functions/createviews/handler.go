package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"golang.org/x/time/rate"

	"snaplake/functions/internal/brief"
	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// S3 is what CreateViews needs of the S3 client.
type S3 interface {
	manifest.Client
	lake.PutObject
}

// Glue is what CreateViews needs of the Glue client.
type Glue interface {
	glue.GetTablesAPIClient
	BatchDeleteTable(context.Context, *glue.BatchDeleteTableInput, ...func(*glue.Options)) (*glue.BatchDeleteTableOutput, error)
}

// Handler makes the views over an export.
type Handler struct {
	S3      S3
	Glue    Glue
	Athena  Athena
	Config  workflow.Config
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket holds the exports.
	Bucket string
	// starts keeps to the number of statements that may be started in a second.
	starts *rate.Limiter
	// pause lets time pass between two looks at a statement; it returns the context's error when that ends first.
	pause func(context.Context, time.Duration) error
}

// Handle makes the views of the record's export: of its tables, of their history and changes, the user's own, and the one that
// tells how fresh they are. The first one is changed only when there is nothing to be said against any of them: no object of the
// export is gone, all tables were crawled, no two views share a name, none takes the place of a table, no table went away, each
// column can be cast, each check is passed, and Athena takes the user's SQL. A second run makes all of them again. No view is
// changed when one reads a newer snapshot already, unless this one was asked for.
//
// The error is a [workflow.ObjectsMissing], a [workflow.TablesMissing], a [workflow.ChecksFailed] or a [workflow.ViewsFailed].
// The first two are returned as a status instead, to export or crawl once more, when the execution was redriven since it last did
// so.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Views, error) {
	began := h.Metrics.Now()
	ctx, cancel := setup.LeaveTime(ctx)
	defer cancel()
	b, err := h.basis(in)
	if err != nil {
		return workflow.Views{}, err
	}
	views, err := h.make(ctx, b)
	if status := b.restarts(err); status != "" {
		h.Log.WarnContext(ctx, "starting once more", "status", status, "export", b.export.ID, "reason", err)
		return workflow.Views{Database: b.source.Database(), Status: status, Warnings: []string{}, Changed: []string{}}, nil
	}
	if err != nil && ctx.Err() != nil && !workflow.IsNamed(err) {
		err = workflow.Errorf[workflow.Unavailable](
			"the function's time was over before all views of database %q were made: %w. A redrive makes them again", b.source.Database(), err)
	}
	if err != nil {
		return workflow.Views{}, err
	}
	if views.Published > 0 {
		h.Metrics.Emit(b.source.Name, in.Execution.Name,
			metrics.Seconds(workflow.MetricViewsSeconds, h.Metrics.Now().Sub(began)),
			metrics.Time(workflow.MetricSnapshotTime, in.Record.Snapshot.CreatedAt))
	}
	return views, nil
}

func (h *Handler) make(ctx context.Context, b basis) (workflow.Views, error) {
	views := workflow.Views{Database: b.source.Database(), Status: workflow.Published, Warnings: []string{}, Changed: []string{}}
	entries, err := h.listTables(ctx, views.Database)
	if err != nil {
		return workflow.Views{}, err
	}
	if warning := b.outdated(entries); warning != "" {
		views.Warnings = append(views.Warnings, warning)
		return views, nil
	}
	p, err := h.plan(ctx, b, byName(entries))
	if err != nil {
		return workflow.Views{}, err
	}
	if err := h.examine(ctx, p); err != nil {
		return workflow.Views{}, err
	}
	order, err := p.order()
	if err != nil {
		return workflow.Views{}, err
	}
	if views.Published, err = h.publish(ctx, views.Database, order); err != nil {
		return workflow.Views{}, err
	}
	if err := h.deleteViews(ctx, views.Database, p.goes); err != nil {
		return workflow.Views{}, err
	}
	if err := lake.WritePublication(ctx, h.S3, h.Bucket, b.id, p.publication()); err != nil {
		return workflow.Views{}, err
	}
	changed := p.changed()
	h.Log.InfoContext(ctx, "published", "export", b.export.ID, "views", views.Published, "changed", changed, "warnings", p.warnings)
	views.Warnings, views.Changed = brief.Record(p.warnings), brief.Record(changed)
	return views, nil
}

// plan reads what there is, and decides by it which views there will be.
func (h *Handler) plan(ctx context.Context, b basis, entries entries) (*plan, error) {
	export, err := h.objects(ctx, b)
	if err != nil {
		return nil, err
	}
	crawled, err := h.crawled(ctx, b, export.Tables)
	if err != nil {
		return nil, err
	}
	past, err := h.past(ctx, b)
	if err != nil {
		return nil, err
	}
	p := &plan{basis: b, crawledDatabase: h.Config.CrawledDatabase(), crawled: crawled, entries: entries, past: past}
	return p, p.make(export.Tables)
}
