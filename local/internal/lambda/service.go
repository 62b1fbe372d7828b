// Package lambda is the local AWS's Lambda: it runs the functions' own binaries as child processes, which talk to it through
// Lambda's Runtime API as they do on AWS.
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

// Function is a function as it is deployed.
type Function struct {
	Name string
	// Binary is the file that runs.
	Binary string
	// Environment is what the template sets and what Lambda adds of its own; the process gets nothing else.
	Environment map[string]string
	// Timeout of one invocation, in real time: the process lives there.
	Timeout time.Duration
	// MemorySize in MB. The function is told it; nothing enforces it here.
	MemorySize int
	// RoleARN is the role that the function works with, and Lambda for it.
	RoleARN string
	// Role is the access key of the role.
	Role Credentials
	// LogGroup is the name of the log group; "" is the one that Lambda takes by itself, /aws/lambda/NAME.
	LogGroup string
	// Layers are the ARNs of the layers' versions: none, or one, whose folder the process finds in SNAPLAKE_LAYER.
	Layers []string
	// Tracing is the mode Active: Lambda sends a trace of each invocation to X-Ray.
	Tracing bool
	// DeadLetterQueue is the ARN of the queue that gets the events on which the function fails; "" means that they are lost.
	DeadLetterQueue string
}

// Credentials are those of an assumed role.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Queues is SQS.
type Queues interface {
	Send(queueARN, body string, attributes map[string]string) error
}

// Options are what the service lives in.
type Options struct {
	Region, Account string
	// Endpoint is where all services answer: "http://127.0.0.1:4566".
	Endpoint string
	// LogFolder gets a file a function, with what it logs.
	LogFolder string
	// Clock is what passes between the attempts at an event, and is held while a function works.
	Clock clock.Clock
	// Queues has the functions' dead-letter queues.
	Queues Queues
	// Store has the archives of layers; only PublishLayerVersion uses it.
	Store Store
	// Guard decides who may invoke a function, and what its role must allow.
	Guard *iam.Guard
	// Faults says what goes wrong; nil is nothing.
	Faults *fault.Plan
	// Reported is told of each invocation that is over, before its caller has the answer; by several goroutines at once.
	Reported func(Report)
}

// Invocation is the answer of a function.
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

	ctx    context.Context // of the events; ends with Close
	cancel context.CancelFunc

	mu           sync.Mutex
	functions    map[string]*Function    // another one after each change; none ever changes itself
	layers       map[string]layerVersion // by the ARNs of the versions
	versions     map[string]int64        // of the layers, by their names: the newest
	environments map[string]*environment // by their identifiers, for the Runtime API
	idle         map[string][]*environment
	events       map[chan struct{}]bool // the accepted ones: each is closed, and taken out, when it is done with
	closed       bool
	running      sync.WaitGroup // processes
}

// New makes a service without functions.
func New(options Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{
		ctx:          ctx,
		cancel:       cancel,
		options:      options,
		functions:    map[string]*Function{},
		layers:       map[string]layerVersion{},
		versions:     map[string]int64{},
		environments: map[string]*environment{},
		idle:         map[string][]*environment{},
		events:       map[chan struct{}]bool{},
	}
	s.api = s.routes()
	return s
}

// Create deploys a function, or deploys it anew: environments of the old one finish what they do and are not used again. A
// role that Lambda may not assume is refused, one that may not send to the function's dead-letter queue, and a layer that there is
// not.
func (s *Service) Create(f Function) error {
	// Lambda does not document that it passes aws:SourceAccount or aws:SourceArn, so that a trust policy cannot ask for them.
	if err := s.options.Guard.Assume("lambda.amazonaws.com", f.RoleARN, nil); err != nil {
		return wire.Errorf("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
	}
	if f.DeadLetterQueue != "" && s.mayBury(&f) != nil {
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
	s.deploy(&f)
	return nil
}

// deploy puts a function in the place of an old one, and ends the environments of that which wait for a call. The caller holds
// the lock.
func (s *Service) deploy(f *Function) {
	s.functions[f.Name] = f
	for _, e := range s.idle[f.Name] {
		e.kill()
	}
	delete(s.idle, f.Name)
}

// ARN is the function's.
func (s *Service) ARN(name string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.options.Region, s.options.Account, name)
}

// Function is the function of a name, as it is deployed.
func (s *Service) Function(name string) (Function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(name)
	if err != nil {
		return Function{}, err
	}
	return *f, nil
}

// Invoke runs a function, given by its name or ARN, and waits for its answer. That the function failed is an answer; an
// error is Lambda's own, as a *wire.Error, or the context's.
func (s *Service) Invoke(ctx context.Context, function string, payload []byte) (Invocation, error) {
	if err := s.mayInvoke(ctx, function); err != nil {
		return Invocation{}, err
	}
	return s.invoke(ctx, nameOf(function), payload)
}

// mayInvoke refuses callers who may not invoke a function.
func (s *Service) mayInvoke(ctx context.Context, function string) error {
	arn := function
	if !strings.HasPrefix(function, "arn:") {
		arn = s.ARN(function)
	}
	return s.may(ctx, iam.Call{Action: "lambda:InvokeFunction", Resource: arn})
}

// may tells why the caller may not make the calls, in Lambda's words.
func (s *Service) may(ctx context.Context, calls ...iam.Call) error {
	err := s.options.Guard.Check(ctx, calls...)
	if d, denied := errors.AsType[*iam.Denied](err); denied {
		return &wire.Error{Code: "AccessDeniedException", Message: d.Error(), Status: http.StatusForbidden}
	}
	return err
}

// nameOf is the name of a function that is given by its name or ARN.
func nameOf(function string) string {
	if _, name, isARN := strings.Cut(function, ":function:"); isARN {
		return strings.TrimSuffix(name, ":$LATEST")
	}
	return function
}

// invoke is Invoke, for those who may.
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

// acquire takes a waiting environment of a function, or starts one.
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

// function is a function that can be invoked. The caller holds the lock.
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

// release makes an environment wait for the next call of its function.
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

// Close kills all processes and waits until they are gone. Events that no function has handled are lost.
func (s *Service) Close() {
	s.cancel()
	s.mu.Lock()
	s.closed = true
	for _, e := range s.environments {
		e.kill()
	}
	s.mu.Unlock()
	_ = s.Settle(context.Background()) // which never ends
	s.running.Wait()
}
