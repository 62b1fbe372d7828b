// Package lambda implements Lambda for the local AWS. It runs the real binaries of the functions as child processes, which call the Runtime
// API as they do on AWS. The functions and layers come from the template.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
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
	// Binary is the path of the executable.
	Binary string
	// Environment holds the environment variables in the template. The process receives only these and Lambda's own variables.
	Environment map[string]string
	// Timeout is the maximum duration of an invocation, in real time.
	Timeout time.Duration
	// MemorySize is the memory setting in MB. The function can read the setting, which is not enforced.
	MemorySize int
	// RoleARN is the ARN of the execution role.
	RoleARN string
	// Role holds the credentials of the execution role.
	Role Credentials
	// LogGroup is the name of the log group. "" means Lambda's default, /aws/lambda/NAME.
	LogGroup string
	// Layer is the absolute path of the folder with the files of the layer, which SNAPLAKE_LAYER names, or "" if there is no layer.
	Layer string
	// Tracing is true for the tracing mode Active, in which Lambda sends a trace of each invocation to X-Ray.
	Tracing bool
	// DeadLetterQueue is the ARN of the queue for events that the function fails to handle. If it is "", these events are lost.
	DeadLetterQueue string
}

// Credentials are the credentials of an assumed role.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Options configure a service.
type Options struct {
	Region, Account string
	// Endpoint is the URL of all services, for example "http://127.0.0.1:4566".
	Endpoint string
	// LogFolder is the folder for the log files, one per function.
	LogFolder string
	// Clock measures the pauses between the retries of an event. It runs in real time while a function is running.
	Clock clock.Clock
	// SendDeadLetter sends a message to an SQS queue.
	SendDeadLetter func(queueARN, body string, attributes map[string]string) error
	// Guard decides who may invoke a function, and what the function's role may do.
	Guard *iam.Guard
	// Faults decides which faults to inject. If nil, no faults are injected.
	Faults *fault.Plan
	// Reported, if set, is called after each invocation, before the caller receives the response. It may be called concurrently.
	Reported func(Report)
	// MaxIdle is the real time after which an idle process ends, or 0 for never. AWS does not document a value.
	MaxIdle time.Duration
}

// Invocation is the result of invoking a function.
type Invocation struct {
	Payload []byte
	// FunctionError is "Unhandled" if the function failed. Payload is then a JSON object with errorType and errorMessage.
	FunctionError string
	RequestID     string
}

// Service is the local Lambda.
type Service struct {
	options Options

	ctx    context.Context // for the handling of events; Close cancels it, before it locks mu
	cancel context.CancelFunc

	mu           sync.Mutex
	functions    map[string]*Function    // by name; a change replaces the Function
	environments map[string]*environment // by identifier, for the Runtime API
	idle         map[string][]*environment
	events       map[chan struct{}]bool // a channel per accepted event, closed and deleted when the event is handled
	running      sync.WaitGroup         // counts the processes
}

// New returns a service without functions.
func New(options Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	return &Service{
		ctx:          ctx,
		cancel:       cancel,
		options:      options,
		functions:    map[string]*Function{},
		environments: map[string]*environment{},
		idle:         map[string][]*environment{},
		events:       map[chan struct{}]bool{},
	}
}

// Create deploys a function or replaces it. It returns an error if Lambda may not assume the role, or if the role may not send to
// the dead-letter queue.
func (s *Service) Create(f Function) error {
	// Lambda does not document that it sends aws:SourceAccount or aws:SourceArn, so a trust policy cannot rely on them.
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

// Function returns the function with the given name. It returns an error if the function does not exist.
func (s *Service) Function(name string) (Function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, found := s.functions[name]
	if !found {
		return Function{}, notFound(s.ARN(name))
	}
	return *f, nil
}

// Invoke invokes the function with the given name or ARN. It returns an error only if Lambda itself fails or ctx is done.
func (s *Service) Invoke(ctx context.Context, function string, payload []byte) (Invocation, error) {
	if err := s.mayInvoke(ctx, function); err != nil {
		return Invocation{}, err
	}
	return s.invoke(ctx, nameOf(function), payload)
}

// mayInvoke returns Lambda's error if the caller may not invoke a function.
func (s *Service) mayInvoke(ctx context.Context, function string) error {
	arn := function
	if !strings.HasPrefix(function, "arn:") {
		arn = s.ARN(function)
	}
	return s.checkCalls(ctx, iam.Call{Action: "lambda:InvokeFunction", Resource: arn})
}

// checkCalls returns Lambda's error if the caller is not allowed to make the calls.
func (s *Service) checkCalls(ctx context.Context, calls ...iam.Call) error {
	err := s.options.Guard.Check(ctx, calls...)
	if d, denied := errors.AsType[*iam.Denied](err); denied {
		return &wire.Error{Code: "AccessDeniedException", Message: d.Error(), Status: http.StatusForbidden}
	}
	return err
}

// nameOf returns the name of a function, given its name or ARN.
func nameOf(function string) string {
	if _, name, isARN := strings.Cut(function, ":function:"); isARN {
		return strings.TrimSuffix(name, ":$LATEST")
	}
	return function
}

// invoke is Invoke without the permission check.
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
		if e.expiry != nil {
			e.expiry.Stop()
		}
		return e, nil
	}
	return s.start(f)
}

// function returns the deployed function with the given name. The caller must hold the lock.
func (s *Service) function(name string) (*Function, error) {
	f, ok := s.functions[name]
	switch {
	case s.ctx.Err() != nil:
		return nil, &wire.Error{Code: "ServiceException", Message: "the local AWS is shutting down", Status: http.StatusInternalServerError}
	case !ok:
		return nil, notFound(s.ARN(name) + ":$LATEST")
	default:
		return f, nil
	}
}

// notFound returns Lambda's error for a function that does not exist. Invoke names the version of the function, too.
func notFound(arn string) error {
	return &wire.Error{Code: "ResourceNotFoundException", Message: "Function not found: " + arn, Status: http.StatusNotFound}
}

// release makes an environment available for the next call.
func (s *Service) release(e *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !e.alive() {
		return
	}
	if s.ctx.Err() != nil || s.functions[e.function.Name] != e.function {
		go e.kill()
		return
	}
	s.idle[e.function.Name] = append(s.idle[e.function.Name], e)
	if s.options.MaxIdle > 0 {
		e.expiry = time.AfterFunc(s.options.MaxIdle, func() { s.expire(e) })
	}
}

// expire kills a process unless it has received a call since it became idle.
func (s *Service) expire(e *environment) {
	s.mu.Lock()
	idle := s.idle[e.function.Name]
	i := slices.Index(idle, e)
	if i >= 0 {
		s.idle[e.function.Name] = slices.Delete(slices.Clone(idle), i, i+1)
	}
	s.mu.Unlock()
	if i >= 0 {
		e.kill()
	}
}

// Close kills all processes and waits until they have ended. Unhandled events are lost.
func (s *Service) Close() {
	s.cancel()
	s.mu.Lock()
	for _, e := range s.environments {
		_ = e.process.Kill() // fails for a process that has ended
	}
	s.mu.Unlock()
	_ = s.Settle(context.Background())
	s.running.Wait()
}
