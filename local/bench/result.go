package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// result is what a benchmark reports in one line.
type result struct {
	// name is the sub-benchmark's, or the benchmark's where it has none.
	name string
	// metrics are the values by their units. "max-UNIT" and "min-UNIT" are the bounds of UNIT.
	metrics map[string]float64
}

// parse reads the output of go test -bench, and the name of the processor in it.
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

// nameOf takes "10 h" out of "BenchmarkWaiting/10_h-2".
func nameOf(field string) string {
	name := strings.TrimPrefix(field, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		name = name[:i] // GOMAXPROCS
	}
	if _, sub, isSub := strings.Cut(name, "/"); isSub {
		name = sub
	}
	return strings.ReplaceAll(name, "_", " ")
}

// missed returns an error for each bound that is exceeded.
func missed(results []result) (errs []error) {
	for _, r := range results {
		for _, unit := range slices.Sorted(maps.Keys(r.metrics)) {
			if !r.keeps(unit) {
				errs = append(errs, fmt.Errorf("%s: %s: %s", r.name, unit, r.cell(unit)))
			}
		}
	}
	return errs
}

// keeps reports whether a metric is within its bounds.
func (r result) keeps(unit string) bool {
	most, hasMost := r.metrics["max-"+unit]
	least, hasLeast := r.metrics["min-"+unit]
	value := r.metrics[unit]
	return !(hasMost && value > most) && !(hasLeast && value < least)
}

// cell is a metric with its bound, or "" where the benchmark does not report it.
func (r result) cell(unit string) string {
	value, reported := r.metrics[unit]
	if !reported {
		return ""
	}
	var notes []string
	if most, bounded := r.metrics["max-"+unit]; bounded {
		notes = append(notes, "≤ "+number(most))
	}
	if least, bounded := r.metrics["min-"+unit]; bounded {
		notes = append(notes, "≥ "+number(least))
	}
	if !r.keeps(unit) {
		notes = append(notes, "missed")
	}
	if len(notes) == 0 {
		return number(value)
	}
	return number(value) + " (" + strings.Join(notes, ", ") + ")"
}
