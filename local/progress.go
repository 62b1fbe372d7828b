package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// progress prints one line for each state of an execution.
type progress struct {
	out   io.Writer
	clock clock.Clock
	live  bool // whether out is a terminal, whose last line can be overwritten

	mu      sync.Mutex
	arn     string // the ARN of the latest execution
	started time.Time
	state   string    // the state that was entered last
	entered time.Time // when a Wait state was entered; zero in any other state
	output  workflow.State
	stop    chan struct{}
	ticking sync.WaitGroup
}

func newProgress(out *os.File, c clock.Clock) *progress {
	info, err := out.Stat()
	return &progress{out: out, clock: c, live: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// begin starts the display. Call it before an execution starts.
func (p *progress) begin() {
	p.mu.Lock()
	p.arn, p.state, p.output = "", "", workflow.State{}
	p.mu.Unlock()
	if !p.live {
		return
	}
	p.stop = make(chan struct{})
	p.ticking.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.tick()
			case <-p.stop:
				return
			}
		}
	})
}

// execution returns the ARN of the latest execution.
func (p *progress) execution() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.arn == "" {
		return "", errors.New("the snapshot's event did not start an execution; see the messages above")
	}
	return p.arn, nil
}

// end stops the display. Call it after an execution has ended.
func (p *progress) end() {
	if p.live {
		close(p.stop)
		p.ticking.Wait()
		fmt.Fprint(p.out, clearLine)
	}
}

// clearLine moves the cursor to the start of the terminal's last line and clears the line.
const clearLine = "\r\x1b[K"

// tick shows what the execution is waiting for.
func (p *progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.entered.Add(p.waits()).Sub(p.clock.Now())
	if left <= 0 {
		return
	}
	fmt.Fprintf(p.out, "%s  %-17s %8s  %s, next poll in %s", clearLine, p.state, p.elapsed(p.clock.Now()), p.waitingFor(), clockTime(left))
}

func (p *progress) waitingFor() string {
	if p.output.Crawl != nil {
		return "the crawl is " + p.output.Crawl.Status
	}
	if e := p.output.Export; e != nil {
		return fmt.Sprintf("the export is %s, %d%%", e.Status, e.Percent)
	}
	return "waiting"
}

// observe processes an event of the execution. It prints a line when a state ends or a task fails.
func (p *progress) observe(arn string, e stepfunctions.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.Type == "ExecutionStarted":
		p.arn, p.started = arn, e.Time
	case strings.HasSuffix(e.Type, "StateEntered"):
		p.enter(e)
	case strings.HasSuffix(e.Type, "StateExited"):
		before := p.output
		p.read(e.Details.Output)
		p.line(e.Time, e.Details.Name, p.added(e, before))
	case e.Type == "TaskFailed", e.Type == "TaskTimedOut":
		p.line(e.Time, p.state, reason(e.Details.Error, e.Details.Cause))
	}
}

func (p *progress) enter(e stepfunctions.Event) {
	p.state, p.entered = e.Details.Name, time.Time{}
	p.read(e.Details.Input)
	if e.Type == "WaitStateEntered" {
		p.entered = e.Time
	}
}

// read decodes the execution's state from JSON. It ignores JSON that it cannot decode, for example the input of the first state.
func (p *progress) read(text string) {
	var r workflow.State
	if err := json.Unmarshal([]byte(text), &r); err == nil {
		p.output = r
	}
}

func (p *progress) waits() time.Duration {
	switch r := p.output; {
	case r.Crawl != nil:
		return time.Duration(r.Crawl.WaitSeconds) * time.Second
	case r.Export != nil:
		return time.Duration(r.Export.WaitSeconds) * time.Second
	}
	return 0
}

func (p *progress) line(at time.Time, state, text string) {
	if p.live {
		fmt.Fprint(p.out, clearLine)
	}
	fmt.Fprintf(p.out, "  %-17s %8s  %s\n", state, p.elapsed(at), text)
}

func (p *progress) elapsed(at time.Time) string { return clockTime(at.Sub(p.started)) }

// added describes the result that a state added to its input.
func (p *progress) added(e stepfunctions.Event, before workflow.State) string {
	r := p.output
	switch e.Details.Name {
	case "FindSnapshot":
		return fmt.Sprintf("snapshot %s, %s old, %s", r.Snapshot.ID, clockTime(p.started.Sub(r.Snapshot.CreatedAt)), r.Snapshot.Engine)
	case "StartExport":
		return "export " + r.Export.ID
	case "CheckExport":
		if r.Export.Status == workflow.Complete {
			return fmt.Sprintf("COMPLETE, %d tables, %d of them empty", r.Export.Tables, r.Export.EmptyTables)
		}
		return fmt.Sprintf("%s, %d%%", r.Export.Status, r.Export.Percent)
	case "StartCrawler":
		return fmt.Sprintf("crawler %s, creates tables %s*", r.Crawl.Crawler, r.Crawl.TablePrefix)
	case "CheckCrawler":
		if r.Crawl.Status == workflow.Succeeded {
			return fmt.Sprintf("SUCCEEDED, %d tables", r.Crawl.Tables)
		}
		return r.Crawl.Status
	case "CreateViews":
		made := fmt.Sprintf("%d views in database %s", r.Views.Published, r.Views.Database)
		if r.Views.Status == workflow.Publishing {
			return made + " so far"
		}
		return strings.Join(slices.Concat([]string{made}, r.Views.Changed, r.Views.Warnings), "\n"+strings.Repeat(" ", 30))
	case "ArePublished":
		return "is " + before.Views.Status
	case "Prune":
		return fmt.Sprintf("deleted %d exports, %d tables", r.Pruned.Exports, r.Pruned.Tables)
	}
	if e.Type == "WaitStateExited" {
		return "waited " + clockTime(e.Time.Sub(p.entered))
	}
	if before.Crawl != nil {
		return "is " + before.Crawl.Status
	}
	if before.Export != nil {
		return "is " + before.Export.Status
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
