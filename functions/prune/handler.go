package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// S3 is what Prune calls of S3.
type S3 interface {
	manifest.Client
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// Glue is what Prune calls of Glue.
type Glue interface {
	glue.GetTablesAPIClient
	glue.GetTableVersionsAPIClient
	BatchDeleteTable(context.Context, *glue.BatchDeleteTableInput, ...func(*glue.Options)) (*glue.BatchDeleteTableOutput, error)
	BatchDeleteTableVersion(context.Context, *glue.BatchDeleteTableVersionInput, ...func(*glue.Options)) (*glue.BatchDeleteTableVersionOutput, error)
}

// RDS is what Prune calls of RDS.
type RDS interface {
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// Handler deletes exports that are no longer needed.
type Handler struct {
	S3      S3
	Glue    Glue
	RDS     RDS
	Config  workflow.Config
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket holds the exports.
	Bucket string
}

// Handle deletes a source's exports, their crawled tables first, but never
//
//   - the export in the state, and as many of the newest published ones as the source keeps, if they are not too old,
//   - an export of which a view reads a table,
//   - an export that RDS is writing, or has just written,
//   - a folder whose name is not an export identifier of this source.
//
// Then it deletes older versions of the published views.
//
// The next run continues one that was interrupted. The error is a [workflow.PruneFailed] about what Glue or S3 does not delete; everything
// else is deleted.
//
// A dry run deletes nothing and returns what would be deleted. A user may start it without an export in the state and without an
// execution; then the ages count from now.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Pruned, error) {
	began := h.Metrics.Now()
	ctx, cancel := setup.WithHeadroom(ctx)
	defer cancel()
	source, err := setup.Source(h.Config, in.State.Source)
	if err != nil {
		return workflow.Pruned{}, err
	}
	if in.DryRun && in.Execution.StartedAt.IsZero() {
		in.Execution.StartedAt = began
	}
	if in.State.Export == nil && !in.DryRun {
		return workflow.Pruned{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the state has no export", source.Name)
	}
	pruned, err := h.prune(ctx, source, in)
	switch {
	case err == nil && in.DryRun:
		return pruned, nil
	case err == nil:
		h.succeeded(in, began)
		return pruned, nil
	case workflow.IsNamed(err):
		return workflow.Pruned{}, err
	case in.DryRun:
		return workflow.Pruned{}, fmt.Errorf("source %q: list what would be deleted: %w", source.Name, err)
	case ctx.Err() != nil:
		return workflow.Pruned{}, workflow.Errorf[workflow.PruneFailed](
			"source %q: the function timed out: %w", source.Name, err)
	default:
		return workflow.Pruned{}, fmt.Errorf("source %q: the views are published, but old exports could not be deleted: %w", source.Name, err)
	}
}

// succeeded emits the metrics of the run, which ends here.
func (h *Handler) succeeded(in workflow.Request, began time.Time) {
	now := h.Metrics.Now()
	h.Metrics.Emit(in.State.Source, in.Execution.Name,
		metrics.Seconds(workflow.MetricPruneSeconds, now.Sub(began)),
		metrics.Count(workflow.MetricSucceeded, 1),
		metrics.Time(workflow.MetricSucceededTime, now))
}

func (h *Handler) prune(ctx context.Context, source workflow.Source, in workflow.Request) (workflow.Pruned, error) {
	tables, err := h.crawledTables(ctx)
	if err != nil {
		return workflow.Pruned{}, err
	}
	all, err := h.exports(ctx, source.Name, tables)
	if err != nil {
		return workflow.Pruned{}, err
	}
	var pruned workflow.Pruned
	var failures []string
	for _, e := range expired(all, source, in) {
		n, removed, err := h.pruneExport(ctx, e, tables, in)
		pruned.Tables += n
		switch u, isKept := errors.AsType[undeletable](err); {
		case isKept:
			failures = append(failures, fmt.Sprintf("export %s: %v", e.ID, u))
		case err != nil:
			return workflow.Pruned{}, err
		case removed:
			pruned.Exports++
			if in.DryRun {
				pruned.IDs = append(pruned.IDs, e.ID.String())
			}
		}
	}
	versions, err := h.deleteVersions(ctx, source, in)
	if err != nil {
		return workflow.Pruned{}, err
	}
	if failures = append(failures, versions...); len(failures) > 0 {
		return workflow.Pruned{}, workflow.Errorf[workflow.PruneFailed](
			"source %q: not deleted:\n%s",
			source.Name, strings.Join(workflow.Summarize(failures, workflow.MaxListed), "\n"))
	}
	return pruned, nil
}

// pruneExport deletes an export unless it is needed, and returns the number of its tables. A dry run only counts them.
func (h *Handler) pruneExport(ctx context.Context, e exports.Export, tables crawledTables, in workflow.Request) (n int, removed bool, err error) {
	needed, err := h.isNeeded(ctx, e, tables, in.State)
	if err != nil || needed {
		return 0, false, err
	}
	names := tables.below(e.Location)
	if in.DryRun {
		return len(names), true, nil
	}
	if n, err = h.delete(ctx, e, names); err != nil {
		return n, false, fmt.Errorf("delete export %s: %w", e.ID, err)
	}
	h.Log.InfoContext(ctx, "deleted", "export", e.ID.String(), "tables", n)
	return n, true, nil
}

// isNeeded reports whether a view reads an export, or RDS is writing it. It reads the views for each export, just before the deletion,
// because another run may publish one meanwhile.
func (h *Handler) isNeeded(ctx context.Context, e exports.Export, tables crawledTables, r workflow.State) (bool, error) {
	v, err := h.readReferences(ctx)
	if err != nil {
		return false, err
	}
	if r.Views != nil && r.Views.Published > 0 && v.of[r.Source] == 0 {
		return false, workflow.Errorf[workflow.Unavailable](
			"source %q: Glue shows none of the %d published views, so what they read is unknown: nothing is deleted",
			r.Source, r.Views.Published)
	}
	if v.reads(e, tables) || e.Complete {
		return v.reads(e, tables), nil
	}
	return h.inProgress(ctx, e)
}
