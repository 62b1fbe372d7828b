package stepfunctions

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// savedExecution is the JSON form of an execution that Save returns.
type savedExecution struct {
	Execution
	// Machine is the revision of the state machine with which the execution was started.
	Machine StateMachine
	History []Event
	// The other fields are the execution's position. Data is the input of the state.
	State     string
	Data      json.RawMessage
	EnteredID int64
	EnteredAt time.Time
}

// Save returns all executions, the oldest first, as JSON for [Service.Load]. An execution that Close ended counts as aborted. Call Save
// after [Service.Close].
func (s *Service) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []savedExecution{}
	for _, e := range s.oldestFirst() {
		one := savedExecution{
			Execution: e.Execution, Machine: e.revision.StateMachine, History: e.history,
			State: e.position.state, Data: json.RawMessage(asl.Encode(e.position.input)),
			EnteredID: e.position.enteredID, EnteredAt: e.position.enteredAt,
		}
		if e.Status == Running {
			one.Status, one.StoppedAt = Aborted, s.opts.Clock.Now()
			one.History = append(one.History, Event{
				ID: int64(len(e.history)) + 1, Time: one.StoppedAt, Type: "ExecutionAborted", Details: &Details{},
			})
		}
		all = append(all, one)
	}
	return json.Marshal(all)
}

// Load adds the executions that [Service.Save] returned.
func (s *Service) Load(b []byte) error {
	var all []savedExecution
	if err := json.Unmarshal(b, &all); err != nil {
		return fmt.Errorf("load the executions: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	over := make(chan struct{})
	close(over)
	for _, one := range all {
		parsed, err := asl.Parse(one.Machine.Definition)
		data, wrong := asl.Decode(one.Data)
		if err := errors.Join(err, wrong); err != nil {
			return fmt.Errorf("load execution %s: %w", one.Name, err)
		}
		s.started++
		s.executions[one.ARN] = &execution{
			Execution: one.Execution, revision: &revision{one.Machine, parsed}, history: one.History, over: over, number: s.started,
			position: position{state: one.State, input: data, enteredID: one.EnteredID, enteredAt: one.EnteredAt},
		}
	}
	return nil
}
