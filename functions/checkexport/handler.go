package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
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
	source, err := h.Config.Source(in.Record.Source)
	if err != nil {
		return workflow.Export{}, err
	}
	if in.Record.Export == nil {
		return workflow.Export{}, errors.New("the record has no export: StartExport comes before CheckExport")
	}
	task, err := h.task(ctx, source, in.Record.Export.ID)
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
		RedriveCount: in.Record.Export.RedriveCount,
		WaitSeconds:  wait(task, in.Execution.EnteredAt),
	}
	switch export.Status {
	case workflow.Starting, workflow.InProgress, "CANCELING":
		return export, nil
	case workflow.Complete:
		err = h.verify(ctx, in.Record, source, task, &export)
	case "FAILED":
		err = failed(in.Record, task)
	case "CANCELED":
		err = workflow.Errorf[workflow.ExportCanceled]("source %q: export %s was canceled; %s", source.Name, export.ID, again(in.Record))
	default:
		return workflow.Export{}, fmt.Errorf("source %q: export %s has the status %q, which RDS is not known to give", source.Name, export.ID, export.Status)
	}
	if err != nil && isOver(err) && restarts(in) {
		h.Log.WarnContext(ctx, "exporting once more", "export", export.ID, "reason", err)
		export.Status = workflow.Restart
		return export, nil
	}
	if err != nil {
		return workflow.Export{}, err
	}
	h.measure(in, export)
	return export, nil
}

// measure is about an export that is complete.
func (h *Handler) measure(in workflow.Request, export workflow.Export) {
	values := []metrics.Value{
		metrics.Gigabytes(workflow.MetricExportGigabytes, export.Gigabytes),
		metrics.Count(workflow.MetricTables, export.Tables),
	}
	if !export.StartedAt.IsZero() {
		values = append(values, metrics.Seconds(workflow.MetricExportSeconds, in.Execution.EnteredAt.Sub(export.StartedAt)))
	}
	h.Metrics.Emit(in.Record.Source, in.Execution.Name, values...)
}

// restarts tells whether a bad export is to be replaced: somebody redrove the execution after it had begun, which says to try
// again. An export that the execution was started with is not replaced, since that very one was asked for.
func restarts(in workflow.Request) bool {
	return in.Record.ExportID == "" && in.Execution.RedriveCount > in.Record.Export.RedriveCount
}

// again says how a bad export is replaced.
func again(r workflow.Record) string {
	if r.ExportID != "" {
		return "start a new execution without exportId to export once more"
	}
	return "redrive to export once more"
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

func (h *Handler) task(ctx context.Context, source workflow.Source, id string) (types.ExportTask, error) {
	out, err := h.RDS.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{ExportTaskIdentifier: &id})
	if awserr.Code(err) == "ExportTaskNotFound" || err == nil && len(out.ExportTasks) == 0 {
		return types.ExportTask{}, fmt.Errorf("source %q: RDS does not know export %s any more; start a new execution", source.Name, id)
	}
	if err != nil {
		return types.ExportTask{}, fmt.Errorf("describe export task %s: %w", id, err)
	}
	return out.ExportTasks[0], nil
}
