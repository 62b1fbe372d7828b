package stepfunctions

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"snaplake/local/internal/wire"
)

// operations returns the supported operations of the API. Each operation rejects parameters that are not fields of its input type.
func (s *Service) operations() map[string]wire.Operation {
	return map[string]wire.Operation{
		"StartExecution":      operation(s, "StartExecution", s.startExecution),
		"RedriveExecution":    operation(s, "RedriveExecution", s.redriveExecution),
		"DescribeExecution":   operation(s, "DescribeExecution", s.describeExecution),
		"GetExecutionHistory": operation(s, "GetExecutionHistory", s.getExecutionHistory),
	}
}

type startIn struct {
	StateMachineARN string  `json:"stateMachineArn"`
	Name            *string `json:"name"`
	Input           *string `json:"input"`
}

func (in startIn) resource() string { return in.StateMachineARN }

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

// executionIn is the part of a request that identifies an execution.
type executionIn struct {
	ExecutionARN string `json:"executionArn"`
}

func (in executionIn) resource() string { return in.ExecutionARN }

type redriveIn struct {
	executionIn
	ClientToken string `json:"clientToken"`
}

func (s *Service) redriveExecution(_ context.Context, in redriveIn) (any, error) {
	if err := s.RedriveExecution(in.ExecutionARN, in.ClientToken); err != nil {
		return nil, err
	}
	e, err := s.DescribeExecution(in.ExecutionARN)
	return map[string]any{"redriveDate": wire.Time(e.RedrivenAt)}, err
}

func (s *Service) describeExecution(_ context.Context, in executionIn) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := map[string]any{
		"executionArn": e.ARN, "stateMachineArn": e.StateMachineARN, "name": e.Name, "status": e.Status,
		"startDate": wire.Time(e.StartedAt), "stopDate": wire.Time(e.StoppedAt),
		"input": e.Input, "output": e.Output, "error": e.Error, "cause": e.Cause,
		"redriveCount": e.RedriveCount, "redriveDate": wire.Time(e.RedrivenAt),
		"redriveStatus": "REDRIVABLE", "redriveStatusReason": e.notRedrivable(s.opts.Clock.Now()),
	}
	if out["redriveStatusReason"] != "" {
		out["redriveStatus"] = "NOT_REDRIVABLE"
	}
	maps.DeleteFunc(out, func(_ string, member any) bool { return member == "" || member == wire.Time{} })
	return out, nil
}

type historyIn struct {
	executionIn
	MaxResults           int    `json:"maxResults"`
	NextToken            string `json:"nextToken"`
	ReverseOrder         bool   `json:"reverseOrder"`
	IncludeExecutionData *bool  `json:"includeExecutionData"`
}

type historyOut struct {
	Events    []any  `json:"events"`
	NextToken string `json:"nextToken,omitempty"`
}

func (s *Service) getExecutionHistory(_ context.Context, in historyIn) (any, error) {
	events, err := s.History(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	events, next, err := in.page(events)
	if err != nil {
		return nil, err
	}
	out := historyOut{Events: []any{}, NextToken: next}
	for _, e := range events {
		out.Events = append(out.Events, e.encoded(in.IncludeExecutionData == nil || *in.IncludeExecutionData))
	}
	return out, nil
}

// These are the default and the maximum number of events per page.
const (
	defaultPage = 100
	maxPage     = 1000
)

// page returns the requested page of a history.
func (in historyIn) page(events []Event) (page []Event, next string, err error) {
	if in.MaxResults < 0 || in.MaxResults > maxPage {
		return nil, "", invalid("maxResults", "have a value from 0 to %d", maxPage)
	}
	position := func(e Event) string { return fmt.Sprintf("%05d", e.ID) }
	if in.ReverseOrder {
		slices.Reverse(events)
		position = func(e Event) string { return fmt.Sprintf("%05d", maxHistory-e.ID) }
	}
	page, next, err = wire.Page(events, position, cmp.Or(in.MaxResults, defaultPage), in.NextToken)
	if err != nil {
		return nil, "", wire.Errorf("InvalidToken", "Invalid Token: '%s'", in.NextToken)
	}
	return page, next, nil
}

// invalid returns AWS's error for a parameter that violates a constraint.
func invalid(name, constraint string, args ...any) error {
	return wire.Errorf("ValidationException", "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must %s",
		name, fmt.Sprintf(constraint, args...))
}
