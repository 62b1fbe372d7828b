// Package metrics writes what a function measured into its log, out of which CloudWatch makes metrics.
package metrics

import (
	"encoding/json"
	"io"
	"time"

	"snaplake/workflow"
)

// Recorder writes metrics in the embedded metric format (CloudWatch guide, "Specification: Embedded metric format"). What is
// JSON already, Lambda passes on to the log as it is, whatever the function's log format (Lambda guide, "Configuring JSON and
// plain text log formats").
type Recorder struct {
	// Pipeline is the name in the configuration.
	Pipeline string
	// Out is the function's standard output.
	Out io.Writer
	// Now is the time at which a metric is written: one of a night that was redriven a week later belongs to that week.
	Now func() time.Time
}

// Value is one measured value.
type Value struct {
	name, unit string
	value      float64
}

// Seconds is how long something took.
func Seconds(name string, d time.Duration) Value { return Value{name, "Seconds", d.Seconds()} }

// Gigabytes is a size in units of 10^9 bytes.
func Gigabytes(name string, size float64) Value { return Value{name, "Gigabytes", size} }

// Count is how many there are of something.
func Count(name string, n int) Value { return Value{name, "Count", float64(n)} }

// Time is a moment, in whole seconds since 1970. CloudWatch has no unit for it.
func Time(name string, at time.Time) Value { return Value{name, "None", float64(at.Unix())} }

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []definition
}

type definition struct{ Name, Unit string }

// Emit writes the values as one line. The execution's name goes with them, for whoever looks for the line in Logs Insights; it
// is no dimension, since each combination of dimensions is a metric that is paid for.
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
		return // a value that is no number, such as infinity: there is nothing to record
	}
	// One write, so that no line of the log gets between. A log that cannot be written to is nothing that could be told.
	_, _ = r.Out.Write(append(b, '\n'))
}
