// Package stepfunctions implements Step Functions for the local AWS: standard workflows that invoke Lambda functions, with the same
// execution histories and redrives as AWS.
//
// Its API supports only the operations that the functions, make doctor, clients and the documented commands call. State machines are
// created from the template with [Service.CreateStateMachine].
package stepfunctions

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/wire"
)

// Options configures a Service.
type Options struct {
	Region, Account string
	Clock           clock.Clock
	// Invoke invokes the Lambda function with the given name or ARN. The caller in ctx is the role of the state machine, and the deadline of
	// ctx is the task's timeout. An error from Lambda's API is a *wire.Error.
	Invoke func(ctx context.Context, function string, payload []byte) (lambda.Invocation, error)
	// Guard authorizes calls to the API, and checks the roles of state machines.
	Guard *iam.Guard
	// Random returns a number from 0 up to, but not including, 1 for the jitter of retries. If nil, rand.Float64 is used.
	Random func() float64
	// Observe, if set, receives the events of each execution in order. It must return quickly, and must not start or redrive an execution.
	Observe func(executionARN string, e Event)
	// StatusChanged, if set, receives the detail of the event "Step Functions Execution Status Change" when an execution starts, is redriven
	// or ends. It is called without a lock. [Service.Wait] waits for its return.
	StatusChanged func(executionARN string, detail map[string]any)
}

// Service is the local implementation of Step Functions.
type Service struct {
	http.Handler // serves the API
	opts         Options

	ctx    context.Context // canceled by Close
	cancel context.CancelFunc
	runs   sync.WaitGroup

	mu         sync.Mutex // guards the fields below and what they hold
	machines   map[string]*revision
	executions map[string]*execution
	started    int // the number of executions that were started
}

// New returns a Service without state machines.
func New(o Options) *Service {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	s := &Service{opts: o, machines: map[string]*revision{}, executions: map[string]*execution{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.Handler = wire.JSONService{Target: "AWSStepFunctions", Version: "1.0", Operations: s.operations()}
	return s
}

// Close ends all running executions without recording events, and waits until they have ended or ctx is done.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	over := make(chan struct{})
	go func() {
		s.runs.Wait()
		close(over)
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func errClosed() error {
	return &wire.Error{Code: "ServiceUnavailable", Message: "the local AWS is shutting down", Status: http.StatusServiceUnavailable}
}
