package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// result holds one line of benchmark output.
type result struct {
	// name is the sub-benchmark's name, or the benchmark's name if it has no sub-benchmarks.
	name string
	// metrics maps units to values. "max-UNIT" and "min-UNIT" hold the limits for the metric UNIT.
	metrics map[string]float64
}

// parse reads the output of go test -bench. It returns the results and the name of the processor.
func parse(out []byte) (results []result, processor string) {
	processor = "unknown processor"
	for line := range strings.Lines(string(out)) {
		if name, isProcessor := strings.CutPrefix(line, "cpu: "); isProcessor {
			processor = strings.TrimSpace(name)
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(line, "Benchmark") {
			continue
		}
		r := result{name: nameOf(fields[0]), metrics: map[string]float64{}}
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				r.metrics[fields[i+1]] = value
			}
		}
		results = append(results, r)
	}
	return results, processor
}

// nameOf converts the first field of an output line to a result's name, for example "BenchmarkWaiting/10_h-2" to "10 h".
func nameOf(field string) string {
	name := strings.TrimPrefix(field, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		name = name[:i] // cuts off GOMAXPROCS
	}
	if _, sub, isSub := strings.Cut(name, "/"); isSub {
		name = sub
	}
	return strings.ReplaceAll(name, "_", " ")
}

// violations returns an error for each metric that is outside its limits.
func violations(results []result) (errs []error) {
	for _, r := range results {
		for _, unit := range slices.Sorted(maps.Keys(r.metrics)) {
			if text, missed := r.cell(unit); missed {
				errs = append(errs, fmt.Errorf("%s: %s: %s", r.name, unit, text))
			}
		}
	}
	return errs
}

// cell formats a metric and its limits for a table, and reports whether the metric is outside its limits. The text is "" if the benchmark
// does not report the metric.
func (r result) cell(unit string) (text string, missed bool) {
	value, reported := r.metrics[unit]
	if !reported {
		return "", false
	}
	var notes []string
	if most, bounded := r.metrics["max-"+unit]; bounded {
		notes = append(notes, "≤ "+number(most))
		missed = value > most
	}
	if least, bounded := r.metrics["min-"+unit]; bounded {
		notes = append(notes, "≥ "+number(least))
		missed = missed || value < least
	}
	if missed {
		notes = append(notes, "missed")
	}
	if len(notes) == 0 {
		return number(value), false
	}
	return number(value) + " (" + strings.Join(notes, ", ") + ")", missed
}
