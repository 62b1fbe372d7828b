package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
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

// Handler polls the export in the state once.
type Handler struct {
	setup.Setup
	RDS rds.DescribeExportTasksAPIClient
	S3  manifest.Client
}

const (
	// consistencyWindow is how long RDS may take to list a task after StartExportTask.
	consistencyWindow = 15 * time.Minute
	// manifestDelay is how long the manifests may take to appear after the status becomes COMPLETE. RDS does not document which comes first.
	manifestDelay = 3 * time.Minute
	// unknown is the status that CheckExport sets if RDS does not list the export.
	unknown = "UNKNOWN"
)

// Handle returns the export with its current status. If the export failed or is incomplete, the error is a [workflow.ExportFailed], a
// [workflow.ExportCanceled] or a [workflow.ExportIncomplete]. If the execution was redriven since the last poll, the status is RESTART
// instead, which sends the run back to StartExport.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Export, error) {
	source, err := setup.Require(h.Config, in.State, "export", in.State.Export)
	if err != nil {
		return workflow.Export{}, err
	}
	last := *in.State.Export
	task, found, err := exporttask.Find(ctx, h.RDS, last.ID)
	if err != nil {
		return workflow.Export{}, fmt.Errorf("source %q: %w", source.Name, err)
	}
	if !found {
		task.Status = aws.String(unknown)
		if in.Execution.EnteredAt.Sub(last.StartedAt) < consistencyWindow {
			task.Status = aws.String(workflow.Starting)
		}
	}
	export := workflow.Export{
		ID:           last.ID,
		Status:       aws.ToString(task.Status),
		Prefix:       last.Prefix,
		Percent:      int(aws.ToInt32(task.PercentProgress)),
		Gigabytes:    float64(aws.ToInt32(task.TotalExtractedDataInGB)),
		Skipped:      []string{},
		StartedAt:    last.StartedAt,
		RedriveCount: in.Execution.RedriveCount,
		WaitSeconds:  wait(task, last.StartedAt, in.Execution.EnteredAt),
	}
	err = h.check(ctx, in, source, task, &export)
	isRedriven := in.Execution.RedriveCount > last.RedriveCount
	if workflow.IsNamed(err) && isRedriven && in.State.ExportID == "" && !errors.Is(err, errRepeats) {
		h.Log.WarnContext(ctx, "exporting again", "export", export.ID, "reason", err)
		export.Status = workflow.Restart
		return export, nil
	}
	if err != nil {
		return workflow.Export{}, err
	}
	return export, nil
}

// check verifies a complete export. It returns a named error if the export cannot be used, and an unnamed error if a call failed.
func (h *Handler) check(
	ctx context.Context, in workflow.Request, source workflow.Source, task types.ExportTask, export *workflow.Export,
) error {
	switch export.Status {
	case workflow.Starting, workflow.InProgress, "CANCELING":
		return nil
	case workflow.Complete:
		err := h.verify(ctx, in.State, source, task, export)
		if manifest.IsUnreadable(err) && task.TaskEndTime != nil && in.Execution.EnteredAt.Sub(*task.TaskEndTime) < manifestDelay {
			export.Status = workflow.InProgress
			return nil
		}
		if err == nil {
			h.Metrics.Emit(source.Name, in.Execution.Name,
				metrics.Gigabytes(workflow.MetricExportGigabytes, export.Gigabytes),
				metrics.Count(workflow.MetricTables, export.Tables),
				metrics.Seconds(workflow.MetricExportSeconds, in.Execution.EnteredAt.Sub(export.StartedAt)))
		}
		return err
	case unknown:
		return workflow.Errorf[workflow.ExportFailed]("source %q: RDS does not list export %s%s", source.Name, export.ID, retryHint(in.State))
	case "CANCELED":
		return workflow.Errorf[workflow.ExportCanceled]("source %q: export %s was canceled%s", source.Name, export.ID, retryHint(in.State))
	case "FAILED":
		cause := cmp.Or(aws.ToString(task.FailureCause), "RDS gave no cause")
		return workflow.Errorf[workflow.ExportFailed]("source %q: export %s failed: %s; %s%s",
			source.Name, export.ID, strings.TrimRight(cause, ". "), remedyFor(cause), retryHint(in.State))
	default:
		// RDS may have introduced a new status for a running export. Waiting costs nothing and ends at the state machine's timeout.
		h.Log.WarnContext(ctx, "unknown export status, still waiting", "export", export.ID, "status", export.Status)
		return nil
	}
}

// remedyFor returns the remedy for a failure cause. It searches the cause for phrases from the documented messages (RDS guide, "Failure
// messages for Amazon S3 export tasks"). The order of the phrases matters, because one message can contain several.
func remedyFor(cause string) string {
	for _, known := range []struct{ phrase, remedy string }{
		{"assume", "deploy again, so that export.rds.amazonaws.com may assume the export role"},
		{"kms", "check that the KMS key is enabled, and that the export role has access to the key and the bucket"},
		{"authorized", "deploy again to allow the export role this action on the bucket, and look for a bucket policy that denies it"},
		{"region", "check that the bucket exists in the database's Region"},
		{"s3 credential", "check the policies of the bucket and of the export role"},
		{"internal error", "try again"},
	} {
		if strings.Contains(strings.ToLower(cause), known.phrase) {
			return known.remedy
		}
	}
	return "see the task in the RDS console under Exports in Amazon S3"
}

// retryHint returns a hint to append to the error message for a failed or incomplete export. It is empty unless the input names the export,
// because a redrive replaces any other export.
func retryHint(state workflow.State) string {
	if state.ExportID != "" {
		return "; " + workflow.NoRedrive + " without exportId"
	}
	return ""
}
