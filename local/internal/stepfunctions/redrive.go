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
	maxTokens  = 10
)

// token is the clientToken of a redrive.
type token struct {
	text string
	at   time.Time // of the redrive
}

// redriveBy is when an execution was redriven with a token that still counts, or the zero time. The caller holds the service's mu.
func (e *execution) redriveBy(text string, now time.Time) time.Time {
	for _, t := range e.tokens {
		if t.text == text && now.Sub(t.at) < tokenLife {
			return t.at
		}
	}
	return time.Time{}
}

// RedriveExecution lets an execution that failed, timed out or was aborted go on in the state that it ended in: with that
// state's input and the definition that the execution was started with. The state's retries and time-outs begin anew. A
// clientToken that was given before means the redrive of then, and does nothing.
func (s *Service) RedriveExecution(executionARN, clientToken string) error {
	_, err := s.redrive(executionARN, clientToken)
	return err
}

func (s *Service) redrive(arn, clientToken string) (time.Time, error) {
	if err := checkToken(clientToken); err != nil {
		return time.Time{}, err
	}
	s.mu.Lock()
	e, err := s.execution(arn)
	s.mu.Unlock()
	if err != nil {
		return time.Time{}, err
	}
	r, at, err := s.again(e, clientToken)
	if err != nil || r == nil {
		return at, err
	}
	s.changed(r.began)
	go r.main()
	return at, nil
}

// again makes an execution run again and writes so; or there is no run, when the token stands for a redrive that was made.
func (s *Service) again(e *execution, clientToken string) (*run, time.Time, error) {
	e.telling.Lock()
	defer e.telling.Unlock()
	r, at, err := s.readmit(e, clientToken)
	if r != nil {
		last := int64(len(e.history)) // nobody writes to it before telling is unlocked
		s.tell(r, last, "ExecutionRedriven", &Details{RedriveCount: e.RedriveCount}, nil)
	}
	return r, at, err
}

// readmit makes an execution run again, and returns when it was redriven; or no run, when the token stands for a redrive that
// was made.
func (s *Service) readmit(e *execution, clientToken string) (*run, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Clock.Now()
	if at := e.redriveBy(clientToken, now); !at.IsZero() {
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
	e.RedrivenAt = now
	e.StoppedAt, e.Error, e.Cause = time.Time{}, "", ""
	// What follows refers to the state as it was entered, and not to the redrive: a redriven task has no second
	// TaskStateEntered, and its TaskScheduled has the first one as its previous event.
	r := s.begin(e)
	r.resumed = r.at.enteredID > 0
	return r, now, nil
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
	case now.Sub(e.StartedAt) >= maxOpen:
		return "Execution has exceeded the max execution time"
	case now.Sub(e.StoppedAt) > redrivable:
		return "Execution redrivable period exceeded"
	default:
		return ""
	}
}
