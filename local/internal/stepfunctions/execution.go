package stepfunctions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// Status of an execution.
type Status string

// The statuses of a standard workflow's execution.
const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// Execution is one execution of a state machine, as it is at one moment.
type Execution struct {
	ARN, Name, StateMachineARN string
	Status                     Status
	// Input and Output are JSON texts. Output is "" until the execution has succeeded.
	Input, Output string
	// Error and Cause are why it failed or was stopped; either may be "".
	Error, Cause string
	StartedAt    time.Time
	// StoppedAt is zero while it runs.
	StoppedAt time.Time
	// RedriveCount is how often it was redriven so far, RedrivenAt when it was last.
	RedriveCount int
	RedrivenAt   time.Time
}

// execution is what the service knows of one. The service's mu guards it, except for telling.
type execution struct {
	Execution
	number   int64
	revision *revision
	history  []Event
	position position
	run      *run          // nil when it does not run
	over     chan struct{} // the last run's
	tokens   []token       // of the last redrives

	telling sync.Mutex // held while an event is written and told
}

// position is where an execution is, or ended: in a state, or before one that it has not entered yet.
type position struct {
	// state is "" when the last one was exited.
	state string
	// input of the state; after the last state, the output of the execution.
	input any
	// enteredID is the event of the state's entry, 0 before.
	enteredID int64
	enteredAt time.Time
	// after is the event that the next one follows.
	after int64
}

// kept is how long AWS keeps an execution after its end. Then its name is free again (API reference, StartExecution; Step
// Functions guide, "Step Functions service quotas").
const kept = 90 * 24 * time.Hour

// maxOpen is the longest time that an execution may be open, redrives and all (Step Functions guide, "Step Functions service
// quotas").
const maxOpen = 365 * 24 * time.Hour

// StartExecution starts an execution and returns its ARN. Without a name it is given one; without an input it is "{}". With
// the name and the input of an execution that runs it returns that one's ARN.
func (s *Service) StartExecution(machineARN, name, input string) (string, error) {
	if input == "" {
		input = "{}"
	}
	if name == "" {
		name = wire.NewRequestID()
	}
	e, err := s.start(machineARN, name, input)
	return e.ARN, err
}

func (s *Service) start(machineARN, name, input string) (Execution, error) {
	if err := checkNameLength(name); err != nil {
		return Execution{}, err
	}
	if err := checkInputSize(input); err != nil {
		return Execution{}, err
	}
	e, r, err := s.admit(machineARN, name, input)
	if err != nil || r == nil {
		return e, err
	}
	s.tell(r, 0, "ExecutionStarted", withInput(Details{RoleARN: r.revision.RoleARN}, input), nil)
	r.execution.telling.Unlock()
	s.changed(r.began)
	go r.main()
	return e, nil
}

func parseInput(input string) (any, error) {
	v, err := asl.Decode([]byte(input))
	if err != nil {
		return nil, wire.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	}
	return v, nil
}

// admit makes an execution, or returns one that runs under the same name with the same input, and then no run. It leaves
// telling locked in an execution that it makes: nobody stops it before its first event.
func (s *Service) admit(machineARN, name, input string) (Execution, *run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(machineARN)
	if err != nil {
		return Execution{}, nil, err
	}
	if err := checkName(name); err != nil {
		return Execution{}, nil, err
	}
	data, err := parseInput(input)
	if err != nil {
		return Execution{}, nil, err
	}
	s.forget()
	if s.closed {
		return Execution{}, nil, errClosed()
	}
	arn := s.arn("execution", m.Name+":"+name)
	if e, ok := s.executions[arn]; ok {
		if e.Status != Running || e.Input != input {
			return Execution{}, nil, wire.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", arn)
		}
		return e.Execution, nil, nil
	}
	e := &execution{
		Execution: Execution{ARN: arn, Name: name, StateMachineARN: m.arn, Input: input, StartedAt: s.opts.Clock.Now()},
		number:    s.number(), revision: m.revision, position: position{state: m.parsed.StartAt, input: data},
	}
	e.telling.Lock()
	s.executions[arn] = e
	return e.Execution, s.begin(e), nil
}

func errClosed() error {
	return &wire.Error{Code: "ServiceUnavailable", Message: "the local AWS is shutting down", Status: 503}
}

// begin makes the run of an execution that starts or is redriven. The caller holds mu, and starts it.
func (s *Service) begin(e *execution) *run {
	r := &run{service: s, execution: e, revision: e.revision, at: e.position, over: make(chan struct{})}
	caller := iam.Caller{Role: e.revision.RoleARN, Session: e.Name}
	r.ctx, r.cancel = context.WithCancel(iam.WithCaller(s.ctx, caller))
	r.ctx, r.release = s.opts.Clock.Hold(r.ctx)
	now := s.opts.Clock.Now()
	r.deadline = e.StartedAt.Add(maxOpen)
	if t := e.revision.parsed.Timeout; t > 0 && now.Add(t).Before(r.deadline) {
		r.deadline = now.Add(t)
	}
	e.Status, e.run, e.over = Running, r, r.over
	r.began = e.statusChange(now)
	s.runs.Add(1)
	return r
}

// end is the end of an execution for now. The caller holds the service's mu.
func (e *execution) end(status Status, at time.Time, d *Details) {
	e.Status, e.StoppedAt = status, at
	e.Error, e.Cause, e.Output = d.Error, d.Cause, d.Output
	if status == TimedOut {
		e.Error = "" // the history alone says States.Timeout
	}
	e.run.ended = e.statusChange(at)
	e.run.cancel()
	e.run = nil
}

// StopExecution aborts an execution. errorName and cause may be empty. One that is over already stays as it is.
func (s *Service) StopExecution(executionARN, errorName, cause string) error {
	_, err := s.stop(executionARN, errorName, cause)
	return err
}

func (s *Service) stop(arn, errorName, cause string) (time.Time, error) {
	s.mu.Lock()
	e, err := s.execution(arn)
	if err != nil {
		s.mu.Unlock()
		return time.Time{}, err
	}
	r := e.run
	s.mu.Unlock()
	if r != nil {
		d := &Details{Error: errorName, Cause: cause}
		s.record(r, 0, "ExecutionAborted", d, func(e *execution) { e.end(Aborted, s.opts.Clock.Now(), d) })
	}
	stopped, err := s.DescribeExecution(arn)
	return stopped.StoppedAt, err
}

// DescribeExecution returns an execution as it is now.
func (s *Service) DescribeExecution(arn string) (Execution, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(arn)
	if err != nil {
		return Execution{}, err
	}
	return e.Execution, nil
}

// Wait returns an execution when it is over and everybody is told, or when the context is, with the context's error.
func (s *Service) Wait(ctx context.Context, arn string) (Execution, error) {
	s.mu.Lock()
	e, err := s.execution(arn)
	if err != nil {
		s.mu.Unlock()
		return Execution{}, err
	}
	over := e.over
	s.mu.Unlock()
	select {
	case <-over:
		return s.DescribeExecution(arn)
	case <-s.ctx.Done():
		return Execution{}, fmt.Errorf("wait for execution %s: %w", arn, errClosed())
	case <-ctx.Done():
		return Execution{}, ctx.Err()
	}
}

// History returns the events of an execution so far.
func (s *Service) History(arn string) ([]Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(arn)
	if err != nil {
		return nil, err
	}
	return slices.Clone(e.history), nil
}

// forget drops the executions that AWS does not keep any longer. The caller holds mu.
func (s *Service) forget() {
	now := s.opts.Clock.Now()
	maps.DeleteFunc(s.executions, func(_ string, e *execution) bool { return e.run == nil && now.Sub(e.StoppedAt) > kept })
}

// execution finds one. The caller holds mu.
func (s *Service) execution(arn string) (*execution, error) {
	if err := checkARN(arn, "execution"); err != nil {
		return nil, err
	}
	s.forget()
	e, ok := s.executions[arn]
	if !ok {
		return nil, wire.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
	}
	return e, nil
}
