package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"snaplake/local/internal/wire"
)

// environment is a running process of a function. It handles one call at a time. Its timestamps are in real time.
type environment struct {
	id       string
	function *Function
	process  *os.Process
	calls    chan *call    // the process receives them through the Runtime API's "next"
	exited   chan struct{} // closed when the process has ended
	reason   string        // why the process exited
	arn      string        // the ARN of the function
	logs     bool          // whether the role may write logs
	warm     bool          // whether the process has handled a call; only the goroutine that uses the environment accesses warm and cpu
	cpu      time.Duration // processor time at the last report
	started  time.Time
	expiry   *time.Timer // ends an idle process; guarded by the service's mu
	overdue  atomic.Bool // whether the process was killed because of a timeout

	mu      sync.Mutex
	current *call
	asked   time.Time // when the process requested its first call
}

// call is one invocation.
type call struct {
	requestID string
	payload   []byte
	began     time.Time
	deadline  time.Time // in real time, like the clock of the process
	handed    time.Time // real time at which the process received the call; accessed only by the goroutine that uses the environment
	tooLarge  bool      // whether a fault makes the response too large
	answered  chan Invocation
}

func (s *Service) newCall(payload []byte, timeout time.Duration) *call {
	return &call{
		requestID: wire.NewRequestID(), payload: payload, began: s.options.Clock.Now(), deadline: time.Now().Add(timeout),
		answered: make(chan Invocation, 1),
	}
}

// answer delivers the first response to a call. Later responses are discarded, as on AWS.
func (c *call) answer(payload []byte, functionError string) {
	select {
	case c.answered <- Invocation{Payload: payload, FunctionError: functionError, RequestID: c.requestID}:
	default:
	}
}

// fail returns the response that Lambda creates for a failed call.
func (c *call) fail(errorType, format string, args ...any) Invocation {
	payload, _ := json.Marshal(map[string]string{ // cannot fail for strings
		"errorType":    errorType,
		"errorMessage": "RequestId: " + c.requestID + " Error: " + fmt.Sprintf(format, args...),
	})
	return Invocation{Payload: payload, FunctionError: "Unhandled", RequestID: c.requestID}
}

// start starts a process for the function f. The caller must hold the lock.
func (s *Service) start(f *Function) (*environment, error) {
	log, err := s.openLog(f.Name)
	if err != nil {
		return nil, fmt.Errorf("open the log of function %s: %w", f.Name, err)
	}
	defer log.Close() // the process has its own descriptor
	e := &environment{id: wire.NewRequestID(), function: f, arn: s.ARN(f.Name), calls: make(chan *call), exited: make(chan struct{})}
	cmd := exec.Command(f.Binary)
	cmd.Dir = filepath.Dir(f.Binary)
	cmd.Env = s.variables(f, e.id)
	if e.logs = s.mayLog(f, e.id); e.logs {
		cmd.Stdout, cmd.Stderr = log, log
	}
	// Ctrl-C in the terminal signals a whole process group. Each function has its own group, so Ctrl-C does not end the function.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	e.started = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start function %s: %w", f.Name, err)
	}
	e.process = cmd.Process
	s.environments[e.id] = e
	s.running.Go(func() {
		err := cmd.Wait()
		e.reason = "Runtime exited without providing a reason"
		if err != nil {
			e.reason = "Runtime exited with error: " + err.Error()
		}
		close(e.exited)
		s.mu.Lock()
		delete(s.environments, e.id)
		s.mu.Unlock()
	})
	return e, nil
}

// variables returns Lambda's reserved variables (Lambda guide, "Using Lambda environment variables"), the endpoint of the local AWS, and
// the function's own variables. The caller must hold the lock.
func (s *Service) variables(f *Function, environment string) []string {
	host := strings.TrimPrefix(s.options.Endpoint, "http://")
	all := map[string]string{
		"_HANDLER":                        filepath.Base(f.Binary),
		"AWS_ACCESS_KEY_ID":               f.Role.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           f.Role.SecretAccessKey,
		"AWS_SESSION_TOKEN":               f.Role.SessionToken + "/" + environment, // for Kill and TimeOut
		"AWS_REGION":                      s.options.Region,
		"AWS_DEFAULT_REGION":              s.options.Region,
		"AWS_EXECUTION_ENV":               "AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_NAME":        f.Name,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemorySize),
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       f.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      environment,
		"AWS_LAMBDA_RUNTIME_API":          host + runtimePath + environment,
		"AWS_ENDPOINT_URL":                s.options.Endpoint,
		"LAMBDA_TASK_ROOT":                filepath.Dir(f.Binary),
		"LANG":                            "en_US.UTF-8",
		"TZ":                              ":UTC",
	}
	if f.Layer != "" { // on AWS, the layer is unpacked into /opt
		all["SNAPLAKE_LAYER"] = f.Layer
	}
	maps.Copy(all, f.Environment)
	list := make([]string, 0, len(all))
	for k, v := range all {
		list = append(list, k+"="+v)
	}
	return list
}

// errStale means that an idle process ended before it received the call.
var errStale = errors.New("the execution environment has ended")

// run passes a call to the process and waits for the outcome.
func (s *Service) run(ctx context.Context, e *environment, c *call) (Invocation, error) {
	timeout := time.NewTimer(time.Until(c.deadline))
	defer timeout.Stop()
	next := e.calls
	for {
		select {
		case next <- c:
			next, c.handed = nil, time.Now()
		case answer := <-c.answered:
			s.report(e, c, statusOf(answer))
			e.warm = true
			return answer, nil
		case <-e.exited:
			return s.exited(e, c, next == nil)
		case <-timeout.C:
			s.report(e, c, "timeout")
			e.kill()
			return s.timedOut(e, c), nil
		case <-ctx.Done():
			return Invocation{}, ctx.Err()
		}
	}
}

// exited returns the outcome of a call whose process has ended. handed is true if the process had received the call.
func (s *Service) exited(e *environment, c *call, handed bool) (Invocation, error) {
	select {
	case answer := <-c.answered: // the response arrived before the process ended
		s.report(e, c, statusOf(answer))
		return answer, nil
	default:
	}
	switch {
	case !handed && e.warm:
		return Invocation{}, errStale
	case e.overdue.Load():
		s.report(e, c, "timeout")
		return s.timedOut(e, c), nil
	}
	s.report(e, c, "failure")
	return c.fail("Runtime.ExitError", "%s", e.reason), nil
}

func statusOf(answer Invocation) string {
	if answer.FunctionError != "" {
		return "error"
	}
	return "success"
}

// initialized returns the time from the start of the process to its first request for a call, or 0 if there was no request.
func (e *environment) initialized() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asked.IsZero() {
		return 0
	}
	return e.asked.Sub(e.started)
}

func (e *environment) alive() bool {
	select {
	case <-e.exited:
		return false
	default:
		return true
	}
}

// kill kills the process and waits for it to exit.
func (e *environment) kill() {
	if err := e.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return // the process no longer exists
	}
	<-e.exited
}
