package stepfunctions

import (
	"cmp"
	"fmt"

	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// StateMachine is the configuration of a state machine.
type StateMachine struct {
	Name, RoleARN string
	// Definition is the state machine's definition in the Amazon States Language.
	Definition string
	// Logging and Tracing turn on logs and X-Ray. The local AWS only checks the permissions for them.
	Logging, Tracing bool
}

// revision is the part of a state machine that an update replaces. An execution keeps its revision, even when it is redriven.
type revision struct {
	StateMachine
	parsed *asl.Machine // the definition
}

// newRevision parses the definition of a state machine, and checks its role.
func (s *Service) newRevision(in StateMachine) (*revision, error) {
	parsed, err := asl.Parse(in.Definition)
	if err != nil {
		return nil, wire.Errorf("InvalidDefinition", "Invalid State Machine Definition: '%v'", err)
	}
	return &revision{in, parsed}, s.checkRole(in)
}

// CreateStateMachine creates a state machine and returns its ARN.
func (s *Service) CreateStateMachine(in StateMachine) (string, error) {
	r, err := s.newRevision(in)
	if err != nil {
		return "", err
	}
	arn := s.arn("stateMachine", in.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.machines[arn]; ok {
		return "", wire.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", arn)
	}
	s.machines[arn] = r
	return arn, nil
}

// UpdateStateMachine replaces the role and the definition of a state machine, unless they are "". Earlier executions keep the old ones.
func (s *Service) UpdateStateMachine(arn, roleARN, definition string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(arn)
	if err != nil {
		return err
	}
	in := m.StateMachine
	in.RoleARN, in.Definition = cmp.Or(roleARN, in.RoleARN), cmp.Or(definition, in.Definition)
	r, err := s.newRevision(in)
	if err == nil {
		s.machines[arn] = r
	}
	return err
}

// machine returns the state machine with the given ARN. The caller must hold mu.
func (s *Service) machine(arn string) (*revision, error) {
	m, ok := s.machines[arn]
	if !ok {
		return nil, wire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
	}
	return m, nil
}

// arn returns the ARN of a resource. kind is "stateMachine" or "execution". The name of an execution is "MACHINE:NAME".
func (s *Service) arn(kind, name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:%s:%s", s.opts.Region, s.opts.Account, kind, name)
}
