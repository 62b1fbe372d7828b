package stepfunctions_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/stepfunctions"
	"snaplake/local/internal/wire"
)

// Two steps before the task that fails, so that the ids are those of the recorded redrive: the task is entered at 11, tried
// twice, the execution fails at 18 and is redriven at 19.
const threeSteps = `{"StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "a"}, "ResultSelector": {"n.$": "$.Payload"}, "Next": "B"},
	"B": {"Type": "Pass", "Next": "C"},
	"C": {"Type": "Wait", "Seconds": 60, "Next": "D"},
	"D": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
		"Parameters": {"FunctionName": "d", "Payload": {"in.$": "$", "execution.$": "$$.Execution", "state.$": "$$.State"}},
		"ResultSelector": {"done.$": "$.Payload"}, "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 1}]}}}`

func TestARedriveGoesOnInTheTaskThatFailed(t *testing.T) {
	var payloads []map[string]any
	w := newWorld(t, func(_ context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
		if function == "a" {
			return answer(`7`)
		}
		payloads = append(payloads, decoded(t, string(payload)).(map[string]any))
		if len(payloads) <= 3 {
			return failure("Busy", "x")
		}
		return answer(`true`)
	})
	e := w.run(threeSteps, `{}`)
	equal(t, stepfunctions.Failed, e.Status)
	entered := 11
	failed := lines(w.history(e.ARN))
	equal(t, []string{
		"11 10 TaskStateEntered", "12 11 TaskScheduled", "13 12 TaskStarted", "14 13 TaskFailed",
		"15 14 TaskScheduled", "16 15 TaskStarted", "17 16 TaskFailed", "18 17 ExecutionFailed",
	}, failed[entered-1:])

	if err := w.RedriveExecution(e.ARN, ""); err != nil {
		t.Fatal(err)
	}
	again := w.wait(e.ARN)
	events := w.history(e.ARN)
	equal(t, failed, lines(events)[:18])
	equal(t, []string{
		"19 18 ExecutionRedriven", "20 11 TaskScheduled", "21 20 TaskStarted", "22 21 TaskFailed",
		"23 22 TaskScheduled", "24 23 TaskStarted", "25 24 TaskSucceeded", "26 25 TaskStateExited", "27 26 ExecutionSucceeded",
	}, lines(events)[18:])
	equal(t, &stepfunctions.Details{RedriveCount: 1}, events[18].Details)
	equal(t, stepfunctions.Execution{
		ARN: e.ARN, Name: "e", StateMachineARN: e.StateMachineARN, Status: stepfunctions.Succeeded, Input: "{}", Output: `{"done":true}`,
		StartedAt: e.StartedAt, StoppedAt: e.StoppedAt.Add(5 * time.Second), RedriveCount: 1, RedrivenAt: e.StoppedAt,
	}, again)

	first, last := payloads[0], payloads[2]
	equal(t, first["in"], last["in"])
	equal(t, any(map[string]any{"Name": "D", "EnteredTime": "2026-11-21T17:06:12.123Z", "RetryCount": 0.0}), last["state"])
	equal(t, any(map[string]any{
		"Id": e.ARN, "Name": "e", "Input": map[string]any{}, "RoleArn": role, "StartTime": "2026-11-21T17:05:12.123Z",
		"RedriveCount": 1.0, "RedriveTime": "2026-11-21T17:06:17.123Z",
	}), last["execution"])
}

func TestARedriveKeepsTheDefinitionAndTheRoleItWasStartedWith(t *testing.T) {
	broken := true
	w := newWorld(t, func(_ context.Context, function string, _ []byte) (stepfunctions.Invocation, error) {
		if broken {
			return failure("Broken", "x")
		}
		return answer(`"` + function + `"`)
	})
	e := w.run(invokeTask, `{}`)
	if err := w.UpdateStateMachine(e.StateMachineARN, "", strings.Replace(invokeTask, `"f"`, `"g"`, 1)); err != nil {
		t.Fatal(err)
	}
	broken = false
	if err := w.RedriveExecution(e.ARN, ""); err != nil {
		t.Fatal(err)
	}
	if again := w.wait(e.ARN); !strings.Contains(again.Output, `"Payload":"f"`) {
		t.Errorf("got the output %s", again.Output)
	}
	if other := w.wait(w.start(e.StateMachineARN, "new", "")); !strings.Contains(other.Output, `"Payload":"g"`) {
		t.Errorf("a new execution got the output %s", other.Output)
	}
}

func TestTheSameTokenRedrivesOnce(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return failure("Broken", "x") })
	e := w.run(invokeTask, `{}`)
	redriven := func(token string) int {
		t.Helper()
		if err := w.RedriveExecution(e.ARN, token); err != nil {
			t.Fatal(err)
		}
		return w.wait(e.ARN).RedriveCount
	}
	equal(t, []int{1, 1, 2}, []int{redriven("one"), redriven("one"), redriven("two")})
}

func TestSomeExecutionsCannotBeRedriven(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return failure("Broken", "x") })
	e := w.run(`{"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}`, `{}`)
	err := w.RedriveExecution(e.ARN, "")
	equal(t, error(wire.Errorf("ExecutionNotRedrivable", "Execution %s invalid for redrive as: Execution is SUCCEEDED and cannot be redriven", e.ARN)), err)

	e = w.wait(w.start(w.create("failing", invokeTask), "e", ""))
	if err := w.clock.Sleep(t.Context(), 15*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	err = w.RedriveExecution(e.ARN, "")
	equal(t, error(wire.Errorf("ExecutionNotRedrivable", "Execution %s invalid for redrive as: Execution redrivable period exceeded", e.ARN)), err)
}

func TestARedrivenFailStateFailsAgain(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken"}}}`, `{}`)
	if err := w.RedriveExecution(e.ARN, ""); err != nil {
		t.Fatal(err)
	}
	e = w.wait(e.ARN)
	equal(t, "Broken", e.Error)
	equal(t, []string{"4 3 ExecutionRedriven", "5 2 FailStateEntered", "6 5 ExecutionFailed"}, lines(w.history(e.ARN))[3:])
}

func TestATaskThatWasStoppedIsRunAgainByARedrive(t *testing.T) {
	// The function stops its own execution, so nobody hears its first answer.
	var w world
	var arn string
	w = newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
		if arn != "" {
			return answer(`2`)
		}
		arn = "arn:aws:states:ap-northeast-1:123456789012:execution:m:e"
		if err := w.StopExecution(arn, "", ""); err != nil {
			t.Error(err)
		}
		return answer(`1`)
	})
	e := w.run(`{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 7, "Next": "T"}, "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Parameters": {"FunctionName": "f"}, "ResultSelector": {"n.$": "$.Payload"}, "End": true}}}`, `{}`)
	equal(t, stepfunctions.Aborted, e.Status)
	if err := w.RedriveExecution(arn, ""); err != nil {
		t.Fatal(err)
	}
	equal(t, `{"n":2}`, w.wait(arn).Output)
	equal(t, "P T", visited(w.history(arn)))
}
