package asl

import (
	"errors"
	"testing"

	"snaplake/workflow"
)

func FuzzParse(f *testing.F) {
	const data = `{"source": "shop", "export": {"status": "COMPLETE", "waitSeconds": 60}, "crawl": null, "n": 1e400}`
	f.Add(workflow.Definition, data)
	f.Add(`{"StartAt": "S", "States": {"S": {"Type": "Wait", "SecondsPath": "$.export.waitSeconds", "End": true}}}`, data)
	f.Add(`{"StartAt": "S", "States": {"S": {"Type": "Choice", "Choices": [], "Default": "S"}}}`, data)
	f.Add(`{"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
		"ResultPath": "$.crawl.x", "Parameters": {"FunctionName": "f", "Payload": {"a.$": "$$"}},
		"Retry": [{"ErrorEquals": ["E"], "BackoffRate": 1e300}]}}}`, data)
	f.Fuzz(func(t *testing.T, definition, data string) {
		v, err := Decode([]byte(data))
		if err != nil {
			return
		}
		m, err := Parse(definition)
		if err != nil {
			if err.Error() == "" {
				t.Error("the error has no text")
			}
			return
		}
		for _, st := range m.States {
			err := evaluateAll(st, Scope{Data: v, Context: map[string]any{}})
			if e, ok := errors.AsType[*Error](err); err != nil && (!ok || e.Name == "" || e.Cause == "") {
				t.Errorf("the error %#v has no name", err)
			}
		}
	})
}

// evaluateAll evaluates all fields of a state.
func evaluateAll(st *State, s Scope) error {
	switch {
	case st.Choice != nil:
		_, err := st.Choice.Decide(s)
		return err
	case st.Wait != nil:
		_, err := st.Wait.Duration(s)
		return err
	}
	for _, r := range st.Task.Retry {
		r.Delay(r.MaxAttempts, func() float64 { return 0.5 })
	}
	if _, err := st.Task.Payload(s); err != nil {
		return err
	}
	out, err := st.Task.Output(s.Data, s)
	Encode(out)
	return err
}
