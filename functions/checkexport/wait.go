package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// wait returns the seconds until the next poll of a task that StartExport started or attached to at a time. There is no TaskStartTime
// before RDS begins to extract.
func wait(task types.ExportTask, asked, now time.Time) int {
	if task.TaskStartTime == nil {
		return int(pollBeforeStart(elapsedSince(asked, now)).Seconds())
	}
	working := elapsedSince(*task.TaskStartTime, now)
	elapsed := max(working, elapsedSince(asked, now)) // a task that StartExport attached to is older
	return int(pollRunning(int(aws.ToInt32(task.PercentProgress)), working, elapsed).Seconds())
}

// elapsedSince returns 0 for a future time.
func elapsedSince(since, now time.Time) time.Duration { return max(now.Sub(since), 0) }

// longest is the longest wait in an export of up to a day.
const longest = 30 * time.Minute

// pollBeforeStart returns the wait while RDS restores or clones the database: an eighth of the elapsed time, and at least a minute. RDS
// reports no progress of this.
func pollBeforeStart(elapsed time.Duration) time.Duration {
	return max(min(max(elapsed/8, time.Minute), longest), shortestPoll(elapsed))
}

// pollRunning returns the wait during the extraction: a quarter of the estimated remaining time, so that polls become more frequent
// towards the end. It is at most a quarter of the elapsed time, because an early percentage is unreliable, and at least the shortest poll,
// because an export can stay at 99 percent for hours.
func pollRunning(percent int, working, elapsed time.Duration) time.Duration {
	if percent <= 0 {
		return shortestPoll(elapsed)
	}
	left := time.Duration(float64(working) * float64(100-percent) / float64(percent))
	return max(min(left/4, elapsed/4, longest), shortestPoll(elapsed))
}

// shortestPoll returns the wait that is short enough even if the export ends right after a poll: two percent of its duration or half a
// minute, less the seconds that the function and the state machine take.
func shortestPoll(elapsed time.Duration) time.Duration {
	const own = 5 * time.Second
	return max(elapsed/50, 30*time.Second) - own
}
