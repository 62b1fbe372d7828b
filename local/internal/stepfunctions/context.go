package stepfunctions

import (
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// scope is what paths see: the data, and the context object.
func (r *run) scope(data any) asl.Scope {
	return asl.Scope{Data: data, Context: r.context(), Random: r.service.below}
}

// context is the context object, $$ (Step Functions guide, "Accessing execution data from the Context object"). RedriveTime
// is there in a redriven execution only, RetryCount in a task only.
func (r *run) context() map[string]any {
	s, e := r.service, r.execution
	s.mu.Lock()
	defer s.mu.Unlock()
	input, _ := asl.Decode([]byte(e.Input)) // was decoded when the execution was started
	execution := map[string]any{
		"Id": e.ARN, "Name": e.Name, "Input": input, "RoleArn": e.revision.RoleARN,
		"StartTime": stamp(e.StartedAt), "RedriveCount": int64(e.RedriveCount),
	}
	if e.RedriveCount > 0 {
		execution["RedriveTime"] = stamp(e.RedrivenAt)
	}
	state := map[string]any{"Name": r.at.state, "EnteredTime": stamp(r.at.enteredAt)}
	if r.definition().Task != nil {
		state["RetryCount"] = r.attempts
	}
	return map[string]any{
		"Execution":    execution,
		"State":        state,
		"StateMachine": map[string]any{"Id": e.StateMachineARN, "Name": e.revision.Name},
	}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
