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

	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// S3 is what Prune needs of the S3 client.
type S3 interface {
	manifest.Client
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// Glue is what Prune needs of the Glue client.
type Glue interface {
	glue.GetTablesAPIClient
	glue.GetTableVersionsAPIClient
	BatchDeleteTable(context.Context, *glue.BatchDeleteTableInput, ...func(*glue.Options)) (*glue.BatchDeleteTableOutput, error)
	BatchDeleteTableVersion(context.Context, *glue.BatchDeleteTableVersionInput, ...func(*glue.Options)) (*glue.BatchDeleteTableVersionOutput, error)
}

// RDS is what Prune needs of the RDS client.
type RDS interface {
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// Handler deletes exports that nobody needs any more.
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
//   - the export that the record is about, and as many of the newest complete ones as the source keeps, if they are not too old,
//   - an export of which a view still reads a table,
//   - an export that RDS still writes, or has written a moment ago,
//   - a folder whose name is not an export identifier of this source.
//
// Then it deletes older versions of the views that were published.
//
// A run that is broken off is taken up by the next one. The error is a [workflow.PruneFailed] about what Glue or S3 does not let
// go; what it does not name is deleted.
//
// A dry run deletes nothing and answers with what would be deleted. It may be given by a person, who has neither an export in the
// record nor an execution: the ages count from now then.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Pruned, error) {
	began := h.Metrics.Now()
	ctx, cancel := setup.LeaveTime(ctx)
	defer cancel()
	source, err := setup.Source(h.Config, in.Record.Source)
	if err != nil {
		return workflow.Pruned{}, err
	}
	if in.DryRun && in.Execution.StartedAt.IsZero() {
		in.Execution.StartedAt = began
	}
	if in.Record.Export == nil && !in.DryRun {
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
		return workflow.Pruned{}, fmt.Errorf("source %q: find out what would be deleted: %w", source.Name, err)
	case ctx.Err() != nil:
		return workflow.Pruned{}, workflow.Errorf[workflow.PruneFailed](
			"source %q: the function's time was over: %w", source.Name, err)
	default:
		return workflow.Pruned{}, fmt.Errorf("source %q: the views are published, and old exports are still to be deleted: %w", source.Name, err)
	}
}

// succeeded tells of the whole night, whose last step this is.
func (h *Handler) succeeded(in workflow.Request, began time.Time) {
	now := h.Metrics.Now()
	h.Metrics.Emit(in.Record.Source, in.Execution.Name,
		metrics.Seconds(workflow.MetricPruneSeconds, now.Sub(began)),
		metrics.Count(workflow.MetricSucceeded, 1),
		metrics.Time(workflow.MetricSucceededTime, now))
}

func (h *Handler) prune(ctx context.Context, source workflow.Source, in workflow.Request) (workflow.Pruned, error) {
	tables, err := h.crawledTables(ctx)
	if err != nil {
		return workflow.Pruned{}, err
	}
	exports, err := h.exports(ctx, source.Name, tables)
	if err != nil {
		return workflow.Pruned{}, err
	}
	var pruned workflow.Pruned
	var failures []string
	old := expired(exports, source, in)
	for _, e := range old {
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

// remove deletes an export and returns how many tables it had; a dry run only says so. One that is needed is not removed.
func (h *Handler) pruneExport(ctx context.Context, e lake.Export, tables crawledTables, in workflow.Request) (n int, removed bool, err error) {
	needed, err := h.isNeeded(ctx, e, tables, in.Record)
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

// isNeeded tells whether a view reads an export, or RDS still writes it. The views are looked at for each export, right before it
// goes: another execution may publish one meanwhile.
func (h *Handler) isNeeded(ctx context.Context, e lake.Export, tables crawledTables, r workflow.Record) (bool, error) {
	v, err := h.readReferences(ctx)
	if err != nil {
		return false, err
	}
	if r.Views != nil && r.Views.Published > 0 && v.of[r.Source] == 0 {
		return false, workflow.Errorf[workflow.Unavailable](
			"source %q: Glue shows none of the %d views that were published, so that nobody can tell what they read: nothing is deleted",
			r.Source, r.Views.Published)
	}
	if v.reads(e, tables) || e.Complete {
		return v.reads(e, tables), nil
	}
	return h.inProgress(ctx, e)
}
