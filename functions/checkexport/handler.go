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

// RDS is the part of the RDS client that looks at export tasks.
type RDS interface {
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// Handler looks at the record's export once.
type Handler struct {
	Config  workflow.Config
	RDS     RDS
	S3      manifest.Client
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket that exports are written to.
	Bucket string
}

// Handle raises ExportFailed, ExportCanceled and ExportIncomplete.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Export, error) {
	source, err := setup.Source(h.Config, in.Record.Source)
	if err != nil {
		return workflow.Export{}, err
	}
	if in.Record.Export == nil {
		return workflow.Export{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the state has no export", source.Name)
	}
	task, err := h.task(ctx, in)
	if err != nil {
		return workflow.Export{}, err
	}
	export := workflow.Export{
		ID:           in.Record.Export.ID,
		Status:       aws.ToString(task.Status),
		Prefix:       in.Record.Export.Prefix,
		Percent:      int(aws.ToInt32(task.PercentProgress)),
		Gigabytes:    float64(aws.ToInt32(task.TotalExtractedDataInGB)),
		Skipped:      []string{},
		StartedAt:    in.Record.Export.StartedAt,
		RedriveCount: in.Execution.RedriveCount,
		WaitSeconds:  wait(task, in.Record.Export.StartedAt, in.Execution.EnteredAt),
	}
	switch export.Status {
	case workflow.Starting, workflow.InProgress, "CANCELING":
		return export, nil
	case unknown:
		err = workflow.Errorf[workflow.ExportFailed]("source %q: RDS does not know export %s%s", source.Name, export.ID, again(in.Record))
	case workflow.Complete:
		err = h.verify(ctx, in.Record, source, task, &export)
		if isUnreadable(err) && task.TaskEndTime != nil && in.Execution.EnteredAt.Sub(*task.TaskEndTime) < manifestDelay {
			export.Status = workflow.InProgress
			return export, nil
		}
	case "FAILED":
		err = failed(in.Record, task)
	case "CANCELED":
		err = workflow.Errorf[workflow.ExportCanceled]("source %q: export %s was canceled%s", source.Name, export.ID, again(in.Record))
	default:
		// RDS may have a new word for an export that it works on and that is paid for. To fail would not end it, and to wait
		// costs nothing; the state machine's time-out bounds that.
		h.Log.WarnContext(ctx, "waiting on, in a status that is not known", "export", export.ID, "status", export.Status)
		return export, nil
	}
	if err != nil && isOver(err) && restarts(in) && !errors.Is(err, errRepeats) {
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

// manifestDelay is how long the manifests may come after the status COMPLETE. RDS does not document their order.
const manifestDelay = 3 * time.Minute

// measure is about an export that is complete.
func (h *Handler) measure(in workflow.Request, export workflow.Export) {
	h.Metrics.Emit(in.Record.Source, in.Execution.Name,
		metrics.Gigabytes(workflow.MetricExportGigabytes, export.Gigabytes),
		metrics.Count(workflow.MetricTables, export.Tables),
		metrics.Seconds(workflow.MetricExportSeconds, in.Execution.EnteredAt.Sub(export.StartedAt)))
}

// restarts reports whether a bad export is to be replaced: somebody redrove the execution since the last poll, which says to try
// again. An export that the execution was started with is not replaced, since that very one was asked for.
func restarts(in workflow.Request) bool {
	return in.Record.ExportID == "" && in.Execution.RedriveCount > in.Record.Export.RedriveCount
}

// again is what the error about a bad export ends with: a redrive replaces the export, unless the input names it.
func again(r workflow.Record) string {
	if r.ExportID != "" {
		return "; " + workflow.NoRedrive + " without exportId"
	}
	return ""
}

// isOver tells whether err is about the export itself, which will not get better, and not about looking at it.
func isOver(err error) bool {
	switch err.(type) {
	case workflow.ExportFailed, workflow.ExportCanceled, workflow.ExportIncomplete:
		return true
	default:
		return false
	}
}

// unknown is the status, none of RDS's, of an export that it does not know.
const unknown = "UNKNOWN"

// settled is after how long RDS surely knows what was started: what one call made, the next may not show yet.
const settled = 15 * time.Minute

// task looks the record's export up. One that RDS does not know yet is starting.
func (h *Handler) task(ctx context.Context, in workflow.Request) (types.ExportTask, error) {
	export := in.Record.Export
	task, there, err := exporttask.Find(ctx, h.RDS, export.ID)
	if err != nil {
		return types.ExportTask{}, fmt.Errorf("source %q: %w", in.Record.Source, err)
	}
	if there {
		return task, nil
	}
	if in.Execution.EnteredAt.Sub(export.StartedAt) < settled {
		return types.ExportTask{Status: aws.String(workflow.Starting)}, nil
	}
	return types.ExportTask{Status: aws.String(unknown)}, nil
}
