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

// InvokeEvent hands an event to a function, given by its name or ARN, and does not wait for it: the error is only why Lambda did
// not accept the event. A function that fails gets it twice more; then it goes into the function's dead-letter queue, or is lost
// (Lambda guide, "How Lambda handles errors and retries with asynchronous invocation" and "Dead-letter queues").
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

// handle gives a function an event until it has handled it, or has failed three times.
func (s *Service) handle(ctx context.Context, f Function, event []byte) {
	for wait := time.Minute; ; wait += time.Minute {
		answer, err := s.invoke(ctx, f.Name, event)
		switch {
		case ctx.Err() != nil || err == nil && answer.FunctionError == "":
			return
		case wait > 2*time.Minute:
			s.bury(f, event, answer, err)
			return
		}
		_ = s.options.Clock.Sleep(ctx, wait) // Close cuts it short, and after it nothing is invoked
	}
}

// bury puts an event into the function's dead-letter queue. Without one, or when the role does not allow it, the event is lost: on
// AWS a metric counts it, and nothing else does.
func (s *Service) bury(f Function, event []byte, answer Invocation, failed error) {
	if f.DeadLetterQueue == "" || s.mayBury(f) != nil {
		return
	}
	code, message := http.StatusOK, string(answer.Payload)
	if failed != nil {
		code, message = wire.AsError(failed).HTTPStatus(), failed.Error()
	}
	_ = s.options.Queues.Send(f.DeadLetterQueue, string(event), map[string]string{
		"RequestID": answer.RequestID, "ErrorCode": strconv.Itoa(code), "ErrorMessage": message[:min(len(message), maxErrorMessage)],
	})
}

// maxErrorMessage is how many bytes of an error a dead letter has.
const maxErrorMessage = 1024

// Settle waits until the functions have done with the events that were accepted so far, or for the context.
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
