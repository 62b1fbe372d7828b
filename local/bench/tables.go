package main

import (
	"context"
	"fmt"
	"math"
)

const (
	mostMemory = 64 << 20
	mostRecord = 4096
	// tablesStep is from one size of the source to the next: nothing may grow by more.
	tablesStep = 10
	// startsAtOnce is how many statements CreateViews starts at once, of the startsBurst that Athena permits.
	startsAtOnce = 60
)

// measureTables runs all functions over sources of 10 to 10,000 tables with two exports.
func measureTables(ctx context.Context) (section, error) {
	s := section{Title: "Ten thousand tables: each function as a process, over two exports of tables of 12 columns"}
	var nights []*tablesNight
	for tables := 10; tables <= 10_000; tables *= tablesStep {
		n, err := runTablesNight(ctx, tables)
		if err != nil {
			return section{}, fmt.Errorf("%d tables: %w", tables, err)
		}
		nights = append(nights, n)
	}
	for _, function := range []string{"findsnapshot", "startexport", "checkexport", "startcrawler", "checkcrawler", "createviews", "prune"} {
		s.Figures = append(s.Figures, figuresOf(function, nights)...)
	}
	s.Figures = append(s.Figures, figuresOfAll(nights)...)
	publishing, err := measurePublishing(ctx)
	s.Figures = append(s.Figures, publishing...)
	return s, err
}

// figuresOf are one function's.
func figuresOf(function string, nights []*tablesNight) []figure {
	used := make([]*usage, len(nights))
	for i, n := range nights {
		used[i] = n.used[function]
	}
	longest := "with its memory's share of a processor"
	if function == "createviews" {
		longest = "which hands over by the clock"
	}
	last := used[len(used)-1]
	most := min(mostMemory, int64(last.deployed.MemorySize)<<20/2)
	return []figure{
		{
			Name: function + ": longest invocation at 10,000 tables, " + longest, Value: last.longest.Seconds(), Unit: "s",
			Bound: atMost(last.deployed.Timeout.Seconds() / 2),
		},
		{
			Name: function + ": memory at 10,000 tables", Value: megabytes(last.memory), Unit: "MB", Bound: atMost(megabytes(most)),
			Peer: smaller(used, func(u *usage) float64 { return megabytes(u.memory) }),
		},
		{
			Name: function + ": calls at 10,000 tables", Value: float64(last.allCalls()), Bound: atMostOfPeer(tablesStep),
			Peer: smaller(used, func(u *usage) float64 { return float64(u.allCalls()) }),
		},
	}
}

// smaller is what the function has needed at 1,000 tables, with what it has needed at 10 and 100.
func smaller(used []*usage, measure func(*usage) float64) *peer {
	return &peer{
		Name:  fmt.Sprintf("at 1,000 (%s at 10, %s at 100)", number(measure(used[0])), number(measure(used[1]))),
		Value: measure(used[2]),
	}
}

// figuresOfAll are those of the functions together.
func figuresOfAll(nights []*tablesNight) []figure {
	last := nights[len(nights)-1]
	asked := 0
	for _, u := range last.used {
		asked += u.calls["GetTables"]
	}
	views := last.used["createviews"]
	// Athena takes so many statements a second, and a burst before; what is not spent on that is CreateViews' own.
	own := views.longest.Seconds() - (float64(views.calls["StartQueryExecution"])/float64(views.invocations)-startsAtOnce)/startsPerSecond
	return []figure{
		{Name: "createviews: seconds of an invocation beside the permitted 20 statements a second, at 10,000 tables", Value: own, Unit: "s"},
		{
			Name:  fmt.Sprintf("views made in an invocation with a time-out of %.0f s, at 10,000 tables", createViewsTime.Seconds()),
			Value: float64(last.record.Views.Published),
		},
		{Name: "GetTables at 10,000 tables", Value: float64(asked), Bound: atMostOfPeer(1), Peer: &peer{"pages of 100 tables", float64(last.pages)}},
		{Name: "largest record at 10,000 tables", Value: float64(last.largest), Unit: "bytes", Bound: atMost(mostRecord)},
		growth("memory", nights, 1, func(u *usage) float64 { return float64(u.memory) }),
		growth("calls", nights, 1, func(u *usage) float64 { return float64(u.allCalls()) }),
		// Over two steps, since times are never quite the same twice.
		growth("processor time of an invocation", nights, 2, func(u *usage) float64 { return u.cpu.Seconds() }),
	}
}

// growth is the largest of any function, over so many steps from one size to the next.
func growth(what string, nights []*tablesNight, steps int, measure func(*usage) float64) figure {
	largest, whose := 0.0, ""
	for i, n := range nights[steps:] {
		for function, u := range n.used {
			if grown := measure(u) / measure(nights[i].used[function]); grown > largest {
				largest, whose = grown, fmt.Sprintf("%s, from %s to %s", function, number(float64(nights[i].tables)), number(float64(n.tables)))
			}
		}
	}
	times := math.Pow(tablesStep, float64(steps))
	return figure{Name: fmt.Sprintf("largest growth of %s with %s times the tables (%s)", what, number(times), whose), Value: largest, Bound: atMost(times)}
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
