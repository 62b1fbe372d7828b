package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/brief"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// Handler makes the views over an export.
type Handler struct {
	S3      manifest.Client
	Glue    glue.GetTablesAPIClient
	Athena  Athena
	Config  workflow.Config
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket holds the exports.
	Bucket string
	// pause lets time pass between two looks at a statement; it returns the context's error when that ends first.
	pause func(context.Context, time.Duration) error
}

// Handle makes a view over each table of the record's export, and the user's own views. The first one is changed only when
// there is nothing to be said against any of them: no object of the export is gone, all tables were crawled, no two views share
// a name, none takes the place of a table. A second run makes all of them again. No view is changed when one reads a newer
// snapshot already, unless this one was asked for.
//
// The error is a [workflow.ObjectsMissing], a [workflow.TablesMissing] or a [workflow.ViewsFailed]. The first two are returned as
// a status instead, to export or crawl once more, when the execution was redriven since it last did so.
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
		return workflow.Views{Database: b.source.Database(), Status: status, Warnings: []string{}}, nil
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
	views := workflow.Views{Database: b.source.Database(), Status: workflow.Published, Warnings: []string{}}
	entries, err := h.listTables(ctx, views.Database)
	if err != nil {
		return workflow.Views{}, err
	}
	if warning := b.outdated(entries); warning != "" {
		views.Warnings = append(views.Warnings, warning)
		return views, nil
	}
	export, err := h.objects(ctx, b)
	if err != nil {
		return workflow.Views{}, err
	}
	crawled, err := h.crawled(ctx, b, export.Tables)
	if err != nil {
		return workflow.Views{}, err
	}
	p := plan{
		source: b.source, crawledDatabase: h.Config.CrawledDatabase(), root: b.root, tablePrefix: b.id.TablePrefix(),
		crawled: crawled, entries: areViews(entries), isMySQL: isMySQL(b.engine),
	}
	order, err := p.make(export.Tables)
	if err != nil {
		return workflow.Views{}, err
	}
	if views.Published, err = h.publish(ctx, views.Database, order); err != nil {
		return workflow.Views{}, err
	}
	views.Warnings = append(views.Warnings, brief.List(p.warnings)...)
	return views, nil
}

func isMySQL(engine string) bool {
	switch engine {
	case "mysql", "mariadb", "aurora-mysql", "aurora": // Aurora MySQL 1 was called aurora
		return true
	}
	return false
}
