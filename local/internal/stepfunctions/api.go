package stepfunctions

import (
	"cmp"
	"context"
	"maps"
	"slices"

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

// includedIn says how much of an answer is wanted.
type includedIn struct {
	IncludedData string `json:"includedData"`
}

const metadataOnly = "METADATA_ONLY"

func (in includedIn) check() error {
	return checkEnum("includedData", in.IncludedData, "ALL_DATA", metadataOnly)
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

func (in includedIn) describe(arn string, r *revision) machineOut {
	out := machineOut{
		ARN: arn, Name: r.Name, Definition: r.Definition, RoleARN: r.RoleARN, RevisionID: r.id,
		Logging: r.Logging, Tracing: map[string]any{"enabled": r.Tracing},
	}
	if in.IncludedData == metadataOnly {
		out.Definition = "{}"
	}
	return out
}

type describeMachineIn struct {
	machineIn
	includedIn
}

func (s *Service) describeStateMachine(_ context.Context, in describeMachineIn) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	out := in.describe(m.arn, m.revision)
	out.Type, out.Status, out.Created = "STANDARD", "ACTIVE", timePointer(m.created)
	return out, nil
}

// executionIn are the parameters of an operation on an execution.
type executionIn struct {
	ExecutionARN string `json:"executionArn"`
}

func (in executionIn) resource(*Service) string { return in.ExecutionARN }

type describeExecutionIn struct {
	executionIn
	includedIn
}

func (s *Service) describeStateMachineForExecution(_ context.Context, in describeExecutionIn) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	out := in.describe(e.StateMachineARN, e.revision)
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
	page, next, err := in.page(s.opts.Clock.Now(), len(all), func(i int) int64 { return all[i].number })
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
