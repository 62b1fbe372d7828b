// Package asl parses and evaluates the part of the Amazon States Language that the pipeline's definition uses.
//
// It supports Task states that invoke a Lambda function through lambda:invoke, Wait states with SecondsPath, and Choice states that compare
// strings. It also supports Retry, TimeoutSeconds, Parameters, ResultSelector and ResultPath. Paths have the form $.a.b or $$.a.b. For any
// other feature, [Parse] returns an error that names the feature, so that the feature is reported before any execution starts.
package asl

import (
	"encoding/json"
	"time"
)

// Machine is a parsed definition.
type Machine struct {
	StartAt string
	// Timeout is the maximum duration of an execution, or 0 for no limit.
	Timeout time.Duration
	States  map[string]*State
}

// State is one state of a definition. Exactly one of Task, Wait and Choice is set.
type State struct {
	// Type is "Task", "Wait" or "Choice". Event types such as TaskStateEntered begin with it.
	Type string
	// Next is the name of the next state. It is empty for a final state and for a Choice state.
	Next string

	Task   *Task
	Wait   *Wait
	Choice *Choice
}

// Wait is a Wait state.
type Wait struct{ secondsPath Path }

// Duration returns the time for which the state waits.
func (w *Wait) Duration(s Scope) (time.Duration, error) {
	v, err := w.secondsPath.value("SecondsPath", s)
	if err != nil {
		return 0, err
	}
	number, _ := v.(json.Number)
	n, err := number.Int64()
	if err != nil || n < 0 || n > maxSeconds {
		return 0, Runtimef("The SecondsPath parameter does not reference a whole number from 0 to %d: %s == %s",
			maxSeconds, w.secondsPath, Encode(v))
	}
	return time.Duration(n) * time.Second, nil
}

// maxSeconds is the maximum duration in a definition, in seconds (Step Functions guide, "Task workflow state", TimeoutSeconds).
const maxSeconds = 99999999

// Choice is a Choice state that compares strings.
type Choice struct {
	rules        []rule
	defaultState string
}

type rule struct {
	variable     Path
	stringEquals string
	next         string
}

// Decide returns the name of the next state.
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
