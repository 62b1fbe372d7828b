package main

import (
	"encoding/json"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

// definition is workflow.Definition, with the fields that the tests use.
type definition struct {
	States map[string]struct {
		Type           string
		Parameters     struct{ FunctionName string }
		TimeoutSeconds float64
	}
}

func TestStateMachine_ReplacesEveryPlaceholder(t *testing.T) {
	machine := theTemplate(t).one(t, "AWS::StepFunctions::StateMachine").Properties
	want := object{}
	for _, placeholder := range regexp.MustCompile(`\$\{(\w+)\}`).FindAllStringSubmatch(workflow.Definition, -1) {
		want[placeholder[1]] = "${" + placeholder[1] + ".Arn}"
	}
	if diff := cmp.Diff(any(want), plain(machine["DefinitionSubstitutions"])); diff != "" {
		t.Errorf("substitutions (-want +got):\n%s", diff)
	}
	if machine["DefinitionString"] != workflow.Definition {
		t.Error("the definition is not workflow.Definition")
	}
	if machine["StateMachineName"] != "data-lake" || machine["StateMachineType"] != "STANDARD" {
		t.Errorf("the state machine is %v, %v; want data-lake, STANDARD", machine["StateMachineName"], machine["StateMachineType"])
	}
}

func TestFunctions_TimeOutBeforeTheirStates(t *testing.T) {
	var d definition
	if err := json.Unmarshal([]byte(workflow.Definition), &d); err != nil {
		t.Fatal(err)
	}
	timeouts := map[string]float64{}
	for id, r := range theTemplate(t).Resources {
		if r.Type == "AWS::Lambda::Function" {
			timeouts["${"+idHash.ReplaceAllString(id, "")+"}"] = r.Properties["Timeout"].(float64)
		}
	}
	for name, state := range d.States {
		if state.Type != "Task" {
			continue
		}
		timeout, ok := timeouts[state.Parameters.FunctionName]
		if !ok {
			t.Errorf("state %s invokes %s, which is not deployed", name, state.Parameters.FunctionName)
		} else if timeout >= state.TimeoutSeconds {
			t.Errorf("state %s times out after %v s, but its function only after %v s", name, state.TimeoutSeconds, timeout)
		}
	}
}
