package stepfunctions

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"snaplake/local/internal/stepfunctions/asl"
	"snaplake/local/internal/wire"
)

// machine is a state machine.
type machine struct {
	arn, name string
	number    int64
	created   time.Time
	*revision
}

// revision is what an update replaces. An execution keeps the one that it was started with, also when it is redriven.
type revision struct {
	// id is "" until the first update, as in AWS.
	id         string
	updated    time.Time
	roleARN    string
	text       string // the definition as it was given
	definition *asl.Machine
}

// maxDefinition is AWS's limit of a definition, in bytes.
const maxDefinition = 1 << 20

func parseDefinition(text string) (*asl.Machine, error) {
	if len(text) > maxDefinition {
		return nil, wire.Errorf("ValidationException", "the definition has %d bytes, and %d are allowed", len(text), maxDefinition)
	}
	m, err := asl.Parse(text)
	if err != nil {
		return nil, wire.Errorf("InvalidDefinition", "Invalid State Machine Definition: '%s'", err)
	}
	return m, nil
}

// CreateStateMachine makes a state machine and returns its ARN. With the name, role and definition of one that exists it
// returns that one's. A definition that is wrong, or has something that is not supported, is refused as InvalidDefinition,
// with all that is wrong.
func (s *Service) CreateStateMachine(name, roleARN, definition string) (string, error) {
	m, err := s.createMachine(name, roleARN, definition)
	if err != nil {
		return "", err
	}
	return m.arn, nil
}

func (s *Service) createMachine(name, roleARN, definition string) (*machine, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(roleARN, "arn:") {
		return nil, invalidARN(roleARN)
	}
	parsed, err := parseDefinition(definition)
	if err != nil {
		return nil, err
	}
	arn := s.arn("stateMachine", name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.machines[arn]; ok {
		if m.text != definition || m.roleARN != roleARN {
			return nil, wire.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", arn)
		}
		return m, nil
	}
	now := s.opts.Clock.Now()
	r := &revision{updated: now, roleARN: roleARN, text: definition, definition: parsed}
	m := &machine{arn: arn, name: name, number: s.number(), created: now, revision: r}
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
		r.roleARN = roleARN
	}
	if definition != "" {
		r.text, r.definition = definition, parsed
	}
	if r.text != m.text || r.roleARN != m.roleARN {
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

func invalidARN(arn string) error {
	return wire.Errorf("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: %s'", arn)
}

func checkARN(arn, kind string) error {
	parts := strings.Split(arn, ":") // arn:aws:states:region:account:kind:name
	switch {
	case parts[0] != "arn" || len(parts) < 7 || parts[2] != "states":
		return invalidARN(arn)
	case parts[5] != kind:
		return wire.Errorf("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: %s'", parts[5])
	default:
		return nil
	}
}

// maxName is the limit of the name of a machine or an execution, in characters.
const maxName = 80

// checkName applies the rules for the names of machines and executions (API reference, StartExecution).
func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > maxName {
		return wire.Errorf("InvalidName", "Invalid Name: '%s': a name has 1 to %d characters, and this one has %d", name, maxName, n)
	}
	bad := func(r rune) bool {
		return r <= 0x20 || r >= 0x7f && r <= 0x9f || r == 0xfffe || r == 0xffff || strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", r)
	}
	if i := strings.IndexFunc(name, bad); i >= 0 {
		r, _ := utf8.DecodeRuneInString(name[i:])
		return wire.Errorf("InvalidName", "Invalid Name: '%s': a name must not have the character %q", name, r)
	}
	return nil
}
