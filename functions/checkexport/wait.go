package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// wait is how many seconds to let pass before the next look at a task. While RDS prepares it tells no TaskStartTime; then the time
// counts from when the task was asked for.
func wait(task types.ExportTask, asked, now time.Time) int {
	began := asked
	if task.TaskStartTime != nil {
		began = *task.TaskStartTime
	}
	var elapsed time.Duration
	if !began.IsZero() {
		elapsed = now.Sub(began)
	}
	return waitSeconds(int(aws.ToInt32(task.PercentProgress)), elapsed)
}

// waitSeconds is between 15 and 300. While RDS prepares (percent is 0), it is a quarter of the time that has passed, at least a
// minute: what takes long goes on long. After that it is half of the time that seems to be left, so that the looks come
// closer together towards the end; the percentage moves in jumps, and half is cautious enough. But it is never less than two
// percent of the time that has passed: an export can stand at 99 percent for hours.
func waitSeconds(percent int, elapsed time.Duration) int {
	const shortest, preparing, longest = 15 * time.Second, time.Minute, 5 * time.Minute
	d := max(elapsed/4, preparing)
	if percent > 0 {
		left := time.Duration(float64(elapsed) * float64(100-percent) / float64(percent))
		d = max(left/2, elapsed/50, shortest)
	}
	return int(min(d, longest).Seconds())
}
