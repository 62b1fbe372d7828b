package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/exporttask"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// RDS is the part of the RDS API that StartExport uses.
type RDS interface {
	StartExportTask(context.Context, *rds.StartExportTaskInput, ...func(*rds.Options)) (*rds.StartExportTaskOutput, error)
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// Handler starts an export of the snapshot in the state, or attaches to an existing one. AWS bills an export by the size of the whole
// database, so the handler first looks for an existing export. Retries, redrives and duplicate invocations by the schedule therefore
// use the same export.
type Handler struct {
	setup.Setup
	RDS RDS
	S3  manifest.Client
	// Role is the ARN of the role that RDS uses to write the export.
	Role string
	// Key is the ARN of the KMS key that encrypts the export.
	Key string
}

// waitStarted and waitAttached are the numbers of seconds until the first poll. RDS takes minutes to prepare a new export.
const (
	waitStarted  = 60
	waitAttached = 15
)

// Handle returns the export. The error is a [workflow.ExportSlotsBusy] or a [workflow.ExportRefused].
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Export, error) {
	source, err := setup.Require(h.Config, in.State, "snapshot", in.State.Snapshot)
	if err != nil {
		return workflow.Export{}, err
	}
	export := workflow.Export{
		Prefix:       workflow.ExportPrefix(source.Name),
		Skipped:      []string{},
		StartedAt:    in.Execution.EnteredAt,
		RedriveCount: in.Execution.RedriveCount,
	}
	if in.State.ExportID != "" {
		export, err = h.byID(ctx, source, in.State.ExportID, export)
	} else {
		export, err = h.findOrStart(ctx, scopeOf(h.Bucket, source, in.State), export)
	}
	if err != nil {
		return workflow.Export{}, err
	}
	if in.State.Export == nil { // otherwise the duration would include the failed export
		h.Metrics.Emit(source.Name, in.Execution.Name,
			metrics.Seconds(workflow.MetricSnapshotSeconds, in.Execution.EnteredAt.Sub(in.Execution.StartedAt)))
	}
	return export, nil
}

// findOrStart attaches to an export that matches the scope, or starts one. If RDS reports that an identifier is in use, findOrStart lists
// the tasks again, because another run may have just started the same export.
func (h *Handler) findOrStart(ctx context.Context, sc scope, export workflow.Export) (workflow.Export, error) {
	const maxUsed = 10
	attempt := sc.firstAttempt
	for range maxUsed {
		tasks, err := exporttask.List(ctx, h.RDS, &rds.DescribeExportTasksInput{SourceArn: &sc.snapshot.ARN})
		if err != nil {
			return workflow.Export{}, fmt.Errorf("describe the export tasks of %s: %w", sc.snapshot.ID, err)
		}
		if err := h.markDeleted(ctx, sc, tasks); err != nil {
			return workflow.Export{}, err
		}
		if task, ok := sc.newest(tasks); ok {
			return h.attach(ctx, export, task), nil
		}
		if i := slices.IndexFunc(tasks, isRunning); i >= 0 {
			return workflow.Export{}, workflow.Errorf[workflow.ExportSlotsBusy](
				"source %q: RDS runs only one export of a snapshot at a time, and export %s of %s is %s",
				sc.source.Name, aws.ToString(tasks[i].ExportTaskIdentifier), sc.snapshot.ID, aws.ToString(tasks[i].Status))
		}
		for sc.isUsed(attempt, tasks) {
			attempt++
		}
		id := sc.id(attempt)
		err = h.start(ctx, sc, id)
		if err == nil {
			h.Log.InfoContext(ctx, "export started", "export", id, "snapshot", sc.snapshot.ARN)
			export.ID, export.Status, export.WaitSeconds = id, workflow.Starting, waitStarted
			return export, nil
		}
		if awserr.Code(err) != "ExportTaskAlreadyExists" {
			return workflow.Export{}, classify(sc, id, err)
		}
		task, ok, err := h.findByUsedID(ctx, sc, id, export.RedriveCount > sc.redrives)
		if err != nil {
			return workflow.Export{}, err
		}
		if ok {
			return h.attach(ctx, export, task), nil
		}
		attempt++
	}
	return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
		"source %q: according to RDS, %d export identifiers for %s are in use, up to %s; "+workflow.NoRedrive+" for another snapshot",
		sc.source.Name, maxUsed, sc.snapshot.ID, sc.id(attempt-1))
}

// markDeleted sets the status DELETED for complete tasks whose objects Prune has deleted. RDS still lists these tasks as COMPLETE.
func (h *Handler) markDeleted(ctx context.Context, sc scope, tasks []types.ExportTask) error {
	for i, task := range tasks {
		if _, ours := sc.attempt(task); !ours || !sc.matches(task) {
			continue
		}
		deleted, err := h.isDeleted(ctx, task)
		if err != nil {
			return err
		}
		if deleted {
			tasks[i].Status = aws.String("DELETED")
		}
	}
	return nil
}

// isDeleted reports whether a task is complete but has no objects.
func (h *Handler) isDeleted(ctx context.Context, task types.ExportTask) (bool, error) {
	if aws.ToString(task.Status) != workflow.Complete {
		return false, nil
	}
	prefix := strings.Trim(aws.ToString(task.S3Prefix), "/") + "/" + aws.ToString(task.ExportTaskIdentifier) + "/"
	exists, err := exports.Exists(ctx, h.S3, h.Bucket, prefix)
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", workflow.S3URI(h.Bucket, prefix), err)
	}
	return !exists, nil
}

// findByUsedID returns the task with an identifier that is in use according to RDS. The task may have just been started by another run, or
// by a call that got no response. As long as RDS does not return the task, using the next identifier could start a second export, which
// costs money. findByUsedID permits that only after a redrive.
func (h *Handler) findByUsedID(ctx context.Context, sc scope, id string, isRedriven bool) (types.ExportTask, bool, error) {
	task, found, err := exporttask.Find(ctx, h.RDS, id)
	if err != nil {
		return types.ExportTask{}, false, err
	}
	if !found && !isRedriven {
		return types.ExportTask{}, false, workflow.Errorf[workflow.Unavailable](
			"source %q: RDS reports that export %s exists, or that another export of %s is running, but does not list it yet; "+
				"redrive to use the next identifier",
			sc.source.Name, id, sc.snapshot.ID)
	}
	task, ok := sc.newest([]types.ExportTask{task})
	return task, ok, nil
}

func (h *Handler) start(ctx context.Context, sc scope, id string) error {
	_, err := h.RDS.StartExportTask(ctx, &rds.StartExportTaskInput{
		ExportTaskIdentifier: &id,
		SourceArn:            &sc.snapshot.ARN,
		S3BucketName:         &sc.bucket,
		S3Prefix:             aws.String(strings.TrimSuffix(workflow.ExportPrefix(sc.source.Name), "/")),
		IamRoleArn:           &h.Role,
		KmsKeyId:             &h.Key,
		ExportOnly:           sc.source.ExportOnly(),
	})
	return err
}

// byID attaches to the export that the input names, even if it contains other tables. CheckExport verifies its contents.
func (h *Handler) byID(ctx context.Context, source workflow.Source, id string, export workflow.Export) (workflow.Export, error) {
	task, found, err := exporttask.Find(ctx, h.RDS, id)
	if err != nil {
		return workflow.Export{}, err
	}
	if !found {
		return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: RDS no longer lists export task %q, which FindSnapshot found; if it does not reappear, start a new run without exportId",
			source.Name, id)
	}
	bucket, prefix := aws.ToString(task.S3Bucket), strings.Trim(aws.ToString(task.S3Prefix), "/")
	ours, ok := workflow.ParseExportID(id)
	if !ok || ours.Source != source.Name || bucket != h.Bucket || prefix+"/" != export.Prefix {
		return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: export task %q in s3://%s/%s does not belong to this source, whose exports are named "+
				"%s-<snapshot time>-<n> and stored in s3://%s/%s; "+workflow.NoRedrive+" without exportId",
			source.Name, id, bucket, prefix, strings.ReplaceAll(source.Name, "_", "-"), h.Bucket, export.Prefix)
	}
	if deleted, err := h.isDeleted(ctx, task); err != nil {
		return workflow.Export{}, err
	} else if deleted {
		return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: the objects of export %s were deleted; "+workflow.NoRedrive+" without exportId", source.Name, id)
	}
	return h.attach(ctx, export, task), nil
}

func (h *Handler) attach(ctx context.Context, export workflow.Export, task types.ExportTask) workflow.Export {
	export.ID = aws.ToString(task.ExportTaskIdentifier)
	export.Status = aws.ToString(task.Status)
	export.Percent = int(aws.ToInt32(task.PercentProgress))
	export.Gigabytes = float64(aws.ToInt32(task.TotalExtractedDataInGB))
	if export.Status != workflow.Complete {
		export.WaitSeconds = waitAttached
	}
	h.Log.InfoContext(ctx, "attached to an export", "export", export.ID, "status", export.Status)
	return export
}
