package asl

import (
	"strings"
	"testing"

	"snaplake/workflow"
)

func TestParse_AcceptsPipeline(t *testing.T) {
	m, err := Parse(workflow.Definition)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"FindSnapshot", "WaitForExport", "IsExportComplete"} {
		if m.States[name] == nil {
			t.Errorf("state %s is missing", name)
		}
	}
}

func TestParse_NamesUnsupportedFeature(t *testing.T) {
	state := func(fields string) string { return `{"StartAt": "S", "States": {"S": {` + fields + `}}}` }
	task := func(fields string) string {
		return state(`"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true, ` + fields)
	}
	payload := func(text string) string { return task(`"Parameters": {"FunctionName": "f", "Payload": ` + text + `}`) }
	invoke := func(fields string) string {
		return task(`"Parameters": {"FunctionName": "f", "Payload.$": "$"}, ` + fields)
	}
	choice := func(rule string) string {
		return state(`"Type": "Choice", "Default": "S", "Choices": [{` + rule + `, "Next": "S"}]`)
	}
	for name, c := range map[string]struct{ definition, want string }{
		"not JSON":         {`{"StartAt": x}`, "invalid character 'x'"},
		"no states":        {`{"StartAt": "S"}`, `field StartAt: state "S" does not exist`},
		"JSONata":          {`{"QueryLanguage": "JSONata"}`, "field QueryLanguage is not supported"},
		"type":             {state(`"Type": "Map"`), `state S: type "Map" is not supported; supported types: Task, Wait, Choice`},
		"field":            {invoke(`"HeartbeatSeconds": 3`), "state S: field HeartbeatSeconds is not supported"},
		"Catch":            {invoke(`"Catch": []`), "field Catch is not supported"},
		"field in lower":   {invoke(`"timeoutSeconds": 3`), "field timeoutSeconds is not supported"},
		"null":             {invoke(`"ResultPath": null`), "field ResultPath: null is not supported"},
		"resource":         {state(`"Type": "Task", "Resource": "arn:aws:lambda:x"`), `resource "arn:aws:lambda:x" is not supported`},
		"parameter":        {payload(`1, "Qualifier": "live"`), "field Parameters: Qualifier is not supported"},
		"no payload":       {task(`"Parameters": {"FunctionName": "f"}`), "Payload is required"},
		"function by path": {task(`"Parameters": {"FunctionName.$": "$.f", "Payload": 1}`), "FunctionName must be a string, not a path"},
		"no parameters":    {task(`"Comment": ""`), "field Parameters: the JSON text is empty"},
		"array":            {payload(`{"a": [1]}`), "Parameters: Payload: a: arrays are not supported"},
		"path twice":       {payload(`{"a": 1, "a.$": "$"}`), `fields "a" and "a.$" are mutually exclusive`},
		"path of a number": {payload(`{"a.$": 1}`), "Payload: a.$: a path must be a string"},
		"intrinsic":        {invoke(`"ResultSelector": {"a.$": "States.UUID()"}`), `ResultSelector: a.$: path "States.UUID()" is not supported`},
		"index":            {invoke(`"ResultPath": "$.a[0]"`), `ResultPath: path "$.a[0]" is not supported; use a path such as $.a.b`},
		"descent":          {invoke(`"ResultSelector": {"a.$": "$..a"}`), `"$..a" is not supported`},
		"write to context": {invoke(`"ResultPath": "$$.a"`), "use a path that does not refer to the context object"},
		"Next and End":     {invoke(`"Next": "S"`), "either Next or End is required"},
		"text as number":   {invoke(`"TimeoutSeconds": "3"`), "TimeoutSeconds of type int64"},
		"negative timeout": {invoke(`"TimeoutSeconds": -3`), "TimeoutSeconds must be a whole number from 0 to 99999999"},
		"error name":       {invoke(`"Retry": [{"ErrorEquals": ["States.ALL"]}]`), "field Retry[0]: error name States.ALL is not supported"},
		"backoff":          {invoke(`"Retry": [{"ErrorEquals": ["E"], "BackoffRate": 0.5}]`), "Retry[0]: field BackoffRate must be"},
		"jitter":           {invoke(`"Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "SOME"}]`), `JitterStrategy "SOME" is not supported`},
		"delay":            {invoke(`"Retry": [{"ErrorEquals": ["E"], "MaxDelaySeconds": 1}]`), "MaxDelaySeconds must be a whole number from 2"},
		"wait":             {state(`"Type": "Wait", "Seconds": 3, "End": true`), "field Seconds is not supported"},
		"wait on context":  {state(`"Type": "Wait", "SecondsPath": "$$.a", "End": true`), `SecondsPath: path "$$.a" is not supported`},
		"operator":         {choice(`"Variable": "$.a", "NumericEquals": 1`), "Choices[0]: field NumericEquals is not supported"},
		"And":              {choice(`"And": []`), "Choices[0]: field And is not supported"},
		"no operator":      {choice(`"Variable": "$.a"`), "field Choices[0]: field StringEquals is required"},
		"path of a rule":   {choice(`"Variable": "a", "StringEquals": ""`), `Choices[0]: path "a" is not supported`},
		"no Default":       {state(`"Type": "Choice", "Choices": []`), `state S: field Default: state "" does not exist`},
		"transition":       {state(`"Type": "Wait", "SecondsPath": "$.a", "Next": "X"`), `state S: state "X" does not exist`},
		"transition of one": {state(`"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "", "Next": "X"}]`),
			`state S: field Choices[0]: state "X" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.definition)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want %s", err, c.want)
			}
		})
	}
}
