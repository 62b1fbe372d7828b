package stepfunctions

import (
	"bytes"
	"encoding/json"
	"fmt"

	"snaplake/local/internal/stepfunctions/asl"
)

// Save returns all executions, the oldest first, as JSON for [Service.Load]. An execution that Close ended counts as aborted. Call Save
// after [Service.Close].
func (s *Service) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []execution{}
	for _, e := range s.oldestFirst() {
		one := *e
		if e.Status == Running {
			one.Status, one.StoppedAt = Aborted, s.opts.Clock.Now()
			one.History = append(one.History, Event{
				ID: int64(len(e.History)) + 1, Time: one.StoppedAt, Type: "ExecutionAborted", Details: &Details{},
			})
		}
		all = append(all, one)
	}
	return json.Marshal(all)
}

// Load adds the executions that [Service.Save] returned.
func (s *Service) Load(b []byte) error {
	var all []execution
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber() // as asl.Decode
	if err := d.Decode(&all); err != nil {
		return fmt.Errorf("load the executions: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	over := make(chan struct{})
	close(over)
	for _, e := range all {
		var err error
		if e.Machine.parsed, err = asl.Parse(e.Machine.Definition); err != nil {
			return fmt.Errorf("load execution %s: %w", e.Name, err)
		}
		s.started++
		e.over, e.number = over, s.started
		s.executions[e.ARN] = &e
	}
	return nil
}
