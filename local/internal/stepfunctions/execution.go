package stepfunctions

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// Status is the status of an execution.
type Status string

// These are the statuses of an execution. An execution that is running when it is saved becomes ABORTED.
const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// Execution is the state of an execution at a point in time.
type Execution struct {
	ARN, Name, StateMachineARN string
	Status                     Status
	// Input and Output are JSON. Output is empty until the execution has succeeded.
	Input, Output string
	// Error and Cause are the error name and the cause of a failed or stopped execution.
	Error, Cause string
	StartedAt    time.Time
	// StoppedAt is zero while the execution is running.
	StoppedAt    time.Time
	RedriveCount int
	// RedrivenAt is the time of the last redrive, or zero if there was none.
	RedrivenAt time.Time
}

// execution holds everything that the service stores about an execution. The service's mu guards it. Save saves the exported fields.
type execution struct {
	Execution
	// Machine is the revision of the state machine with which the execution was started.
	Machine  revision
	History  []Event
	Position position // where the execution starts, or where its last run ended

	over   chan struct{} // closed when the last run has ended and StatusChanged has returned
	number int           // executions that were started later have higher numbers
	run    *run          // the last run
	token  string        // clientToken of the last redrive
}

// position is the state that an execution has reached, and the input of that state.
type position struct {
	// State is the name of the current state, or "" after the last state.
	State string
	// Input is the input of the current state. After the last state, it is the output of the execution.
	Input any
	// EnteredID is the ID of the current state's StateEntered event, or 0 if the state has not been entered yet.
	EnteredID int64
	EnteredAt time.Time
	// previousID is the previousEventId of the event that is recorded next.
	previousID int64
}

const (
	// retention is the time for which a finished execution is kept. After that time, its name can be reused (API reference, StartExecution).
	retention = 90 * 24 * time.Hour
	// maxDuration is the limit on the duration of an execution, including redrives (Step Functions guide, "Step Functions service quotas").
	maxDuration = 365 * 24 * time.Hour
)

// executionName matches names that contain only characters that AWS recommends. AWS also accepts other characters.
var executionName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,80}$`)

// StartExecution starts an execution and returns its ARN. An empty name is replaced with a random one, and an empty input with "{}". If
// an execution with the same name and input is running, StartExecution returns the ARN of that execution.
func (s *Service) StartExecution(machineARN, name, input string) (string, error) {
	e, err := s.start(machineARN, cmp.Or(name, wire.NewRequestID()), cmp.Or(input, "{}"))
	return e.ARN, err
}

func (s *Service) start(machineARN, name, input string) (Execution, error) {
	if !executionName.MatchString(name) {
		return Execution{}, wire.Errorf("InvalidName", "Invalid Name: '%s'", name)
	}
	if len(input) > asl.MaxData {
		return Execution{}, invalid("input", "have size less than or equal to %d bytes in UTF-8 encoding", asl.MaxData)
	}
	data, err := asl.Decode([]byte(input))
	if err != nil {
		return Execution{}, wire.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	}
	e, r, err := s.add(machineARN, name, input, data)
	if err != nil || r == nil {
		return e, err
	}
	r.start("ExecutionStarted", Details{Input: input, RoleARN: r.execution.Machine.RoleARN})
	return e, nil
}

// add adds an execution and returns it with its run. If an execution with the same name and input is running, add returns that execution
// and a nil run.
func (s *Service) add(machineARN, name, input string, data any) (Execution, *run, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(machineARN)
	if err != nil {
		return Execution{}, nil, err
	}
	if s.ctx.Err() != nil {
		return Execution{}, nil, errClosed()
	}
	s.deleteExpired()
	arn := s.arn("execution", m.Name+":"+name)
	if e, ok := s.executions[arn]; ok {
		if e.Status != Running || e.Input != input {
			return Execution{}, nil, wire.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", arn)
		}
		return e.Execution, nil, nil
	}
	e := &execution{
		Execution: Execution{ARN: arn, Name: name, StateMachineARN: machineARN, Input: input, StartedAt: s.opts.Clock.Now()},
		Machine:   *m, Position: position{State: m.parsed.StartAt, Input: data},
	}
	s.started++
	e.number = s.started
	s.executions[arn] = e
	r := s.begin(e)
	return e.Execution, r, nil
}

// begin sets the status of an execution to RUNNING and returns a new run of it. The caller must hold mu, and must start the run.
func (s *Service) begin(e *execution) *run {
	r := &run{service: s, execution: e, at: e.Position, over: make(chan struct{})}
	caller := iam.Caller{Role: e.Machine.RoleARN, Session: e.Name}
	r.ctx, r.cancel = context.WithCancel(iam.WithCaller(s.ctx, caller))
	r.ctx, r.release = s.opts.Clock.Hold(r.ctx)
	now := s.opts.Clock.Now()
	r.deadline = e.StartedAt.Add(maxDuration)
	if t := e.Machine.parsed.Timeout; t > 0 && now.Add(t).Before(r.deadline) {
		r.deadline = now.Add(t)
	}
	e.Status, e.over, e.run = Running, r.over, r
	s.runs.Add(1)
	return r
}

// DescribeExecution returns the current state of an execution.
func (s *Service) DescribeExecution(arn string) (Execution, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(arn)
	if err != nil {
		return Execution{}, err
	}
	return e.Execution, nil
}

// Wait waits until an execution has ended and StatusChanged has returned, or until ctx is done. It returns the execution.
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

// History returns the events that have been recorded for an execution so far.
func (s *Service) History(arn string) ([]Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(arn)
	if err != nil {
		return nil, err
	}
	return slices.Clone(e.History), nil
}

// execution returns the execution with the given ARN. The caller must hold mu.
func (s *Service) execution(arn string) (*execution, error) {
	s.deleteExpired()
	e, ok := s.executions[arn]
	if !ok {
		return nil, wire.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
	}
	return e, nil
}

// deleteExpired deletes the executions that ended longer ago than the retention period. The caller must hold mu.
func (s *Service) deleteExpired() {
	now := s.opts.Clock.Now()
	maps.DeleteFunc(s.executions, func(_ string, e *execution) bool { return e.Status != Running && now.Sub(e.StoppedAt) > retention })
}

// oldestFirst returns all executions in the order in which they were started. The caller must hold mu.
func (s *Service) oldestFirst() []*execution {
	return slices.SortedFunc(maps.Values(s.executions), func(a, b *execution) int { return a.number - b.number })
}
