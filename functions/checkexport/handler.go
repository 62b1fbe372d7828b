package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/exporttask"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// RDS is what CheckExport calls of RDS.
type RDS interface {
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// Handler polls the export in the state once.
type Handler struct {
	Config  workflow.Config
	RDS     RDS
	S3      manifest.Client
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket contains the exports.
	Bucket string
}

// Handle raises ExportFailed, ExportCanceled and ExportIncomplete.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Export, error) {
	source, err := setup.Source(h.Config, in.State.Source)
	if err != nil {
		return workflow.Export{}, err
	}
	if in.State.Export == nil {
		return workflow.Export{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the state has no export", source.Name)
	}
	task, err := h.task(ctx, in)
	if err != nil {
		return workflow.Export{}, err
	}
	export := workflow.Export{
		ID:           in.State.Export.ID,
		Status:       aws.ToString(task.Status),
		Prefix:       in.State.Export.Prefix,
		Percent:      int(aws.ToInt32(task.PercentProgress)),
		Gigabytes:    float64(aws.ToInt32(task.TotalExtractedDataInGB)),
		Skipped:      []string{},
		StartedAt:    in.State.Export.StartedAt,
		RedriveCount: in.Execution.RedriveCount,
		WaitSeconds:  wait(task, in.State.Export.StartedAt, in.Execution.EnteredAt),
	}
	switch export.Status {
	case workflow.Starting, workflow.InProgress, "CANCELING":
		return export, nil
	case unknown:
		err = workflow.Errorf[workflow.ExportFailed]("source %q: RDS does not know export %s%s", source.Name, export.ID, retryHint(in.State))
	case workflow.Complete:
		err = h.verify(ctx, in.State, source, task, &export)
		if isUnreadable(err) && task.TaskEndTime != nil && in.Execution.EnteredAt.Sub(*task.TaskEndTime) < manifestDelay {
			export.Status = workflow.InProgress
			return export, nil
		}
	case "FAILED":
		err = failed(in.State, task)
	case "CANCELED":
		err = workflow.Errorf[workflow.ExportCanceled]("source %q: export %s was canceled%s", source.Name, export.ID, retryHint(in.State))
	default:
		// RDS may have a new status for a running export. Failing would not end the export, and waiting costs nothing; the time-out of the
		// state machine limits it.
		h.Log.WarnContext(ctx, "unknown export status, still waiting", "export", export.ID, "status", export.Status)
		return export, nil
	}
	if err != nil && isFinal(err) && restarts(in) && !errors.Is(err, errRepeats) {
		h.Log.WarnContext(ctx, "exporting again", "export", export.ID, "reason", err)
		export.Status = workflow.Restart
		return export, nil
	}
	if err != nil {
		return workflow.Export{}, err
	}
	h.measure(in, export)
	return export, nil
}

// manifestDelay is how long after the status COMPLETE the manifests may appear. RDS does not document their order.
const manifestDelay = 3 * time.Minute

// measure emits the metrics of a complete export.
func (h *Handler) measure(in workflow.Request, export workflow.Export) {
	h.Metrics.Emit(in.State.Source, in.Execution.Name,
		metrics.Gigabytes(workflow.MetricExportGigabytes, export.Gigabytes),
		metrics.Count(workflow.MetricTables, export.Tables),
		metrics.Seconds(workflow.MetricExportSeconds, in.Execution.EnteredAt.Sub(export.StartedAt)))
}

// restarts reports whether to replace a failed or incomplete export: the execution was redriven since the last poll. An export that the
// input names is not replaced.
func restarts(in workflow.Request) bool {
	return in.State.ExportID == "" && in.Execution.RedriveCount > in.State.Export.RedriveCount
}

// retryHint returns the end of an error about a failed or incomplete export: a redrive replaces it, unless the input names it.
func retryHint(r workflow.State) string {
	if r.ExportID != "" {
		return "; " + workflow.NoRedrive + " without exportId"
	}
	return ""
}

// isFinal reports whether err is about the export itself, and not about a call.
func isFinal(err error) bool {
	switch err.(type) {
	case workflow.ExportFailed, workflow.ExportCanceled, workflow.ExportIncomplete:
		return true
	default:
		return false
	}
}

// unknown is the status, not one of RDS, of an export that RDS does not know.
const unknown = "UNKNOWN"

// consistencyWindow is after how long RDS must know an export that was started.
const consistencyWindow = 15 * time.Minute

// task returns the export task in the state. One that RDS does not know yet is starting.
func (h *Handler) task(ctx context.Context, in workflow.Request) (types.ExportTask, error) {
	export := in.State.Export
	task, there, err := exporttask.Find(ctx, h.RDS, export.ID)
	if err != nil {
		return types.ExportTask{}, fmt.Errorf("source %q: %w", in.State.Source, err)
	}
	if there {
		return task, nil
	}
	if in.Execution.EnteredAt.Sub(export.StartedAt) < consistencyWindow {
		return types.ExportTask{Status: aws.String(workflow.Starting)}, nil
	}
	return types.ExportTask{Status: aws.String(unknown)}, nil
}
