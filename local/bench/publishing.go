package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// inFlight is how many statements CreateViews has Athena work at, of the 20 that an account may have.
const inFlight = 15

// measurePublishing runs the benchmark of CreateViews, in which Athena takes a second for a statement on a virtual clock.
func measurePublishing(ctx context.Context) ([]figure, error) {
	test := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkCreateViews$", "-benchtime", "1x", "./functions/createviews")
	out, err := test.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(test.Args, " "), err, out)
	}
	var figures []figure
	for line := range strings.Lines(string(out)) {
		name, isBenchmark := strings.CutPrefix(line, "BenchmarkCreateViews/tables=")
		if !isBenchmark {
			continue
		}
		tables, err := strconv.Atoi(name[:strings.IndexAny(name, "- \t")])
		if err != nil {
			return nil, err
		}
		figures = append(figures, publishingFigures(tables, metricsOf(line))...)
	}
	if len(figures) == 0 {
		return nil, errors.New("go test has run no benchmark of CreateViews")
	}
	return figures, nil
}

// publishingFigures are those of one size. A few views cannot keep Athena busy: the last are waited for, and so are those that others
// read, so that small sources have no bound.
func publishingFigures(tables int, metrics map[string]float64) []figure {
	took := figure{
		Name: fmt.Sprintf("createviews: %s tables, where Athena takes 1 s for a statement", number(float64(tables))), Value: metrics["virtual-s/op"], Unit: "s",
		Peer: &peer{fmt.Sprintf("tables x 1 s / %d", inFlight), float64(tables) / inFlight},
	}
	if tables < 1000 {
		return []figure{took}
	}
	took.Bound = atMostOfPeer(1.1)
	return []figure{took, {
		Name: fmt.Sprintf("createviews: looks at its statements, %s tables", number(float64(tables))), Value: metrics["looks/op"],
		Peer: &peer{"statements", metrics["starts/op"]},
	}}
}

// metricsOf are the numbers of a line of go test -bench, by their units.
func metricsOf(line string) map[string]float64 {
	fields := strings.Fields(line)
	metrics := map[string]float64{}
	for i := 2; i+1 < len(fields); i += 2 {
		metrics[fields[i+1]], _ = strconv.ParseFloat(fields[i], 64) // what is no number is no metric
	}
	return metrics
}
