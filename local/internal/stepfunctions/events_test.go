package stepfunctions_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"snaplake/local/internal/stepfunctions"
)

// call makes a call of the API as a client without an SDK, and returns the HTTP status and the answer.
func (w world) call(operation, body string) (int, map[string]any) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	out := httptest.NewRecorder()
	w.ServeHTTP(out, r)
	return out.Code, decoded(w.t, out.Body.String()).(map[string]any)
}

// exported is a member of an answer as the SDK's types name it.
func exported(member string) string { return strings.ToUpper(member[:1]) + member[1:] }

func TestEachTypeOfEventHasTheDetailsOfTheAPIsModel(t *testing.T) {
	const arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:f"
	older := func(fields string) string {
		return `{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "` + arn + `", "End": true` + fields + `}}}`
	}
	fails := func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return failure("Broken", "x") }
	succeeds := func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return answer(`{}`) }
	timesOut := func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
		return stepfunctions.Invocation{}, context.DeadlineExceeded
	}
	seen := map[string]bool{}
	for _, run := range []struct {
		definition string
		invoke     invoke
	}{
		{invokeTask, succeeds}, {invokeTask, fails}, {invokeTask, timesOut},
		{older(""), succeeds}, {older(""), fails}, {older(`, "TimeoutSeconds": 5`), timesOut},
		{`{"TimeoutSeconds": 3, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 25, "End": true}}}`, nil},
		{`{"StartAt": "F", "States": {"F": {"Type": "Fail"}}}`, nil},
		{`{"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 1, "Next": "C"},
			"C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "S"}], "Default": "S"}, "S": {"Type": "Succeed"}}}`, nil},
	} {
		w := newWorld(t, run.invoke)
		e := w.run(run.definition, `{}`)
		if e.Status != stepfunctions.Succeeded {
			w.redriven(e.ARN)
		}
		status, answer := w.call("GetExecutionHistory", `{"executionArn": "`+e.ARN+`"}`)
		equal(t, http.StatusOK, status)
		for _, event := range answer["events"].([]any) {
			checkEvent(t, event.(map[string]any))
			seen[event.(map[string]any)["type"].(string)] = true
		}
	}
	w, begun := hangs(t)
	running := w.start(w.create("m", invokeTask), "e", `{}`)
	<-begun
	if err := w.StopExecution(running, "", ""); err != nil {
		t.Fatal(err)
	}
	_, answer := w.call("GetExecutionHistory", `{"executionArn": "`+running+`", "reverseOrder": true}`)
	aborted := answer["events"].([]any)[0].(map[string]any)
	checkEvent(t, aborted)
	equal(t, any(map[string]any{}), aborted["executionAbortedEventDetails"]) // there, but empty, as AWS has it
	seen["ExecutionAborted"] = true

	equal(t, []string{
		"ChoiceStateEntered", "ChoiceStateExited", "ExecutionAborted", "ExecutionFailed", "ExecutionRedriven", "ExecutionStarted",
		"ExecutionSucceeded", "ExecutionTimedOut", "FailStateEntered", "LambdaFunctionFailed", "LambdaFunctionScheduled",
		"LambdaFunctionStarted", "LambdaFunctionSucceeded", "LambdaFunctionTimedOut", "PassStateEntered", "PassStateExited",
		"SucceedStateEntered", "SucceedStateExited", "TaskFailed", "TaskScheduled", "TaskStarted", "TaskStateEntered", "TaskStateExited",
		"TaskSucceeded", "TaskTimedOut", "WaitStateEntered", "WaitStateExited",
	}, slices.Sorted(maps.Keys(seen)))
}

// checkEvent checks an event against the SDK's types, which are made of the API's model.
func checkEvent(t *testing.T, event map[string]any) {
	t.Helper()
	kind := event["type"].(string)
	if !slices.Contains(types.HistoryEventType("").Values(), types.HistoryEventType(kind)) {
		t.Errorf("the model has no event %s", kind)
	}
	members := reflect.TypeFor[types.HistoryEvent]()
	for name, value := range event {
		member, ok := members.FieldByName(exported(name))
		if !ok {
			t.Errorf("%s: the model has no member %s", kind, name)
			continue
		}
		details, ok := value.(map[string]any)
		for name := range details {
			if _, known := member.Type.Elem().FieldByName(exported(name)); ok && !known {
				t.Errorf("%s: %s has no member %s in the model", kind, member.Name, name)
			}
		}
	}
	if kind != "LambdaFunctionStarted" && len(event) != 5 {
		text, _ := json.Marshal(event) // was decoded before
		t.Errorf("%s is not an id, the previous id, a timestamp, a type and details: %s", kind, text)
	}
}
