// Package stepfunctions is the local AWS's Step Functions: standard workflows in the Amazon States Language that call Lambda
// functions, with the API and the execution histories of the real service.
package stepfunctions

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Invoker is Lambda.
type Invoker interface {
	// Invoke runs a function, which is named by its name or ARN, and returns its answer. A *wire.Error is an answer of
	// Lambda's API. The context's deadline is the time-out of the task: Invoke returns context.DeadlineExceeded soon after
	// it, and context.Canceled when the execution is stopped. On AWS the function would run on; nobody would hear of it. The
	// context's caller is the state machine's role: whether it may invoke the function is Lambda's to decide.
	Invoke(ctx context.Context, function string, payload []byte) (Invocation, error)
}

// Invocation is what a function answered.
type Invocation struct {
	// Payload is JSON: the function's result, or its error as {"errorType", "errorMessage"}.
	Payload []byte
	// FunctionError is "Unhandled" when the function failed, else "".
	FunctionError string
	// ExecutedVersion is "$LATEST" or a number.
	ExecutedVersion string
	RequestID       string
}

// Options are what a Service works with.
type Options struct {
	Region, Account string
	Clock           clock.Clock
	Invoker         Invoker
	// Guard decides who may call the API, and what the state machines' roles must allow.
	Guard *iam.Guard
	// Rand decides the jitter of retries, and what States.MathRandom and States.UUID give; nil is one seeded by chance.
	Rand *rand.Rand
	// Observe, when it is not nil, is told each event of each execution, one execution's in their order. It must return
	// soon, and must not start, stop or redrive anything.
	Observe func(executionARN string, e Event)
	// StatusChanged, when it is not nil, is told when an execution begins, is redriven or ends: what Step Functions tells
	// EventBridge. No lock is held meanwhile, and who waits for the end of an execution waits for this, too.
	StatusChanged func(StatusChange)
}

// Service is Step Functions.
type Service struct {
	opts Options
	http wire.JSONService

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	runs   sync.WaitGroup

	random sync.Mutex // guards opts.Rand

	mu         sync.Mutex // guards what follows, and what is in it
	machines   map[string]*machine
	executions map[string]*execution
	started    int64 // how many machines and executions there were so far
	closed     bool
}

// New makes a Service without any state machine.
func New(o Options) *Service {
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	s := &Service{opts: o, machines: map[string]*machine{}, executions: map[string]*execution{}}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.http = wire.JSONService{Target: "AWSStepFunctions", Version: "1.0", Operations: s.operations()}
	return s
}

// ServeHTTP speaks the API's protocol.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// Close ends all running executions where they are, without an event, and waits for them or for the context. Nothing can be
// started after it.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
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

// number counts machines and executions in the order of their making. The caller holds mu.
func (s *Service) number() int64 {
	s.started++
	return s.started
}

func (s *Service) fraction() float64 {
	s.random.Lock()
	defer s.random.Unlock()
	return s.opts.Rand.Float64()
}

func (s *Service) below(n int64) int64 {
	s.random.Lock()
	defer s.random.Unlock()
	return s.opts.Rand.Int64N(n)
}
