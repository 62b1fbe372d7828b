package stepfunctions_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/stepfunctions"
	"snaplake/local/internal/wire"
)

func TestRetriesWaitOnTheClockAndCount(t *testing.T) {
	var w world
	var at []time.Duration
	var counts []string
	w = newWorld(t, func(_ context.Context, _ string, payload []byte) (stepfunctions.Invocation, error) {
		at = append(at, w.clock.Now().Sub(evening()))
		counts = append(counts, string(payload))
		if len(at) > 4 {
			return failure("Fatal", "x")
		}
		return failure([]string{"", "Busy", "Slow", "Busy", "Busy"}[len(at)], "x")
	})
	e := w.run(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
		"Parameters": {"FunctionName": "f", "Payload.$": "$$.State.RetryCount"},
		"Retry": [{"ErrorEquals": ["Slow"], "IntervalSeconds": 100}, {"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "BackoffRate": 3}]}}}`, `{}`)
	equal(t, []time.Duration{0, 10 * time.Second, 110 * time.Second, 140 * time.Second, 230 * time.Second}, at)
	equal(t, []string{"0", "1", "2", "3", "4"}, counts)
	equal(t, "Fatal", e.Error)
	equal(t, []string{"5 4 TaskFailed", "6 5 TaskScheduled", "7 6 TaskStarted", "8 7 TaskFailed", "9 8 TaskScheduled"}, lines(w.history(e.ARN))[4:9])
}

func TestAnErrorIsFinalWhenItsRetriesAreUsedUp(t *testing.T) {
	tries := 0
	w := newWorld(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
		tries++
		return failure("Busy", "x")
	})
	e := w.run(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
		"Parameters": {"FunctionName": "f"}, "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2, "JitterStrategy": "FULL"}]}}}`, `{}`)
	equal(t, "Busy", e.Error)
	equal(t, 3, tries)
}

func TestAVirtualClockDoesNotTimeOutAFunction(t *testing.T) {
	var w world
	w = newWorld(t, func(ctx context.Context, _ string, _ []byte) (stepfunctions.Invocation, error) {
		if err := w.clock.Sleep(ctx, time.Hour); err != nil { // another execution's wait
			return stepfunctions.Invocation{}, err
		}
		return answer(`{}`)
	})
	equal(t, stepfunctions.Succeeded, w.run(invokeTask, `{}`).Status)
}

func TestAFunctionThatNeverAnswersIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stepfunctions.New(stepfunctions.Options{
			Region: "ap-northeast-1", Account: "123456789012", Clock: clock.NewScaled(evening(), 1),
			Invoker: lambda{func(ctx context.Context, _ string, _ []byte) (stepfunctions.Invocation, error) {
				<-ctx.Done()
				return stepfunctions.Invocation{}, ctx.Err()
			}},
		})
		w := world{Service: s, t: t}
		e := w.run(invokeTask, `{}`)
		equal(t, []string{"States.Timeout", ""}, []string{e.Error, e.Cause})
		events := w.history(e.ARN)
		equal(t, []string{"5 4 TaskTimedOut", "6 5 ExecutionFailed"}, lines(events)[4:])
		equal(t, &stepfunctions.Details{Error: "States.Timeout", Resource: "invoke", ResourceType: "lambda"}, events[4].Details)
		equal(t, 5*time.Second, e.StoppedAt.Sub(e.StartedAt))
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnExecutionThatTakesTooLongTimesOut(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"TimeoutSeconds": 3, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 25, "End": true}}}`, `{}`)
	equal(t, stepfunctions.TimedOut, e.Status)
	equal(t, 3*time.Second, e.StoppedAt.Sub(e.StartedAt))
	equal(t, []string{"", ""}, []string{e.Error, e.Cause})
	events := w.history(e.ARN)
	equal(t, []string{"1 0 ExecutionStarted", "2 0 WaitStateEntered", "3 0 ExecutionTimedOut"}, lines(events))
	equal(t, &stepfunctions.Details{Error: "States.Timeout"}, events[2].Details)
}

func TestTheTimeOutOfTheExecutionCutsATaskShort(t *testing.T) {
	var w world
	w = newWorld(t, func(ctx context.Context, _ string, _ []byte) (stepfunctions.Invocation, error) {
		if err := w.clock.Sleep(ctx, time.Minute); err != nil {
			return stepfunctions.Invocation{}, err
		}
		return answer(`{}`)
	})
	e := w.run(`{"TimeoutSeconds": 3, "StartAt": "T", "States": {"T": {"Type": "Task", "TimeoutSeconds": 5, "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": true}}}`, `{}`)
	equal(t, stepfunctions.TimedOut, e.Status)
	equal(t, "5 0 ExecutionTimedOut", lines(w.history(e.ARN))[4])
}

func TestAnExecutionIsOpenForAYearAtMost(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 99999999, "End": true}}}`, `{}`)
	equal(t, []any{stepfunctions.TimedOut, 365 * 24 * time.Hour}, []any{e.Status, e.StoppedAt.Sub(e.StartedAt)})
	err := w.RedriveExecution(e.ARN, "")
	equal(t, error(wire.Errorf("ExecutionNotRedrivable", "Execution %s invalid for redrive as: Execution has exceeded the max execution time", e.ARN)), err)
}

func TestAnExecutionIsKeptFor90Days(t *testing.T) {
	w := newWorld(t, nil)
	e := w.run(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}`, `{"first": true}`)
	const kept = 90 * 24 * time.Hour
	w.clock.Advance(kept)
	if _, err := w.StartExecution(e.StateMachineARN, "e", ""); err == nil {
		t.Error("the name is free before the 90 days are over")
	}
	w.clock.Advance(1)
	_, err := w.DescribeExecution(e.ARN)
	equal(t, error(wire.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", e.ARN)), err)
	equal(t, "{}", w.wait(w.start(e.StateMachineARN, "e", "")).Input)
}
