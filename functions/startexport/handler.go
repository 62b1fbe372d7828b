package main

import (
	"context"
	"fmt"
	"log/slog"
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

// RDS is what StartExport calls of RDS.
type RDS interface {
	StartExportTask(context.Context, *rds.StartExportTaskInput, ...func(*rds.Options)) (*rds.StartExportTaskOutput, error)
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// Handler starts an export of the snapshot in the state, or attaches to an existing one. An export is billed by the size of the whole
// database, so the handler looks for one first: a retry, a second delivery of the schedule and a redrive find the same export.
type Handler struct {
	Config  workflow.Config
	RDS     RDS
	S3      manifest.Client
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket receives the exports.
	Bucket string
	// Role is the ARN of the role with which RDS writes the export.
	Role string
	// Key is the ARN of the KMS key that encrypts the export.
	Key string
}

// The seconds until the first poll. RDS takes minutes to prepare a new export. There is no wait for a complete one.
const (
	waitStarted  = 60
	waitAttached = 15
)

// Handle raises ExportSlotsBusy and ExportRefused.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Export, error) {
	source, err := setup.Source(h.Config, in.State.Source)
	if err != nil {
		return workflow.Export{}, err
	}
	if in.State.Snapshot == nil {
		return workflow.Export{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the state has no snapshot", source.Name)
	}
	export, err := h.export(ctx, source, in)
	if err != nil {
		return workflow.Export{}, err
	}
	if in.State.Export == nil { // otherwise it would include the failed export
		h.Metrics.Emit(source.Name, in.Execution.Name,
			metrics.Seconds(workflow.MetricSnapshotSeconds, in.Execution.EnteredAt.Sub(in.Execution.StartedAt)))
	}
	return export, nil
}

// export attaches to the export that the input names, or else finds or starts one.
func (h *Handler) export(ctx context.Context, source workflow.Source, in workflow.Request) (workflow.Export, error) {
	export := workflow.Export{
		Prefix:       workflow.ExportPrefix(source.Name),
		Skipped:      []string{},
		StartedAt:    in.Execution.EnteredAt,
		RedriveCount: in.Execution.RedriveCount,
	}
	id := in.State.ExportID
	if id == "" {
		return h.findOrStart(ctx, scopeOf(h.Bucket, source, in.State), export)
	}
	task, err := h.byID(ctx, source, id)
	if err != nil {
		return workflow.Export{}, err
	}
	there, err := h.isThere(ctx, task)
	if err != nil {
		return workflow.Export{}, err
	}
	if !there {
		return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: the objects of export %s were deleted; "+workflow.NoRedrive+" without exportId", source.Name, id)
	}
	return h.attach(ctx, export, task), nil
}

// findOrStart attaches to an export of the scope, or starts one. It looks again after each identifier that turns out to be used: another
// run may just have started the same export.
func (h *Handler) findOrStart(ctx context.Context, sc scope, export workflow.Export) (workflow.Export, error) {
	const attempts = 10
	var refused []int
	for range attempts {
		tasks, err := exporttask.List(ctx, h.RDS, &rds.DescribeExportTasksInput{SourceArn: &sc.snapshot.ARN})
		if err != nil {
			return workflow.Export{}, fmt.Errorf("describe the export tasks of %s: %w", sc.snapshot.ID, err)
		}
		// Prune may have deleted what RDS still lists as COMPLETE.
		tasks, deleted, err := h.existing(ctx, sc, tasks)
		if err != nil {
			return workflow.Export{}, err
		}
		if task, ok := sc.newest(tasks); ok {
			return h.attach(ctx, export, task), nil
		}
		if i := slices.IndexFunc(tasks, isRunning); i >= 0 {
			return workflow.Export{}, workflow.Errorf[workflow.ExportSlotsBusy](
				"source %q: RDS runs one export of a snapshot at a time, and %s of %s, another export, is %s",
				sc.source.Name, aws.ToString(tasks[i].ExportTaskIdentifier), sc.snapshot.ID, aws.ToString(tasks[i].Status))
		}
		attempt := sc.unused(tasks, slices.Concat(refused, deleted))
		id := sc.id(attempt)
		err = h.start(ctx, sc, id)
		if err == nil {
			h.Log.InfoContext(ctx, "export started", "export", id, "snapshot", sc.snapshot.ARN)
			export.ID, export.Status, export.WaitSeconds = id, workflow.Starting, waitStarted
			return export, nil
		}
		if awserr.Code(err) != alreadyExists {
			return workflow.Export{}, classify(sc, id, err)
		}
		task, ok, err := h.findByUsedID(ctx, sc, id, export.RedriveCount > sc.redriven)
		if err != nil {
			return workflow.Export{}, err
		}
		if ok {
			return h.attach(ctx, export, task), nil
		}
		refused = append(refused, attempt)
	}
	return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
		"source %q: RDS has no free identifier for an export of %s: %s to %s are used; "+workflow.NoRedrive+" for another snapshot",
		sc.source.Name, sc.snapshot.ID, sc.id(slices.Min(refused)), sc.id(slices.Max(refused)))
}

// existing removes the complete tasks of the scope whose objects were deleted, and returns the attempts of those.
func (h *Handler) existing(
	ctx context.Context, sc scope, tasks []types.ExportTask,
) (existing []types.ExportTask, deleted []int, err error) {
	for _, task := range tasks {
		there := true
		attempt, ours := sc.attempt(task)
		if ours && sc.matches(task) {
			if there, err = h.isThere(ctx, task); err != nil {
				return nil, nil, err
			}
		}
		if there {
			existing = append(existing, task)
		} else {
			deleted = append(deleted, attempt)
		}
	}
	return existing, deleted, nil
}

// isThere reports whether a task has objects, or will have them.
func (h *Handler) isThere(ctx context.Context, task types.ExportTask) (bool, error) {
	if aws.ToString(task.Status) != workflow.Complete {
		return true, nil
	}
	prefix := strings.Trim(aws.ToString(task.S3Prefix), "/") + "/" + aws.ToString(task.ExportTaskIdentifier) + "/"
	there, err := exports.Exists(ctx, h.S3, h.Bucket, prefix)
	if err != nil {
		return false, fmt.Errorf("look for s3://%s/%s: %w", h.Bucket, prefix, err)
	}
	return there, nil
}

// findByUsedID returns the task with an identifier that RDS reports as used. Another run, or a call whose answer was lost, may just have
// started it. As long as RDS does not show the task, the next identifier could pay for a second export: only a redrive permits that.
func (h *Handler) findByUsedID(ctx context.Context, sc scope, id string, isRedriven bool) (types.ExportTask, bool, error) {
	task, there, err := exporttask.Find(ctx, h.RDS, id)
	if err != nil {
		return types.ExportTask{}, false, err
	}
	if !there && !isRedriven {
		return types.ExportTask{}, false, workflow.Errorf[workflow.Unavailable](
			"source %q: RDS reports that export %s exists, or that another one of %s runs, but does not show it yet; "+
				"a redrive takes the next identifier",
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
		S3Prefix:             aws.String(sc.prefix()),
		IamRoleArn:           &h.Role,
		KmsKeyId:             &h.Key,
		ExportOnly:           sc.source.ExportOnly(),
	})
	return err
}

// byID returns the export that the input names, whatever it contains; CheckExport checks that.
func (h *Handler) byID(ctx context.Context, source workflow.Source, id string) (types.ExportTask, error) {
	task, there, err := exporttask.Find(ctx, h.RDS, id)
	if err != nil {
		return types.ExportTask{}, err
	}
	if !there {
		return types.ExportTask{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: RDS does not show export task %q, which FindSnapshot found; start a new run without exportId if it does not reappear",
			source.Name, id)
	}
	bucket, prefix := aws.ToString(task.S3Bucket), strings.Trim(aws.ToString(task.S3Prefix), "/")
	ours, ok := workflow.ParseExportID(id)
	if !ok || ours.Source != source.Name || bucket != h.Bucket || prefix+"/" != workflow.ExportPrefix(source.Name) {
		return types.ExportTask{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: export task %q at s3://%s/%s is not one of this source's, which are named "+
				"%s-<snapshot time>-<n> and lie at s3://%s/%s; "+workflow.NoRedrive+" without exportId",
			source.Name, id, bucket, prefix, strings.ReplaceAll(source.Name, "_", "-"), h.Bucket, workflow.ExportPrefix(source.Name))
	}
	return task, nil
}

func (h *Handler) attach(ctx context.Context, export workflow.Export, task types.ExportTask) workflow.Export {
	export.ID = aws.ToString(task.ExportTaskIdentifier)
	export.Status = aws.ToString(task.Status)
	export.Percent = int(aws.ToInt32(task.PercentProgress))
	export.Gigabytes = float64(aws.ToInt32(task.TotalExtractedDataInGB))
	export.WaitSeconds = waitAttached
	if export.Status == workflow.Complete {
		export.WaitSeconds = 0
	}
	h.Log.InfoContext(ctx, "attached to an export", "export", export.ID, "status", export.Status)
	return export
}
