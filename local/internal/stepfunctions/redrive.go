package stepfunctions

import (
	"fmt"
	"time"

	"snaplake/local/internal/wire"
)

// The limits of a redrive (Step Functions guide, "Restarting state machine executions with redrive").
const (
	redrivable = 14 * 24 * time.Hour // after the end
	tokenLife  = 15 * time.Minute
)

// RedriveExecution lets an execution that failed, timed out or was aborted go on in the state that it ended in: with that
// state's input and the definition that the execution was started with. The state's retries and time-outs begin anew. A
// clientToken that was given before means the redrive of then, and does nothing.
func (s *Service) RedriveExecution(executionARN, clientToken string) error {
	_, err := s.redrive(executionARN, clientToken)
	return err
}

func (s *Service) redrive(arn, token string) (time.Time, error) {
	s.mu.Lock()
	e, err := s.execution(arn)
	s.mu.Unlock()
	if err != nil {
		return time.Time{}, err
	}
	r, at, err := s.again(e, token)
	if err != nil || r == nil {
		return at, err
	}
	s.changed(r.began)
	go r.main()
	return at, nil
}

// again makes an execution run again and writes so; or there is no run, when the token stands for a redrive that was made.
func (s *Service) again(e *execution, token string) (*run, time.Time, error) {
	e.telling.Lock()
	defer e.telling.Unlock()
	r, last, err := s.readmit(e, token)
	if err != nil {
		return nil, time.Time{}, err
	}
	if r == nil {
		return nil, e.tokens[token], nil
	}
	s.tell(r, last, "ExecutionRedriven", &Details{RedriveCount: e.RedriveCount}, nil)
	return r, e.RedrivenAt, nil
}

// readmit makes an execution run again, and returns the last event that it has; or no run, when the token stands for a
// redrive that was made.
func (s *Service) readmit(e *execution, token string) (r *run, last int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Clock.Now()
	if at, ok := e.tokens[token]; ok && now.Sub(at) < tokenLife {
		return nil, 0, nil
	}
	if reason := e.notRedrivable(now); reason != "" {
		return nil, 0, wire.Errorf("ExecutionNotRedrivable", "Execution %s invalid for redrive as: %s", e.ARN, reason)
	}
	if s.closed {
		return nil, 0, errClosed()
	}
	if token != "" {
		e.tokens[token] = now
	}
	e.RedriveCount++
	e.RedrivenAt = now
	e.StoppedAt, e.Error, e.Cause = time.Time{}, "", ""
	// What follows refers to the state as it was entered, and not to the redrive: a redriven task has no second
	// TaskStateEntered, and its TaskScheduled has the first one as its previous event.
	r = s.begin(e)
	r.resumed = r.at.enteredID > 0
	return r, int64(len(e.history)), nil
}

// redriveStatus is what the API tells of whether an execution can be redriven; there is a reason when it cannot.
func (e *execution) redriveStatus(now time.Time) (status, reason string) {
	if reason = e.notRedrivable(now); reason != "" {
		return "NOT_REDRIVABLE", reason
	}
	return "REDRIVABLE", ""
}

// notRedrivable is why an execution cannot be redriven, or "". The words are the API's (DescribeExecution,
// redriveStatusReason).
func (e *execution) notRedrivable(now time.Time) string {
	switch {
	case e.Status == Running || e.Status == Succeeded:
		return fmt.Sprintf("Execution is %s and cannot be redriven", e.Status)
	case len(e.history) >= maxHistory-1:
		return "Execution history event limit exceeded"
	case now.Sub(e.StoppedAt) > redrivable:
		return "Execution redrivable period exceeded"
	default:
		return ""
	}
}
