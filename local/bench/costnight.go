package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snaplake/local/internal/cloud"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

// nightCount is what a night has used of what AWS charges for.
type nightCount struct {
	arn     string
	history []stepfunctions.Event
	calls   []cloud.Call
	reports []lambda.Report
	objects objects
	// logged is what the functions have logged.
	logged []byte
}

// objects is how many were written: by the export, and by Athena as the results of its statements, of which some read data.
type objects struct{ exported, statements, queries int }

// countNight runs a night and counts it. All functions start anew, since Lambda keeps no process for a day.
func (w *world) countNight(ctx context.Context) (n nightCount, err error) {
	if err := w.redeploy(functions()...); err != nil {
		return n, err
	}
	if err := w.emptyLogs(); err != nil {
		return n, err
	}
	before, err := w.countObjects()
	if err != nil {
		return n, err
	}
	w.forget()
	if n.history, err = w.night(ctx); err != nil {
		return n, err
	}
	n.arn = w.arn
	n.calls, n.reports = w.counted()
	after, err := w.countObjects()
	if err != nil {
		return n, err
	}
	n.objects = objects{after.exported - before.exported, after.statements - before.statements, after.queries - before.queries}
	n.logged, err = w.logged()
	return n, err
}

func (w *world) countObjects() (o objects, err error) {
	all, err := w.Store.List(w.Bucket, "")
	for _, object := range all {
		switch {
		case strings.HasSuffix(object.Key, "/published.json"): // written by a function, whose calls are counted
		case strings.HasPrefix(object.Key, "exports/"):
			o.exported++
		case strings.HasSuffix(object.Key, ".csv"): // what a query answers
			o.queries++
			o.statements++
		case strings.HasSuffix(object.Key, ".txt"): // what another statement answers
			o.statements++
		}
	}
	return o, err
}

func (w *world) emptyLogs() error {
	files, err := w.logFiles()
	for _, file := range files {
		err = errors.Join(err, os.Truncate(file, 0))
	}
	return err
}

func (w *world) logFiles() ([]string, error) { return filepath.Glob(w.dir + "/logs/*.log") }

// logged is what is in all logs.
func (w *world) logged() ([]byte, error) {
	files, err := w.logFiles()
	var all []byte
	for _, file := range files {
		text, e := os.ReadFile(file)
		all, err = append(all, text...), errors.Join(err, e)
	}
	return all, err
}

// called is how many calls of a service there were, of the operations that begin so.
func (n nightCount) called(service string, prefixes ...string) (count int) {
	for _, c := range n.calls {
		for _, prefix := range prefixes {
			if c.Service == service && strings.HasPrefix(c.Operation, prefix) {
				count++
			}
		}
	}
	return count
}

// transitions are what Step Functions counts: each state entered, and each retry.
func (n nightCount) transitions() (count int) {
	tries := 0 // of the state that was entered last
	for _, e := range n.history {
		switch {
		case strings.HasSuffix(e.Type, "StateEntered"):
			count++
			tries = 0
		case e.Type == "TaskScheduled":
			if tries++; tries > 1 {
				count++
			}
		}
	}
	return count
}

// machineLog is about what the state machine logs: every event without execution data (Step Functions guide, "Using CloudWatch
// Logs to log execution history").
func (n nightCount) machineLog() (size int) {
	for _, e := range n.history {
		name := ""
		if e.Details != nil {
			name = e.Details.Name
		}
		line, _ := json.Marshal(map[string]any{ // strings and numbers always encode
			"id": e.ID, "type": e.Type, "details": map[string]any{"name": name, "roleArn": n.arn}, "previous_event_id": e.PreviousID,
			"event_timestamp": e.Time.UnixMilli(), "execution_arn": n.arn, "redrive_count": 0,
		})
		size += len(line)
	}
	return size
}

// metrics is how many values the functions have logged for CloudWatch, each of a metric of its own, in some hour of the night.
func (n nightCount) metrics() (count int) {
	for line := range bytes.Lines(n.logged) {
		var emitted struct {
			AWS struct {
				CloudWatchMetrics []struct{ Metrics []struct{ Name string } }
			} `json:"_aws"`
		}
		if json.Unmarshal(line, &emitted) != nil {
			continue // a line of text
		}
		for _, directive := range emitted.AWS.CloudWatchMetrics {
			count += len(directive.Metrics)
		}
	}
	return count
}

// crawlTime is from the start of the crawl until it was seen to be over.
func (n nightCount) crawlTime() time.Duration {
	var began, ended time.Time
	for _, e := range n.history {
		switch {
		case e.Type == "TaskStateExited" && e.Details.Name == "StartCrawler":
			began = e.Time
		case e.Type == "TaskStateEntered" && e.Details.Name == "CreateViews":
			ended = e.Time
		}
	}
	return ended.Sub(began)
}
