package main

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/workflow"
)

// scope is what an export must be of to be the one that is wanted.
type scope struct {
	source   workflow.Source
	snapshot workflow.Snapshot
	bucket   string
	// first is the lowest attempt that counts. Those before it went bad.
	first int
	// redriven is how often the execution was redriven when the state before this one succeeded.
	redriven int
}

func scopeOf(bucket string, source workflow.Source, r workflow.Record) scope {
	sc := scope{source: source, snapshot: *r.Snapshot, bucket: bucket, redriven: r.Snapshot.RedriveCount}
	if r.Export != nil { // only an execution that exports once more has one already
		sc.redriven = r.Export.RedriveCount
		if bad, ok := workflow.ParseExportID(r.Export.ID); ok {
			sc.first = bad.Attempt + 1
		}
	}
	return sc
}

// prefix is RDS's S3Prefix, which has no slash at its end.
func (sc scope) prefix() string {
	return strings.TrimSuffix(workflow.ExportPrefix(sc.source.Name), "/")
}

func (sc scope) id(attempt int) string {
	return workflow.ExportID{Source: sc.source.Name, SnapshotTime: sc.snapshot.CreatedAt, Attempt: attempt}.String()
}

// attempt tells which of our attempts at this snapshot a task is. The time in the identifier matters where the source is a
// live cluster: all its exports have the same source ARN.
func (sc scope) attempt(task types.ExportTask) (int, bool) {
	id, ok := workflow.ParseExportID(aws.ToString(task.ExportTaskIdentifier))
	return id.Attempt, ok && sc.id(id.Attempt) == id.String()
}

// newest is the last attempt among the tasks that is of this scope and starting, running or complete.
func (sc scope) newest(tasks []types.ExportTask) (types.ExportTask, bool) {
	var found types.ExportTask
	last := -1
	for _, task := range tasks {
		attempt, ours := sc.attempt(task)
		if ours && attempt >= sc.first && attempt > last && sc.covers(task) && isUsable(task) {
			found, last = task, attempt
		}
	}
	return found, last >= 0
}

func (sc scope) covers(task types.ExportTask) bool {
	return aws.ToString(task.SourceArn) == sc.snapshot.ARN &&
		aws.ToString(task.S3Bucket) == sc.bucket &&
		strings.Trim(aws.ToString(task.S3Prefix), "/") == sc.prefix() &&
		slices.Equal(sorted(task.ExportOnly), sorted(sc.source.ExportOnly()))
}

// unused is the lowest attempt whose identifier neither a task nor an earlier refusal shows to be used.
func (sc scope) unused(tasks []types.ExportTask, refused []int) int {
	used := slices.Clone(refused)
	for _, task := range tasks {
		if attempt, ours := sc.attempt(task); ours {
			used = append(used, attempt)
		}
	}
	n := sc.first
	for slices.Contains(used, n) {
		n++
	}
	return n
}

// isUsable tells whether a task has led, or may yet lead, to a complete export.
func isUsable(task types.ExportTask) bool {
	return slices.Contains([]string{workflow.Starting, workflow.InProgress, workflow.Complete}, aws.ToString(task.Status))
}

// isRunning tells whether RDS still works on a task.
func isRunning(task types.ExportTask) bool {
	return slices.Contains([]string{workflow.Starting, workflow.InProgress, "CANCELING"}, aws.ToString(task.Status))
}

// sorted is also nil for no tables at all, of which RDS makes an empty list or none.
func sorted(tables []string) []string { return slices.Sorted(slices.Values(tables)) }
