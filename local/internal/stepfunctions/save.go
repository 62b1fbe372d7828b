package stepfunctions

import (
	"encoding/json"
	"fmt"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// savedExecution is an execution as Save returns it in JSON.
type savedExecution struct {
	Execution
	// Machine is the revision of the state machine with which the execution was started.
	Machine StateMachine
	History []savedEvent
	// The other fields are the execution's position. Data is the input of the state.
	State     string
	Data      json.RawMessage
	EnteredID int64
	EnteredAt time.Time
}

// savedEvent is an Event that is encoded field by field.
type savedEvent Event

// Save returns all executions as JSON for [Service.Load]. An execution that Close ended counts as aborted. Call Save after [Service.Close].
func (s *Service) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []savedExecution{}
	for _, e := range s.executions {
		one := savedExecution{
			Execution: e.Execution, Machine: e.revision.StateMachine, State: e.position.state, Data: json.RawMessage(asl.Encode(e.position.input)),
			EnteredID: e.position.enteredID, EnteredAt: e.position.enteredAt,
		}
		for _, event := range e.history {
			one.History = append(one.History, savedEvent(event))
		}
		if e.Status == Running {
			one.Status, one.StoppedAt = Aborted, s.opts.Clock.Now()
			one.History = append(one.History, savedEvent{
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
		parsed, err := parseDefinition(one.Machine.Definition)
		if err != nil {
			return fmt.Errorf("load execution %s: %w", one.Name, err)
		}
		data, err := asl.Decode(one.Data)
		if err != nil {
			return fmt.Errorf("load execution %s: %w", one.Name, err)
		}
		e := &execution{
			Execution: one.Execution, revision: &revision{one.Machine, parsed}, over: over,
			position: position{state: one.State, input: data, enteredID: one.EnteredID, enteredAt: one.EnteredAt},
		}
		for _, event := range one.History {
			e.history = append(e.history, Event(event))
		}
		s.executions[e.ARN] = e
	}
	return nil
}
