package stepfunctions

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// StateMachine is a state machine as it is deployed.
type StateMachine struct {
	Name, RoleARN string
	// Definition in the Amazon States Language.
	Definition string
	Logging    Logging
	// Tracing sends the executions' traces to X-Ray.
	Tracing bool
}

// Logging says what of the executions goes into a log group. Nothing does here; the role must allow it nevertheless. The
// fields are those of the API's LoggingConfiguration, and of the template's.
type Logging struct {
	// Level is OFF, FATAL, ERROR or ALL; "" means OFF.
	Level                string           `json:"level"`
	IncludeExecutionData bool             `json:"includeExecutionData"`
	Destinations         []LogDestination `json:"destinations,omitempty"`
}

// LogDestination is where logs go.
type LogDestination struct {
	CloudWatchLogsLogGroup struct {
		// LogGroupARN ends with ":*".
		LogGroupARN string `json:"logGroupArn"`
	} `json:"cloudWatchLogsLogGroup"`
}

// check applies the API's rules (API reference, LoggingConfiguration).
func (l Logging) check() error {
	if err := checkEnum("loggingConfiguration.level", l.Level, "ALL", "ERROR", "FATAL", "OFF"); err != nil {
		return err
	}
	if l.Level != "OFF" && len(l.Destinations) != 1 {
		return wire.Errorf("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")
	}
	return nil
}

// machine is a state machine that exists.
type machine struct {
	arn     string
	number  int64
	created time.Time
	*revision
}

// revision is what an update replaces. An execution keeps the one that it was started with, also when it is redriven.
type revision struct {
	// id is "" until the first update, as in AWS.
	id      string
	updated time.Time
	StateMachine
	parsed *asl.Machine // the definition
}

// maxDefinition is AWS's limit of a definition, in bytes.
const maxDefinition = 1 << 20

func parseDefinition(text string) (*asl.Machine, error) {
	if len(text) > maxDefinition {
		return nil, invalid("", "definition", "have length less than or equal to %d", maxDefinition)
	}
	m, err := asl.Parse(text)
	if err != nil {
		return nil, wire.Errorf("InvalidDefinition", "Invalid State Machine Definition: '%s'", err)
	}
	return m, nil
}

// CreateStateMachine makes a state machine and returns its ARN; when it exists just like this, it returns that one's. A
// definition that is wrong, or has something that is not supported, is refused as InvalidDefinition, with all that is wrong; a
// role that Step Functions may not assume, or that does not allow the logging, as AccessDeniedException.
func (s *Service) CreateStateMachine(in StateMachine) (string, error) {
	m, err := s.createMachine(in)
	if err != nil {
		return "", err
	}
	return m.arn, nil
}

func (s *Service) createMachine(in StateMachine) (*machine, error) {
	if err := checkNameLength(in.Name); err != nil {
		return nil, err
	}
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(in.RoleARN, "arn:") {
		return nil, invalidARN(in.RoleARN)
	}
	in.Logging.Level = cmp.Or(in.Logging.Level, "OFF")
	if err := in.Logging.check(); err != nil {
		return nil, err
	}
	parsed, err := parseDefinition(in.Definition)
	if err != nil {
		return nil, err
	}
	if err := s.checkRole(in); err != nil {
		return nil, err
	}
	arn := s.arn("stateMachine", in.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.machines[arn]; ok {
		if !reflect.DeepEqual(m.StateMachine, in) {
			return nil, wire.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", arn)
		}
		return m, nil
	}
	now := s.opts.Clock.Now()
	r := &revision{updated: now, StateMachine: in, parsed: parsed}
	m := &machine{arn: arn, number: s.number(), created: now, revision: r}
	s.machines[arn] = m
	return m, nil
}

// UpdateStateMachine gives a state machine another definition or role; "" keeps the one it has. Executions that were started
// before keep both.
func (s *Service) UpdateStateMachine(arn, roleARN, definition string) error {
	_, err := s.updateMachine(arn, roleARN, definition)
	return err
}

func (s *Service) updateMachine(arn, roleARN, definition string) (*revision, error) {
	if roleARN == "" && definition == "" {
		return nil, wire.Errorf("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
	}
	var parsed *asl.Machine
	if definition != "" {
		var err error
		if parsed, err = parseDefinition(definition); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(arn)
	if err != nil {
		return nil, err
	}
	r := *m.revision
	if roleARN != "" {
		r.RoleARN = roleARN
	}
	if definition != "" {
		r.Definition, r.parsed = definition, parsed
	}
	if err := s.checkRole(r.StateMachine); err != nil {
		return nil, err
	}
	if r.Definition != m.Definition || r.RoleARN != m.RoleARN {
		r.id, r.updated = wire.NewRequestID(), s.opts.Clock.Now()
		m.revision = &r
	}
	return m.revision, nil
}

// machine finds a state machine. The caller holds mu.
func (s *Service) machine(arn string) (*machine, error) {
	if err := checkARN(arn, "stateMachine"); err != nil {
		return nil, err
	}
	m, ok := s.machines[arn]
	if !ok {
		return nil, wire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
	}
	return m, nil
}

// arn is that of a machine, or of an execution "machine:name".
func (s *Service) arn(kind, name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:%s:%s", s.opts.Region, s.opts.Account, kind, name)
}
