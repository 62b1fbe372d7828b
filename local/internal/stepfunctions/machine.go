package stepfunctions

import (
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

// revision is a state machine until it is replaced. An execution keeps its revision, even when it is redriven.
type revision struct {
	StateMachine
	parsed *asl.Machine // the definition
}

// CreateStateMachine creates or replaces a state machine, and returns its ARN. Earlier executions keep the old role and definition.
func (s *Service) CreateStateMachine(in StateMachine) (string, error) {
	parsed, err := asl.Parse(in.Definition)
	if err != nil {
		return "", wire.Errorf("InvalidDefinition", "Invalid State Machine Definition: '%v'", err)
	}
	if err := s.checkRole(in); err != nil {
		return "", err
	}
	arn := s.arn("stateMachine", in.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.machines[arn] = &revision{in, parsed}
	return arn, nil
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
