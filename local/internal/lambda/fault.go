package lambda

import (
	"context"
	"net/http"
	"strings"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/wire"
)

// planned is what goes wrong with the next invocation of a function. A plan knows functions by their names without the pipeline's:
// snaplake-checkexport is checkexport.
func (s *Service) planned(function string) fault.Kind {
	return s.options.Faults.Invocation(function[strings.LastIndexByte(function, '-')+1:])
}

// refusal is what Lambda itself answers by plan, before any process sees the call (API reference, "Invoke", Errors).
func refusal(planned fault.Kind) error {
	switch planned {
	case fault.Throttle:
		return &wire.Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: http.StatusTooManyRequests}
	case fault.ServerError:
		return &wire.Error{Code: "ServiceException", Message: "The Lambda service encountered an internal error.", Status: http.StatusInternalServerError}
	default:
		return nil
	}
}

// attempt gives a call to a process, and ends that process by plan: without the call, or when it has answered. Then the answer is
// lost. Memory runs out late, so that the work may be done already.
func (s *Service) attempt(ctx context.Context, e *environment, c *call, planned fault.Kind) (Invocation, error) {
	switch planned {
	case fault.Kill, fault.Timeout:
	case fault.KillLate, fault.TimeoutLate, fault.Memory:
		if answer, err := s.run(ctx, e, c); err != nil {
			return answer, err
		}
	default:
		c.tooLarge = planned == fault.TooLarge
		return s.run(ctx, e, c)
	}
	e.kill()
	switch planned {
	case fault.Memory:
		// What AWS's own runtime interface emulator, which is made of Lambda's code, calls a process that the kernel has ended for
		// want of memory, whatever its runtime.
		return c.fail("Runtime.OutOfMemory", "%s", killed), nil
	case fault.Timeout, fault.TimeoutLate:
		return s.timedOut(e, c), nil
	default:
		return c.fail("Runtime.ExitError", "%s", killed), nil
	}
}

// killed is the end of a process that got a SIGKILL.
const killed = "Runtime exited with error: signal: killed"

// timedOut is the answer of a function that has used up its time. What is left of it passes now.
func (s *Service) timedOut(e *environment, c *call) Invocation {
	timeout := e.function.Timeout
	if left := timeout - s.options.Clock.Now().Sub(c.began); left > 0 {
		s.options.Clock.Advance(left)
	}
	return c.fail("Sandbox.Timedout", "Task timed out after %.2f seconds", timeout.Seconds())
}

// Kill ends the process that has this session token, the X-Amz-Security-Token of what it sends: its invocation fails with
// Runtime.ExitError. It returns when the process is gone; false means that there is none.
func (s *Service) Kill(token string) bool {
	e := s.sender(token)
	if e == nil {
		return false
	}
	e.kill()
	return true
}

// TimeOut is Kill for a function whose time is over: the rest of it passes at once, and the invocation fails with
// Sandbox.Timedout.
func (s *Service) TimeOut(token string) bool {
	e := s.sender(token)
	if e == nil {
		return false
	}
	e.overdue.Store(true)
	e.kill()
	return true
}

// sender is the living process with a session token: its own identifier is the end of it.
func (s *Service) sender(token string) *environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.environments[token[strings.LastIndexByte(token, '/')+1:]]
	if e == nil || !e.alive() {
		return nil
	}
	return e
}
