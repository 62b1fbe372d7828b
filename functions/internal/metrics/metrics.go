// Package metrics writes measurements to the log of a function. CloudWatch turns them into metrics.
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
	// Pipeline is the pipeline's name from the configuration.
	Pipeline string
	// Out is the function's standard output.
	Out io.Writer
	// Now returns the current time, which becomes the timestamp of the metrics, even if the run began a week earlier and was redriven.
	Now func() time.Time
}

// Value is a measured value. Its exported fields are the metric's definition in the log.
type Value struct {
	Name, Unit string
	value      float64
}

// Seconds returns a metric value for a duration.
func Seconds(name string, d time.Duration) Value { return Value{name, "Seconds", d.Seconds()} }

// Gigabytes returns a metric value for a size in units of 10^9 bytes.
func Gigabytes(name string, size float64) Value { return Value{name, "Gigabytes", size} }

// Count returns a metric value for n items, with the unit Count.
func Count(name string, n int) Value { return Value{name, "Count", float64(n)} }

// Time returns a metric value for a time, in whole seconds since 1970. CloudWatch has no unit for times.
func Time(name string, at time.Time) Value { return Value{name, "None", float64(at.Unix())} }

// Emit writes the values as one line. The line contains the name of the execution, so that Logs Insights can find it. The name is not a
// dimension, because CloudWatch bills each combination of dimensions as a metric.
func (r Recorder) Emit(source, execution string, values ...Value) {
	line := map[string]any{workflow.DimensionPipeline: r.Pipeline, workflow.DimensionSource: source, "Execution": execution}
	for _, v := range values {
		line[v.Name] = v.value
	}
	line["_aws"] = map[string]any{"Timestamp": r.Now().UnixMilli(), "CloudWatchMetrics": []any{map[string]any{
		"Namespace":  workflow.MetricNamespace,
		"Dimensions": [][]string{{workflow.DimensionPipeline, workflow.DimensionSource}},
		"Metrics":    values,
	}}}
	b, err := json.Marshal(line)
	if err != nil {
		return // JSON cannot represent the value, for example infinity
	}
	// A single write keeps other log lines out of this one. An error is ignored, because it cannot be logged.
	_, _ = r.Out.Write(append(b, '\n'))
}
