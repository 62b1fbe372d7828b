package lambda

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"snaplake/local/internal/wire"
)

// InvokeEvent accepts an event for the function with the given name or ARN, and does not wait for the function. It retries as Lambda does,
// and then sends the event to the dead-letter queue, if there is one (Lambda guide, "How Lambda handles errors and retries with
// asynchronous invocation" and "Dead-letter queues").
func (s *Service) InvokeEvent(ctx context.Context, function string, event []byte) error {
	if err := s.mayInvoke(ctx, function); err != nil {
		return err
	}
	name := nameOf(function)
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(name)
	if err != nil {
		return err
	}
	done := make(chan struct{})
	s.events[done] = true
	ctx, release := s.options.Clock.Hold(s.ctx)
	go func() {
		defer release()
		s.handle(ctx, f, event)
		s.mu.Lock()
		delete(s.events, done)
		s.mu.Unlock()
		close(done)
	}()
	return nil
}

// maxAge is the maximum time for which Lambda keeps an event.
const maxAge = 6 * time.Hour

// handle invokes a function with an event until the function succeeds, the function has failed three times, or the event is too old.
func (s *Service) handle(ctx context.Context, f *Function, event []byte) {
	until := s.options.Clock.Now().Add(maxAge)
	for failures, pause := 0, time.Second; ; {
		answer, err := s.invoke(ctx, f.Name, event)
		var wait time.Duration
		switch {
		case ctx.Err() != nil || err == nil && answer.FunctionError == "":
			return
		case err != nil:
			wait, pause = pause, min(2*pause, 5*time.Minute)
		default:
			failures++
			wait = time.Duration(failures) * time.Minute
		}
		if failures == 3 || s.options.Clock.Now().Add(wait).After(until) {
			s.sendDeadLetter(f, event, answer, err)
			return
		}
		_ = s.options.Clock.Sleep(ctx, wait) // Close cancels the sleep
	}
}

// sendDeadLetter sends an event to the function's dead-letter queue. If that is not possible, the event is lost, as on AWS.
func (s *Service) sendDeadLetter(f *Function, event []byte, answer Invocation, failed error) {
	if f.DeadLetterQueue == "" || s.maySendDeadLetter(f) != nil {
		return
	}
	code, message := http.StatusOK, string(answer.Payload)
	if failed != nil {
		code, message = wire.AsError(failed).HTTPStatus(), failed.Error()
	}
	_ = s.options.SendDeadLetter(f.DeadLetterQueue, string(event), map[string]string{
		"RequestID": answer.RequestID, "ErrorCode": strconv.Itoa(code), "ErrorMessage": message[:min(len(message), 1024)],
	})
}

// Settle waits until all accepted events are handled or ctx is done.
func (s *Service) Settle(ctx context.Context) error {
	s.mu.Lock()
	events := slices.Collect(maps.Keys(s.events))
	s.mu.Unlock()
	for _, done := range events {
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
