package asl

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRefusesByNameWhatIsWrong(t *testing.T) {
	pass := `"P": {"Type": "Pass", "End": true}`
	task := func(fields string) string {
		return `{"StartAt": "T", "States": {"T": {"Type": "Task", "End": true, ` + fields + `}}}`
	}
	invoke := `"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}`
	choice := func(rule string) string {
		return `{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [` + rule + `]}, ` + pass + `}}`
	}
	for _, c := range []struct{ name, definition, want string }{
		{"text that is no JSON", "{\n\"StartAt\": x}",
			"INVALID_JSON_DESCRIPTION: invalid character 'x' looking for beginning of value at line 2, column 12"},
		{"nothing", `{}`,
			"SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt, States] at /"},
		{"JSONata", `{"QueryLanguage": "JSONata", "StartAt": "P", "States": {` + pass + `}}`,
			"SCHEMA_VALIDATION_FAILED: The query language 'JSONata' is not supported: there is JSONPath at /QueryLanguage"},
		{"a type that is not supported", `{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true}}}`,
			"SCHEMA_VALIDATION_FAILED: The type 'Map' is not supported: there are [Task, Pass, Choice, Wait, Succeed, Fail] at /States/M/Type"},
		{"a field of another type of state", `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true, "TimeoutSeconds": 3}}}`,
			"SCHEMA_VALIDATION_FAILED: Field 'TimeoutSeconds' is not supported at /States/P"},
		{"a transition to nowhere, and a state that nothing leads to", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "X"}, "B": {"Type": "Succeed"}}}`,
			`MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next, MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B`},
		{"a loop without an end", `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}`,
			"MISSING_END_STATE: Workflow has no terminal state at null"},
		{"no Next and no End", `{"StartAt": "A", "States": {"A": {"Type": "Pass"}}}`,
			"SCHEMA_VALIDATION_FAILED: One of the following fields is required: [Next, End] at /States/A"},
		{"a resource that is not supported", task(`"Resource": "arn:aws:states:::glue:startJobRun.sync"`),
			"SCHEMA_VALIDATION_FAILED: The resource 'arn:aws:states:::glue:startJobRun.sync' is not supported: there are arn:aws:states:::lambda:invoke and the ARNs of Lambda functions at /States/T/Resource"},
		{"a parameter that is not supported", task(`"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"InvocationType": "Event"}`),
			"SCHEMA_VALIDATION_FAILED: These fields are required: [FunctionName] at /States/T/Parameters, " +
				"SCHEMA_VALIDATION_FAILED: The field 'InvocationType' is not supported: lambda:invoke takes [FunctionName, Payload] at /States/T/Parameters"},
		{"heartbeats", task(invoke + `, "HeartbeatSeconds": 3`),
			"SCHEMA_VALIDATION_FAILED: Field 'HeartbeatSeconds' is not supported at /States/T"},
		{"an unknown function", task(`"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName.$": "States.Upper($.a)"}`),
			"SCHEMA_VALIDATION_FAILED: The value for the field 'FunctionName.$' must be a valid JSONPath or a valid intrinsic function call: 'States.Upper($.a)': the intrinsic function States.Upper does not exist at /States/T/Parameters"},
		{"a path that may lead to several places", task(invoke + `, "ResultPath": "$.a[*]"`),
			"SCHEMA_VALIDATION_FAILED: Value is not a Reference Path: '$.a[*]' at /States/T/ResultPath"},
		{"States.ALL that is not the last", task(invoke + `, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"], "MaxDelaySeconds": 1, "BackoffRate": 0.5, "JitterStrategy": "SOME"}]`),
			"SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and at end of list at /States/T/Retry[0]/ErrorEquals[0], " +
				"SCHEMA_VALIDATION_FAILED: Minimum value is 1.0 at /States/T/Retry[1]/BackoffRate, " +
				"SCHEMA_VALIDATION_FAILED: MaxDelaySeconds must be greater than IntervalSeconds at /States/T/Retry[1]/MaxDelaySeconds, " +
				"SCHEMA_VALIDATION_FAILED: 'SOME' is none of [FULL, NONE] at /States/T/Retry[1]/JitterStrategy"},
		{"a null where a number is", task(invoke + `, "TimeoutSeconds": null`),
			"SCHEMA_VALIDATION_FAILED: Expected value of type Integer at /States/T/TimeoutSeconds"},
		{"an unknown operator", choice(`{"Variable": "$.a", "StringContains": "x", "Next": "P"}`),
			"SCHEMA_VALIDATION_FAILED: Field 'StringContains' is not supported at /States/C/Choices[0]"},
		{"an operand of another type", choice(`{"Variable": "$.a", "NumericEquals": "1", "Next": "P"}`),
			"SCHEMA_VALIDATION_FAILED: Expected value of type Numeric at /States/C/Choices[0]/NumericEquals"},
		{"Next within a condition", choice(`{"Not": {"Variable": "$.a", "IsNull": true, "Next": "P"}, "Next": "P"}`),
			"SCHEMA_VALIDATION_FAILED: Field 'Next' is not supported at /States/C/Choices[0]/Not"},
		{"a rule without a Next, which makes its target unreachable", choice(`{"Variable": "$.a", "IsNull": true}`),
			`SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/C/Choices[0], MISSING_TRANSITION_TARGET: State "P" is not reachable. at /States/P`},
		{"two ways to say how long", `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "SecondsPath": "$$.x", "End": true}}}`,
			"SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [Seconds, SecondsPath, Timestamp, TimestampPath] at /States/W, " +
				"SCHEMA_VALIDATION_FAILED: Value is not a Reference Path: '$$.x' at /States/W/SecondsPath"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.definition)
			if err == nil {
				t.Fatal("it is accepted")
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamesTheMistakeInACall(t *testing.T) {
	for call, want := range map[string]string{
		"States.Format('{}'":                      `a comma or a closing parenthesis is missing before ""`,
		"States.Format('{}', 'a)":                 "the closing quote is missing",
		`States.Format('\n')`:                     `a backslash comes before ', {, } or \ only`,
		"States.UUID() x":                         `" x" follows the call`,
		"States.MathAdd(1)":                       "States.MathAdd takes 2 arguments, and is given 1",
		"States.Array(a)":                         `"a" is no argument: there are paths, calls, numbers, true, false, null, and strings in single quotes`,
		`States.Array("a")`:                       `"a" is no argument: a string is in single quotes`,
		"States.ArrayLength($.a[)":                "$.a[",
		"States.JsonMerge($.a, $.b)":              "States.JsonMerge takes 3 arguments, and is given 2",
		strings.Repeat("States.Array(", 11) + ")": "calls are nested more than 10 deep",
	} {
		_, err := parseCall("x.$", call)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got the error %v, want %q", call, err, want)
		}
	}
}
