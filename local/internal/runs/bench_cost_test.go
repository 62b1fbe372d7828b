package runs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

// BenchmarkCost counts what AWS charges for in the second run with 100 tables. All functions start new processes, as in a daily run.
// local/bench multiplies the counts by the prices.
func BenchmarkCost(b *testing.B) {
	w := openBench(b, func(int) []table { return sameTables(100) })
	w.mustRun()
	w.redeploy(unchanged, functionNames...)
	logs, err := filepath.Glob(w.dir + "/logs/*.log")
	must(b, err)
	for _, file := range logs {
		must(b, os.Truncate(file, 0))
	}
	before := w.countObjects()
	w.invocations = nil
	w.mustRun()
	history, err := w.StepFunctions.History(w.newest())
	must(b, err)

	m := metrics{"traces": 1, "invocations": 1, "export-GB": 10}
	for unit, n := range w.countObjects() {
		m[unit] = n - before[unit]
	}
	m.addInvocations(w.invocations)
	m.addHistory(history)
	for _, file := range logs {
		m.addLog(b, file)
	}
	// Athena writes two objects per statement: the result and its metadata (Athena guide, "Find query output files").
	m["s3-writes"] += 2 * m["statements"]
	// This is the upper limit: without a bucket key, S3 calls KMS for every object.
	m["kms-requests"] += 2 * m["statements"]
	// Athena charges for at least 10 MB per query, and no table here is larger.
	m["scanned-TB"] = m["queries"] * 10e6 / 1e12
	report(b, "run", m)
	for _, i := range w.invocations {
		if i.Init > 0 {
			m := metrics{"setting-MB": float64(i.MemorySize)}
			for memory := 128; memory <= 1024; memory *= 2 {
				m[fmt.Sprintf("ms@%d", memory)] = milliseconds(onLambda(i.Report, memory))
			}
			report(b, i.Function, m)
		}
	}
}

// countObjects counts the objects that RDS writes in an export and the objects that Athena writes.
func (w *bench) countObjects() metrics {
	w.b.Helper()
	all, err := w.Store.List(w.Bucket, "")
	must(w.b, err)
	m := metrics{}
	for _, o := range all {
		switch {
		case strings.HasSuffix(o.Key, "/published.json"): // written by a function, whose calls are counted
		case strings.HasPrefix(o.Key, "exports/"):
			m["export-writes"]++
		case strings.HasSuffix(o.Key, ".csv"):
			m["queries"]++
			m["statements"]++
		case strings.HasSuffix(o.Key, ".txt"):
			m["statements"]++
		}
	}
	return m
}

// addInvocations adds the requests, GB-seconds and API calls of the functions.
func (m metrics) addInvocations(all []invocation) {
	for _, i := range all {
		m["requests"]++
		m["GB-s"] += onLambda(i.Report, i.MemorySize).Seconds() * float64(i.MemorySize) / 1024
		read, written := count(i.calls, "s3", "Get", "Head"), count(i.calls, "s3", "Put")
		m["s3-reads"] += float64(read)
		m["s3-writes"] += float64(written + count(i.calls, "s3", "List"))
		m["kms-requests"] += float64(read + written)
		m["catalog-requests"] += float64(count(i.calls, "glue", "Get", "BatchDelete"))
	}
}

// count counts the calls of a service whose operations have one of the prefixes.
func count(calls []cloud.Call, service string, prefixes ...string) (n int) {
	for _, c := range calls {
		for _, prefix := range prefixes {
			if c.Service == service && strings.HasPrefix(c.Operation, prefix) {
				n++
			}
		}
	}
	return n
}

// onLambda returns how long an invocation would take on Lambda with this memory setting, in MB. With a smaller share of a processor, the
// CPU time increases, but the waiting time does not. Extra processor time that Lambda may give during a start is ignored.
func onLambda(r lambda.Report, memory int) time.Duration {
	const fullProcessor = 1769 // MB; with less memory, a function has a proportional share (Lambda guide, "Configure Lambda function memory")
	computed := r.CPU * fullProcessor / time.Duration(min(memory, fullProcessor))
	return (computed + max(0, r.Init+r.Duration-r.CPU) + time.Millisecond - 1).Truncate(time.Millisecond)
}

// addHistory adds the state transitions, the log entries that the state machine writes about its events, and the crawler's DPU-hours, which
// assume two DPUs for at least ten minutes.
func (m metrics) addHistory(history []stepfunctions.Event) {
	var crawlBegan, crawlEnded time.Time
	tries := 0 // attempts in the current state
	for _, e := range history {
		name := ""
		if e.Details != nil {
			name = e.Details.Name
		}
		switch {
		case strings.HasSuffix(e.Type, "StateEntered"):
			tries = 0
			m["transitions"]++
		case e.Type == "TaskScheduled":
			if tries++; tries > 1 { // a retry
				m["transitions"]++
			}
		}
		switch e.Type + " " + name {
		case "TaskStateExited StartCrawler":
			crawlBegan = e.Time
		case "TaskStateEntered CreateViews":
			crawlEnded = e.Time
		}
		const arn = "arn:aws:states:ap-northeast-1:123456789012:execution:proof:12345678-1234-1234-1234-123456789012"
		line, _ := json.Marshal(map[string]any{ // cannot fail for strings and numbers
			"id": e.ID, "type": e.Type, "details": map[string]any{"name": name, "roleArn": arn}, "previous_event_id": e.PreviousID,
			"event_timestamp": e.Time.UnixMilli(), "execution_arn": arn, "redrive_count": 0,
		})
		m["log-GB"] += float64(len(line)) / 1e9
	}
	m["DPU-hours"] = 2 * max(crawlEnded.Sub(crawlBegan), 10*time.Minute).Hours()
}

// addLog adds the size of a function's log and the metrics in it. CloudWatch charges for a metric in the hours in which it has values.
func (m metrics) addLog(b *testing.B, file string) {
	b.Helper()
	text, err := os.ReadFile(file)
	must(b, err)
	m["log-GB"] += float64(len(text)) / 1e9
	for line := range bytes.Lines(text) {
		var emitted struct {
			AWS struct {
				CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
			} `json:"_aws"`
		}
		if json.Unmarshal(line, &emitted) != nil {
			continue // not JSON
		}
		for _, directive := range emitted.AWS.CloudWatchMetrics {
			m["metric-months"] += float64(len(directive.Metrics)) / 730 // hours in a month
		}
	}
}
