// Package metrics writes measurements into the log of a function, from which CloudWatch creates metrics.
package metrics

import (
	"encoding/json"
	"io"
	"time"

	"snaplake/workflow"
)

// Recorder writes metrics in the embedded metric format (CloudWatch guide, "Specification: Embedded metric format"). Lambda writes JSON to
// the log unchanged (Lambda guide, "Configuring JSON and plain text log formats").
type Recorder struct {
	// Pipeline is the name in the configuration.
	Pipeline string
	// Out is the function's standard output.
	Out io.Writer
	// Now returns the time of a metric: that of a run redriven a week later belongs to that week.
	Now func() time.Time
}

// Value is one measured value.
type Value struct {
	name, unit string
	value      float64
}

// Seconds returns a duration.
func Seconds(name string, d time.Duration) Value { return Value{name, "Seconds", d.Seconds()} }

// Gigabytes returns a size in units of 10^9 bytes.
func Gigabytes(name string, size float64) Value { return Value{name, "Gigabytes", size} }

// Count returns a number.
func Count(name string, n int) Value { return Value{name, "Count", float64(n)} }

// Time returns a time, in whole seconds since 1970. CloudWatch has no unit for it.
func Time(name string, at time.Time) Value { return Value{name, "None", float64(at.Unix())} }

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct{ Name, Unit string }

// Emit writes the values as one line. It contains the name of the execution, to find it in Logs Insights. The name is not a dimension,
// because each combination of dimensions is billed as a metric.
func (r Recorder) Emit(source, execution string, values ...Value) {
	d := directive{
		Namespace:  workflow.MetricNamespace,
		Dimensions: [][]string{{workflow.DimensionPipeline, workflow.DimensionSource}},
	}
	line := map[string]any{workflow.DimensionPipeline: r.Pipeline, workflow.DimensionSource: source, "Execution": execution}
	for _, v := range values {
		d.Metrics = append(d.Metrics, definition{v.name, v.unit})
		line[v.name] = v.value
	}
	line["_aws"] = map[string]any{"Timestamp": r.Now().UnixMilli(), "CloudWatchMetrics": []directive{d}}
	b, err := json.Marshal(line)
	if err != nil {
		return // a value that is not a number, for example infinity
	}
	// A single write, so that no other line of the log interferes. An error could not be reported.
	_, _ = r.Out.Write(append(b, '\n'))
}
