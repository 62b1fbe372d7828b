package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// wait returns the number of seconds until the next poll of a task. startedAt is when StartExport started the task or attached to it.
func wait(task types.ExportTask, startedAt, now time.Time) int {
	elapsed := max(now.Sub(startedAt), 0)
	if task.TaskStartTime == nil {
		// RDS is restoring or cloning the database, and reports no progress.
		return clamp(max(elapsed/8, time.Minute), elapsed)
	}
	extracting := max(now.Sub(*task.TaskStartTime), 0)
	elapsed = max(elapsed, extracting) // a task that StartExport attached to may be older
	percent := aws.ToInt32(task.PercentProgress)
	if percent <= 0 {
		return clamp(0, elapsed)
	}
	left := time.Duration(float64(extracting) * float64(100-percent) / float64(percent))
	// Polls become more frequent towards the end. Early percentages are unreliable, so clamp receives at most 1/4 of the elapsed time.
	return clamp(min(left, elapsed)/4, elapsed)
}

// clamp limits the length of a wait and returns it in seconds. The maximum is half an hour. The minimum is 2% of the elapsed time or half a
// minute, whichever is longer, minus the 5 seconds that a poll takes. A minimum is needed because an export can remain at 99% for hours.
func clamp(wait, elapsed time.Duration) int {
	shortest := max(elapsed/50, 30*time.Second) - 5*time.Second
	return int(max(min(wait, 30*time.Minute), shortest).Seconds())
}
