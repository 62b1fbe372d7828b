// Package asl reads the part of the Amazon States Language that the pipeline's definition uses.
//
// It has Task states that call a Lambda function through lambda:invoke, Wait states with SecondsPath, and Choice states that
// compare a string; Parameters, ResultSelector and ResultPath with paths such as $.a.b and $$.a.b; Retry and TimeoutSeconds.
// [Parse] refuses everything else by name: other types of states, fields, operators and paths, intrinsic functions, Catch,
// JSONata. A definition that needs more fails when it is loaded, and not in the middle of an execution.
//
// The package evaluates states against data. Package stepfunctions runs them.
package asl

import "time"

// Machine is a definition.
type Machine struct {
	StartAt string
	// Timeout limits an execution; 0 means no limit.
	Timeout time.Duration
	States  map[string]*State
}

// State is one state of a definition. Exactly one of Task, Wait and Choice is set.
type State struct {
	Name string
	// Type is Task, Wait or Choice; the state's events are named after it.
	Type string
	// Next is the state that follows; it is empty at the end, and in a Choice.
	Next string

	Task   *Task
	Wait   *Wait
	Choice *Choice
}

// Wait is a Wait state.
type Wait struct{ secondsPath Path }

// Duration returns how long the state waits.
func (w *Wait) Duration(s Scope) (time.Duration, error) {
	v, err := w.secondsPath.value("SecondsPath", s)
	if err != nil {
		return 0, err
	}
	n, ok := wholeNumber(v)
	if !ok || n < 0 || n > maxSeconds {
		return 0, Runtimef("The SecondsPath parameter does not reference a whole number from 0 to %d: %s == %s",
			maxSeconds, w.secondsPath, Encode(v))
	}
	return time.Duration(n) * time.Second, nil
}

// maxSeconds is the longest time that a definition can name: a little over three years (Step Functions guide, "Task workflow
// state", TimeoutSeconds).
const maxSeconds = 99999999

// Choice is a Choice state.
type Choice struct {
	rules        []rule
	defaultState string
}

type rule struct {
	variable     Path
	stringEquals string
	next         string
}

// Decide returns the next state.
func (c *Choice) Decide(s Scope) (string, error) {
	for _, r := range c.rules {
		v, ok := r.variable.Get(s)
		if !ok {
			return "", Runtimef("Invalid path '%s': The choice state's condition path references an invalid value.", r.variable)
		}
		if v == r.stringEquals {
			return r.next, nil
		}
	}
	return c.defaultState, nil
}
