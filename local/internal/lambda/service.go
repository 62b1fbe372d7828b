// Package lambda is the local AWS's Lambda. It runs the real binaries of the functions as child processes, which call Lambda's
// Runtime API as they do on AWS.
//
// It implements Lambda's function invocation, with retries and a dead-letter queue for asynchronous events,
// GetFunctionConfiguration for make doctor, the report of each invocation, and the use of the function's role. It refuses all other
// operations, since the template deploys functions and layers.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Function is a deployed function.
type Function struct {
	Name string
	// Binary is the executable.
	Binary string
	// Environment are the variables of the template. The process gets these and Lambda's own, and no others.
	Environment map[string]string
	// Timeout of one invocation, in real time.
	Timeout time.Duration
	// MemorySize in MB. The function can read it, and nothing enforces it here.
	MemorySize int
	// RoleARN is the execution role.
	RoleARN string
	// Role is the access key of the role.
	Role Credentials
	// LogGroup is the name of the log group; "" stands for Lambda's default, /aws/lambda/NAME.
	LogGroup string
	// Layers has the ARN of at most one layer version. The process finds its folder in SNAPLAKE_LAYER.
	Layers []string
	// Tracing is the mode Active: Lambda sends a trace of each invocation to X-Ray.
	Tracing bool
	// DeadLetterQueue is the ARN of the queue for the events that the function fails to handle; without it, they are lost.
	DeadLetterQueue string
}

// Credentials are those of an assumed role.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Queues is SQS.
type Queues interface {
	Send(queueARN, body string, attributes map[string]string) error
}

// Options configure a service.
type Options struct {
	Region, Account string
	// Endpoint is the URL of all services, for example "http://127.0.0.1:4566".
	Endpoint string
	// LogFolder gets one log file per function.
	LogFolder string
	// Clock is the time between the attempts to handle an event. It is held while a function works.
	Clock clock.Clock
	// Queues has the functions' dead-letter queues.
	Queues Queues
	// Guard decides who may invoke a function, and what its role may do.
	Guard *iam.Guard
	// Faults are the faults to inject; nil means none.
	Faults *fault.Plan
	// Reported is called after each invocation, before its caller gets the answer. Several goroutines may call it at once.
	Reported func(Report)
}

// Invocation is the response of a function.
type Invocation struct {
	Payload []byte
	// FunctionError is "Unhandled" when the function failed; Payload then holds {"errorType", "errorMessage"}.
	FunctionError   string
	ExecutedVersion string
	RequestID       string
}

// Service runs functions.
type Service struct {
	options Options
	api     http.Handler

	ctx    context.Context // of the events; Close cancels it
	cancel context.CancelFunc

	mu           sync.Mutex
	functions    map[string]*Function    // by name; a change replaces the Function
	layers       map[string]string       // folders by the ARN of the layer version
	versions     map[string]int          // the newest version by layer name
	environments map[string]*environment // by identifier, for the Runtime API
	idle         map[string][]*environment
	events       map[chan struct{}]bool // accepted events; each is closed and deleted when it is handled
	closed       bool
	running      sync.WaitGroup // processes
}

// New returns a service without functions.
func New(options Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{
		ctx:          ctx,
		cancel:       cancel,
		options:      options,
		functions:    map[string]*Function{},
		layers:       map[string]string{},
		versions:     map[string]int{},
		environments: map[string]*environment{},
		idle:         map[string][]*environment{},
		events:       map[chan struct{}]bool{},
	}
	s.api = s.routes()
	return s
}

// Create deploys a function, or deploys it again: environments of the old one finish their calls and get no others. It refuses a role
// that Lambda may not assume or that may not send to the dead-letter queue, and a layer that does not exist.
func (s *Service) Create(f Function) error {
	// Lambda does not document that it sends aws:SourceAccount or aws:SourceArn, so that a trust policy cannot compare them.
	if err := s.options.Guard.Assume("lambda.amazonaws.com", f.RoleARN, nil); err != nil {
		return wire.Errorf("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
	}
	if f.DeadLetterQueue != "" && s.maySendDeadLetter(&f) != nil {
		return wire.Errorf("InvalidParameterValueException", "The provided execution role does not have permissions to call SendMessage on SQS")
	}
	if f.LogGroup == "" {
		f.LogGroup = "/aws/lambda/" + f.Name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkLayers(f.Layers); err != nil {
		return err
	}
	s.functions[f.Name] = &f
	for _, e := range s.idle[f.Name] {
		e.kill()
	}
	delete(s.idle, f.Name)
	return nil
}

// ARN returns the ARN of a function.
func (s *Service) ARN(name string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.options.Region, s.options.Account, name)
}

// Function returns the function with this name.
func (s *Service) Function(name string) (Function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(name)
	if err != nil {
		return Function{}, err
	}
	return *f, nil
}

// Invoke runs a function, given by name or ARN, and waits for its response. The failure of a function is a response; an error is
// Lambda's own, a *wire.Error, or the context's.
func (s *Service) Invoke(ctx context.Context, function string, payload []byte) (Invocation, error) {
	if err := s.mayInvoke(ctx, function); err != nil {
		return Invocation{}, err
	}
	return s.invoke(ctx, nameOf(function), payload)
}

// mayInvoke refuses callers without permission to invoke a function.
func (s *Service) mayInvoke(ctx context.Context, function string) error {
	arn := function
	if !strings.HasPrefix(function, "arn:") {
		arn = s.ARN(function)
	}
	return s.may(ctx, iam.Call{Action: "lambda:InvokeFunction", Resource: arn})
}

// may returns Lambda's error when the caller may not make the calls.
func (s *Service) may(ctx context.Context, calls ...iam.Call) error {
	err := s.options.Guard.Check(ctx, calls...)
	if d, denied := errors.AsType[*iam.Denied](err); denied {
		return &wire.Error{Code: "AccessDeniedException", Message: d.Error(), Status: http.StatusForbidden}
	}
	return err
}

// nameOf returns the name of a function that is given by name or ARN.
func nameOf(function string) string {
	if _, name, isARN := strings.Cut(function, ":function:"); isARN {
		return strings.TrimSuffix(name, ":$LATEST")
	}
	return function
}

// invoke is Invoke without the check of permissions.
func (s *Service) invoke(ctx context.Context, name string, payload []byte) (Invocation, error) {
	ctx, release := s.options.Clock.Hold(ctx)
	defer release()
	planned := s.planned(name)
	if err := refusal(planned); err != nil {
		return Invocation{}, err
	}
	for {
		e, err := s.acquire(name)
		if err != nil {
			return Invocation{}, err
		}
		s.trace(e.function)
		answer, err := s.attempt(ctx, e, s.newCall(payload, e.function.Timeout), planned)
		switch {
		case errors.Is(err, errStale):
			continue
		case err != nil:
			e.kill()
			return Invocation{}, err
		}
		s.release(e)
		return answer, nil
	}
}

// acquire returns an idle environment of a function, or starts one.
func (s *Service) acquire(name string) (*environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(name)
	if err != nil {
		return nil, err
	}
	if idle := s.idle[name]; len(idle) > 0 {
		e := idle[len(idle)-1]
		s.idle[name] = idle[:len(idle)-1]
		return e, nil
	}
	return s.start(f)
}

// function returns a function that can be invoked. The caller holds the lock.
func (s *Service) function(name string) (*Function, error) {
	f, ok := s.functions[name]
	switch {
	case s.closed:
		return nil, &wire.Error{Code: "ServiceException", Message: "the local AWS is shutting down", Status: http.StatusInternalServerError}
	case !ok:
		return nil, &wire.Error{Code: "ResourceNotFoundException", Message: "Function not found: " + s.ARN(name), Status: http.StatusNotFound}
	default:
		return f, nil
	}
}

// release makes an environment idle.
func (s *Service) release(e *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !e.alive() {
		return
	}
	if s.closed || s.functions[e.function.Name] != e.function {
		go e.kill()
		return
	}
	s.idle[e.function.Name] = append(s.idle[e.function.Name], e)
}

// Close kills all processes and waits for their end. Unhandled events are lost.
func (s *Service) Close() {
	s.cancel()
	s.mu.Lock()
	s.closed = true
	for _, e := range s.environments {
		_ = e.process.Kill() // fails for a process that has ended
	}
	s.mu.Unlock()
	_ = s.Settle(context.Background())
	s.running.Wait()
}
