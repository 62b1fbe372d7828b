// Package lambda is the local AWS's Lambda: it runs the functions' own binaries as child processes, which talk to it through
// Lambda's Runtime API as they do on AWS.
package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

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
	// Role is the access key of the function's role.
	Role Credentials
}

// Credentials are those of an assumed role.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Options are what the service lives in.
type Options struct {
	Region, Account string
	// Endpoint is where all services answer: "http://127.0.0.1:4566".
	Endpoint string
	// LogFolder gets a file a function, with what it logs.
	LogFolder string
	// Hold is called when an invocation begins, and what it returns when the invocation ends. See clock.Scaled.
	Hold func() (release func())
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

	mu           sync.Mutex
	functions    map[string]Function
	environments map[string]*environment // by their identifiers, for the Runtime API
	idle         map[string][]*environment
	closed       bool
	running      sync.WaitGroup // processes
}

// New makes a service without functions.
func New(options Options) *Service {
	return &Service{
		options:      options,
		functions:    map[string]Function{},
		environments: map[string]*environment{},
		idle:         map[string][]*environment{},
	}
}

// Create deploys a function, or deploys it anew: environments of the old one finish what they do and are not used again.
func (s *Service) Create(f Function) {
	s.mu.Lock()
	old := s.idle[f.Name]
	delete(s.idle, f.Name)
	s.functions[f.Name] = f
	s.mu.Unlock()
	for _, e := range old {
		e.kill()
	}
}

// ARN is the function's.
func (s *Service) ARN(name string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.options.Region, s.options.Account, name)
}

// Invoke runs a function, given by its name or ARN, and waits for its answer. That the function failed is an answer; an
// error is Lambda's own, as a *wire.Error, or the context's.
func (s *Service) Invoke(ctx context.Context, function string, payload []byte) (Invocation, error) {
	defer s.options.Hold()()
	name := function
	if _, after, isARN := strings.Cut(function, ":function:"); isARN {
		name = strings.TrimSuffix(after, ":$LATEST")
	}
	for {
		e, err := s.acquire(name)
		if err != nil {
			return Invocation{}, err
		}
		answer, err := e.run(ctx, newCall(payload, e.function.Timeout))
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
	f, ok := s.functions[name]
	switch {
	case s.closed:
		return nil, &wire.Error{Code: "ServiceException", Message: "the local AWS is shutting down", Status: http.StatusInternalServerError}
	case !ok:
		return nil, &wire.Error{Code: "ResourceNotFoundException", Message: "Function not found: " + s.ARN(name), Status: http.StatusNotFound}
	}
	if idle := s.idle[name]; len(idle) > 0 {
		e := idle[len(idle)-1]
		s.idle[name] = idle[:len(idle)-1]
		return e, nil
	}
	return s.start(f)
}

// release makes an environment wait for the next call of its function.
func (s *Service) release(e *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !e.alive() {
		return
	}
	if s.closed || s.functions[e.function.Name].Binary != e.function.Binary {
		go e.kill()
		return
	}
	s.idle[e.function.Name] = append(s.idle[e.function.Name], e)
}

// Close kills all processes and waits until they are gone.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	for _, e := range s.environments {
		e.kill()
	}
	s.mu.Unlock()
	s.running.Wait()
}

// ServeHTTP answers the Invoke operation of Lambda's API, and the Runtime API below runtimePath.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, runtimePath) {
		s.serveRuntime(w, r)
		return
	}
	name, isInvoke := strings.CutPrefix(r.URL.Path, "/2015-03-31/functions/")
	name, isInvocation := strings.CutSuffix(name, "/invocations")
	if !isInvoke || !isInvocation || r.Method != http.MethodPost {
		refuse(w, &wire.Error{Code: "UnknownOperationException", Message: "the local Lambda does not have the operation " + r.Method + " " + r.URL.Path, Status: http.StatusNotFound})
		return
	}
	s.serveInvoke(w, r, name)
}

// maxPayload is Lambda's limit of a request and of an answer.
const maxPayload = 6 << 20

func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request, name string) {
	if kind := r.Header.Get("X-Amz-Invocation-Type"); kind != "" && kind != "RequestResponse" {
		refuse(w, wire.Errorf("InvalidParameterValueException", "the local Lambda does not have the invocation type %s", kind))
		return
	}
	payload, tooLarge := readLimited(r.Body)
	if tooLarge {
		refuse(w, &wire.Error{Code: "RequestTooLargeException", Message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation", Status: http.StatusRequestEntityTooLarge})
		return
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if !json.Valid(payload) {
		refuse(w, wire.Errorf("InvalidRequestContentException", "Could not parse request body into json"))
		return
	}
	answer, err := s.Invoke(r.Context(), name, payload)
	if err != nil {
		refuse(w, wire.AsError(err))
		return
	}
	w.Header().Set("X-Amzn-RequestId", answer.RequestID)
	w.Header().Set("X-Amz-Executed-Version", answer.ExecutedVersion)
	if answer.FunctionError != "" {
		w.Header().Set("X-Amz-Function-Error", answer.FunctionError)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer.Payload) // the client has gone: nobody is left to tell
}

func refuse(w http.ResponseWriter, e *wire.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	w.Header().Set("X-Amzn-RequestId", wire.NewRequestID())
	w.WriteHeader(e.HTTPStatus())
	_ = json.NewEncoder(w).Encode(map[string]string{"Type": "User", "Message": e.Message})
}
