package stepfunctions

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

type listIn struct {
	machineIn
	StatusFilter  Status `json:"statusFilter"`
	RedriveFilter string `json:"redriveFilter"`
	MaxResults    int    `json:"maxResults"`
	NextToken     string `json:"nextToken"`
}

type listOut struct {
	Executions []listed `json:"executions"`
	NextToken  string   `json:"nextToken,omitempty"`
}

// listed is an execution in the response of ListExecutions, and a part of the response of DescribeExecution.
type listed struct {
	ARN             string    `json:"executionArn"`
	StateMachineARN string    `json:"stateMachineArn"`
	Name            string    `json:"name"`
	Status          Status    `json:"status"`
	StartDate       wire.Time `json:"startDate"`
	StopDate        wire.Time `json:"stopDate,omitzero"`
	RedriveCount    int       `json:"redriveCount"`
	RedriveDate     wire.Time `json:"redriveDate,omitzero"`
}

// statuses are the values of statusFilter, in the order of AWS's error message. PENDING_REDRIVE occurs only in map runs.
const statuses = "SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING"

// listExecutions lists the executions of a state machine, the newest first. The token of a page is the last ARN on the previous page.
func (s *Service) listExecutions(_ context.Context, in listIn) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.machine(in.StateMachineARN); err != nil {
		return nil, err
	}
	s.deleteExpired()
	var all []*execution
	for _, e := range s.executions {
		if e.StateMachineARN == in.StateMachineARN {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, byNumber)
	slices.Reverse(all)
	if in.NextToken != "" {
		last := slices.IndexFunc(all, func(e *execution) bool { return e.ARN == in.NextToken })
		if last < 0 {
			return nil, wire.Errorf("InvalidToken", "Invalid Token: '%s'", in.NextToken)
		}
		all = all[last+1:]
	}
	all = slices.DeleteFunc(all, func(e *execution) bool { return in.StatusFilter != "" && e.Status != in.StatusFilter })
	out := listOut{Executions: []listed{}}
	for _, e := range all[:min(len(all), cmp.Or(in.MaxResults, defaultPage))] {
		out.Executions = append(out.Executions, e.listed())
	}
	if n := len(out.Executions); n < len(all) {
		out.NextToken = out.Executions[n-1].ARN
	}
	return out, nil
}

// Redrivable returns the executions that can be redriven, newest first.
func (s *Service) Redrivable() []Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*execution
	for _, e := range s.executions {
		if e.notRedrivable(s.opts.Clock.Now()) == "" {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, byNumber)
	slices.Reverse(all)
	var list []Execution
	for _, e := range all {
		list = append(list, e.Execution)
	}
	return list
}

func byNumber(a, b *execution) int { return a.number - b.number }

func (in listIn) check() error {
	switch {
	case in.StatusFilter != "" && !slices.Contains(strings.Split(statuses, ", "), string(in.StatusFilter)):
		return wire.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'statusFilter' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [%s]", in.StatusFilter, statuses)
	case in.MaxResults < 0 || in.MaxResults > maxPage:
		return invalid("maxResults", "have a value from 0 to %d", maxPage)
	case in.RedriveFilter != "": // AWS applies it only to map runs
		return wire.Errorf("ValidationException", "redriveFilter is not supported together with stateMachineArn")
	}
	return nil
}

func (e *execution) listed() listed {
	return listed{
		ARN: e.ARN, StateMachineARN: e.StateMachineARN, Name: e.Name, Status: e.Status, StartDate: wire.Time(e.StartedAt),
		StopDate: wire.Time(e.StoppedAt), RedriveCount: e.RedriveCount, RedriveDate: wire.Time(e.RedrivenAt),
	}
}
