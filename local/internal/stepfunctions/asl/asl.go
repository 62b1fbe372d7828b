// Package asl is the Amazon States Language in its JSONPath mode: it reads a definition, refuses by name what is wrong with it
// or what it does not know, and evaluates paths, templates, intrinsic functions and Choice rules. It runs nothing and knows no
// time: package stepfunctions does.
package asl

import (
	"fmt"
	"slices"
	"time"
)

// Machine is a definition.
type Machine struct {
	StartAt string
	// Timeout of an execution; 0 is none.
	Timeout time.Duration
	States  map[string]*State
}

// Type of a state, as it is written: it is also what the names of its events begin with.
type Type string

// The types of states there are. Map and Parallel are refused.
const (
	TypeTask    Type = "Task"
	TypeChoice  Type = "Choice"
	TypeWait    Type = "Wait"
	TypePass    Type = "Pass"
	TypeSucceed Type = "Succeed"
	TypeFail    Type = "Fail"
)

// State is one state of a definition. Of Task, Choice, Wait, Pass and Fail the one of its type is set.
type State struct {
	Name string
	Type Type
	// Next is the state that follows; "" at the end, and in a Choice.
	Next string

	Task   *Task
	Choice *Choice
	Wait   *Wait
	Pass   *Pass
	Fail   *Fail

	inputPath, outputPath filter
	parameters            Expr // nil: the input as it is
	resultSelector        Expr // nil: the result as it is
	resultPath            *Path
	dropResult            bool // ResultPath is null
}

// filter is InputPath or OutputPath.
type filter struct {
	field string
	path  *Path // nil: everything
	none  bool  // the field is null: an empty object
}

func (f filter) apply(s Scope) (any, error) {
	switch {
	case f.none:
		return map[string]any{}, nil
	case f.path == nil:
		return s.Data, nil
	default:
		return f.path.in(f.field)(s)
	}
}

// Filtered is what InputPath leaves of the input of a state. Choice rules, the paths of Wait and Fail, and Parameters read it.
func (s *State) Filtered(scope Scope) (any, error) { return s.inputPath.apply(scope) }

// Effective is what Parameters makes of the filtered input, which is the scope's Data: what a task is given, what a Pass
// state passes on.
func (s *State) Effective(scope Scope) (any, error) {
	if s.parameters == nil {
		return scope.Data, nil
	}
	return s.made(s.parameters, scope)
}

// made is what a template makes, unless it is too large.
func (s *State) made(template Expr, scope Scope) (any, error) {
	v, err := template(scope)
	if err == nil && left(v, MaxData) < 0 {
		return nil, TooLarge(s.Name)
	}
	return v, err
}

// Result puts the result of a state, which is the scope's Data, into the state's input: ResultSelector, ResultPath and
// OutputPath make the state's output.
func (s *State) Result(input any, scope Scope) (any, error) {
	result := scope.Data
	if s.resultSelector != nil {
		var err error
		if result, err = s.made(s.resultSelector, scope); err != nil {
			return nil, err
		}
	}
	out := input
	if !s.dropResult {
		var err error
		if out, err = place(s.resultPath, input, result); err != nil {
			return nil, err
		}
	}
	scope.Data = out
	return s.outputPath.apply(scope)
}

// place is a ResultPath at work; without one the result is everything.
func place(p *Path, input, result any) (any, error) {
	if p == nil {
		return result, nil
	}
	return p.Set(input, result)
}

// Output is what OutputPath leaves of the scope's Data, in states that have no result.
func (s *State) Output(scope Scope) (any, error) { return s.outputPath.apply(scope) }

// Pass is a Pass state.
type Pass struct {
	// Result replaces the effective input when HasResult.
	Result    any
	HasResult bool
}

// Fail is a Fail state.
type Fail struct{ err, cause Expr }

// Error is what the execution fails with.
func (f *Fail) Error(scope Scope) (*Error, error) {
	name, err := stringOf("ErrorPath", f.err, scope)
	if err != nil {
		return nil, err
	}
	cause, err := stringOf("CausePath", f.cause, scope)
	if err != nil {
		return nil, err
	}
	return &Error{Name: name, Cause: cause}, nil
}

func stringOf(field string, e Expr, scope Scope) (string, error) {
	if e == nil {
		return "", nil
	}
	v, err := e(scope)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", Runtimef("The %s parameter does not reference a string: %s", field, Encode(v))
	}
	return s, nil
}

// Wait is a Wait state: one of its fields is set.
type Wait struct {
	seconds       *int64
	timestamp     *time.Time
	secondsPath   *Path
	timestampPath *Path
}

// Until is when a wait that begins now is over.
func (w *Wait) Until(now time.Time, scope Scope) (time.Time, error) {
	switch {
	case w.seconds != nil:
		return now.Add(time.Duration(*w.seconds) * time.Second), nil
	case w.timestamp != nil:
		return *w.timestamp, nil
	case w.secondsPath != nil:
		n, err := wholeAt("SecondsPath", w.secondsPath, 0, scope)
		return now.Add(time.Duration(n) * time.Second), err
	default:
		v, err := w.timestampPath.in("TimestampPath")(scope)
		if err != nil {
			return time.Time{}, err
		}
		t, ok := timestamp(v)
		if !ok {
			return time.Time{}, Runtimef("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", w.timestampPath, text(v))
		}
		return t, nil
	}
}

// maxSeconds is the longest time that a definition can name, a bit more than three years (Step Functions guide, "Task
// workflow state", TimeoutSeconds).
const maxSeconds = 99999999

// wholeAt is a number of seconds that a path leads to.
func wholeAt(field string, p *Path, low int64, scope Scope) (int64, error) {
	v, err := p.in(field)(scope)
	if err != nil {
		return 0, err
	}
	n, ok := v.(int64)
	if !ok || n < low || n > maxSeconds {
		return 0, Runtimef("The %s parameter does not reference a whole number from %d to %d: %s == %s", field, low, maxSeconds, p, Encode(v))
	}
	return n, nil
}

// unreachable returns the states that no transition leads to, from the first on.
func unreachable(m *Machine, all []transition) []string {
	reached := map[string]bool{m.StartAt: true}
	for queue := []string{m.StartAt}; len(queue) > 0; queue = queue[1:] {
		for _, t := range all {
			if t.from == queue[0] && !reached[t.to] {
				reached[t.to] = true
				queue = append(queue, t.to)
			}
		}
	}
	var names []string
	for name := range m.States {
		if !reached[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func stateLocation(name string) string { return fmt.Sprintf("/States/%s", name) }
