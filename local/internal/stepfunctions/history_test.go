package stepfunctions_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/stepfunctions"
	"snaplake/local/internal/wire"
)

const invokeTask = `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload.$": "$"}, "TimeoutSeconds": 5, "End": true}}}`

func TestHistoryOfALambdaTask(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return answer(`{"n":1}`) })
	e := w.run(invokeTask, `{"a": "<b>"}`)
	events := w.history(e.ARN)
	equal(t, []string{
		"1 0 ExecutionStarted", "2 0 TaskStateEntered", "3 2 TaskScheduled", "4 3 TaskStarted", "5 4 TaskSucceeded",
		"6 5 TaskStateExited", "7 6 ExecutionSucceeded",
	}, lines(events))
	all := &stepfunctions.Truncation{}
	equal(t, &stepfunctions.Details{Input: `{"a": "<b>"}`, InputDetails: all, RoleARN: role}, events[0].Details)
	equal(t, &stepfunctions.Details{Name: "T", Input: `{"a":"<b>"}`, InputDetails: all}, events[1].Details)
	equal(t, &stepfunctions.Details{
		Resource: "invoke", ResourceType: "lambda", Region: "ap-northeast-1",
		Parameters: `{"FunctionName":"f","Payload":{"a":"<b>"}}`, TimeoutInSeconds: 5,
	}, events[2].Details)
	equal(t, &stepfunctions.Details{Resource: "invoke", ResourceType: "lambda"}, events[3].Details)
	equal(t, any(map[string]any{
		"ExecutedVersion": "$LATEST", "Payload": map[string]any{"n": 1.0}, "StatusCode": 200.0,
		"SdkResponseMetadata": map[string]any{"RequestId": "request"},
		"SdkHttpMetadata": map[string]any{
			"HttpStatusCode": 200.0,
			"HttpHeaders": map[string]any{
				"Connection": "keep-alive", "Content-Length": "7", "Content-Type": "application/json", "Date": "Sat, 21 Nov 2026 17:05:12 GMT",
				"X-Amz-Executed-Version": "$LATEST", "x-amzn-Remapped-Content-Length": "0", "x-amzn-RequestId": "request",
			},
			"AllHttpHeaders": map[string]any{
				"Connection": []any{"keep-alive"}, "Content-Length": []any{"7"}, "Content-Type": []any{"application/json"}, "Date": []any{"Sat, 21 Nov 2026 17:05:12 GMT"},
				"X-Amz-Executed-Version": []any{"$LATEST"}, "x-amzn-Remapped-Content-Length": []any{"0"}, "x-amzn-RequestId": []any{"request"},
			},
		},
	}), decoded(t, events[4].Details.Output))
	equal(t, e.Output, events[6].Details.Output)
}

func TestHistoryOfATaskThatNamesTheFunctionsARN(t *testing.T) {
	const arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:f"
	w := newWorld(t, func(_ context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
		equal(t, arn, function)
		return answer(string(payload))
	})
	e := w.run(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "`+arn+`", "End": true}}}`, `{"a":1}`)
	events := w.history(e.ARN)
	equal(t, []string{
		"1 0 ExecutionStarted", "2 0 TaskStateEntered", "3 2 LambdaFunctionScheduled", "4 3 LambdaFunctionStarted",
		"5 4 LambdaFunctionSucceeded", "6 5 TaskStateExited", "7 6 ExecutionSucceeded",
	}, lines(events))
	all := &stepfunctions.Truncation{}
	equal(t, &stepfunctions.Details{Resource: arn, Input: `{"a":1}`, InputDetails: all}, events[2].Details)
	equal(t, (*stepfunctions.Details)(nil), events[3].Details)
	equal(t, `{"a":1}`, e.Output)
}

func TestEveryOtherTypeOfStateEntersAndExits(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "P", "States": {
		"P": {"Type": "Pass", "Result": {"until": "2026-11-21T18:00:00Z"}, "Next": "W"},
		"W": {"Type": "Wait", "TimestampPath": "$.until", "Next": "C"},
		"C": {"Type": "Choice", "Choices": [{"Variable": "$.until", "IsPresent": true, "Next": "S"}]},
		"S": {"Type": "Succeed"}}}`, `{}`)
	equal(t, []string{
		"1 0 ExecutionStarted", "2 0 PassStateEntered", "3 2 PassStateExited", "4 3 WaitStateEntered", "5 4 WaitStateExited",
		"6 5 ChoiceStateEntered", "7 6 ChoiceStateExited", "8 7 SucceedStateEntered", "9 8 SucceedStateExited", "10 9 ExecutionSucceeded",
	}, lines(w.history(e.ARN)))
	equal(t, time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC), e.StoppedAt)
}

func TestErrorsAreNamedAsAWSNamesThem(t *testing.T) {
	for _, c := range []struct {
		name         string
		invoke       invoke
		event        string
		error, cause string
	}{
		{"the function's own error", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return failure("ExportFailed", "disk full")
		}, "TaskFailed", "ExportFailed", `{"errorMessage":"disk full","errorType":"ExportFailed"}`},
		{"a process that was killed", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return failure("Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: signal: killed")
		}, "TaskFailed", "Runtime.ExitError", `{"errorMessage":"RequestId: 1 Error: Runtime exited with error: signal: killed","errorType":"Runtime.ExitError"}`},
		{"an error without a type", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return stepfunctions.Invocation{Payload: []byte(`{}`), FunctionError: "Unhandled"}, nil
		}, "TaskFailed", "Lambda.Unknown", "The cause could not be determined because Lambda did not return an error type. Returned payload: {}"},
		{"an error of Lambda's API", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return stepfunctions.Invocation{}, &wire.Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: 429}
		}, "TaskFailed", "Lambda.TooManyRequestsException", "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: "},
		{"an error that Lambda's API does not list", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return stepfunctions.Invocation{}, &wire.Error{Code: "AccessDeniedException", Message: "no", Status: 403}
		}, "TaskFailed", "Lambda.AWSLambdaException", "no (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException; Request ID: "},
		{"an internal error of Lambda", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return stepfunctions.Invocation{}, &wire.Error{Code: "ServiceException", Message: "An error occurred and the request cannot be processed.", Status: 500}
		}, "TaskFailed", "Lambda.ServiceException", "An error occurred and the request cannot be processed. (Service: AWSLambda; Status Code: 500; Error Code: ServiceException; Request ID: "},
		{"no connection", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return stepfunctions.Invocation{}, errors.New("connection refused")
		}, "TaskFailed", "Lambda.SdkClientException", "connection refused"},
		{"an answer that is too long", func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
			return answer(`"` + strings.Repeat("x", 262144) + `"`)
		}, "TaskFailed", "States.DataLimitExceeded", "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.invoke)
			e := w.run(invokeTask, `{}`)
			equal(t, stepfunctions.Failed, e.Status)
			equal(t, c.error, e.Error)
			if !strings.HasPrefix(e.Cause, c.cause) {
				t.Errorf("got the cause %s", e.Cause)
			}
			equal(t, []string{"5 4 " + c.event, "6 5 ExecutionFailed"}, lines(w.history(e.ARN))[4:])
		})
	}
}

func TestDataThatDoesNotFitTheDefinitionIsARuntimeError(t *testing.T) {
	for state, cause := range map[string]string{
		`"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": false, "Next": "E"}]`: "Failed to transition out of the state. The state does not point to a next state.",
		`"Type": "Pass", "Parameters": {"y.$": "$.y"}, "Next": "E"`:                        `The JSONPath '$.y' specified for the field 'y.$' could not be found in the input '{"x":null}'`,
		`"Type": "Wait", "SecondsPath": "$.x", "Next": "E"`:                                "The SecondsPath parameter does not reference a whole number from 0 to 99999999: $.x == null",
		`"Type": "Wait", "TimestampPath": "$.x", "Next": "E"`:                              "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.x == null",
		`"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "E"}], "Next": "E"`: `The Parameters '{"x":null}' have no FunctionName that is a string`,
	} {
		w := newWorld(t, nil)
		e := w.run(`{"StartAt": "S", "States": {"S": {`+state+`}, "E": {"Type": "Succeed"}}}`, `{"x": null}`)
		equal(t, "States.Runtime", e.Error)
		equal(t, "An error occurred while executing the state 'S' (entered at the event id #2). "+cause, e.Cause)
		equal(t, "3 2 ExecutionFailed", lines(w.history(e.ARN))[2])
	}
}

func TestDataThatGrowsBeyondTheLimitFailsTheExecution(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "P", "States": {"P": {"Type": "Pass", "ResultPath": "$.again", "End": true}}}`, `{"x": "`+strings.Repeat("x", 131072)+`"}`)
	equal(t, []string{"States.DataLimitExceeded", "The state/task 'P' returned a result with a size exceeding the maximum number of bytes service limit."},
		[]string{e.Error, e.Cause})
	equal(t, "3 2 ExecutionFailed", lines(w.history(e.ARN))[2])
}

func TestAFailStateFailsWithItsErrorAndCause(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "CausePath": "States.Format('because of {}', $.x)"}}}`, `{"x": 1}`)
	equal(t, []string{"1 0 ExecutionStarted", "2 0 FailStateEntered", "3 2 ExecutionFailed"}, lines(w.history(e.ARN)))
	equal(t, []string{"Broken", "because of 1"}, []string{e.Error, e.Cause})
}

func TestACatcherPutsTheErrorIntoTheInput(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return failure("Busy", "x") })
	e := w.run(`{"StartAt": "T", "States": {
		"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": true,
			"Catch": [{"ErrorEquals": ["Other"], "Next": "P"}, {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failed", "Next": "P"}]},
		"P": {"Type": "Pass", "End": true}}}`, `{"a": 1}`)
	equal(t, `{"a":1,"failed":{"Cause":"{\"errorMessage\":\"x\",\"errorType\":\"Busy\"}","Error":"Busy"}}`, e.Output)
	equal(t, []string{"5 4 TaskFailed", "6 5 TaskStateExited", "7 6 PassStateEntered"}, lines(w.history(e.ARN))[4:7])
}

func TestARunawayLoopEndsAtTheHistorysLimit(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "E"}], "Default": "A"}, "E": {"Type": "Succeed"}}}`, `{}`)
	equal(t, "States.Runtime: The execution reached the maximum number of history events (25000).", e.Error+": "+e.Cause)
	events := w.history(e.ARN)
	equal(t, "25000 24999 ExecutionFailed", lines(events[24999:])[0])
	err := w.RedriveExecution(e.ARN, "")
	equal(t, "ExecutionNotRedrivable: Execution "+e.ARN+" invalid for redrive as: Execution history event limit exceeded", err.Error())
}
