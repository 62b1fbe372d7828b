package stepfunctions

import (
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// scope returns the scope in which paths are evaluated. It consists of the given data and the context object.
func (r *run) scope(data any) asl.Scope { return asl.Scope{Data: data, Context: r.context()} }

// context returns the context object of the execution (Step Functions guide, "Accessing execution data from the Context object").
func (r *run) context() map[string]any {
	s, e := r.service, r.execution
	s.mu.Lock()
	defer s.mu.Unlock()
	input, _ := asl.Decode([]byte(e.Input)) // cannot fail: it was decoded when the execution started
	execution := map[string]any{
		"Id": e.ARN, "Name": e.Name, "Input": input, "RoleArn": e.Machine.RoleARN,
		"StartTime": timestamp(e.StartedAt), "RedriveCount": e.RedriveCount,
	}
	if e.RedriveCount > 0 {
		execution["RedriveTime"] = timestamp(e.RedrivenAt)
	}
	state := map[string]any{"Name": r.at.State, "EnteredTime": timestamp(r.at.EnteredAt)}
	if r.state().Task != nil {
		state["RetryCount"] = r.retries
	}
	return map[string]any{
		"Execution":    execution,
		"State":        state,
		"StateMachine": map[string]any{"Id": e.StateMachineARN, "Name": e.Machine.Name},
	}
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
