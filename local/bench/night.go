package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// The night that is measured is the second one, so that the history and the changes are over two exports. The first is small.
const (
	firstNightTables = 10
	nightTables      = 1000
	nightRows        = 10
)

// Athena's quota of StartQueryExecution (Athena User Guide, "Service Quotas"), to which CreateViews keeps in real time.
const (
	startsPerSecond = 20
	startsBurst     = 80
)

// measureNight runs a night of many tables on the local AWS, with the real functions and the real state machine.
func measureNight(ctx context.Context) (_ section, err error) {
	db := &company{tables: firstNightTables, rows: nightRows}
	w, err := openWorld(db)
	if err != nil {
		return section{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if _, err := w.night(ctx); err != nil {
		return section{}, fmt.Errorf("the first night: %w", err)
	}
	db.tables = nightTables
	w.forget()
	began, used := time.Now(), processorTime()
	if _, err := w.night(ctx); err != nil {
		return section{}, fmt.Errorf("the second night: %w", err)
	}
	took, worked := time.Since(began), processorTime()-used
	return section{Title: "A night with 1,000 tables on the local AWS", Figures: w.nightFigures(took, worked)}, nil
}

// nightFigures are those of a night that took so long, and this process so much processor time.
func (w *world) nightFigures(took, worked time.Duration) []figure {
	calls, reports := w.counted()
	starts := 0
	for _, c := range calls {
		if c.Operation == "StartQueryExecution" {
			starts++
		}
	}
	floor := &peer{
		Name:  fmt.Sprintf("%d starts at Athena's %d a second", starts, startsPerSecond),
		Value: max(0, float64(starts-startsBurst)/startsPerSecond),
	}
	var creating, others time.Duration
	for _, r := range reports {
		if w.function(r.Function) == "createviews" {
			creating += r.Duration
		} else {
			others += r.Init + r.Duration
		}
	}
	return []figure{
		{Name: "night: from the snapshot to the end", Value: took.Seconds(), Unit: "s", Bound: atMost(60), Peer: floor},
		{Name: "night: CreateViews", Value: creating.Seconds(), Unit: "s", Peer: floor},
		{Name: "night: the other functions", Value: others.Seconds(), Unit: "s"},
		{Name: "night: the export, the crawl and the rest", Value: (took - creating - others).Seconds(), Unit: "s"},
		{Name: "night: processor time of the local AWS", Value: worked.Seconds(), Unit: "s"},
		{Name: "night: the same for each query", Value: worked.Seconds() * 1000 / float64(starts), Unit: "ms"},
	}
}

// processorTime is what this process has used, the engine's threads among it; 0 where the system does not tell.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
