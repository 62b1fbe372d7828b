package stepfunctions_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

func TestTask_WaitsBetweenRetries(t *testing.T) {
	var s testService
	var at []time.Duration
	var counts []string
	s = newService(t, func(_ context.Context, _ string, payload []byte) (lambda.Invocation, error) {
		at = append(at, s.clock.Now().Sub(evening()))
		counts = append(counts, string(payload))
		if len(at) > 4 {
			return failure("Fatal", "x")
		}
		return failure([]string{"", "Busy", "Slow", "Busy", "Busy"}[len(at)], "x")
	})
	e := s.run(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
		"Parameters": {"FunctionName": "f", "Payload.$": "$$.State.RetryCount"},
		"Retry": [{"ErrorEquals": ["Slow"], "IntervalSeconds": 100},
			{"ErrorEquals": ["Busy"], "IntervalSeconds": 10, "BackoffRate": 3}]}}}`, `{}`)
	equal(t, []time.Duration{0, 10 * time.Second, 110 * time.Second, 140 * time.Second, 230 * time.Second}, at)
	equal(t, []string{"0", "1", "2", "3", "4"}, counts)
	equal(t, "Fatal", e.Error)
	equal(t, []string{"5 4 TaskFailed", "6 5 TaskScheduled", "7 6 TaskStarted", "8 7 TaskFailed", "9 8 TaskScheduled"},
		lines(s.history(e.ARN))[4:9])
}

func TestTask_FailsAfterLastRetry(t *testing.T) {
	calls := 0
	s := newService(t, func(context.Context, string, []byte) (lambda.Invocation, error) {
		calls++
		return failure("Busy", "x")
	})
	const retry = `"Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2, "JitterStrategy": "FULL"}]`
	e := s.run(strings.Replace(invokeTask, `"End"`, retry+`, "End"`, 1), `{}`)
	equal(t, []any{"Busy", 3}, []any{e.Error, calls})
}

// takes returns a fake Lambda whose functions run for d, measured by the clock.
func takes(s *testService, d time.Duration) invoke {
	return func(ctx context.Context, _ string, _ []byte) (lambda.Invocation, error) {
		if err := s.clock.Sleep(ctx, d); err != nil {
			return lambda.Invocation{}, err
		}
		return answer(`{}`)
	}
}

func TestTask_DoesNotTimeOutOnVirtualClock(t *testing.T) {
	var s testService
	s = newService(t, takes(&s, time.Hour))
	equal(t, stepfunctions.Succeeded, s.run(invokeTask, `{}`).Status)
}

func TestTask_TimesOutInRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := testService{t: t, Service: stepfunctions.New(stepfunctions.Options{
			Region: "ap-northeast-1", Account: "123456789012", Clock: clock.NewScaled(evening(), 1),
			Invoke: invoke(func(ctx context.Context, _ string, _ []byte) (lambda.Invocation, error) {
				<-ctx.Done()
				return lambda.Invocation{}, ctx.Err()
			}),
		})}
		e := s.run(invokeTask, `{}`)
		equal(t, []any{"States.Timeout", "", 5 * time.Second}, []any{e.Error, e.Cause, e.StoppedAt.Sub(e.StartedAt)})
		events := s.history(e.ARN)
		equal(t, []string{"5 4 TaskTimedOut", "6 5 ExecutionFailed"}, lines(events)[4:])
		equal(t, &stepfunctions.Details{Error: "States.Timeout", Resource: "invoke", ResourceType: "lambda"}, events[4].Details)
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestExecution_TimesOut(t *testing.T) {
	s := newService(t, nil)
	e := s.run(strings.Replace(oneWait, "{", `{"TimeoutSeconds": 3, `, 1), `{"seconds": 25}`)
	equal(t, []any{stepfunctions.TimedOut, "", "", 3 * time.Second}, []any{e.Status, e.Error, e.Cause, e.StoppedAt.Sub(e.StartedAt)})
	events := s.history(e.ARN)
	equal(t, []string{"1 0 ExecutionStarted", "2 0 WaitStateEntered", "3 0 ExecutionTimedOut"}, lines(events))
	equal(t, &stepfunctions.Details{Error: "States.Timeout"}, events[2].Details)
}

func TestExecution_TimesOutDuringTask(t *testing.T) {
	var s testService
	s = newService(t, takes(&s, time.Minute))
	e := s.run(strings.Replace(invokeTask, "{", `{"TimeoutSeconds": 3, `, 1), `{}`)
	equal(t, stepfunctions.TimedOut, e.Status)
	equal(t, "5 0 ExecutionTimedOut", lines(s.history(e.ARN))[4])
}

func TestExecution_IsKeptFor90Days(t *testing.T) {
	s := newService(t, answers(`{}`))
	e := s.run(invokeTask, `{"first": true}`)
	s.clock.Advance(90 * 24 * time.Hour)
	if _, err := s.StartExecution(machineARN, "e", ""); err == nil {
		t.Error("the name was reused too early")
	}
	s.clock.Advance(1)
	if _, err := s.DescribeExecution(e.ARN); err == nil {
		t.Error("the execution was kept too long")
	}
	equal(t, "{}", s.wait(s.start("e", "")).Input)
}
