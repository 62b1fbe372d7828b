package stepfunctions

import (
	"fmt"
	"time"

	"snaplake/local/internal/wire"
)

// The limits of a redrive (Step Functions guide, "Restarting state machine executions with redrive"; API reference,
// RedriveExecution, clientToken).
const (
	redrivable = 14 * 24 * time.Hour // after the end
	tokenLife  = 15 * time.Minute
	maxTokens  = 10
)

// token is the clientToken of a redrive.
type token struct {
	text string
	at   time.Time // of the redrive
}

// redrivenBy returns when the execution was redriven with a token that is still valid, otherwise the zero time.
func (e *execution) redrivenBy(text string, now time.Time) time.Time {
	for _, t := range e.tokens {
		if t.text == text && now.Sub(t.at) < tokenLife {
			return t.at
		}
	}
	return time.Time{}
}

// RedriveExecution resumes an execution that failed or timed out in the state where it ended. It keeps the input of that state,
// and the definition and role that the execution was started with; retries and timeouts start over. It does nothing if an
// earlier redrive had the same clientToken.
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

// resume makes an execution RUNNING again. It returns the time of the redrive, and no run if the token was used before.
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
	// The state is not entered again: its next event follows the first entry.
	e.position.after = e.position.enteredID
	r := s.begin(e)
	r.resumed = true
	return r, now, nil
}

// redriveStatus returns the redriveStatus of the API, and the reason when the execution cannot be redriven.
func (e *execution) redriveStatus(now time.Time) (status, reason string) {
	if reason = e.notRedrivable(now); reason != "" {
		return "NOT_REDRIVABLE", reason
	}
	return "REDRIVABLE", ""
}

// notRedrivable returns why an execution cannot be redriven, in the API's words, or "".
func (e *execution) notRedrivable(now time.Time) string {
	switch {
	case e.Status == Running || e.Status == Succeeded:
		return fmt.Sprintf("Execution is %s and cannot be redriven", e.Status)
	case len(e.history) >= maxHistory-1:
		return "Execution history event limit exceeded"
	case now.Sub(e.StartedAt) >= maxOpen:
		return "Execution has exceeded the max execution time"
	case now.Sub(e.StoppedAt) > redrivable:
		return "Execution redrivable period exceeded"
	default:
		return ""
	}
}
