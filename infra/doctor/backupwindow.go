package main

import (
	"strings"
	"time"

	"github.com/reugn/go-quartz/quartz"

	"snaplake/workflow"
)

const (
	day = 24 * time.Hour
	// snapshotWait is how long FindSnapshot waits for a snapshot that is young enough (workflow/pipeline.asl.json).
	snapshotWait = 3 * time.Hour
)

// checkBackupWindow looks whether runs begin after the day's backup: one that begins before it takes the snapshot of the day before.
func (d *doctor) checkBackupWindow(source workflow.Source, window string) []line {
	part := "backup window " + source.Name
	_, end, _ := strings.Cut(window, "-") // 17:00-17:30, in UTC
	ends, err := time.ParseDuration(strings.Replace(end, ":", "h", 1) + "m")
	if err != nil || source.Snapshots != workflow.SnapshotsAutomated || source.OnSnapshot {
		return nil
	}
	run, age := oldest(source, ends, d.now())
	begins, limit, next := run.Format("2006-01-02 15:04 MST"), time.Duration(source.MaxSnapshotAge), day-age
	switch {
	case age > limit && next > snapshotWait:
		return []line{fault.says(part, "the run of %s begins %s after %s UTC, finds no snapshot that max_snapshot_age (%s) allows, and waits %s only; begin it soon after %s UTC, or raise max_snapshot_age",
			begins, hours(age), window, hours(limit), hours(snapshotWait), end)}
	case age <= limit && next < age:
		return []line{note.says(part, "the run of %s takes a snapshot that is %s old, and the next comes %s later, by %s UTC; begin it after that, or set on_snapshot: true",
			begins, hours(age), hours(next), end)}
	}
	return []line{ok.says(part, "%s UTC, up to %s before a run", window, hours(age))}
}

// oldest finds the run of the next year that begins longest after the end of a backup window. A second run after the same window does
// not count: the first has taken the snapshot.
func oldest(source workflow.Source, ends time.Duration, now time.Time) (run time.Time, age time.Duration) {
	zone, err := time.LoadLocation(source.TimeZone)
	if err != nil {
		return run, 0 // config.Load has checked it, and the expression
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
		begins := time.Unix(0, next).In(zone)
		end = end.Add(begins.Sub(end).Truncate(day))
		if begins.Sub(end) > age || run.IsZero() {
			run, age = begins, begins.Sub(end)
		}
	}
	return run, age
}
