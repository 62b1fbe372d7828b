package stepfunctions

import (
	"fmt"
	"time"

	"snaplake/local/internal/wire"
)

// These are the limits on redrives (Step Functions guide, "Restarting state machine executions with redrive"; API reference,
// RedriveExecution, clientToken).
const (
	redrivable = 14 * 24 * time.Hour // after the end of the execution
	tokenLife  = 15 * time.Minute
	maxTokens  = 10
)

// token is the clientToken of an earlier redrive.
type token struct {
	text string
	at   time.Time // of the redrive
}

// redrivenBy returns the time of the redrive with the given client token, or the zero time if the token is unknown or has expired.
func (e *execution) redrivenBy(text string, now time.Time) time.Time {
	for _, t := range e.tokens {
		if t.text == text && now.Sub(t.at) < tokenLife {
			return t.at
		}
	}
	return time.Time{}
}

// RedriveExecution resumes an execution that failed, timed out or was stopped, beginning with the state in which it ended. The input of the
// state, the definition and the role do not change. Retries and timeouts start over. If an earlier redrive had the same clientToken,
// RedriveExecution does nothing.
func (s *Service) RedriveExecution(executionARN, clientToken string) error {
	_, err := s.redrive(executionARN, clientToken)
	return err
}

func (s *Service) redrive(arn, clientToken string) (time.Time, error) {
	r, at, err := s.resume(arn, clientToken)
	if r != nil {
		r.start("ExecutionRedriven", Details{RedriveCount: r.execution.RedriveCount})
	}
	return at, err
}

// resume sets the status of an execution to RUNNING again. It returns the new run and the time of the redrive. If an earlier
// redrive used the same token, the run is nil, and the time is that of the earlier redrive.
func (s *Service) resume(arn, clientToken string) (*run, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(arn)
	if err != nil {
		return nil, time.Time{}, err
	}
	now := s.opts.Clock.Now()
	if at := e.redrivenBy(clientToken, now); !at.IsZero() {
		return nil, at, nil
	}
	if reason := e.notRedrivable(now); reason != "" {
		return nil, time.Time{}, wire.Errorf("ExecutionNotRedrivable", "Execution %s invalid for redrive as: %s", e.ARN, reason)
	}
	if s.closed {
		return nil, time.Time{}, errClosed()
	}
	if clientToken != "" {
		e.tokens = append(e.tokens[max(len(e.tokens)-maxTokens+1, 0):], token{clientToken, now})
	}
	e.RedriveCount++
	e.RedrivenAt, e.StoppedAt, e.Error, e.Cause = now, time.Time{}, "", ""
	// The state is not entered again, so the next event refers to the existing StateEntered event as its previous event.
	e.position.previousID = e.position.enteredID
	r := s.begin(e)
	r.resumed = e.position.enteredID != 0 // 0: StopExecution ended the execution between two states
	return r, now, nil
}

// redriveStatus returns the redriveStatus field of the API, and the reason if the execution cannot be redriven.
func (e *execution) redriveStatus(now time.Time) (status, reason string) {
	if reason = e.notRedrivable(now); reason != "" {
		return "NOT_REDRIVABLE", reason
	}
	return "REDRIVABLE", ""
}

// notRedrivable returns the reason why an execution cannot be redriven, in the wording of the API, or "" if it can.
func (e *execution) notRedrivable(now time.Time) string {
	switch {
	case e.Status == Running || e.Status == Succeeded:
		return fmt.Sprintf("Execution is %s and cannot be redriven", e.Status)
	case len(e.history) >= maxHistory-1:
		return "Execution history event limit exceeded"
	case now.Sub(e.StartedAt) >= maxDuration:
		return "Execution has exceeded the max execution time"
	case now.Sub(e.StoppedAt) > redrivable:
		return "Execution redrivable period exceeded"
	default:
		return ""
	}
}
