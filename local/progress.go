package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// progress prints one line for each Task and Wait state of an execution. A Choice state only repeats the status of the state before it.
type progress struct {
	mu     sync.Mutex
	tracks map[string]*track // by the ARN of the execution
	// names is the width of the column with the name of the source. It is 0 if there is only one source.
	names int
}

// track is the progress of one execution.
type track struct {
	started time.Time
	name    string    // of the state that was entered last
	entered time.Time // when that state was entered
	state   workflow.State
}

// begin discards earlier executions, and prepares for executions of the given sources.
func (p *progress) begin(databases []database) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tracks = map[string]*track{}
	if len(databases) > 1 {
		for _, d := range databases {
			p.names = max(p.names, len(d.source.Name)+2)
		}
	}
}

// execution returns the ARN of the execution of a source that has started since begin.
func (p *progress) execution(source string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for arn, t := range p.tracks {
		if t.state.Source == source {
			return arn, nil
		}
	}
	return "", fmt.Errorf("the snapshot's event did not start an execution of source %s; see the messages above", source)
}

// observe processes an event of an execution. It prints a line when a state ends or a task fails.
func (p *progress) observe(arn string, e stepfunctions.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tracks[arn]
	if t == nil { // a new execution, or a redrive of an earlier one
		t = &track{started: e.Time, entered: e.Time}
		p.tracks[arn] = t
	}
	text := ""
	switch e.Type {
	case "ExecutionStarted":
		t.read(e.Details.Input)
	case "TaskStateEntered", "WaitStateEntered":
		t.read(e.Details.Input)
		t.name, t.entered = e.Details.Name, e.Time
	case "WaitStateExited":
		text = "waited " + clockTime(e.Time.Sub(t.entered))
	case "TaskStateExited":
		t.read(e.Details.Output)
		text = t.result(e.Details.Name)
	case "TaskFailed", "TaskTimedOut":
		text = reason(e.Details.Error, e.Details.Cause)
	}
	if text == "" {
		return
	}
	source := t.state.Source
	if p.names == 0 {
		source = ""
	}
	text = strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 30+p.names))
	fmt.Printf("  %-*s%-17s %8s  %s\n", p.names, source, cmp.Or(e.Details.Name, t.name), clockTime(e.Time.Sub(t.started)), text)
}

// read decodes the execution's state from JSON. It ignores JSON that it cannot decode.
func (t *track) read(text string) {
	var s workflow.State
	if err := json.Unmarshal([]byte(text), &s); err == nil {
		t.state = s
	}
}

// result describes what a Task state added to the state of the execution.
func (t *track) result(name string) string {
	switch s := t.state; name {
	case "FindSnapshot":
		return fmt.Sprintf("snapshot %s, %s old, %s", s.Snapshot.ID, clockTime(t.started.Sub(s.Snapshot.CreatedAt)), s.Snapshot.Engine)
	case "StartExport":
		return "export " + s.Export.ID
	case "CheckExport":
		switch s.Export.Status {
		case workflow.Complete:
			text := fmt.Sprintf("COMPLETE, %d tables, %d of them empty", s.Export.Tables, s.Export.EmptyTables)
			if len(s.Export.Skipped) > 0 {
				text += "\nskipped by RDS: " + strings.Join(s.Export.Skipped, ", ")
			}
			return text
		case workflow.Restart:
			return s.Export.Status
		}
		return fmt.Sprintf("%s, %d%%", s.Export.Status, s.Export.Percent)
	case "StartCrawler":
		return fmt.Sprintf("crawler %s, creates tables %s*", s.Crawl.Crawler, s.Crawl.TablePrefix)
	case "CheckCrawler":
		if s.Crawl.Status == workflow.Succeeded {
			return fmt.Sprintf("SUCCEEDED, %d tables", s.Crawl.Tables)
		}
		return s.Crawl.Status
	case "CreateViews":
		views := fmt.Sprintf("%d views in database %s", s.Views.Published, s.Views.Database)
		if s.Views.Status != workflow.Published {
			views += ", " + s.Views.Status
		}
		return strings.Join(slices.Concat([]string{views}, s.Views.Changed, s.Views.Warnings), "\n")
	case "Prune":
		return fmt.Sprintf("deleted %d exports, %d tables", s.Pruned.Exports, s.Pruned.Tables)
	}
	return ""
}

// clockTime formats a duration as hours, minutes and seconds, for example 1:02:03.
func clockTime(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// reason formats the error of an execution. If the cause is a function's error in JSON, reason shows only the errorMessage.
func reason(name, cause string) string {
	var e struct {
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal([]byte(cause), &e); err != nil || e.Message == "" {
		e.Message = cause
	}
	return strings.Trim(cmp.Or(name, "the execution was stopped")+": "+e.Message, ": ")
}
