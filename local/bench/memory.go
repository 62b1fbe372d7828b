package main

import (
	"fmt"
	"time"

	"snaplake/local/internal/lambda"
)

// wholeProcessor is the memory setting, in MB, with which a function has one processor; with less it has as much less of it (Lambda
// guide, "Configure Lambda function memory").
const wholeProcessor = 1769

// onLambda is how long an invocation takes with so many MB, and what it is billed for: what computes here has less of a processor
// there, what waits takes as long. Lambda may lend a start more than that; nobody promises it, and it is not counted on.
func onLambda(r lambda.Report, memory int) time.Duration {
	waited := max(0, r.Init+r.Duration-r.CPU)
	computed := r.CPU * wholeProcessor / time.Duration(min(memory, wholeProcessor))
	return (computed + waited + time.Millisecond - 1).Truncate(time.Millisecond)
}

// gbSecondsOf is what invocations are billed for with the settings that they had.
func gbSecondsOf(reports []lambda.Report) (sum float64) {
	for _, r := range reports {
		sum += onLambda(r, r.MemorySize).Seconds() * float64(r.MemorySize) / 1024
	}
	return sum
}

// memoryFigures compare the memory setting of each function with the least, or with twice the least where it has that: how long
// a call takes with the start of its process, as the first one of each night does.
func memoryFigures(reports []lambda.Report, name func(string) string) []figure {
	const least = 128
	var figures []figure
	for _, r := range reports {
		if r.Init == 0 {
			continue
		}
		other := least
		if r.MemorySize == least {
			other = 2 * least
		}
		figures = append(figures, figure{
			Name:  fmt.Sprintf("%s: a cold call at %d MB", name(r.Function), r.MemorySize),
			Value: milliseconds(onLambda(r, r.MemorySize)), Unit: "ms",
			Peer: &peer{fmt.Sprintf("at %d MB", other), milliseconds(onLambda(r, other))},
		})
	}
	return figures
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
