package stepfunctions

import (
	"cmp"
	"fmt"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// StateMachine is the configuration of a state machine.
type StateMachine struct {
	Name, RoleARN string
	// Definition is the state machine's definition in the Amazon States Language.
	Definition string
	Logging    Logging
	// Tracing turns on X-Ray tracing. The local AWS only checks the permissions for it.
	Tracing bool
}

// Logging is the LoggingConfiguration in the template. The local AWS does not log executions, but checks the role's permissions.
type Logging struct {
	// Level is OFF, FATAL, ERROR or ALL; "" means OFF.
	Level                string           `json:"level"`
	IncludeExecutionData bool             `json:"includeExecutionData"`
	Destinations         []LogDestination `json:"destinations,omitempty"`
}

// LogDestination is a log group to which executions are logged.
type LogDestination struct {
	CloudWatchLogsLogGroup struct {
		// LogGroupARN ends with ":*".
		LogGroupARN string `json:"logGroupArn"`
	} `json:"cloudWatchLogsLogGroup"`
}

// machine is a deployed state machine.
type machine struct {
	arn     string
	created time.Time
	*revision
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
	in.Logging.Level = cmp.Or(in.Logging.Level, "OFF")
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
	s.machines[arn] = &machine{arn: arn, created: s.opts.Clock.Now(), revision: r}
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
		m.revision = r
	}
	return err
}

// machine returns the state machine with the given ARN. The caller must hold mu.
func (s *Service) machine(arn string) (*machine, error) {
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
