package stepfunctions

import (
	"encoding/json"
	"time"
)

// StatusChange is the detail of EventBridge's event "Step Functions Execution Status Change", of the source aws.states (Step
// Functions guide, "Automating Step Functions event delivery with EventBridge"). What there is none of is null.
type StatusChange struct {
	ExecutionARN           string  `json:"executionArn"`
	StateMachineARN        string  `json:"stateMachineArn"`
	StateMachineVersionARN *string `json:"stateMachineVersionArn"`
	StateMachineAliasARN   *string `json:"stateMachineAliasArn"`
	Name                   string  `json:"name"`
	Status                 Status  `json:"status"`
	// StartDate, StopDate and RedriveDate are in milliseconds since 1970.
	StartDate int64  `json:"startDate"`
	StopDate  *int64 `json:"stopDate"`
	// Input and Output are JSON texts. Neither is there when it would make the event too large.
	Input         *string   `json:"input"`
	InputDetails  *included `json:"inputDetails"`
	Output        *string   `json:"output"`
	OutputDetails *included `json:"outputDetails"`
	Error         *string   `json:"error"`
	Cause         *string   `json:"cause"`

	RedriveCount        int     `json:"redriveCount"`
	RedriveDate         *int64  `json:"redriveDate"`
	RedriveStatus       string  `json:"redriveStatus"`
	RedriveStatusReason *string `json:"redriveStatusReason"`
}

// maxChange is how many bytes input and output may have in an event, escaped.
const maxChange = 248 * 1024

// statusChange tells of an execution as it is now. The caller holds the service's mu.
func (e *execution) statusChange(now time.Time) StatusChange {
	input, output := e.Input, e.Output
	status, reason := e.redriveStatus(now)
	c := StatusChange{
		ExecutionARN: e.ARN, StateMachineARN: e.StateMachineARN, Name: e.Name, Status: e.Status,
		StartDate: e.StartedAt.UnixMilli(), StopDate: milliseconds(e.StoppedAt),
		Input: &input, InputDetails: &included{true},
		Error: optional(e.Error), Cause: optional(e.Cause),
		RedriveCount: e.RedriveCount, RedriveDate: milliseconds(e.RedrivenAt), RedriveStatus: status, RedriveStatusReason: optional(reason),
	}
	if e.Status == Succeeded {
		c.Output, c.OutputDetails = &output, &included{true}
	}
	if escaped(input)+escaped(output) > maxChange {
		c.Input, c.InputDetails = nil, &included{false}
	}
	if escaped(output) > maxChange {
		c.Output, c.OutputDetails = nil, &included{false}
	}
	return c
}

// changed tells of a new status. The caller holds no lock.
func (s *Service) changed(c StatusChange) {
	if s.opts.StatusChanged != nil {
		s.opts.StatusChanged(c)
	}
}

// escaped is how many bytes a text has as a JSON string.
func escaped(text string) int {
	b, _ := json.Marshal(text) // strings always encode
	return len(b) - len(`""`)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func milliseconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := t.UnixMilli()
	return &ms
}
