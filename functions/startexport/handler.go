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
	"snaplake/functions/internal/exporttask"
	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// RDS is the part of the RDS client that starts export tasks and looks at them.
type RDS interface {
	StartExportTask(context.Context, *rds.StartExportTaskInput, ...func(*rds.Options)) (*rds.StartExportTaskOutput, error)
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// Handler makes sure that an export of the record's snapshot runs, or is there already. An export costs by the size of the
// whole database, so it is looked for before it is started: whoever asks again after a lost answer, a second delivery of the
// schedule or a redrive gets the export that is there.
type Handler struct {
	Config  workflow.Config
	RDS     RDS
	S3      manifest.Client
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket that exports are written to.
	Bucket string
	// Role is the ARN of the role that RDS writes the export with.
	Role string
	// Key is the ARN of the KMS key that the export is encrypted with.
	Key string
}

// How long to wait before the first look, in seconds: RDS takes minutes to prepare a new export. One that is complete is looked
// at without a wait.
const (
	waitStarted = 60
	waitTakenUp = 15
)

// Handle raises ExportSlotsBusy and ExportRefused.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Export, error) {
	source, err := setup.Source(h.Config, in.Record.Source)
	if err != nil {
		return workflow.Export{}, err
	}
	if in.Record.Snapshot == nil {
		return workflow.Export{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the state has no snapshot", source.Name)
	}
	export, err := h.export(ctx, source, in)
	if err != nil {
		return workflow.Export{}, err
	}
	if in.Record.Export == nil { // else it would be the time of the export that went bad
		h.Metrics.Emit(source.Name, in.Execution.Name,
			metrics.Seconds(workflow.MetricSnapshotSeconds, in.Execution.EnteredAt.Sub(in.Execution.StartedAt)))
	}
	return export, nil
}

// export takes up the export that the execution's input names, or else makes sure that there is one.
func (h *Handler) export(ctx context.Context, source workflow.Source, in workflow.Request) (workflow.Export, error) {
	export := workflow.Export{
		Prefix:       workflow.ExportPrefix(source.Name),
		Skipped:      []string{},
		StartedAt:    in.Execution.EnteredAt,
		RedriveCount: in.Execution.RedriveCount,
	}
	id := in.Record.ExportID
	if id == "" {
		return h.ensure(ctx, scopeOf(h.Bucket, source, in.Record), export)
	}
	task, err := h.named(ctx, source, id)
	if err != nil {
		return workflow.Export{}, err
	}
	there, err := h.isThere(ctx, task)
	if err != nil {
		return workflow.Export{}, err
	}
	if !there {
		return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: the objects of export %s are deleted; "+workflow.NoRedrive+" without exportId", source.Name, id)
	}
	return h.takenUp(ctx, export, task), nil
}

// ensure takes up an export of the scope, or starts one. It looks anew after each identifier that turns out to be used:
// somebody else may have started the same export this very moment.
func (h *Handler) ensure(ctx context.Context, sc scope, export workflow.Export) (workflow.Export, error) {
	const attempts = 10
	var refused []int
	for range attempts {
		tasks, err := exporttask.List(ctx, h.RDS, &rds.DescribeExportTasksInput{SourceArn: &sc.snapshot.ARN})
		if err != nil {
			return workflow.Export{}, fmt.Errorf("describe the export tasks of %s: %w", sc.snapshot.ID, err)
		}
		// What RDS still lists as COMPLETE may have been pruned since.
		tasks, deleted, err := h.existing(ctx, sc, tasks)
		if err != nil {
			return workflow.Export{}, err
		}
		if task, ok := sc.newest(tasks); ok {
			return h.takenUp(ctx, export, task), nil
		}
		if i := slices.IndexFunc(tasks, isRunning); i >= 0 {
			return workflow.Export{}, workflow.Errorf[workflow.ExportSlotsBusy](
				"source %q: RDS exports a snapshot once at a time, and %s of %s, which is not the export wanted here, is %s",
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
			return workflow.Export{}, refusal(sc, id, err)
		}
		task, ok, err := h.used(ctx, sc, id, export.RedriveCount > sc.redriven)
		if err != nil {
			return workflow.Export{}, err
		}
		if ok {
			return h.takenUp(ctx, export, task), nil
		}
		refused = append(refused, attempt)
	}
	return workflow.Export{}, workflow.Errorf[workflow.ExportRefused](
		"source %q: RDS has no free identifier for an export of %s: %s to %s are used; "+workflow.NoRedrive+" for another snapshot",
		sc.source.Name, sc.snapshot.ID, sc.id(slices.Min(refused)), sc.id(slices.Max(refused)))
}

// existing leaves out the complete tasks of the scope whose objects are deleted, and returns which attempts these are.
func (h *Handler) existing(ctx context.Context, sc scope, tasks []types.ExportTask) (existing []types.ExportTask, deleted []int, err error) {
	for _, task := range tasks {
		there := true
		attempt, ours := sc.attempt(task)
		if ours && sc.covers(task) {
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

// isThere reports whether a task has objects, or will have them: its manifests may come minutes after the status COMPLETE.
func (h *Handler) isThere(ctx context.Context, task types.ExportTask) (bool, error) {
	if aws.ToString(task.Status) != workflow.Complete {
		return true, nil
	}
	prefix := strings.Trim(aws.ToString(task.S3Prefix), "/") + "/" + aws.ToString(task.ExportTaskIdentifier) + "/"
	there, err := lake.Exists(ctx, h.S3, h.Bucket, prefix)
	if err != nil {
		return false, fmt.Errorf("look for s3://%s/%s: %w", h.Bucket, prefix, err)
	}
	return there, nil
}

// used finds the task that has an identifier which RDS says is used. It may be the one that is wanted, started a moment ago,
// by a call whose answer was lost or by somebody else. When RDS does not show it, it may be that one as well, so that the next
// identifier would pay for a second export: that is left to an execution that somebody redrove in this state.
func (h *Handler) used(ctx context.Context, sc scope, id string, isRedriven bool) (types.ExportTask, bool, error) {
	task, there, err := exporttask.Find(ctx, h.RDS, id)
	if err != nil {
		return types.ExportTask{}, false, err
	}
	if !there && !isRedriven {
		return types.ExportTask{}, false, workflow.Errorf[workflow.Unavailable](
			"source %q: RDS says that export %s exists, or that another one of %s runs, and does not show it yet; a redrive takes the next identifier",
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

// named finds the export that the execution's input names. It is taken up whatever it contains; CheckExport tells whether
// that is enough.
func (h *Handler) named(ctx context.Context, source workflow.Source, id string) (types.ExportTask, error) {
	task, there, err := exporttask.Find(ctx, h.RDS, id)
	if err != nil {
		return types.ExportTask{}, err
	}
	if !there {
		return types.ExportTask{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: RDS does not show export task %q, which FindSnapshot found; start a new run without exportId if it does not reappear", source.Name, id)
	}
	bucket, prefix := aws.ToString(task.S3Bucket), strings.Trim(aws.ToString(task.S3Prefix), "/")
	ours, ok := workflow.ParseExportID(id)
	if !ok || ours.Source != source.Name || bucket != h.Bucket || prefix+"/" != workflow.ExportPrefix(source.Name) {
		return types.ExportTask{}, workflow.Errorf[workflow.ExportRefused](
			"source %q: export task %q at s3://%s/%s is not one of this source's, which are named %s-<snapshot time>-<n> and lie at s3://%s/%s; "+workflow.NoRedrive+" without exportId",
			source.Name, id, bucket, prefix, strings.ReplaceAll(source.Name, "_", "-"), h.Bucket, workflow.ExportPrefix(source.Name))
	}
	return task, nil
}

func (h *Handler) takenUp(ctx context.Context, export workflow.Export, task types.ExportTask) workflow.Export {
	export.ID = aws.ToString(task.ExportTaskIdentifier)
	export.Status = aws.ToString(task.Status)
	export.Percent = int(aws.ToInt32(task.PercentProgress))
	export.Gigabytes = float64(aws.ToInt32(task.TotalExtractedDataInGB))
	export.WaitSeconds = waitTakenUp
	if export.Status == workflow.Complete {
		export.WaitSeconds = 0
	}
	h.Log.InfoContext(ctx, "export taken up", "export", export.ID, "status", export.Status)
	return export
}
