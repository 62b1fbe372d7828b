package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/reugn/go-quartz/quartz"

	"snaplake/workflow"
)

const (
	day = 24 * time.Hour
	// snapshotWait is how long FindSnapshot waits for a recent snapshot (workflow/pipeline.asl.json).
	snapshotWait = 3 * time.Hour
)

// checkBackupWindow checks that runs start after the daily backup. A run that starts before it uses the snapshot of the day before.
func (d *doctor) checkBackupWindow(source workflow.Source, window string) []finding {
	s := subject("backup window " + source.Name)
	_, end, _ := strings.Cut(window, "-") // 17:00-17:30, in UTC
	ends, err := time.ParseDuration(strings.Replace(end, ":", "h", 1) + "m")
	if err != nil || source.Snapshots != workflow.SnapshotsAutomated || source.OnSnapshot {
		return nil
	}
	run, age := oldest(source, ends, d.now())
	starts, limit, next := run.Format("2006-01-02 15:04 MST"), time.Duration(source.MaxSnapshotAge), day-age
	switch {
	case age > limit && next > snapshotWait:
		return s.problem("the run of %s starts %s after %s UTC, waits up to %s, and finds no snapshot within max_snapshot_age (%s); "+
			"start it soon after %s UTC, or raise max_snapshot_age", starts, hours(age), window, hours(snapshotWait), hours(limit), end)
	case age <= limit && next < age:
		return s.note("the run of %s uses a snapshot that is %s old, the next one is ready %s later, by %s UTC; "+
			"start it after that, or set on_snapshot: true", starts, hours(age), hours(next), end)
	}
	return s.ok("%s UTC, up to %s before a run", window, hours(age))
}

// oldest returns the run of the next year that starts longest after the end of a backup window, and how long after. It ignores further runs
// after the same window: the first has used the snapshot.
func oldest(source workflow.Source, ends time.Duration, now time.Time) (run time.Time, age time.Duration) {
	zone, err := time.LoadLocation(source.TimeZone)
	if err != nil {
		return run, 0 // validated by config.Load, as is the expression
	}
	cron, err := quartz.NewCronTriggerWithLoc("0 "+strings.TrimSuffix(strings.TrimPrefix(source.Schedule, "cron("), ")"), zone)
	if err != nil {
		return run, 0
	}
	for end := now.UTC().Truncate(day).Add(ends); end.Before(now.AddDate(1, 0, 0)); end = end.Add(day) {
		next, err := cron.NextFireTime(end.Add(-time.Second).UnixNano())
		if err != nil {
			break // no later run
		}
		starts := time.Unix(0, next).In(zone)
		end = end.Add(starts.Sub(end).Truncate(day))
		if starts.Sub(end) > age || run.IsZero() {
			run, age = starts, starts.Sub(end)
		}
	}
	return run, age
}

// hours formats a duration without seconds, for example 7h12m.
func hours(d time.Duration) string {
	d = d.Truncate(time.Minute)
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
