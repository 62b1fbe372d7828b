package lambda

import (
	"context"
	"net/http"
	"strings"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/wire"
)

// planned returns the fault for the next invocation of a function. In a plan, a function's name does not include the pipeline's name, for
// example checkexport.
func (s *Service) planned(function string) fault.Kind {
	return s.options.Faults.Invocation(function[strings.LastIndexByte(function, '-')+1:])
}

// refusal returns Lambda's error for a fault that rejects the call before a process receives it, or nil (API reference, "Invoke", Errors).
func refusal(planned fault.Kind) error {
	switch planned {
	case fault.Throttle:
		return &wire.Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: http.StatusTooManyRequests}
	case fault.ServerError:
		return &wire.Error{
			Code: "ServiceException", Message: "The Lambda service encountered an internal error.", Status: http.StatusInternalServerError,
		}
	default:
		return nil
	}
}

// attempt passes a call to a process. A fault can end the process before it receives the call, or after it has responded.
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
		// AWS's runtime interface emulator returns this error when the kernel kills a process that has run out of memory.
		return c.fail("Runtime.OutOfMemory", "%s", killed), nil
	case fault.Timeout, fault.TimeoutLate:
		return s.timedOut(e, c), nil
	default:
		return c.fail("Runtime.ExitError", "%s", killed), nil
	}
}

// killed is the error message for a process that was ended by SIGKILL.
const killed = "Runtime exited with error: signal: killed"

// timedOut returns the response for a function that timed out. It advances the clock to the end of the timeout.
func (s *Service) timedOut(e *environment, c *call) Invocation {
	timeout := e.function.Timeout
	if left := timeout - s.options.Clock.Now().Sub(c.began); left > 0 {
		s.options.Clock.Advance(left)
	}
	return c.fail("Sandbox.Timedout", "Task timed out after %.2f seconds", timeout.Seconds())
}

// Kill ends the process that sends the given token in X-Amz-Security-Token, and waits until it has ended. It reports whether there was such
// a process.
func (s *Service) Kill(token string) bool {
	e := s.sender(token)
	if e != nil {
		e.kill()
	}
	return e != nil
}

// TimeOut is like Kill, but the clock advances to the end of the function's timeout, and the invocation fails with Sandbox.Timedout.
func (s *Service) TimeOut(token string) bool {
	if e := s.sender(token); e != nil {
		e.overdue.Store(true)
	}
	return s.Kill(token)
}

// sender returns the running process that sends the given session token, or nil. The token ends with the ID of the environment.
func (s *Service) sender(token string) *environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.environments[token[strings.LastIndexByte(token, '/')+1:]]
	if e == nil || !e.alive() {
		return nil
	}
	return e
}
