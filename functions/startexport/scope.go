package main

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/exporttask"
	"snaplake/workflow"
)

// scope identifies the export that a run needs.
type scope struct {
	source   workflow.Source
	snapshot workflow.Snapshot
	bucket   string
	// firstAttempt is the number of the first attempt that the run accepts. Earlier attempts failed.
	firstAttempt int
	// redrives is the number of times that the execution had been redriven when the previous state succeeded.
	redrives int
}

func scopeOf(bucket string, source workflow.Source, state workflow.State) scope {
	sc := scope{source: source, snapshot: *state.Snapshot, bucket: bucket, redrives: state.Snapshot.RedriveCount}
	if state.Export != nil { // the run replaces this export
		sc.redrives = state.Export.RedriveCount
		if bad, ok := workflow.ParseExportID(state.Export.ID); ok {
			sc.firstAttempt = bad.Attempt + 1
		}
	}
	return sc
}

func (sc scope) id(attempt int) string {
	return workflow.ExportID{Source: sc.source.Name, SnapshotTime: sc.snapshot.CreatedAt, Attempt: attempt}.String()
}

// attempt returns the attempt in a task's identifier, and reports whether the rest of the identifier matches the scope. The time in the
// identifier distinguishes the exports of a live cluster, which all have the same source ARN.
func (sc scope) attempt(task types.ExportTask) (int, bool) {
	id, ok := workflow.ParseExportID(aws.ToString(task.ExportTaskIdentifier))
	return id.Attempt, ok && sc.id(id.Attempt) == id.String()
}

// newest returns the task with the highest attempt number among the scope's starting, running and complete tasks.
func (sc scope) newest(tasks []types.ExportTask) (types.ExportTask, bool) {
	var found types.ExportTask
	last := -1
	for _, task := range tasks {
		attempt, ours := sc.attempt(task)
		if ours && attempt >= sc.firstAttempt && attempt > last && sc.matches(task) && isUsable(task) {
			found, last = task, attempt
		}
	}
	return found, last >= 0
}

func (sc scope) matches(task types.ExportTask) bool {
	return aws.ToString(task.SourceArn) == sc.snapshot.ARN &&
		aws.ToString(task.S3Bucket) == sc.bucket &&
		strings.Trim(aws.ToString(task.S3Prefix), "/")+"/" == workflow.ExportPrefix(sc.source.Name) &&
		exporttask.HasTablesOf(sc.source, task)
}

// isUsed reports whether one of the tasks has the identifier of the given attempt.
func (sc scope) isUsed(attempt int, tasks []types.ExportTask) bool {
	return slices.ContainsFunc(tasks, func(t types.ExportTask) bool { return aws.ToString(t.ExportTaskIdentifier) == sc.id(attempt) })
}

// isUsable reports whether a task is complete or may still complete.
func isUsable(task types.ExportTask) bool {
	return slices.Contains([]string{workflow.Starting, workflow.InProgress, workflow.Complete}, aws.ToString(task.Status))
}

func isRunning(task types.ExportTask) bool {
	return slices.Contains([]string{workflow.Starting, workflow.InProgress, "CANCELING"}, aws.ToString(task.Status))
}
