package stepfunctions

import (
	"fmt"
	"slices"
	"time"

	"snaplake/local/internal/wire"
)

// These are the limits on redrives (Step Functions guide, "Restarting state machine executions with redrive"; API reference,
// RedriveExecution, clientToken).
const (
	redrivable = 14 * 24 * time.Hour // after the end of the execution
	tokenLife  = 15 * time.Minute
)

// RedriveExecution resumes an execution that failed, timed out or was stopped, beginning with the state in which it ended. The input of the
// state, the definition and the role do not change, and retries and timeouts start over. If the last redrive had the same clientToken,
// RedriveExecution does nothing.
func (s *Service) RedriveExecution(executionARN, clientToken string) error {
	r, err := s.resume(executionARN, clientToken)
	if r != nil {
		r.start("ExecutionRedriven", Details{RedriveCount: r.execution.RedriveCount})
	}
	return err
}

// resume sets the status of an execution to RUNNING again and returns the new run, or nil if the last redrive had the same token.
func (s *Service) resume(arn, clientToken string) (*run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(arn)
	if err != nil {
		return nil, err
	}
	now := s.opts.Clock.Now()
	if clientToken != "" && clientToken == e.token && now.Sub(e.RedrivenAt) < tokenLife {
		return nil, nil
	}
	if reason := e.notRedrivable(now); reason != "" {
		return nil, wire.Errorf("ExecutionNotRedrivable", "Execution %s invalid for redrive as: %s", e.ARN, reason)
	}
	if s.ctx.Err() != nil {
		return nil, errClosed()
	}
	e.token = clientToken
	e.RedriveCount++
	e.RedrivenAt, e.StoppedAt, e.Error, e.Cause = now, time.Time{}, "", ""
	// The state is not entered again, so the next event refers to the existing StateEntered event as its previous event.
	e.Position.previousID = e.Position.EnteredID
	r := s.begin(e)
	r.resumed = e.Position.EnteredID != 0 // 0: the execution was aborted between two states
	return r, nil
}

// notRedrivable returns the reason why an execution cannot be redriven, in the wording of the API, or "" if it can.
func (e *execution) notRedrivable(now time.Time) string {
	switch {
	case e.Status == Running || e.Status == Succeeded:
		return fmt.Sprintf("Execution is %s and cannot be redriven", e.Status)
	case len(e.History) >= maxHistory-1:
		return "Execution history event limit exceeded"
	case now.Sub(e.StartedAt) >= maxDuration:
		return "Execution has exceeded the max execution time"
	case now.Sub(e.StoppedAt) > redrivable:
		return "Execution redrivable period exceeded"
	default:
		return ""
	}
}

// Redrivable returns the executions that can be redriven, newest first.
func (s *Service) Redrivable() []Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Execution
	for _, e := range slices.Backward(s.oldestFirst()) {
		if e.notRedrivable(s.opts.Clock.Now()) == "" {
			list = append(list, e.Execution)
		}
	}
	return list
}
