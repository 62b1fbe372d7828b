package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/exporttask"
	"snaplake/workflow"
)

// exports returns the source's exports, newest first. They include exports without objects that still have crawled tables.
func (h *Handler) exports(ctx context.Context, source string, tables crawledTables) ([]exports.Export, error) {
	ids, err := exports.List(ctx, h.S3, h.Bucket, source)
	if err != nil {
		return nil, err
	}
	root := workflow.S3URI(h.Bucket, workflow.ExportPrefix(source))
	for _, location := range tables {
		if rest, ok := strings.CutPrefix(location, root); ok {
			name, _, _ := strings.Cut(rest, "/")
			if id, ours := workflow.ParseExportID(name); ours && id.Source == source {
				ids = append(ids, id)
			}
		}
	}
	return exports.Describe(ctx, h.S3, h.Bucket, ids)
}

// expired returns the exports that the source does not keep, except those that another run may still publish.
func expired(all []exports.Export, source workflow.Source, in workflow.Request) []exports.Export {
	retained := exports.Retained(all, source, in.State.Export.ID, in.Execution.StartedAt)
	return slices.DeleteFunc(slices.Clone(all), func(e exports.Export) bool {
		return slices.Contains(retained, e) || isAwaited(e, all, in.Execution.StartedAt)
	})
}

// isAwaited reports whether another run may still publish an export: the export completed so recently that its run can still be in
// progress, and no other export of its snapshot was published. If the manifest has no end time, the snapshot's age is used instead.
func isAwaited(e exports.Export, all []exports.Export, now time.Time) bool {
	return e.Complete && !e.Published && now.Sub(cmp.Or(e.EndedAt, e.ID.SnapshotTime)) < workflow.LongestRun &&
		!slices.ContainsFunc(all, func(other exports.Export) bool {
			return other.Published && other.ID.SnapshotTime.Equal(e.ID.SnapshotTime)
		})
}

// inProgress reports whether RDS is still writing an export, or has completed it since the exports were listed. The manifest with the
// status is the last object that RDS writes.
func (h *Handler) inProgress(ctx context.Context, e exports.Export) (bool, error) {
	task, found, err := exporttask.Find(ctx, h.RDS, e.ID.String())
	if err != nil || !found {
		return false, err
	}
	switch aws.ToString(task.Status) {
	case "FAILED", "CANCELED":
		return false, nil
	case workflow.Complete:
		complete, _, err := exports.IsComplete(ctx, h.S3, h.Bucket, e.ID)
		return complete, err
	default:
		return true, nil
	}
}
