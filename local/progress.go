package main

import (
	"cmp"
	"encoding/json"
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
	out  io.Writer
	live bool // whether out is a terminal, whose last line can be overwritten
	// sources is the width of the column with the name of the source. It is 0 if there is only one source.
	sources int

	mu      sync.Mutex
	clock   clock.Clock
	tracks  map[string]*track // by the ARN of the execution
	latest  []*track          // the latest execution of each source
	stop    chan struct{}
	ticking sync.WaitGroup
}

// track is the progress of one execution.
type track struct {
	arn, source string
	started     time.Time
	state       string    // the state that was entered last
	entered     time.Time // when a Wait state was entered; zero in any other state
	output      workflow.State
}

func newProgress(out *os.File) *progress {
	info, err := out.Stat()
	return &progress{out: out, live: err == nil && info.Mode()&os.ModeCharDevice != 0, tracks: map[string]*track{}}
}

// begin starts the display for executions of the given sources. Call it before an execution starts.
func (p *progress) begin(c clock.Clock, databases []database) {
	p.mu.Lock()
	p.clock, p.latest = c, nil
	if len(databases) > 1 {
		for _, d := range databases {
			p.sources = max(p.sources, len(d.source.Name)+2)
		}
	}
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

// execution returns the ARN of the latest execution of a source.
func (p *progress) execution(source string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.latest {
		if t.source == source {
			return t.arn, nil
		}
	}
	return "", fmt.Errorf("the snapshot's event did not start an execution of source %s; see the messages above", source)
}

// end stops the display. Call it after the executions have ended.
func (p *progress) end() {
	if p.live {
		close(p.stop)
		p.ticking.Wait()
		fmt.Fprint(p.out, clearLine)
	}
}

// clearLine moves the cursor to the start of the terminal's last line and clears the line.
const clearLine = "\r\x1b[K"

// tick shows what the execution that is polled next is waiting for.
func (p *progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	var next *track
	for _, t := range p.latest {
		if t.left(now) > 0 && (next == nil || t.left(now) < next.left(now)) {
			next = t
		}
	}
	if next != nil {
		fmt.Fprintf(p.out, "%s  %-*s%-17s %8s  %s, next poll in %s", clearLine, p.sources, p.nameOf(next), next.state,
			clockTime(now.Sub(next.started)), next.waitingFor(), clockTime(next.left(now)))
	}
}

// nameOf returns the content of the column with the name of the source.
func (p *progress) nameOf(t *track) string {
	if p.sources == 0 {
		return ""
	}
	return t.source
}

// left returns the time until a Wait state ends. In any other state, it is at most 0.
func (t *track) left(now time.Time) time.Duration { return t.entered.Add(t.waits()).Sub(now) }

func (t *track) waitingFor() string {
	if t.output.Crawl != nil {
		return "the crawl is " + t.output.Crawl.Status
	}
	if e := t.output.Export; e != nil {
		return fmt.Sprintf("the export is %s, %d%%", e.Status, e.Percent)
	}
	return "waiting"
}

// observe processes an event of an execution. It prints a line when a state ends or a task fails.
func (p *progress) observe(arn string, e stepfunctions.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tracks[arn]
	switch {
	case e.Type == "ExecutionStarted":
		p.track(arn, e)
	case t == nil: // a redrive of an execution that was started by another process
	case strings.HasSuffix(e.Type, "StateEntered"):
		t.enter(e)
	case strings.HasSuffix(e.Type, "StateExited"):
		before := t.output
		t.read(e.Details.Output)
		p.line(t, e.Time, e.Details.Name, t.added(e, before))
	case e.Type == "TaskFailed", e.Type == "TaskTimedOut":
		p.line(t, e.Time, t.state, reason(e.Details.Error, e.Details.Cause))
	}
}

// track starts to track an execution. The caller must hold mu.
func (p *progress) track(arn string, e stepfunctions.Event) {
	t := &track{arn: arn, started: e.Time}
	t.read(e.Details.Input)
	t.source = t.output.Source
	p.tracks[arn] = t
	p.latest = append(slices.DeleteFunc(p.latest, func(old *track) bool { return old.source == t.source }), t)
}

func (t *track) enter(e stepfunctions.Event) {
	t.state, t.entered = e.Details.Name, time.Time{}
	t.read(e.Details.Input)
	if e.Type == "WaitStateEntered" {
		t.entered = e.Time
	}
}

// read decodes the execution's state from JSON. It ignores JSON that it cannot decode.
func (t *track) read(text string) {
	var r workflow.State
	if err := json.Unmarshal([]byte(text), &r); err == nil {
		t.output = r
	}
}

func (t *track) waits() time.Duration {
	switch r := t.output; {
	case r.Crawl != nil:
		return time.Duration(r.Crawl.WaitSeconds) * time.Second
	case r.Export != nil:
		return time.Duration(r.Export.WaitSeconds) * time.Second
	}
	return 0
}

func (p *progress) line(t *track, at time.Time, state, text string) {
	if p.live {
		fmt.Fprint(p.out, clearLine)
	}
	text = strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 30+p.sources))
	fmt.Fprintf(p.out, "  %-*s%-17s %8s  %s\n", p.sources, p.nameOf(t), state, clockTime(at.Sub(t.started)), text)
}

// added describes the result that a state added to its input.
func (t *track) added(e stepfunctions.Event, before workflow.State) string {
	r := t.output
	switch e.Details.Name {
	case "FindSnapshot":
		return fmt.Sprintf("snapshot %s, %s old, %s", r.Snapshot.ID, clockTime(t.started.Sub(r.Snapshot.CreatedAt)), r.Snapshot.Engine)
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
		return strings.Join(slices.Concat([]string{made}, r.Views.Changed, r.Views.Warnings), "\n")
	case "ArePublished":
		return "is " + before.Views.Status
	case "Prune":
		return fmt.Sprintf("deleted %d exports, %d tables", r.Pruned.Exports, r.Pruned.Tables)
	}
	if e.Type == "WaitStateExited" {
		return "waited " + clockTime(e.Time.Sub(t.entered))
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
