package main

import (
	"strings"
	"testing"
	"time"

	"snaplake/workflow"
)

func TestCheckBackupWindow_ComparesWithSchedule(t *testing.T) {
	hour := workflow.Duration(time.Hour)
	for name, test := range map[string]struct {
		schedule, zone, window string
		maxAge                 workflow.Duration
		want                   string
	}{
		"after the backup":  {"30 4 * * ? *", "UTC", "03:00-03:30", 26 * hour, "ok 03:00-03:30 UTC, up to 1h00m before a run"},
		"at its end":        {"30 3 * * ? *", "UTC", "03:00-03:30", 26 * hour, "ok 03:00-03:30 UTC, up to 0h00m before a run"},
		"across midnight":   {"0 1 * * ? *", "UTC", "23:45-00:15", 26 * hour, "ok 23:45-00:15 UTC, up to 0h45m before a run"},
		"in another zone":   {"30 3 * * ? *", "Asia/Tokyo", "17:00-17:30", 26 * hour, "ok 17:00-17:30 UTC, up to 1h00m before a run"},
		"every hour":        {"0 * * * ? *", "UTC", "05:00-05:30", 26 * hour, "ok 05:00-05:30 UTC, up to 0h30m before a run"},
		"twice a day":       {"30 4,16 * * ? *", "UTC", "05:00-05:30", 26 * hour, "ok 05:00-05:30 UTC, up to 11h00m before a run"},
		"waits for it":      {"30 4 * * ? *", "UTC", "05:00-05:30", 12 * hour, "ok 05:00-05:30 UTC, up to 23h00m before a run"},
		"never, in a year":  {"0 3 1 1 ? 2020", "UTC", "05:00-05:30", 26 * hour, "ok 05:00-05:30 UTC, up to 0h00m before a run"},
		"before the backup": {"30 4 * * ? *", "UTC", "05:00-05:30", 26 * hour, "note the run of 2026-11-23 04:30 UTC uses a snapshot that is 23h00m old, the next one is ready 1h00m later, by 05:30 UTC"},
		"during the backup": {"45 23 * * ? *", "UTC", "23:30-00:00", 26 * hour, "note the run of 2026-11-22 23:45 UTC uses a snapshot that is 23h45m old, the next one is ready 0h15m later, by 00:00 UTC"},
		"once a week":       {"30 4 ? * SUN *", "UTC", "05:00-05:30", 26 * hour, "note the run of 2026-11-29 04:30 UTC uses a snapshot that is 23h00m old, the next one is ready 1h00m later, by 05:30 UTC"},
		"in summer only":    {"45 4 * * ? *", "Europe/Berlin", "03:00-03:30", 26 * hour, "note the run of 2027-03-29 04:45 CEST uses a snapshot that is 23h15m old, the next one is ready 0h45m later, by 03:30 UTC"},
		"waits in vain":     {"0 20 * * ? *", "UTC", "05:00-05:30", 12 * hour, "PROBLEM the run of 2026-11-22 20:00 UTC starts 14h30m after 05:00-05:30 UTC, waits up to 3h00m, and finds no snapshot within max_snapshot_age (12h00m);"},
	} {
		t.Run(name, func(t *testing.T) {
			source := workflow.Source{
				Name: "shop", Schedule: "cron(" + test.schedule + ")", TimeZone: test.zone,
				MaxSnapshotAge: test.maxAge, Snapshots: workflow.SnapshotsAutomated,
			}
			got := newAccount().doctor().checkBackupWindow(source, test.window)
			if len(got) != 1 || !strings.HasPrefix(string(got[0].level)+" "+got[0].text, test.want) {
				t.Errorf("got  %v\nwant %s", got, test.want)
			}
		})
	}
}

func TestCheckBackupWindow_SkipsSourcesThatDoNotDependOnIt(t *testing.T) {
	early := newConfig().Sources[0]
	early.Schedule, early.OnSnapshot = "cron(30 4 * * ? *)", true
	byHand := early
	byHand.OnSnapshot, byHand.Snapshots = false, workflow.SnapshotsManual
	for _, source := range []workflow.Source{early, byHand} {
		if got := newAccount().doctor().checkBackupWindow(source, "05:00-05:30"); got != nil {
			t.Errorf("got %v", got)
		}
	}
}
