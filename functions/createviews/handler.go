package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"golang.org/x/time/rate"

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
	UpdateTable(context.Context, *glue.UpdateTableInput, ...func(*glue.Options)) (*glue.UpdateTableOutput, error)
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
// When two fifths of the function's time are over, it begins with no view more, and returns the status PUBLISHING: it is to be invoked again
// with the record, and makes those that are left. So the number of tables has no limit, and no time-out ends it in the middle.
//
// The error is a [workflow.ObjectsMissing], a [workflow.TablesMissing], a [workflow.ChecksFailed] or a [workflow.ViewsFailed].
// The first two are returned as a status instead, to export or crawl once more, when the execution was redriven since it last did
// so.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Views, error) {
	began := h.Metrics.Now()
	until := h.until(ctx)
	ctx, cancel := setup.LeaveTime(ctx)
	defer cancel()
	b, err := h.basis(in)
	if err != nil {
		return workflow.Views{}, err
	}
	views, err := h.make(ctx, b, until)
	if status := b.restarts(err); status != "" {
		h.Log.WarnContext(ctx, "starting once more", "status", status, "export", b.export.ID, "reason", err)
		views = b.views()
		views.Status = status
		return views, nil
	}
	if err != nil && ctx.Err() != nil && !workflow.IsNamed(err) {
		err = workflow.Errorf[workflow.Unavailable](
			"the function's time was over before all views of database %q were made: %w. A redrive makes them again", b.source.Database(), err)
	}
	if err != nil {
		return workflow.Views{}, err
	}
	worked := time.Duration(views.Seconds)*time.Second + h.Metrics.Now().Sub(began)
	views.Seconds = int(worked.Round(time.Second) / time.Second)
	if views.Published > 0 && views.Status == workflow.Published {
		h.Metrics.Emit(b.source.Name, in.Execution.Name,
			metrics.Seconds(workflow.MetricViewsSeconds, worked),
			metrics.Time(workflow.MetricSnapshotTime, in.Record.Snapshot.CreatedAt))
	}
	return views, nil
}

// until is when two fifths of the function's time are over, so that half of it is enough for an invocation. It is zero when there is
// no limit to the time.
func (h *Handler) until(ctx context.Context) time.Time {
	deadline, limited := ctx.Deadline()
	if !limited {
		return time.Time{}
	}
	now := h.Metrics.Now()
	return now.Add(deadline.Sub(now) * 2 / 5)
}

func (h *Handler) make(ctx context.Context, b basis, until time.Time) (workflow.Views, error) {
	views := b.views()
	entries, err := h.entries(ctx, views.Database)
	if err != nil {
		return workflow.Views{}, err
	}
	if warning := b.outdated(entries); warning != "" {
		views.Warnings = append(views.Warnings, warning)
		return views, nil
	}
	p, err := h.plan(ctx, b, entries)
	if err != nil {
		return workflow.Views{}, err
	}
	goesOn := p.isGoneOnWith()
	if goesOn {
		views = *b.request.Record.Views
	}
	p.publishedAt = views.StartedAt
	if err := h.examine(ctx, p, goesOn); err != nil {
		return workflow.Views{}, err
	}
	if err := p.requireShortStatements(); err != nil {
		return workflow.Views{}, err
	}
	if err := lake.Announce(ctx, h.S3, h.Bucket, b.id); err != nil {
		return workflow.Views{}, err
	}
	if err := h.forgetRules(ctx, p); err != nil {
		return workflow.Views{}, err
	}
	newer := newerRun{basis: b, h: h}
	made, all, err := h.publish(ctx, p.source.Database(), p.waves, views.Published, until, &newer)
	if err != nil {
		return workflow.Views{}, err
	}
	newer.asked = 0 // before views are deleted, look again, whenever that was done last
	if newer.isThere(ctx) {
		views.Published, views.Status, views.Digest = made, workflow.Published, ""
		views.Warnings = append(views.Warnings, newer.warning())
		return views, h.requireNewerViews(ctx, p, &newer)
	}
	if !goesOn { // later ones would compare with the views that this one has made
		h.Log.InfoContext(ctx, "began to publish", "export", b.export.ID, "changed", p.changed, "warnings", p.warnings)
		views.Warnings, views.Changed = workflow.SummarizeForState(p.warnings), workflow.SummarizeForState(p.changed)
	}
	views.Published = made
	h.Log.InfoContext(ctx, "made views", "export", b.export.ID, "views", made, "all", all)
	if !all {
		views.Status, views.Digest = workflow.Publishing, p.digest()
		return views, nil
	}
	views.Status, views.Digest = workflow.Published, ""
	return views, h.conclude(ctx, p, &newer)
}

// conclude comes when all views are made.
func (h *Handler) conclude(ctx context.Context, p *plan, newer *newerRun) error {
	if err := h.deleteViews(ctx, p.source.Database(), p.goes); err != nil {
		return err
	}
	if err := lake.WritePublication(ctx, h.S3, h.Bucket, p.id, p.publication()); err != nil {
		return err
	}
	return h.requireOwnViews(ctx, p, newer)
}

// plan reads what there is, and decides by it which views there will be.
func (h *Handler) plan(ctx context.Context, b basis, entries entries) (*plan, error) {
	export, err := h.objects(ctx, b)
	if err != nil {
		return nil, err
	}
	b = b.asExported(export.Info)
	past, err := h.past(ctx, b)
	if err != nil {
		return nil, err
	}
	crawled, err := h.crawled(ctx, b, export.Tables, past, entries)
	if err != nil {
		return nil, err
	}
	p := newPlan(b, h.Config.CrawledDatabase(), crawled, entries, past)
	p.addTables(export.Tables)
	if err := h.readOlder(ctx, p); err != nil {
		return nil, err
	}
	if err := h.readLater(ctx, p); err != nil {
		return nil, err
	}
	err = p.make()
	p.changed = p.compare()
	return p, err
}
