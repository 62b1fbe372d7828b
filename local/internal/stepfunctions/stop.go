package stepfunctions

import (
	"context"

	"snaplake/local/internal/wire"
)

type stopIn struct {
	executionIn
	Error string `json:"error"`
	Cause string `json:"cause"`
}

// stopExecution stops a running execution, and the call of the function that it waits for. It does not change an execution that has ended.
func (s *Service) stopExecution(ctx context.Context, in stopIn) (any, error) {
	s.mu.Lock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	if e.Status == Running && e.run.stopped == nil {
		e.run.stopped = &Details{Error: in.Error, Cause: in.Cause}
		e.run.cancel()
	}
	s.mu.Unlock()
	ended, err := s.Wait(ctx, in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	return map[string]any{"stopDate": wire.Time(ended.StoppedAt)}, nil
}
