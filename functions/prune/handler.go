package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// S3 is the part of the S3 API that Prune uses.
type S3 interface {
	manifest.Client
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// Glue is the part of the Glue API that Prune uses.
type Glue interface {
	glue.GetTablesAPIClient
	glue.GetTableVersionsAPIClient
	BatchDeleteTable(context.Context, *glue.BatchDeleteTableInput, ...func(*glue.Options)) (*glue.BatchDeleteTableOutput, error)
	BatchDeleteTableVersion(
		context.Context, *glue.BatchDeleteTableVersionInput, ...func(*glue.Options),
	) (*glue.BatchDeleteTableVersionOutput, error)
}

// Handler deletes exports that are no longer needed.
type Handler struct {
	setup.Setup
	S3   S3
	Glue Glue
	RDS  rds.DescribeExportTasksAPIClient
}

// Handle deletes a source's exports and their crawled tables, and then old versions of the published views. It never deletes
//
//   - the export in the state, or the newest published exports that the source keeps,
//   - an export that a view reads, or that RDS is writing or has just written,
//   - a folder whose name is not an export identifier of this source.
//
// If Glue or S3 fails to delete an item, Handle deletes everything else and returns a [workflow.PruneFailed].
//
// A dry run returns what would be deleted. Its request need not contain an export or an execution. Without an execution, ages are relative
// to the current time.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Pruned, error) {
	began := h.Metrics.Now()
	ctx, cancel := setup.WithHeadroom(ctx)
	defer cancel()
	if in.DryRun && in.State.Export == nil {
		in.State.Export = &workflow.Export{}
	}
	if in.DryRun && in.Execution.StartedAt.IsZero() {
		in.Execution.StartedAt = began
	}
	source, err := setup.Require(h.Config, in.State, "export", in.State.Export)
	if err != nil {
		return workflow.Pruned{}, err
	}
	pruned, err := h.prune(ctx, source, in)
	switch {
	case err == nil && in.DryRun, workflow.IsNamed(err):
		return pruned, err
	case err == nil:
		now := h.Metrics.Now()
		h.Metrics.Emit(source.Name, in.Execution.Name,
			metrics.Seconds(workflow.MetricPruneSeconds, now.Sub(began)),
			metrics.Count(workflow.MetricSucceeded, 1),
			metrics.Time(workflow.MetricSucceededTime, now))
		return pruned, nil
	case in.DryRun:
		return workflow.Pruned{}, fmt.Errorf("source %q: list what would be deleted: %w", source.Name, err)
	case ctx.Err() != nil:
		return workflow.Pruned{}, workflow.Errorf[workflow.PruneFailed]("source %q: the function timed out: %w", source.Name, err)
	default:
		return workflow.Pruned{}, fmt.Errorf("source %q: the views are published, but old exports could not be deleted: %w", source.Name, err)
	}
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
	var refused refusals
	for _, e := range expired(all, source, in) {
		needed, err := h.isNeeded(ctx, e, tables, in.State)
		if err != nil {
			return workflow.Pruned{}, err
		}
		if needed {
			continue
		}
		names := tables.inside(e.Location)
		pruned.Exports++
		if in.DryRun {
			pruned.Tables += len(names)
			pruned.IDs = append(pruned.IDs, e.ID.String())
			continue
		}
		n, err := h.delete(ctx, e, names)
		pruned.Tables += n
		if err = refused.collect("export "+e.ID.String(), err); err != nil {
			return workflow.Pruned{}, fmt.Errorf("delete export %s: %w", e.ID, err)
		}
	}
	if !in.DryRun && in.State.Views != nil && in.State.Views.Published > 0 {
		if err := h.deleteVersions(ctx, source, in.State.Export.Folder(), &refused); err != nil {
			return workflow.Pruned{}, err
		}
	}
	if len(refused) > 0 {
		return workflow.Pruned{}, workflow.Errorf[workflow.PruneFailed](
			"source %q: these could not be deleted:\n%s", source.Name, strings.Join(workflow.Summarize(refused, workflow.MaxListed), "\n"))
	}
	return pruned, nil
}

// isNeeded reports whether a view reads an export, or RDS is writing it. It reads the views again for each export, just before the
// deletion, because another run may have published views of the export in the meantime.
func (h *Handler) isNeeded(ctx context.Context, e exports.Export, tables crawledTables, state workflow.State) (bool, error) {
	refs, err := h.readReferences(ctx)
	if err != nil {
		return false, err
	}
	if state.Views != nil && state.Views.Published > 0 && refs.views[state.Source] == 0 {
		return false, workflow.Errorf[workflow.Unavailable](
			"source %q: nothing was deleted, because Glue lists none of the %d published views, so the tables that they read are unknown",
			state.Source, state.Views.Published)
	}
	if isRead := refs.include(e, tables); isRead || e.Complete {
		return isRead, nil
	}
	return h.inProgress(ctx, e)
}
