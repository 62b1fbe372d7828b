package main

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/workflow"
)

// scope says which export is wanted.
type scope struct {
	source   workflow.Source
	snapshot workflow.Snapshot
	bucket   string
	// first is the lowest attempt that counts; those before it failed.
	first int
	// redriven is the number of redrives when the previous state succeeded.
	redriven int
}

func scopeOf(bucket string, source workflow.Source, r workflow.State) scope {
	sc := scope{source: source, snapshot: *r.Snapshot, bucket: bucket, redriven: r.Snapshot.RedriveCount}
	if r.Export != nil { // the run exports again
		sc.redriven = r.Export.RedriveCount
		if bad, ok := workflow.ParseExportID(r.Export.ID); ok {
			sc.first = bad.Attempt + 1
		}
	}
	return sc
}

// prefix returns RDS's S3Prefix, without a slash at its end.
func (sc scope) prefix() string {
	return strings.TrimSuffix(workflow.ExportPrefix(sc.source.Name), "/")
}

func (sc scope) id(attempt int) string {
	return workflow.ExportID{Source: sc.source.Name, SnapshotTime: sc.snapshot.CreatedAt, Attempt: attempt}.String()
}

// attempt returns the attempt that a task is. It compares the time in the identifier, because all exports of a live cluster have the same
// source ARN.
func (sc scope) attempt(task types.ExportTask) (int, bool) {
	id, ok := workflow.ParseExportID(aws.ToString(task.ExportTaskIdentifier))
	return id.Attempt, ok && sc.id(id.Attempt) == id.String()
}

// newest returns the last attempt of the scope that is starting, running or complete.
func (sc scope) newest(tasks []types.ExportTask) (types.ExportTask, bool) {
	var found types.ExportTask
	last := -1
	for _, task := range tasks {
		attempt, ours := sc.attempt(task)
		if ours && attempt >= sc.first && attempt > last && sc.matches(task) && isUsable(task) {
			found, last = task, attempt
		}
	}
	return found, last >= 0
}

func (sc scope) matches(task types.ExportTask) bool {
	return aws.ToString(task.SourceArn) == sc.snapshot.ARN &&
		aws.ToString(task.S3Bucket) == sc.bucket &&
		strings.Trim(aws.ToString(task.S3Prefix), "/") == sc.prefix() &&
		slices.Equal(sorted(task.ExportOnly), sorted(sc.source.ExportOnly()))
}

// unused returns the lowest attempt whose identifier neither a task nor a refusal shows as used.
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

// isUsable reports whether a task is, or may become, a complete export.
func isUsable(task types.ExportTask) bool {
	return slices.Contains([]string{workflow.Starting, workflow.InProgress, workflow.Complete}, aws.ToString(task.Status))
}

// isRunning reports whether RDS is working on a task.
func isRunning(task types.ExportTask) bool {
	return slices.Contains([]string{workflow.Starting, workflow.InProgress, "CANCELING"}, aws.ToString(task.Status))
}

// sorted returns nil for no tables: RDS returns an empty list or none.
func sorted(tables []string) []string { return slices.Sorted(slices.Values(tables)) }
