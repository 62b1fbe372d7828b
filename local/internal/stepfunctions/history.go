package stepfunctions

import (
	"strings"
	"time"

	"snaplake/local/internal/wire"
)

// Event is an entry in the history of an execution.
type Event struct {
	// The first ID in a history is 1. PreviousID is the ID of the event that led to this one, or 0 if there is none.
	ID, PreviousID int64
	Time           time.Time
	// Type is AWS's event type, for example TaskStateEntered, TaskScheduled, TaskFailed or WaitStateExited.
	Type    string
	Details *Details
}

// Details are the details of an event. The event type determines which fields are set.
type Details struct {
	// Name is the name of the state that was entered or exited.
	Name string `json:"name,omitempty"`
	// Input and Output are JSON.
	Input  string `json:"input,omitempty"`
	Output string `json:"output,omitempty"`

	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`

	// In the events of a task, Resource is "invoke" and ResourceType is "lambda".
	Resource     string `json:"resource,omitempty"`
	ResourceType string `json:"resourceType,omitempty"`
	Region       string `json:"region,omitempty"`
	// Parameters is a JSON object with the parameters of a task.
	Parameters       string `json:"parameters,omitempty"`
	TimeoutInSeconds int64  `json:"timeoutInSeconds,omitempty"`

	RoleARN      string `json:"roleArn,omitempty"`
	RedriveCount int    `json:"redriveCount,omitempty"`
}

// maxHistory is the maximum number of events in a history (Step Functions guide, "Step Functions service quotas").
const maxHistory = 25000

// encoded returns the event in the API's format. If withData is false, the input, the output and the parameters are omitted.
func (e Event) encoded(withData bool) map[string]any {
	d := *e.Details
	if !withData {
		d.Input, d.Output, d.Parameters = "", "", ""
	}
	return map[string]any{
		"id": e.ID, "previousEventId": e.PreviousID, "timestamp": wire.Time(e.Time), "type": e.Type, detailsKey(e.Type): d,
	}
}

func detailsKey(kind string) string {
	switch {
	case strings.HasSuffix(kind, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(kind, "StateExited"):
		return "stateExitedEventDetails"
	default:
		return strings.ToLower(kind[:1]) + kind[1:] + "EventDetails"
	}
}

// record adds an event to the history of an execution and passes it to Observe.
func (s *Service) record(e *execution, previous int64, kind string, d *Details) Event {
	s.mu.Lock()
	event := Event{ID: int64(len(e.History)) + 1, PreviousID: previous, Time: s.opts.Clock.Now(), Type: kind, Details: d}
	e.History = append(e.History, event)
	s.mu.Unlock()
	if s.opts.Observe != nil {
		s.opts.Observe(e.ARN, event)
	}
	return event
}
