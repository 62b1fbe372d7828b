package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/exporttask"
	"snaplake/workflow"
)

// fromExport returns the snapshot of an existing export. If the snapshot was deleted, the task still has its ARN and time. StartExport
// checks that the export belongs to the source.
func (h *Handler) fromExport(ctx context.Context, source workflow.Source, exportID string) (workflow.Snapshot, error) {
	task, there, err := exporttask.Find(ctx, h.RDS, exportID)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	if !there {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: there is no export task %q in this account and Region; "+workflow.NoRedrive+" without exportId", source.Name, exportID)
	}
	s := snapshot{arn: aws.ToString(task.SourceArn), createdAt: timeOf(task)}
	if s.createdAt.IsZero() {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: RDS gives no snapshot time for export task %q; "+workflow.NoRedrive+" without exportId", source.Name, exportID)
	}
	_, s.id, _ = strings.Cut(resource(s.arn), ":")

	all, err := h.snapshots(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	if i := slices.IndexFunc(all, func(other snapshot) bool { return other.arn == s.arn }); i >= 0 {
		s.engine = all[i].engine
		return s.result(source)
	}
	db, err := h.database(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	s.engine = db.engine
	return s.result(source)
}

// timeOf returns the task's snapshot time, or else, for an export of a live cluster, the time in its identifier.
func timeOf(task types.ExportTask) time.Time {
	if task.SnapshotTime != nil {
		return *task.SnapshotTime
	}
	id, _ := workflow.ParseExportID(aws.ToString(task.ExportTaskIdentifier))
	return id.SnapshotTime
}

// resource returns the last part of an RDS ARN: "cluster-snapshot:rds:shop-prod-2026-11-21-17-05".
func resource(arn string) string {
	parts := strings.SplitN(arn, ":", 6) // arn:partition:service:region:account:resource
	return parts[len(parts)-1]
}
