package runs

import (
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/rds"
	"snaplake/local/internal/stepfunctions"
)

// BenchmarkWaiting measures, on the virtual clock, the delay between the end of an export and the next state, and the number of polls.
// Each export is repeated with 20 durations that differ by 15 seconds; the largest values are reported.
func BenchmarkWaiting(b *testing.B) {
	w := openBench(b, func(int) []table { return sameTables(3) })
	w.faults.Set(fault.Fault{Target: "glue.StartCrawler", Kind: fault.Denied}) // ends the run
	for _, e := range waitedExports() {
		takes := e.profile.Preparing + e.profile.Extracting
		m := metrics{"max-delay-s": max(takes.Seconds()/50, 30)}
		if e.maxPolls > 0 {
			m["max-polls"] = e.maxPolls
		}
		for n := range 20 {
			longer := time.Duration(n+1) * 15 * time.Second
			profile := e.profile
			profile.Extracting += longer
			w.RDS.SetExportProfile(profile)
			ended, err := w.run(b.Context())
			must(b, err)
			history, err := w.StepFunctions.History(w.newest())
			must(b, err)
			if !m.addWait(history, takes+longer) {
				b.Fatalf("%s: the run ended before StartCrawler: %s: %s", e.name, ended.Error, ended.Cause)
			}
		}
		report(b, e.name, m)
	}
}

// addWait adds the history of a run whose export took this long. Each metric keeps its largest value. addWait reports whether the run
// reached StartCrawler.
func (m metrics) addWait(history []stepfunctions.Event, took time.Duration) bool {
	var complete time.Time
	polls, transitions := 0., 0.
	for _, e := range history {
		if !strings.HasSuffix(e.Type, "StateEntered") {
			continue
		}
		transitions++
		switch e.Details.Name {
		case "StartExport":
			complete = e.Time.Add(took)
		case "CheckExport":
			polls++
		case "StartCrawler":
			m["delay-s"] = max(m["delay-s"], e.Time.Sub(complete).Seconds())
			m["polls"] = max(m["polls"], polls)
			m["transitions"] = max(m["transitions"], transitions)
			return true
		}
	}
	return false
}

// waitedExport is an export with typical progress.
type waitedExport struct {
	name    string
	profile rds.ExportProfile
	// maxPolls is the limit for the number of polls. 0 means no limit.
	maxPolls float64
}

const (
	// preparing is the minimum time that RDS takes to restore a snapshot.
	preparing = 12 * time.Minute
	// never is a time after the end of every export in this benchmark.
	never = 24 * time.Hour
)

// waitedExports returns exports with the kinds of progress that users of RDS report: a long preparation, a percentage that jumps, and
// a percentage that is 99 or 0 for a long time.
func waitedExports() []waitedExport {
	even := func(takes time.Duration) rds.ExportProfile {
		return rds.ExportProfile{Preparing: preparing, Extracting: takes - preparing}
	}
	at := func(takes time.Duration, progress ...rds.Point) rds.ExportProfile {
		return rds.ExportProfile{Preparing: preparing, Extracting: takes - preparing, Progress: progress}
	}
	longTail := func(takes time.Duration) rds.ExportProfile {
		return at(takes, rds.Point{After: takes/2 - preparing, Percent: 99}, rds.Point{After: never, Percent: 99})
	}
	return []waitedExport{
		{name: "15 min, 12 of them STARTING", profile: even(15 * time.Minute)},
		{name: "2 h", profile: even(2 * time.Hour)},
		{name: "10 h", profile: even(10 * time.Hour), maxPolls: 60},
		{name: "10 h in jumps", profile: at(10*time.Hour, jumps(10*time.Hour-preparing)...), maxPolls: 60},
		{name: "1 h, half of it at 99%", profile: longTail(time.Hour)},
		{name: "6 h, half of it at 99%", profile: longTail(6 * time.Hour)},
		{name: "30 min at 0%", profile: at(30*time.Minute, rds.Point{After: never})},
	}
}

// jumps returns the progress of an export of tables with very different sizes.
func jumps(extracting time.Duration) []rds.Point {
	var points []rds.Point
	percent := 0
	for _, p := range [][2]int{{1, 3}, {3, 8}, {8, 20}, {20, 31}, {35, 44}, {50, 55}, {60, 71}, {75, 80}, {90, 93}} {
		after := extracting * time.Duration(p[0]) / 100
		points = append(points, rds.Point{After: after, Percent: percent}, rds.Point{After: after, Percent: p[1]})
		percent = p[1]
	}
	return append(points, rds.Point{After: never, Percent: percent})
}
