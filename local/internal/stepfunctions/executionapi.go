package stepfunctions

import (
	"cmp"
	"context"
	"slices"
	"time"

	"snaplake/local/internal/wire"
)

type startIn struct {
	machineIn
	Name  *string `json:"name"`
	Input *string `json:"input"`
}

func (s *Service) startExecution(_ context.Context, in startIn) (any, error) {
	name, input := wire.NewRequestID(), "{}"
	if in.Name != nil {
		name = *in.Name
	}
	if in.Input != nil {
		input = *in.Input
	}
	e, err := s.start(in.StateMachineARN, name, input)
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
	if err := checkLength("error", in.Error, "", 0, 256); err != nil {
		return nil, err
	}
	if err := checkLength("cause", in.Cause, "", 0, 32768); err != nil {
		return nil, err
	}
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

func (s *Service) describeExecution(_ context.Context, in describeExecutionIn) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := listed(e.Execution)
	out.RedriveStatus, out.RedriveStatusReason = e.redriveStatus(s.opts.Clock.Now())
	// That METADATA_ONLY leaves out all that a key would encrypt is unconfirmed: AWS documents it for definitions.
	all := in.IncludedData != metadataOnly
	out.InputDetails = &included{all}
	if e.Status == Succeeded {
		out.OutputDetails = &included{all}
	}
	if all {
		out.Input, out.Output, out.Error, out.Cause = e.Input, e.Output, e.Error, e.Cause
	}
	return out, nil
}

type listExecutionsIn struct {
	pageIn
	machineIn
	StatusFilter  Status `json:"statusFilter"`
	RedriveFilter string `json:"redriveFilter"`
}

func (s *Service) listExecutions(_ context.Context, in listExecutionsIn) (any, error) {
	if err := checkEnum("statusFilter", string(in.StatusFilter), "SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"); err != nil {
		return nil, err
	}
	if in.StatusFilter == "PENDING_REDRIVE" {
		return nil, wire.Errorf("ValidationException", "statusFilter PENDING_REDRIVE is for the executions of a Map Run")
	}
	if err := checkEnum("redriveFilter", in.RedriveFilter, "REDRIVEN", "NOT_REDRIVEN"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.machine(in.StateMachineARN); err != nil {
		return nil, err
	}
	s.forget()
	var found []*execution
	for _, e := range s.executions {
		if e.StateMachineARN == in.StateMachineARN &&
			(in.StatusFilter == "" || e.Status == in.StatusFilter) &&
			(in.RedriveFilter == "" || (e.RedriveCount > 0) == (in.RedriveFilter == "REDRIVEN")) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *execution) int { return cmp.Compare(b.number, a.number) }) // the latest first
	page, next, err := in.page(s.opts.Clock.Now(), len(found), func(i int) int64 { return -found[i].number })
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
	page, next, err := in.page(s.opts.Clock.Now(), len(events), func(i int) int64 { return sign * events[i].ID })
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
