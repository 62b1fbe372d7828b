package rds_test

import (
	"testing"
	"time"

	"snaplake/local/internal/rds"
)

func TestSetExportProfile_TimesTheNextExport(t *testing.T) {
	const even, jump, stay = 20 * time.Minute, 30 * time.Minute, 50 * time.Minute
	w := newEnv(t, databaseOf(emptySnapshot()))
	arn := w.backup(t)
	w.SetExportProfile(rds.ExportProfile{
		Preparing: 10 * time.Minute, Extracting: time.Hour,
		Progress: []rds.Point{{even, 10}, {jump, 10}, {jump, 60}, {stay, 80}, {time.Hour, 80}},
	})
	w.start(t, "shop-0", arn)
	w.SetExportProfile(rds.ExportProfile{}) // does not affect the running export
	var got []string
	for _, d := range []time.Duration{
		10*time.Minute - time.Second, 10*time.Minute + time.Second, // halfway to the first point
		15 * time.Minute, 5*time.Minute - time.Second, time.Second, // at the jump
		10 * time.Minute, 20*time.Minute - time.Second,
	} {
		w.clock.Advance(d)
		got = append(got, progress(w.task(t, "shop-0")))
	}
	w.clock.Advance(time.Second)
	got = append(got, progress(w.waitFor(t, "shop-0", "COMPLETE")))
	wantLines(t, got,
		"STARTING 0% - -",
		"IN_PROGRESS 5% 17:15:12 -",
		"IN_PROGRESS 10% 17:15:12 -",
		"IN_PROGRESS 10% 17:15:12 -",
		"IN_PROGRESS 60% 17:15:12 -",
		"IN_PROGRESS 70% 17:15:12 -",
		"IN_PROGRESS 80% 17:15:12 -",
		"COMPLETE 100% 17:15:12 18:15:12")
}
