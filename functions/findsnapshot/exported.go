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

// exported finds the snapshot of an export that exists. The snapshot itself may be gone: what is left of it is in the task.
// Whether the export is this source's, StartExport decides, who takes it up.
func (h *Handler) exported(ctx context.Context, source workflow.Source, exportID string) (workflow.Snapshot, error) {
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

// timeOf is the task's snapshot time. The export of a live cluster may not have one; then its identifier tells.
func timeOf(task types.ExportTask) time.Time {
	if task.SnapshotTime != nil {
		return *task.SnapshotTime
	}
	id, _ := workflow.ParseExportID(aws.ToString(task.ExportTaskIdentifier))
	return id.SnapshotTime
}

// resource is the last part of an ARN of RDS: "cluster-snapshot:rds:shop-prod-2026-11-21-17-05".
func resource(arn string) string {
	parts := strings.SplitN(arn, ":", 6) // arn:partition:service:region:account:resource
	return parts[len(parts)-1]
}
