package stepfunctions_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"snaplake/local/internal/clock"
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
	equal(t, "Broken", w.redriven(e.ARN).Error)
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

// redriven redrives an execution and waits for its end.
func (w world) redriven(arn string) stepfunctions.Execution {
	w.t.Helper()
	if err := w.RedriveExecution(arn, ""); err != nil {
		w.t.Fatal(err)
	}
	return w.wait(arn)
}

func TestAWaitThatTimedOutIsWaitedAgainAfterARedrive(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"TimeoutSeconds": 90, "StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 60, "Next": "B"}, "B": {"Type": "Wait", "Seconds": 60, "End": true}}}`, `{}`)
	equal(t, stepfunctions.TimedOut, e.Status)
	again := w.redriven(e.ARN)
	equal(t, stepfunctions.Succeeded, again.Status) // the time-out of the whole began anew, too
	equal(t, 150*time.Second, again.StoppedAt.Sub(e.StartedAt))
	equal(t, []string{"4 3 WaitStateEntered", "5 0 ExecutionTimedOut", "6 5 ExecutionRedriven", "7 4 WaitStateExited", "8 7 ExecutionSucceeded"},
		lines(w.history(e.ARN))[3:])
}

func TestAWaitForATimestampThatHasPassedIsExitedByARedrive(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"TimeoutSeconds": 60, "StartAt": "W", "States": {"W": {"Type": "Wait", "Timestamp": "2026-11-21T18:00:00Z", "End": true}}}`, `{}`)
	equal(t, stepfunctions.TimedOut, e.Status)
	w.clock.Advance(time.Hour)
	again := w.redriven(e.ARN)
	equal(t, stepfunctions.Succeeded, again.Status)
	equal(t, again.RedrivenAt, again.StoppedAt)
}

func TestAWaitThatWasStoppedIsWaitedAgainAfterARedrive(t *testing.T) {
	c := clock.NewVirtual(evening())
	waiting := make(chan string, 1)
	s := stepfunctions.New(stepfunctions.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: c,
		Observe: func(arn string, e stepfunctions.Event) {
			if e.Type == "WaitStateEntered" {
				waiting <- arn
			}
		},
	})
	w := world{Service: s, t: t, clock: c}
	_, release := c.Hold(t.Context()) // nobody's sleep ends
	arn := w.start(w.create("m", `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`), "e", "")
	<-waiting
	if err := w.StopExecution(arn, "", ""); err != nil {
		t.Fatal(err)
	}
	equal(t, stepfunctions.Aborted, w.wait(arn).Status)
	release()
	again := w.redriven(arn)
	equal(t, stepfunctions.Succeeded, again.Status)
	equal(t, time.Minute, again.StoppedAt.Sub(again.RedrivenAt))
	equal(t, []string{"2 0 WaitStateEntered", "3 0 ExecutionAborted", "4 3 ExecutionRedriven", "5 2 WaitStateExited", "6 5 ExecutionSucceeded"}, lines(w.history(arn))[1:])
}

func TestATaskThatRanWhenTheExecutionTimedOutIsRunAgainByARedrive(t *testing.T) {
	var w world
	calls := 0
	w = newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
		if calls++; calls == 1 {
			w.clock.Advance(time.Minute)
		}
		return answer(`{}`)
	})
	e := w.run(strings.Replace(invokeTask, "{", `{"TimeoutSeconds": 30, `, 1), `{}`)
	equal(t, []any{stepfunctions.TimedOut, 30 * time.Second}, []any{e.Status, e.StoppedAt.Sub(e.StartedAt)})
	equal(t, stepfunctions.Succeeded, w.redriven(e.ARN).Status)
	equal(t, []string{"5 0 ExecutionTimedOut", "6 5 ExecutionRedriven", "7 2 TaskScheduled", "8 7 TaskStarted", "9 8 TaskSucceeded"}, lines(w.history(e.ARN))[4:9])
}

func TestAChoiceIsDecidedAgainByARedrive(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "C", "States": {
		"C": {"Type": "Choice", "Choices": [{"Variable": "$$.Execution.RedriveCount", "NumericEquals": 1, "Next": "S"}]}, "S": {"Type": "Succeed"}}}`, `{}`)
	equal(t, stepfunctions.Failed, e.Status)
	equal(t, stepfunctions.Succeeded, w.redriven(e.ARN).Status)
	equal(t, []string{"3 2 ExecutionFailed", "4 3 ExecutionRedriven", "5 2 ChoiceStateExited", "6 5 SucceedStateEntered"}, lines(w.history(e.ARN))[2:6])
}

// pressTwice redrives a failed execution twice at once, while the first redrive still runs.
func pressTwice(t *testing.T, token string) (dates []time.Time, refused []string, again stepfunctions.Execution) {
	t.Helper()
	pressed := make(chan struct{})
	calls := 0
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
		if calls++; calls == 1 {
			return failure("Broken", "x")
		}
		<-pressed
		return answer(`{}`)
	})
	e := w.run(invokeTask, `{}`)
	client := w.client()
	type press struct {
		out *sfn.RedriveExecutionOutput
		err error
	}
	presses := make(chan press)
	for i := range 2 {
		in := &sfn.RedriveExecutionInput{ExecutionArn: &e.ARN, ClientToken: aws.String(cmp.Or(token, fmt.Sprint(i)))}
		go func() {
			out, err := client.RedriveExecution(t.Context(), in)
			presses <- press{out, err}
		}()
	}
	for range 2 {
		p := <-presses
		if p.err != nil {
			refused = append(refused, p.err.Error())
		} else {
			dates = append(dates, p.out.RedriveDate.UTC())
		}
	}
	close(pressed)
	return dates, refused, w.wait(e.ARN)
}

func TestARedriveThatIsPressedTwiceIsMadeOnce(t *testing.T) {
	dates, refused, again := pressTwice(t, "")
	equal(t, []time.Time{evening()}, dates)
	if len(refused) != 1 || !strings.HasSuffix(refused[0], "ExecutionNotRedrivable: Execution "+again.ARN+" invalid for redrive as: Execution is RUNNING and cannot be redriven") {
		t.Errorf("got %q", refused)
	}
	equal(t, []any{stepfunctions.Succeeded, 1}, []any{again.Status, again.RedriveCount})

	dates, refused, again = pressTwice(t, "same")
	equal(t, []time.Time{evening(), evening()}, dates)
	equal(t, []string(nil), refused)
	equal(t, []any{stepfunctions.Succeeded, 1}, []any{again.Status, again.RedriveCount})
}

func TestATokenCountsForFifteenMinutesAndAmongTheLastTen(t *testing.T) {
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) { return failure("Broken", "x") })
	e := w.run(invokeTask, `{}`)
	redrives := func(tokens ...string) int {
		t.Helper()
		for _, token := range tokens {
			if err := w.RedriveExecution(e.ARN, token); err != nil {
				t.Fatal(err)
			}
			w.wait(e.ARN)
		}
		return w.wait(e.ARN).RedriveCount
	}
	equal(t, 10, redrives("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"))
	equal(t, 10, redrives("0"))
	equal(t, 12, redrives("10", "0"))
	w.clock.Advance(15*time.Minute - 1)
	equal(t, 12, redrives("10", "0"))
	w.clock.Advance(1)
	equal(t, 14, redrives("10", "0"))
}
