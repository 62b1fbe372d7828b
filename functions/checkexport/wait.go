package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// wait is how many seconds to let pass before the next look at a task that was asked for, or taken up, at a certain time. RDS tells
// no TaskStartTime before it begins to extract.
func wait(task types.ExportTask, asked, now time.Time) int {
	if task.TaskStartTime == nil {
		return int(preparing(passed(asked, now)).Seconds())
	}
	working := passed(*task.TaskStartTime, now)
	elapsed := max(working, passed(asked, now)) // whichever knows of more: a task that was taken up is older than that
	return int(extracting(int(aws.ToInt32(task.PercentProgress)), working, elapsed).Seconds())
}

// passed is 0 for a time to come.
func passed(since, now time.Time) time.Duration { return max(now.Sub(since), 0) }

// longest is how late a failure is noticed at most, in an export of up to a day.
const longest = 30 * time.Minute

// preparing is the wait while RDS restores or clones the database. Nothing tells how long that takes: what takes long goes on
// long. A small database is exported soon after it, so it is an eighth of the time that has passed, and at least a minute.
func preparing(elapsed time.Duration) time.Duration {
	return max(min(max(elapsed/8, time.Minute), longest), bearable(elapsed))
}

// extracting is the wait after that: a quarter of the time that seems to be left, so that the looks come closer together towards
// the end, and a quarter because the percentage moves in jumps. It is at most a quarter of the time that has passed, since a
// percentage is worth little while it is young, and one of 0 nothing: RDS can leave it at that. But it is never less than what is
// bearable, since looks that are closer win nothing: an export can stand at 99 percent for hours.
func extracting(percent int, working, elapsed time.Duration) time.Duration {
	if percent <= 0 {
		return bearable(elapsed)
	}
	left := time.Duration(float64(working) * float64(100-percent) / float64(percent))
	return max(min(left/4, elapsed/4, longest), bearable(elapsed))
}

// bearable is a wait that loses no more than may be lost of an export that has taken so long, even if that ends just after a look:
// two percent of its time, or half a minute when that is more, without the few seconds that the functions and the state machine
// take themselves.
func bearable(elapsed time.Duration) time.Duration {
	const own = 5 * time.Second
	return max(elapsed/50, 30*time.Second) - own
}
