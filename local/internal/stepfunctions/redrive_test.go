package stepfunctions_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

// threeSteps has a task, a wait and another task. The events of the last task's redrive were recorded from AWS.
const threeSteps = `{"StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "B",
		"Parameters": {"FunctionName": "a", "Payload": {}}, "ResultSelector": {"seconds.$": "$.Payload"}},
	"B": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "C"},
	"C": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
		"Parameters": {"FunctionName": "c", "Payload": {"in.$": "$", "execution.$": "$$.Execution", "state.$": "$$.State"}},
		"ResultSelector": {"done.$": "$.Payload"}, "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 1}]}}}`

func TestRedrive_ResumesFailedTask(t *testing.T) {
	var payloads []map[string]any
	s := newService(t, func(_ context.Context, function string, payload []byte) (lambda.Invocation, error) {
		if function == "a" {
			return answer(`60`)
		}
		payloads = append(payloads, decoded(t, string(payload)))
		if len(payloads) <= 3 {
			return failure("Busy", "x")
		}
		return answer(`true`)
	})
	e := s.run(threeSteps, `{}`)
	failed := lines(s.history(e.ARN))
	equal(t, []string{
		"9 8 TaskStateEntered", "10 9 TaskScheduled", "11 10 TaskStarted", "12 11 TaskFailed",
		"13 12 TaskScheduled", "14 13 TaskStarted", "15 14 TaskFailed", "16 15 ExecutionFailed",
	}, failed[8:])

	again := s.redrive(e.ARN)
	events := s.history(e.ARN)
	equal(t, failed, lines(events)[:16])
	equal(t, []string{
		"17 16 ExecutionRedriven", "18 9 TaskScheduled", "19 18 TaskStarted", "20 19 TaskFailed",
		"21 20 TaskScheduled", "22 21 TaskStarted", "23 22 TaskSucceeded", "24 23 TaskStateExited", "25 24 ExecutionSucceeded",
	}, lines(events)[16:])
	equal(t, &stepfunctions.Details{RedriveCount: 1}, events[16].Details)
	equal(t, stepfunctions.Execution{
		ARN: e.ARN, Name: "e", StateMachineARN: machineARN, Status: stepfunctions.Succeeded, Input: "{}", Output: `{"done":true}`,
		StartedAt: e.StartedAt, StoppedAt: e.StoppedAt.Add(5 * time.Second), RedriveCount: 1, RedrivenAt: e.StoppedAt,
	}, again)

	first, last := payloads[0], payloads[2]
	equal(t, first["in"], last["in"])
	equal(t, any(map[string]any{"Name": "C", "EnteredTime": "2026-11-21T17:06:12.123Z", "RetryCount": 0.0}), last["state"])
	equal(t, any(map[string]any{
		"Id": e.ARN, "Name": "e", "Input": map[string]any{}, "RoleArn": role, "StartTime": "2026-11-21T17:05:12.123Z",
		"RedriveCount": 1.0, "RedriveTime": "2026-11-21T17:06:17.123Z",
	}), last["execution"])
}

func TestRedrive_KeepsDefinitionAndRole(t *testing.T) {
	broken := true
	s := newService(t, func(_ context.Context, function string, _ []byte) (lambda.Invocation, error) {
		if broken {
			return failure("Broken", "x")
		}
		return answer(`"` + function + `"`)
	})
	const selector = `"ResultSelector": {"f.$": "$.Payload", "role.$": "$$.Execution.RoleArn"}`
	definition := strings.Replace(invokeTask, `"End"`, selector+`, "End"`, 1)
	e := s.run(definition, `{}`)
	must[string](t)(s.CreateStateMachine(stepfunctions.StateMachine{
		Name: "m", RoleARN: role + "2", Definition: strings.Replace(definition, `"f"`, `"g"`, 1),
	}))
	broken = false
	equal(t, `{"f":"f","role":"`+role+`"}`, s.redrive(e.ARN).Output)
	equal(t, `{"f":"g","role":"`+role+`2"}`, s.wait(s.start("new", "")).Output)
}

func TestRedrive_RejectsExecutionsThatCannotBeRedriven(t *testing.T) {
	refusal := func(s testService, arn string) string {
		t.Helper()
		err := s.RedriveExecution(arn, "")
		if err == nil {
			t.Fatal("the execution was redriven")
		}
		return strings.TrimPrefix(err.Error(), "ExecutionNotRedrivable: Execution "+arn+" invalid for redrive as: ")
	}
	s := newService(t, answers(`{}`))
	equal(t, "Execution is SUCCEEDED and cannot be redriven", refusal(s, s.run(invokeTask, `{}`).ARN))

	s = newService(t, fails("Broken"))
	e := s.run(invokeTask, `{}`)
	s.clock.Advance(14*24*time.Hour + 1)
	equal(t, "Execution redrivable period exceeded", refusal(s, e.ARN))

	s = newService(t, nil)
	e = s.run(oneWait, `{"seconds": 99999999}`)
	equal(t, []any{stepfunctions.TimedOut, 365 * 24 * time.Hour}, []any{e.Status, e.StoppedAt.Sub(e.StartedAt)})
	equal(t, "Execution has exceeded the max execution time", refusal(s, e.ARN))
}

func TestRedrive_WaitsAgainAfterATimeout(t *testing.T) {
	s := newService(t, nil)
	e := s.run(`{"TimeoutSeconds": 90, "StartAt": "A", "States": {
		"A": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "B"},
		"B": {"Type": "Wait", "SecondsPath": "$.seconds", "End": true}}}`, `{"seconds": 60}`)
	equal(t, stepfunctions.TimedOut, e.Status)
	again := s.redrive(e.ARN)
	equal(t, stepfunctions.Succeeded, again.Status) // the execution's timeout has started over, too
	equal(t, 150*time.Second, again.StoppedAt.Sub(e.StartedAt))
	equal(t, []string{
		"4 3 WaitStateEntered", "5 0 ExecutionTimedOut", "6 5 ExecutionRedriven", "7 4 WaitStateExited", "8 7 ExecutionSucceeded",
	}, lines(s.history(e.ARN))[3:])
}

func TestRedrive_RepeatsTaskThatWasRunningAtTimeout(t *testing.T) {
	var s testService
	calls := 0
	s = newService(t, func(context.Context, string, []byte) (lambda.Invocation, error) {
		if calls++; calls == 1 {
			s.clock.Advance(time.Minute)
		}
		return answer(`{}`)
	})
	e := s.run(strings.Replace(invokeTask, "{", `{"TimeoutSeconds": 30, `, 1), `{}`)
	equal(t, []any{stepfunctions.TimedOut, 30 * time.Second}, []any{e.Status, e.StoppedAt.Sub(e.StartedAt)})
	equal(t, stepfunctions.Succeeded, s.redrive(e.ARN).Status)
	equal(t, []string{
		"5 0 ExecutionTimedOut", "6 5 ExecutionRedriven", "7 2 TaskScheduled", "8 7 TaskStarted", "9 8 TaskSucceeded",
	}, lines(s.history(e.ARN))[4:9])
}

func TestRedrive_RepeatsChoice(t *testing.T) {
	s := newService(t, nil)
	e := s.run(`{"StartAt": "C", "States": {
		"C": {"Type": "Choice", "Choices": [{"Variable": "$$.Execution.RedriveTime", "StringEquals": "", "Next": "C"}], "Default": "W"},
		"W": {"Type": "Wait", "SecondsPath": "$.seconds", "End": true}}}`, `{"seconds": 1}`)
	equal(t, stepfunctions.Failed, e.Status) // RedriveTime exists only in a redriven execution
	equal(t, stepfunctions.Succeeded, s.redrive(e.ARN).Status)
	equal(t, []string{"3 2 ExecutionFailed", "4 3 ExecutionRedriven", "5 2 ChoiceStateExited", "6 5 WaitStateEntered"},
		lines(s.history(e.ARN))[2:6])
}

// redriveTwice redrives a failed execution with each of these tokens concurrently, and returns the errors and the execution.
func redriveTwice(t *testing.T, tokens ...string) (refused []string, again stepfunctions.Execution) {
	t.Helper()
	release := make(chan struct{})
	calls := 0
	s := newService(t, func(context.Context, string, []byte) (lambda.Invocation, error) {
		if calls++; calls == 1 {
			return failure("Broken", "x")
		}
		<-release
		return answer(`{}`)
	})
	e := s.run(invokeTask, `{}`)
	errs := make(chan error)
	for _, token := range tokens {
		go func() { errs <- s.RedriveExecution(e.ARN, token) }()
	}
	for range tokens {
		if err := <-errs; err != nil {
			refused = append(refused, err.Error())
		}
	}
	close(release)
	return refused, s.wait(e.ARN)
}

func TestRedrive_SucceedsOnceForConcurrentCalls(t *testing.T) {
	refused, again := redriveTwice(t, "one", "two")
	if len(refused) != 1 || !strings.HasSuffix(refused[0], "Execution is RUNNING and cannot be redriven") {
		t.Errorf("got %q", refused)
	}
	equal(t, []any{stepfunctions.Succeeded, 1}, []any{again.Status, again.RedriveCount})

	refused, again = redriveTwice(t, "same", "same")
	equal(t, []string(nil), refused)
	equal(t, []any{stepfunctions.Succeeded, 1}, []any{again.Status, again.RedriveCount})
}

func TestRedrive_RemembersLastTokenForFifteenMinutes(t *testing.T) {
	s := newService(t, fails("Broken"))
	e := s.run(invokeTask, `{}`)
	redrives := func(token string) int {
		t.Helper()
		if err := s.RedriveExecution(e.ARN, token); err != nil {
			t.Fatal(err)
		}
		return s.wait(e.ARN).RedriveCount
	}
	equal(t, 1, redrives("a"))
	equal(t, 2, redrives("b"))
	s.clock.Advance(15*time.Minute - 1)
	equal(t, 2, redrives("b"))
	s.clock.Advance(1)
	equal(t, 3, redrives("b"))
}
