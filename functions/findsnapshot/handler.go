package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"snaplake/functions/internal/exporttask"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// Handler finds the snapshot for a run: the newest usable snapshot of the source, or the one in the input.
type Handler struct {
	Config workflow.Config
	RDS    RDS
}

// Handle returns the snapshot to export. The error is a [workflow.SnapshotNotFound], a [workflow.SnapshotTooOld] or a
// [workflow.SnapshotNotReady].
func (h *Handler) Handle(ctx context.Context, in workflow.SnapshotRequest) (workflow.Snapshot, error) {
	found, err := h.find(ctx, in)
	found.RedriveCount = in.Execution.RedriveCount
	return found, err
}

func (h *Handler) find(ctx context.Context, in workflow.SnapshotRequest) (workflow.Snapshot, error) {
	source, err := setup.Source(h.Config, in.Input.Source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	switch {
	case in.Input.Snapshot != "" && in.Input.ExportID != "":
		return workflow.Snapshot{}, workflow.Errorf[workflow.InvalidInput]("the input contains \"snapshot\" and \"exportId\"; specify only one")
	case in.Input.ExportID != "":
		return h.fromExport(ctx, source, in.Input.ExportID)
	case in.Input.Snapshot != "":
		return h.byID(ctx, source, in.Input.Snapshot)
	case source.Snapshots == workflow.SnapshotsLive:
		return h.fromLiveCluster(ctx, source, in.Execution.StartedAt)
	default:
		return h.newest(ctx, source, in.Execution.StartedAt)
	}
}

// newest returns the newest available snapshot of the kind that the source selects. Its age is measured at the start of the execution, so
// that the snapshot does not become too old while the run waits.
func (h *Handler) newest(ctx context.Context, source workflow.Source, startedAt time.Time) (workflow.Snapshot, error) {
	all, err := h.snapshots(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	var usable, creating []snapshot
	for _, s := range all {
		isSelected := source.Snapshots == workflow.SnapshotsAny || source.Snapshots == s.kind
		switch {
		case isSelected && s.status == available:
			usable = append(usable, s)
		case isSelected && s.status == beingCreated:
			creating = append(creating, s)
		}
	}
	if len(usable) == 0 && len(creating) > 0 {
		return workflow.Snapshot{}, notReady(source, creating[0])
	}
	if len(usable) == 0 {
		return workflow.Snapshot{}, h.noSnapshot(ctx, source, all)
	}
	s := slices.MaxFunc(usable, func(a, b snapshot) int { return a.createdAt.Compare(b.createdAt) })
	if maxAge := time.Duration(source.MaxSnapshotAge); startedAt.Sub(s.createdAt) > maxAge {
		next := ""
		if len(creating) > 0 {
			next = fmt.Sprintf("; %s is being created", creating[0].id)
		}
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotTooOld](
			"source %q: the newest snapshot of %s (with the setting \"snapshots: %s\") is from %s, more than %s before the execution began at %s%s",
			source.Name, describe(source), source.Snapshots, workflow.FormatTime(s.createdAt), maxAge, workflow.FormatTime(startedAt), next)
	}
	return s.result(source)
}

// noSnapshot returns the error for a source without a usable snapshot.
func (h *Handler) noSnapshot(ctx context.Context, source workflow.Source, all []snapshot) error {
	if _, _, err := h.database(ctx, source); err != nil {
		return err
	}
	var others []string
	for _, s := range all {
		others = append(others, fmt.Sprintf("%s (%s, %s)", s.id, s.kind, s.status))
	}
	return workflow.Errorf[workflow.SnapshotNotFound](
		"source %q: %s has no available snapshot that matches the setting \"snapshots: %s\"; existing snapshots: %s",
		source.Name, describe(source), source.Snapshots, cmp.Or(strings.Join(workflow.Summarize(others, workflow.MaxListed), ", "), "none"))
}

// byID returns the snapshot with the given ARN or identifier, whatever its kind and age. RDS stores identifiers in lower case.
func (h *Handler) byID(ctx context.Context, source workflow.Source, wanted string) (workflow.Snapshot, error) {
	all, err := h.snapshots(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	i := slices.IndexFunc(all, func(s snapshot) bool { return strings.EqualFold(s.arn, wanted) || strings.EqualFold(s.id, wanted) })
	if i < 0 {
		if _, _, err := h.database(ctx, source); err != nil {
			return workflow.Snapshot{}, err
		}
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: %q is not one of the %d snapshots of %s; "+workflow.NoRedrive+" with another snapshot. "+
				"The identifier of an automated snapshot begins with rds:",
			source.Name, wanted, len(all), describe(source))
	}
	switch s := all[i]; s.status {
	case available:
		return s.result(source)
	case beingCreated:
		return workflow.Snapshot{}, notReady(source, s)
	default:
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: snapshot %q of %s cannot be exported, because its status is %s; "+workflow.NoRedrive+" with another snapshot",
			source.Name, s.id, describe(source), s.status)
	}
}

// fromExport returns the snapshot of an existing export, even if that snapshot was deleted: the export task contains its ARN and time.
// StartExport checks that the export belongs to the source.
func (h *Handler) fromExport(ctx context.Context, source workflow.Source, exportID string) (workflow.Snapshot, error) {
	task, found, err := exporttask.Find(ctx, h.RDS, exportID)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	if !found {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: export task %q does not exist in this account and Region; "+workflow.NoRedrive+" without exportId", source.Name, exportID)
	}
	id, _ := workflow.ParseExportID(exportID) // contains the time, which RDS omits for the export of a live cluster
	s := snapshot{arn: aws.ToString(task.SourceArn), createdAt: cmp.Or(aws.ToTime(task.SnapshotTime), id.SnapshotTime)}
	if s.createdAt.IsZero() {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: RDS reports no snapshot time for export task %q; "+workflow.NoRedrive+" without exportId", source.Name, exportID)
	}
	if parts := strings.SplitN(s.arn, ":", 7); len(parts) == 7 { // arn:partition:service:region:account:type:identifier
		s.id = parts[6]
	}
	all, err := h.snapshots(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	if i := slices.IndexFunc(all, func(other snapshot) bool { return other.arn == s.arn }); i >= 0 {
		s.engine = all[i].engine
	} else if _, s.engine, err = h.database(ctx, source); err != nil {
		return workflow.Snapshot{}, err
	}
	return s.result(source)
}

// fromLiveCluster returns the cluster itself in place of a snapshot. Its time is the start of the execution, truncated to the minute, so
// that a retry or a redrive finds the same export. RDS exports the data that the cluster contains when the export starts.
func (h *Handler) fromLiveCluster(ctx context.Context, source workflow.Source, startedAt time.Time) (workflow.Snapshot, error) {
	arn, engine, err := h.database(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	if !strings.HasPrefix(engine, "aurora") {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: %s has the engine %s, but RDS can export a live cluster only if it is an Aurora cluster; set \"snapshots\" to \"automated\"",
			source.Name, describe(source), engine)
	}
	s := snapshot{arn: arn, id: source.Identifier(), engine: engine, createdAt: startedAt.Truncate(time.Minute)}
	return s.result(source)
}

func notReady(source workflow.Source, s snapshot) error {
	return workflow.Errorf[workflow.SnapshotNotReady]("source %q: snapshot %q of %s is still being created (%d%%)",
		source.Name, s.id, describe(source), s.percent)
}

// describe returns the kind and identifier of a source's database, for example `cluster "shop-prod"`.
func describe(source workflow.Source) string {
	if source.Cluster != "" {
		return fmt.Sprintf("cluster %q", source.Cluster)
	}
	return fmt.Sprintf("instance %q", source.Instance)
}
