package asl

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// invokeResource is the Resource of Step Functions' optimized integration with Lambda.
const invokeResource = "arn:aws:states:::lambda:invoke"

// Parse parses a definition. An error names the first element that is invalid or unsupported, and says where it is.
func Parse(definition string) (*Machine, error) {
	var d struct {
		Comment, StartAt string
		TimeoutSeconds   int64
		States           map[string]json.RawMessage
	}
	if err := decode([]byte(definition), &d); err != nil {
		return nil, err
	}
	if err := checkRange("TimeoutSeconds", d.TimeoutSeconds, 0); err != nil {
		return nil, err
	}
	m := &Machine{StartAt: d.StartAt, Timeout: time.Duration(d.TimeoutSeconds) * time.Second, States: map[string]*State{}}
	for _, name := range slices.Sorted(maps.Keys(d.States)) {
		s, err := parseState(d.States[name])
		if err != nil {
			return nil, fmt.Errorf("state %s: %w", name, err)
		}
		m.States[name] = s
	}
	return m, m.checkTransitions()
}

// decode decodes a JSON object into a struct. It rejects fields that are null, and fields that the struct does not have.
func decode(raw []byte, into any) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	known := reflect.TypeOf(into).Elem()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, ok := known.FieldByName(name); !ok {
			return fmt.Errorf("field %s is not supported", name)
		}
		if string(fields[name]) == "null" {
			return fmt.Errorf("field %s: null is not supported", name)
		}
	}
	return json.Unmarshal(raw, into)
}

// checkTransitions checks that each transition leads to an existing state.
func (m *Machine) checkTransitions() error {
	targets := map[string]string{"field StartAt": m.StartAt}
	for name, s := range m.States {
		if s.Next != "" {
			targets["state "+name] = s.Next
		}
		if s.Choice == nil {
			continue
		}
		targets["state "+name+": field Default"] = s.Choice.defaultState
		for i, r := range s.Choice.rules {
			targets[fmt.Sprintf("state %s: field Choices[%d]", name, i)] = r.next
		}
	}
	for _, from := range slices.Sorted(maps.Keys(targets)) {
		if to := targets[from]; m.States[to] == nil {
			return fmt.Errorf("%s: state %q does not exist", from, to)
		}
	}
	return nil
}

func parseState(raw json.RawMessage) (*State, error) {
	var kind struct{ Type string }
	if err := json.Unmarshal(raw, &kind); err != nil {
		return nil, err
	}
	s := &State{Type: kind.Type}
	switch kind.Type {
	case "Task":
		return s, s.parseTask(raw)
	case "Wait":
		return s, s.parseWait(raw)
	case "Choice":
		return s, s.parseChoice(raw)
	default:
		return nil, fmt.Errorf("type %q is not supported; supported types: Task, Wait, Choice", kind.Type)
	}
}

// transition holds the fields of a state that determine the next state.
type transition struct {
	Next string
	End  bool
}

func (t transition) check() error {
	if (t.Next == "") != t.End {
		return errors.New("either Next or End is required, but not both")
	}
	return nil
}

func (s *State) parseTask(raw json.RawMessage) error {
	in := struct {
		Type, Comment, Resource    string
		Parameters, ResultSelector json.RawMessage
		ResultPath                 string
		TimeoutSeconds             int64
		Retry                      []json.RawMessage
		transition
	}{ResultPath: "$"}
	if err := decode(raw, &in); err != nil {
		return err
	}
	if in.Resource != invokeResource {
		return fmt.Errorf("resource %q is not supported; supported resource: %s", in.Resource, invokeResource)
	}
	t := &Task{Timeout: time.Duration(in.TimeoutSeconds) * time.Second}
	if err := cmp.Or(in.check(), checkRange("TimeoutSeconds", in.TimeoutSeconds, 0), t.parseParameters(in.Parameters)); err != nil {
		return err
	}
	var err error
	if in.ResultSelector != nil {
		if t.resultSelector, err = decodeTemplate(in.ResultSelector); err != nil {
			return fmt.Errorf("field ResultSelector: %w", err)
		}
	}
	if t.resultPath, err = parseReference(in.ResultPath); err != nil {
		return fmt.Errorf("field ResultPath: %w", err)
	}
	for i, raw := range in.Retry {
		r, err := parseRetrier(raw)
		if err != nil {
			return fmt.Errorf("field Retry[%d]: %w", i, err)
		}
		t.Retry = append(t.Retry, r)
	}
	s.Task, s.Next = t, in.Next
	return nil
}

// parseParameters parses the parameters of lambda:invoke.
func (t *Task) parseParameters(raw json.RawMessage) error {
	all, err := decodeTemplate(raw)
	if err != nil {
		return fmt.Errorf("field Parameters: %w", err)
	}
	parameters, _ := all.(map[string]template)
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if name != "FunctionName" && name != "Payload" {
			return fmt.Errorf("field Parameters: %s is not supported", name)
		}
	}
	var ok bool
	if t.Function, ok = parameters["FunctionName"].(string); !ok {
		return errors.New("field Parameters: FunctionName must be a string, not a path")
	}
	if t.payload, ok = parameters["Payload"]; !ok {
		return errors.New("field Parameters: Payload is required")
	}
	return nil
}

func decodeTemplate(raw json.RawMessage) (template, error) {
	v, err := Decode(raw)
	if err != nil {
		return nil, err
	}
	return parseTemplate(v)
}

func parseRetrier(raw json.RawMessage) (Retrier, error) {
	in := struct {
		Comment                                       string
		ErrorEquals                                   []string
		IntervalSeconds, MaxAttempts, MaxDelaySeconds int64
		BackoffRate                                   float64
		JitterStrategy                                string
	}{IntervalSeconds: 1, MaxAttempts: 3, MaxDelaySeconds: maxSeconds, BackoffRate: 2, JitterStrategy: "NONE"}
	if err := decode(raw, &in); err != nil {
		return Retrier{}, err
	}
	for _, name := range in.ErrorEquals {
		if strings.HasPrefix(name, "States.") && name != Timeout && name != DataLimitExceeded {
			return Retrier{}, fmt.Errorf("error name %s is not supported", name)
		}
	}
	if in.BackoffRate < 1 {
		return Retrier{}, errors.New("field BackoffRate must be at least 1")
	}
	if in.JitterStrategy != "NONE" && in.JitterStrategy != "FULL" {
		return Retrier{}, fmt.Errorf("JitterStrategy %q is not supported; supported strategies: FULL, NONE", in.JitterStrategy)
	}
	r := Retrier{
		MaxAttempts: in.MaxAttempts, errors: in.ErrorEquals, backoff: in.BackoffRate, fullJitter: in.JitterStrategy == "FULL",
		interval: time.Duration(in.IntervalSeconds) * time.Second, maxDelay: time.Duration(in.MaxDelaySeconds) * time.Second,
	}
	return r, cmp.Or(
		checkRange("IntervalSeconds", in.IntervalSeconds, 1),
		checkRange("MaxDelaySeconds", in.MaxDelaySeconds, in.IntervalSeconds+1),
		checkRange("MaxAttempts", in.MaxAttempts, 0))
}

func checkRange(field string, n, low int64) error {
	if n < low || n > maxSeconds {
		return fmt.Errorf("field %s must be a whole number from %d to %d", field, low, maxSeconds)
	}
	return nil
}

func (s *State) parseWait(raw json.RawMessage) error {
	var in struct {
		Type, Comment, SecondsPath string
		transition
	}
	if err := decode(raw, &in); err != nil {
		return err
	}
	path, err := parseReference(in.SecondsPath)
	if err != nil {
		return fmt.Errorf("field SecondsPath: %w", err)
	}
	s.Wait, s.Next = &Wait{path}, in.Next
	return in.check()
}

func (s *State) parseChoice(raw json.RawMessage) error {
	var in struct {
		Type, Comment, Default string
		Choices                []json.RawMessage
	}
	if err := decode(raw, &in); err != nil {
		return err
	}
	s.Choice = &Choice{defaultState: in.Default}
	for i, raw := range in.Choices {
		r, err := parseRule(raw)
		if err != nil {
			return fmt.Errorf("field Choices[%d]: %w", i, err)
		}
		s.Choice.rules = append(s.Choice.rules, r)
	}
	return nil
}

func parseRule(raw json.RawMessage) (rule, error) {
	var in struct {
		Comment, Variable, Next string
		StringEquals            *string
	}
	if err := decode(raw, &in); err != nil {
		return rule{}, err
	}
	if in.StringEquals == nil {
		return rule{}, errors.New("field StringEquals is required")
	}
	p, err := parsePath(in.Variable)
	return rule{p, *in.StringEquals, in.Next}, err
}
