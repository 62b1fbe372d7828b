package main

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"snaplake/workflow"
)

func TestCheckBackupWindow_ComparesWindowWithSchedule(t *testing.T) {
	hour := workflow.Duration(time.Hour)
	for name, test := range map[string]struct {
		schedule, zone, window string
		maxAge                 workflow.Duration // 26h by default
		want                   string
	}{
		"after":            {"30 4 * * ? *", "UTC", "03:00-03:30", 0, "ok 03:00-03:30 UTC, at most 1h00m before a run"},
		"at the end":       {"30 3 * * ? *", "UTC", "03:00-03:30", 0, "ok 03:00-03:30 UTC, at most 0h00m before a run"},
		"across midnight":  {"0 1 * * ? *", "UTC", "23:45-00:15", 0, "ok 23:45-00:15 UTC, at most 0h45m before a run"},
		"time zone":        {"30 3 * * ? *", "Asia/Tokyo", "17:00-17:30", 0, "ok 17:00-17:30 UTC, at most 1h00m before a run"},
		"every hour":       {"0 * * * ? *", "UTC", "05:00-05:30", 0, "ok 05:00-05:30 UTC, at most 0h30m before a run"},
		"twice a day":      {"30 4,16 * * ? *", "UTC", "05:00-05:30", 0, "ok 05:00-05:30 UTC, at most 11h00m before a run"},
		"run waits":        {"30 4 * * ? *", "UTC", "05:00-05:30", 12 * hour, "ok 05:00-05:30 UTC, at most 23h00m before a run"},
		"no run in a year": {"0 3 1 1 ? 2020", "UTC", "05:00-05:30", 0, "ok 05:00-05:30 UTC, at most 0h00m before a run"},
		"before":           {"30 4 * * ? *", "UTC", "05:00-05:30", 0, "note the run of 2026-11-23 04:30 UTC uses a snapshot that is 23h00m old"},
		"during":           {"45 23 * * ? *", "UTC", "23:30-00:00", 0, "note the run of 2026-11-22 23:45 UTC uses a snapshot that is 23h45m old"},
		"weekly":           {"30 4 ? * SUN *", "UTC", "05:00-05:30", 0, "note the run of 2026-11-29 04:30 UTC uses a snapshot that is 23h00m"},
		"summer":           {"45 4 * * ? *", "Europe/Berlin", "03:00-03:30", 0, "note the run of 2027-03-29 04:45 CEST uses a snapshot that is"},
		"no snapshot":      {"0 20 * * ? *", "UTC", "05:00-05:30", 12 * hour, "PROBLEM the run of 2026-11-22 20:00 UTC starts 14h30m after"},
	} {
		t.Run(name, func(t *testing.T) {
			source := workflow.Source{
				Name: "shop", Schedule: "cron(" + test.schedule + ")", TimeZone: test.zone,
				MaxSnapshotAge: cmp.Or(test.maxAge, 26*hour), Snapshots: workflow.SnapshotsAutomated,
			}
			got := newAccount().doctor().checkBackupWindow(source, test.window)
			if len(got) != 1 || !strings.HasPrefix(string(got[0].level)+" "+got[0].text, test.want) {
				t.Errorf("got  %v\nwant %s", got, test.want)
			}
		})
	}
}

func TestCheckBackupWindow_SkipsSourcesIndependentOfWindow(t *testing.T) {
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
