package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// Handler finds the snapshot of a run: the newest usable one of the source, or the one in the input.
type Handler struct {
	Config workflow.Config
	RDS    RDS
}

// Handle raises SnapshotNotFound, SnapshotTooOld and SnapshotNotReady.
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
		return workflow.Snapshot{}, workflow.Errorf[workflow.InvalidInput](
			"the input has both snapshot and exportId, and an export has its snapshot already; give one of the two")
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

// newest returns the newest snapshot of the source's kind. Its age is measured at the start of the execution, so waiting for a snapshot
// does not make another one too old.
func (h *Handler) newest(ctx context.Context, source workflow.Source, startedAt time.Time) (workflow.Snapshot, error) {
	all, err := h.snapshots(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	var usable, creating []snapshot
	for _, s := range all {
		switch {
		case !s.counts(source.Snapshots):
		case s.status == available:
			usable = append(usable, s)
		case s.status == beingCreated:
			creating = append(creating, s)
		}
	}
	switch {
	case len(usable) > 0:
	case len(creating) > 0:
		return workflow.Snapshot{}, notReady(source, creating[0])
	default:
		return workflow.Snapshot{}, h.noSnapshot(ctx, source, all)
	}
	s := slices.MaxFunc(usable, func(a, b snapshot) int { return a.createdAt.Compare(b.createdAt) })
	if maxAge := time.Duration(source.MaxSnapshotAge); startedAt.Sub(s.createdAt) > maxAge {
		next := ""
		if len(creating) > 0 {
			next = fmt.Sprintf("; %s is being created", creating[0].id)
		}
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotTooOld](
			"source %q: no%s snapshot of %s in the last %s; the newest is from %s, the execution began at %s%s",
			source.Name, label(source.Snapshots), database(source), maxAge, workflow.FormatTime(s.createdAt), workflow.FormatTime(startedAt), next)
	}
	return s.result(source)
}

// noSnapshot returns the error about a source without a usable snapshot.
func (h *Handler) noSnapshot(ctx context.Context, source workflow.Source, all []snapshot) error {
	if _, err := h.database(ctx, source); err != nil {
		return err
	}
	var others []string
	for _, s := range all {
		others = append(others, fmt.Sprintf("%s (%s, %s)", s.id, s.kind, s.status))
	}
	there := "it has no snapshot at all"
	if len(others) > 0 {
		there = "it has " + strings.Join(workflow.Summarize(others, workflow.MaxListed), ", ")
	}
	return workflow.Errorf[workflow.SnapshotNotFound]("source %q: %s has no%s snapshot that is available; %s",
		source.Name, database(source), label(source.Snapshots), there)
}

// byID returns a snapshot by its ARN or identifier, of any kind and age. RDS stores identifiers in lower case.
func (h *Handler) byID(ctx context.Context, source workflow.Source, wanted string) (workflow.Snapshot, error) {
	all, err := h.snapshots(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	i := slices.IndexFunc(all, func(s snapshot) bool { return strings.EqualFold(s.arn, wanted) || strings.EqualFold(s.id, wanted) })
	if i < 0 {
		if _, err := h.database(ctx, source); err != nil {
			return workflow.Snapshot{}, err
		}
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: %s has no snapshot %q among its %d; "+workflow.NoRedrive+" with another. "+
				"The identifier of an automated one begins with rds:",
			source.Name, database(source), wanted, len(all))
	}
	switch s := all[i]; s.status {
	case available:
		return s.result(source)
	case beingCreated:
		return workflow.Snapshot{}, notReady(source, s)
	default:
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: snapshot %q of %s cannot be exported: its status is %s; "+workflow.NoRedrive+" with another",
			source.Name, s.id, database(source), s.status)
	}
}

// fromLiveCluster returns the cluster itself. RDS exports it as it is when the export starts. The execution's start, to the minute, stands
// for that time, so that a retry or a redrive finds the same export.
func (h *Handler) fromLiveCluster(ctx context.Context, source workflow.Source, startedAt time.Time) (workflow.Snapshot, error) {
	db, err := h.database(ctx, source)
	if err != nil {
		return workflow.Snapshot{}, err
	}
	if !strings.HasPrefix(db.engine, "aurora") {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: %s has the engine %s, and RDS exports only Aurora clusters without a snapshot; set snapshots to automated",
			source.Name, database(source), db.engine)
	}
	s := snapshot{arn: db.arn, id: source.Identifier(), engine: db.engine, createdAt: startedAt.Truncate(time.Minute)}
	return s.result(source)
}

func notReady(source workflow.Source, s snapshot) error {
	return workflow.Errorf[workflow.SnapshotNotReady]("source %q: snapshot %q of %s is still being created (%d %%)",
		source.Name, s.id, database(source), s.percent)
}

// database returns a source's database as messages name it.
func database(source workflow.Source) string {
	if source.Cluster != "" {
		return fmt.Sprintf("cluster %q", source.Cluster)
	}
	return fmt.Sprintf("instance %q", source.Instance)
}

// label returns the word before "snapshot" for a kind.
func label(kind string) string {
	switch kind {
	case workflow.SnapshotsAny:
		return ""
	case workflow.SnapshotsAWSBackup:
		return " AWS Backup"
	default:
		return " " + kind
	}
}
