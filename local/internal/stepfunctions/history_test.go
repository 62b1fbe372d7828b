package stepfunctions_test

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
	"snaplake/local/internal/wire"
)

func TestHistory_RecordsTask(t *testing.T) {
	s := newService(t, answers(`{"n":1}`))
	e := s.run(invokeTask, `{"a": "<b>"}`)
	events := s.history(e.ARN)
	equal(t, []string{
		"1 0 ExecutionStarted", "2 0 TaskStateEntered", "3 2 TaskScheduled", "4 3 TaskStarted", "5 4 TaskSucceeded",
		"6 5 TaskStateExited", "7 6 ExecutionSucceeded",
	}, lines(events))
	const result = `{"ExecutedVersion":"$LATEST","Payload":{"n":1},"SdkResponseMetadata":{"RequestId":"request"},"StatusCode":200}`
	for i, want := range []stepfunctions.Details{
		{Input: `{"a": "<b>"}`, RoleARN: role},
		{Name: "T", Input: `{"a":"<b>"}`},
		{
			Resource: "invoke", ResourceType: "lambda", Region: "ap-northeast-1",
			Parameters: `{"FunctionName":"f","Payload":{"a":"<b>"}}`, TimeoutInSeconds: 5,
		},
		{Resource: "invoke", ResourceType: "lambda"},
		{Resource: "invoke", ResourceType: "lambda", Output: result},
		{Name: "T", Output: result},
		{Output: result},
	} {
		equal(t, &want, events[i].Details)
	}
	equal(t, result, e.Output)
}

func TestHistory_RecordsWaitsAndChoices(t *testing.T) {
	s := newService(t, nil)
	e := s.run(`{"StartAt": "W", "States": {
		"W": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "C"},
		"C": {"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "x", "Next": "E"}], "Default": "W"},
		"E": {"Type": "Wait", "SecondsPath": "$.seconds", "End": true}}}`, `{"seconds": 60, "a": "x"}`)
	equal(t, []string{
		"1 0 ExecutionStarted", "2 0 WaitStateEntered", "3 2 WaitStateExited", "4 3 ChoiceStateEntered", "5 4 ChoiceStateExited",
		"6 5 WaitStateEntered", "7 6 WaitStateExited", "8 7 ExecutionSucceeded",
	}, lines(s.history(e.ARN)))
	equal(t, "2m0s", e.StoppedAt.Sub(e.StartedAt).String())
}

// hasTimedOut is an invocation that exceeds its context's deadline.
func hasTimedOut(context.Context, string, []byte) (lambda.Invocation, error) {
	return lambda.Invocation{}, context.DeadlineExceeded
}

func TestHistory_MatchesModelOfAPI(t *testing.T) {
	seen := map[string]bool{}
	for _, run := range []struct {
		definition string
		invoke     invoke
	}{
		{invokeTask, answers(`{}`)}, {invokeTask, fails("Broken")}, {invokeTask, hasTimedOut},
		{strings.Replace(oneWait, "{", `{"TimeoutSeconds": 3, `, 1), nil},
		{`{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [], "Default": "W"},
			"W": {"Type": "Wait", "SecondsPath": "$.seconds", "End": true}}}`, nil},
	} {
		s := newService(t, run.invoke)
		e := s.run(run.definition, `{"seconds": 25}`)
		if e.Status != stepfunctions.Succeeded {
			s.redrive(e.ARN)
		}
		_, answer := s.call("GetExecutionHistory", `{"executionArn": "`+e.ARN+`"}`)
		for _, event := range answer["events"].([]any) {
			checkEvent(t, event.(map[string]any))
			seen[event.(map[string]any)["type"].(string)] = true
		}
	}
	equal(t, []string{
		"ChoiceStateEntered", "ChoiceStateExited", "ExecutionFailed", "ExecutionRedriven", "ExecutionStarted", "ExecutionSucceeded",
		"ExecutionTimedOut", "TaskFailed", "TaskScheduled", "TaskStarted", "TaskStateEntered", "TaskStateExited", "TaskSucceeded",
		"TaskTimedOut", "WaitStateEntered", "WaitStateExited",
	}, slices.Sorted(maps.Keys(seen)))
}

// checkEvent checks an event against the SDK's types, which are generated from the API's model.
func checkEvent(t *testing.T, event map[string]any) {
	t.Helper()
	exported := func(member string) string { return strings.ToUpper(member[:1]) + member[1:] }
	kind := event["type"].(string)
	if !slices.Contains(types.HistoryEventType("").Values(), types.HistoryEventType(kind)) {
		t.Errorf("event type %s is not in the model", kind)
	}
	for name, value := range event {
		member, ok := reflect.TypeFor[types.HistoryEvent]().FieldByName(exported(name))
		if !ok {
			t.Errorf("%s: member %s is not in the model", kind, name)
			continue
		}
		details, ok := value.(map[string]any)
		for name := range details {
			if _, known := member.Type.Elem().FieldByName(exported(name)); ok && !known {
				t.Errorf("%s: member %[3]s of %[2]s is not in the model", kind, member.Name, name)
			}
		}
	}
	if len(event) != 5 {
		t.Errorf("%s must have an ID, a previous ID, a timestamp, a type and details: %v", kind, event)
	}
}

func TestTask_NamesErrorsLikeAWS(t *testing.T) {
	invokes := func(a lambda.Invocation, err error) invoke {
		return func(context.Context, string, []byte) (lambda.Invocation, error) { return a, err }
	}
	refuses := func(code string, status int) invoke {
		return invokes(lambda.Invocation{}, &wire.Error{Code: code, Message: "Rate Exceeded.", Status: status})
	}
	const request = "; Request ID: "
	for name, c := range map[string]struct {
		invoke       invoke
		error, cause string
	}{
		"error of the function": {fails("ExportFailed"), "ExportFailed", `{"errorMessage":"x","errorType":"ExportFailed"}`},
		"error without a type": {invokes(lambda.Invocation{Payload: []byte(`{}`), FunctionError: "Unhandled"}, nil),
			"Lambda.Unknown", "The cause could not be determined because Lambda did not return an error type. Returned payload: {}"},
		"error of the API": {refuses("TooManyRequestsException", 429), "Lambda.TooManyRequestsException",
			"Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException" + request},
		"error outside the API's model": {refuses("AccessDeniedException", 403), "Lambda.AWSLambdaException",
			"Rate Exceeded. (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException" + request},
		"no connection": {invokes(lambda.Invocation{}, errors.New("connection refused")),
			"Lambda.SdkClientException", "connection refused"},
		"response over the limit": {answers(`"` + strings.Repeat("x", 262144) + `"`),
			"States.DataLimitExceeded", "The state/task 'lambda' returned a result"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, c.invoke)
			e := s.run(invokeTask, `{}`)
			equal(t, []any{stepfunctions.Failed, c.error}, []any{e.Status, e.Error})
			if !strings.HasPrefix(e.Cause, c.cause) {
				t.Errorf("got cause %s", e.Cause)
			}
			equal(t, []string{"5 4 TaskFailed", "6 5 ExecutionFailed"}, lines(s.history(e.ARN))[4:])
		})
	}
}

func TestRun_FailsWithRuntimeErrorForUnsuitableData(t *testing.T) {
	const entered = "An error occurred while executing the state 'S' (entered at the event id #2). "
	for state, cause := range map[string]string{
		`"Type": "Choice", "Choices": [{"Variable": "$.y", "StringEquals": "", "Next": "S"}], "Default": "E"`: "Invalid path '$.y'",
		`"Type": "Wait", "SecondsPath": "$.x", "Next": "E"`:                                                   "The SecondsPath parameter",
		`"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "E",
			"Parameters": {"FunctionName": "f", "Payload.$": "$.y"}`: "The JSONPath '$.y' specified for the field 'Payload.$'",
	} {
		s := newService(t, nil)
		e := s.run(`{"StartAt": "S", "States": {"S": {`+state+`}, "E": {"Type": "Wait", "SecondsPath": "$.x", "End": true}}}`, `{"x": null}`)
		if e.Error != "States.Runtime" || !strings.HasPrefix(e.Cause, entered+cause) {
			t.Errorf("got %s: %s", e.Error, e.Cause)
		}
		equal(t, "3 2 ExecutionFailed", lines(s.history(e.ARN))[2])
	}
}

func TestTask_LimitsOutputAndParameters(t *testing.T) {
	half := `"` + strings.Repeat("x", 131072) + `"`
	for name, payload := range map[string]string{"output": `"Payload": 1`, "parameters": `"Payload": {"a.$": "$", "b.$": "$"}`} {
		s := newService(t, answers(half))
		e := s.run(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
			"ResultPath": "$.again", "Parameters": {"FunctionName": "f", `+payload+`}}}}`, `{"x": `+half+`}`)
		const cause = "The state/task 'T' returned a result with a size exceeding the maximum number of bytes service limit."
		if e.Error != "States.DataLimitExceeded" || e.Cause != cause {
			t.Errorf("%s: got %s: %s", name, e.Error, e.Cause)
		}
	}
}

func TestHistory_EndsEndlessLoopAtLimit(t *testing.T) {
	s := newService(t, nil)
	e := s.run(`{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [], "Default": "A"}}}`, `{}`)
	equal(t, "States.Runtime: The execution reached the maximum number of history events (25000).", e.Error+": "+e.Cause)
	equal(t, "25000 24999 ExecutionFailed", lines(s.history(e.ARN)[24999:])[0])
	err := s.RedriveExecution(e.ARN, "")
	equal(t, "ExecutionNotRedrivable: Execution "+e.ARN+" invalid for redrive as: Execution history event limit exceeded", err.Error())
}

func TestTask_SendsPayloadAsAWSDoes(t *testing.T) {
	for input, want := range map[string]string{
		`{"x": {"a": 1}}`:       `{"a":1}`,
		`{"x": null}`:           `{}`,
		`{"x": "{\"a\": 1}"}`:   `{"a": 1}`,
		`{"x": "not JSON"}`:     `"not JSON"`,
		`{"x": [null, "true"]}`: `[null,"true"]`,
	} {
		var got string
		s := newService(t, func(_ context.Context, _ string, payload []byte) (lambda.Invocation, error) {
			got = string(payload)
			return answer(`{}`)
		})
		s.run(strings.Replace(invokeTask, `"Payload.$": "$"`, `"Payload.$": "$.x"`, 1), input)
		equal(t, want, got)
	}
}
