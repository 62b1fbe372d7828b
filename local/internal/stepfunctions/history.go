package stepfunctions

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// Event is one entry of an execution's history.
type Event struct {
	// ID counts from 1. PreviousID is the event that led to this one; 0 is the start of the execution.
	ID, PreviousID int64
	Time           time.Time
	// Type as AWS names it: TaskStateEntered, TaskScheduled, TaskFailed, WaitStateExited.
	Type string
	// Details is nil for the types that have none.
	Details *Details
}

// Details of an event. Which fields are set depends on its type.
type Details struct {
	// Name of the state that was entered or exited.
	Name string `json:"name,omitempty"`
	// Input and Output are JSON texts.
	Input  string `json:"input,omitempty"`
	Output string `json:"output,omitempty"`
	// InputDetails and OutputDetails come with Input and Output.
	InputDetails  *Truncation `json:"inputDetails,omitempty"`
	OutputDetails *Truncation `json:"outputDetails,omitempty"`

	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`

	// Resource is "invoke" in a task, with the type "lambda"; in the older kind of Lambda task it is the function's ARN.
	Resource     string `json:"resource,omitempty"`
	ResourceType string `json:"resourceType,omitempty"`
	Region       string `json:"region,omitempty"`
	// Parameters of a task, a JSON text.
	Parameters       string `json:"parameters,omitempty"`
	TimeoutInSeconds int64  `json:"timeoutInSeconds,omitempty"`

	RoleARN      string `json:"roleArn,omitempty"`
	RedriveCount int    `json:"redriveCount,omitempty"`
}

// Truncation tells that a text is all there. AWS cuts texts in its logs only.
type Truncation struct {
	Truncated bool `json:"truncated"`
}

// maxHistory is AWS's limit. The event that ends the execution for having reached it is the last.
const maxHistory = 25000

// withoutData is the event as it is told when no execution data is wanted.
func (e Event) withoutData() Event {
	if e.Details == nil {
		return e
	}
	d := *e.Details
	d.Input, d.InputDetails, d.Output, d.OutputDetails, d.Parameters = "", nil, "", nil, ""
	e.Details = &d
	return e
}

// MarshalJSON writes the event as the API has it: the details are under a key that depends on the type.
func (e Event) MarshalJSON() ([]byte, error) {
	m := map[string]any{"id": e.ID, "previousEventId": e.PreviousID, "timestamp": wire.Time(e.Time), "type": e.Type}
	if e.Details != nil {
		m[detailsKey(e.Type)] = e.Details
	}
	return json.Marshal(m)
}

func detailsKey(kind string) string {
	switch {
	case strings.HasSuffix(kind, "StateEntered"):
		kind = "stateEntered"
	case strings.HasSuffix(kind, "StateExited"):
		kind = "stateExited"
	default:
		kind = strings.ToLower(kind[:1]) + kind[1:]
	}
	return kind + "EventDetails"
}

func withInput(d Details, input string) *Details {
	d.Input, d.InputDetails = input, &Truncation{}
	return &d
}

func withOutput(d Details, output string) *Details {
	d.Output, d.OutputDetails = output, &Truncation{}
	return &d
}

// record adds an event to an execution's history and tells the observer. change, which may be nil, is made together with it.
// A run that is not the execution's present one any more, because the execution was stopped meanwhile, writes nothing; a
// history that is full ends the execution. In both cases, and when the event itself is the end, record reports false.
func (s *Service) record(r *run, previous int64, kind string, d *Details, change func(e *execution)) (id int64, ok bool) {
	r.execution.telling.Lock() // keeps the events in order for the observer, too
	id, ended, ok := s.tell(r, previous, kind, d, change)
	r.execution.telling.Unlock()
	if ended {
		s.changed(r.ended)
		close(r.over)
	}
	return id, ok
}

// tell is record for a caller that holds telling. It reports, too, whether the event was the end of the execution.
func (s *Service) tell(r *run, previous int64, kind string, d *Details, change func(e *execution)) (id int64, ended, ok bool) {
	event, written, running := s.write(r, previous, kind, d, change)
	if written && s.opts.Observe != nil {
		s.opts.Observe(r.execution.ARN, event)
	}
	return event.ID, written && !running, running
}

// write puts the event into the history, and reports whether it did and whether the execution still runs.
func (s *Service) write(r *run, previous int64, kind string, d *Details, change func(e *execution)) (event Event, written, running bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := r.execution
	if e.run != r || r.ctx.Err() != nil {
		return Event{}, false, false
	}
	if len(e.history) == maxHistory-1 && !strings.HasPrefix(kind, "Execution") {
		cause := fmt.Sprintf("The execution reached the maximum number of history events (%d).", maxHistory)
		kind, d = "ExecutionFailed", &Details{Error: asl.Runtime, Cause: cause}
		change = func(e *execution) { e.end(Failed, s.opts.Clock.Now(), d) }
	}
	event = Event{ID: int64(len(e.history)) + 1, PreviousID: previous, Time: s.opts.Clock.Now(), Type: kind, Details: d}
	e.history = append(e.history, event)
	if change != nil {
		change(e)
	}
	return event, true, e.run == r
}
