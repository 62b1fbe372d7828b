package stepfunctions

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"snaplake/local/internal/wire"
)

// operations are the API's that the local AWS has. Each takes the parameters below and refuses others by name.
func (s *Service) operations() map[string]wire.Operation {
	return map[string]wire.Operation{
		"CreateStateMachine":               operation(s, "CreateStateMachine", s.createStateMachine),
		"UpdateStateMachine":               operation(s, "UpdateStateMachine", s.updateStateMachine),
		"DescribeStateMachine":             operation(s, "DescribeStateMachine", s.describeStateMachine),
		"DescribeStateMachineForExecution": operation(s, "DescribeStateMachineForExecution", s.describeStateMachineForExecution),
		"ListStateMachines":                operation(s, "ListStateMachines", s.listStateMachines),
		"StartExecution":                   operation(s, "StartExecution", s.startExecution),
		"StopExecution":                    operation(s, "StopExecution", s.stopExecution),
		"RedriveExecution":                 operation(s, "RedriveExecution", s.redriveExecution),
		"DescribeExecution":                operation(s, "DescribeExecution", s.describeExecution),
		"ListExecutions":                   operation(s, "ListExecutions", s.listExecutions),
		"GetExecutionHistory":              operation(s, "GetExecutionHistory", s.getExecutionHistory),
	}
}

type createIn struct {
	Name       string  `json:"name"`
	RoleARN    string  `json:"roleArn"`
	Definition string  `json:"definition"`
	Type       string  `json:"type"`
	Logging    Logging `json:"loggingConfiguration"`
	Tracing    struct {
		Enabled bool `json:"enabled"`
	} `json:"tracingConfiguration"`
}

func (in createIn) resource(s *Service) string { return s.arn("stateMachine", in.Name) }

func (s *Service) createStateMachine(ctx context.Context, in createIn) (any, error) {
	if in.Type != "" && in.Type != "STANDARD" {
		return nil, wire.Errorf("StateMachineTypeNotSupported", "the local AWS has state machines of the type STANDARD, and none of %s", in.Type)
	}
	if err := s.mayPass(ctx, in.RoleARN); err != nil {
		return nil, err
	}
	m, err := s.createMachine(StateMachine{Name: in.Name, RoleARN: in.RoleARN, Definition: in.Definition, Logging: in.Logging, Tracing: in.Tracing.Enabled})
	if err != nil {
		return nil, err
	}
	return map[string]any{"stateMachineArn": m.arn, "creationDate": wire.Time(m.created)}, nil
}

// machineIn are the parameters of an operation on a state machine.
type machineIn struct {
	StateMachineARN string `json:"stateMachineArn"`
}

func (in machineIn) resource(*Service) string { return in.StateMachineARN }

type updateIn struct {
	machineIn
	RoleARN    string `json:"roleArn"`
	Definition string `json:"definition"`
}

func (s *Service) updateStateMachine(ctx context.Context, in updateIn) (any, error) {
	if in.RoleARN != "" {
		if err := s.mayPass(ctx, in.RoleARN); err != nil {
			return nil, err
		}
	}
	r, err := s.updateMachine(in.StateMachineARN, in.RoleARN, in.Definition)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"updateDate": wire.Time(r.updated)}
	if r.id != "" {
		out["revisionId"] = r.id
	}
	return out, nil
}

// machineOut is what both ways to describe a state machine have in common.
type machineOut struct {
	ARN        string         `json:"stateMachineArn"`
	Name       string         `json:"name"`
	Definition string         `json:"definition"`
	RoleARN    string         `json:"roleArn"`
	RevisionID string         `json:"revisionId,omitempty"`
	Logging    Logging        `json:"loggingConfiguration"`
	Tracing    map[string]any `json:"tracingConfiguration"`
	Type       string         `json:"type,omitempty"`
	Status     string         `json:"status,omitempty"`
	Created    *wire.Time     `json:"creationDate,omitempty"`
	Updated    *wire.Time     `json:"updateDate,omitempty"`
}

func describe(arn string, r *revision) machineOut {
	return machineOut{
		ARN: arn, Name: r.Name, Definition: r.Definition, RoleARN: r.RoleARN, RevisionID: r.id,
		Logging: r.Logging, Tracing: map[string]any{"enabled": r.Tracing},
	}
}

func (s *Service) describeStateMachine(_ context.Context, in machineIn) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	out := describe(m.arn, m.revision)
	out.Type, out.Status, out.Created = "STANDARD", "ACTIVE", timePointer(m.created)
	return out, nil
}

// executionIn are the parameters of an operation on an execution.
type executionIn struct {
	ExecutionARN string `json:"executionArn"`
}

func (in executionIn) resource(*Service) string { return in.ExecutionARN }

func (s *Service) describeStateMachineForExecution(_ context.Context, in executionIn) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := describe(e.StateMachineARN, e.revision)
	out.Updated = timePointer(e.revision.updated)
	return out, nil
}

type listMachinesIn struct {
	pageIn
}

func (listMachinesIn) resource(*Service) string { return "*" }

func (s *Service) listStateMachines(_ context.Context, in listMachinesIn) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.SortedFunc(maps.Values(s.machines), func(a, b *machine) int { return cmp.Compare(a.number, b.number) })
	page, next, err := in.page(len(all), func(i int) int64 { return all[i].number })
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, m := range all[page.from:page.to] {
		list = append(list, map[string]any{
			"stateMachineArn": m.arn, "name": m.Name, "type": "STANDARD", "creationDate": wire.Time(m.created),
		})
	}
	return withToken(map[string]any{"stateMachines": list}, next), nil
}

type startIn struct {
	machineIn
	Name  string  `json:"name"`
	Input *string `json:"input"`
}

func (s *Service) startExecution(_ context.Context, in startIn) (any, error) {
	input := "{}"
	if in.Input != nil {
		input = *in.Input
	}
	e, err := s.start(in.StateMachineARN, in.Name, input)
	if err != nil {
		return nil, err
	}
	return map[string]any{"executionArn": e.ARN, "startDate": wire.Time(e.StartedAt)}, nil
}

type stopIn struct {
	executionIn
	Error string `json:"error"`
	Cause string `json:"cause"`
}

func (s *Service) stopExecution(_ context.Context, in stopIn) (any, error) {
	at, err := s.stop(in.ExecutionARN, in.Error, in.Cause)
	if err != nil {
		return nil, err
	}
	return map[string]any{"stopDate": wire.Time(at)}, nil
}

type redriveIn struct {
	executionIn
	ClientToken string `json:"clientToken"`
}

func (s *Service) redriveExecution(_ context.Context, in redriveIn) (any, error) {
	at, err := s.redrive(in.ExecutionARN, in.ClientToken)
	if err != nil {
		return nil, err
	}
	return map[string]any{"redriveDate": wire.Time(at)}, nil
}

// executionOut is an execution in an answer. A list has the fields up to RedriveDate.
type executionOut struct {
	ARN             string     `json:"executionArn"`
	Name            string     `json:"name"`
	StateMachineARN string     `json:"stateMachineArn"`
	Status          Status     `json:"status"`
	StartDate       wire.Time  `json:"startDate"`
	StopDate        *wire.Time `json:"stopDate,omitempty"`
	RedriveCount    int        `json:"redriveCount"`
	RedriveDate     *wire.Time `json:"redriveDate,omitempty"`

	Input               string    `json:"input,omitempty"`
	InputDetails        *included `json:"inputDetails,omitempty"`
	Output              string    `json:"output,omitempty"`
	OutputDetails       *included `json:"outputDetails,omitempty"`
	Error               string    `json:"error,omitempty"`
	Cause               string    `json:"cause,omitempty"`
	RedriveStatus       string    `json:"redriveStatus,omitempty"`
	RedriveStatusReason string    `json:"redriveStatusReason,omitempty"`
}

type included struct {
	Included bool `json:"included"`
}

func listed(e Execution) executionOut {
	return executionOut{
		ARN: e.ARN, Name: e.Name, StateMachineARN: e.StateMachineARN, Status: e.Status,
		StartDate: wire.Time(e.StartedAt), StopDate: timePointer(e.StoppedAt),
		RedriveCount: e.RedriveCount, RedriveDate: timePointer(e.RedrivenAt),
	}
}

// timePointer is nil for the zero time, which is left out of an answer.
func timePointer(t time.Time) *wire.Time {
	if t.IsZero() {
		return nil
	}
	w := wire.Time(t)
	return &w
}

func (s *Service) describeExecution(_ context.Context, in executionIn) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := listed(e.Execution)
	out.Input, out.InputDetails = e.Input, &included{true}
	if e.Status == Succeeded {
		out.Output, out.OutputDetails = e.Output, &included{true}
	}
	out.Error, out.Cause = e.Error, e.Cause
	out.RedriveStatus, out.RedriveStatusReason = e.redriveStatus(s.opts.Clock.Now())
	return out, nil
}

type listExecutionsIn struct {
	pageIn
	machineIn
	StatusFilter  Status `json:"statusFilter"`
	RedriveFilter string `json:"redriveFilter"`
}

func (s *Service) listExecutions(_ context.Context, in listExecutionsIn) (any, error) {
	if err := oneOf("statusFilter", string(in.StatusFilter), "SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"); err != nil {
		return nil, err
	}
	if err := oneOf("redriveFilter", in.RedriveFilter, "REDRIVEN", "NOT_REDRIVEN"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.machine(in.StateMachineARN); err != nil {
		return nil, err
	}
	var found []*execution
	for _, e := range s.executions {
		if e.StateMachineARN == in.StateMachineARN &&
			(in.StatusFilter == "" || e.Status == in.StatusFilter) &&
			(in.RedriveFilter == "" || (e.RedriveCount > 0) == (in.RedriveFilter == "REDRIVEN")) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *execution) int { return cmp.Compare(b.number, a.number) }) // the latest first
	page, next, err := in.page(len(found), func(i int) int64 { return -found[i].number })
	if err != nil {
		return nil, err
	}
	list := []executionOut{}
	for _, e := range found[page.from:page.to] {
		list = append(list, listed(e.Execution))
	}
	return withToken(map[string]any{"executions": list}, next), nil
}

type historyIn struct {
	pageIn
	executionIn
	ReverseOrder         bool  `json:"reverseOrder"`
	IncludeExecutionData *bool `json:"includeExecutionData"`
}

func (s *Service) getExecutionHistory(_ context.Context, in historyIn) (any, error) {
	events, err := s.History(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	sign := int64(1)
	if in.ReverseOrder {
		slices.Reverse(events)
		sign = -1
	}
	page, next, err := in.page(len(events), func(i int) int64 { return sign * events[i].ID })
	if err != nil {
		return nil, err
	}
	list := slices.Clone(events[page.from:page.to])
	if in.IncludeExecutionData != nil && !*in.IncludeExecutionData {
		for i := range list {
			list[i] = list[i].withoutData()
		}
	}
	return withToken(map[string]any{"events": list}, next), nil
}
