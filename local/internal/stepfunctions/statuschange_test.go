package stepfunctions_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/stepfunctions"
)

// watched is a world that keeps the status changes it is told, as EventBridge's JSON.
func watched(t *testing.T, f invoke) (world, *[]map[string]any) {
	t.Helper()
	changes := &[]map[string]any{}
	c := clock.NewVirtual(evening())
	return world{t: t, clock: c, Service: stepfunctions.New(stepfunctions.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: c, Invoker: lambda{f},
		StatusChanged: func(change stepfunctions.StatusChange) {
			b, err := json.Marshal(change)
			if err != nil {
				t.Error(err)
			}
			*changes = append(*changes, decoded(t, string(b)).(map[string]any))
		},
	})}, changes
}

func TestStatusChangesAreToldAsEventBridgeHasThem(t *testing.T) {
	fails := true
	w, changes := watched(t, func(context.Context, string, []byte) (stepfunctions.Invocation, error) {
		if fails {
			return failure("Broken", "x")
		}
		return answer(`{}`)
	})
	e := w.run(invokeTask, `{"source":"shop"}`)
	if err := w.clock.Sleep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	fails = false
	if err := w.RedriveExecution(e.ARN, ""); err != nil {
		t.Fatal(err)
	}
	redriven := w.wait(e.ARN)

	at, hour := float64(evening().UnixMilli()), float64(time.Hour/time.Millisecond)
	change := func(facts map[string]any) map[string]any {
		c := map[string]any{
			"executionArn": e.ARN, "stateMachineArn": e.StateMachineARN, "name": "e", "status": nil, "startDate": at, "stopDate": nil,
			"input": `{"source":"shop"}`, "inputDetails": map[string]any{"included": true}, "output": nil, "outputDetails": nil,
			"error": nil, "cause": nil, "stateMachineVersionArn": nil, "stateMachineAliasArn": nil,
			"redriveCount": 0.0, "redriveDate": nil, "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": nil,
		}
		for name, value := range facts {
			c[name] = value
		}
		return c
	}
	equal(t, []map[string]any{
		change(map[string]any{"status": "RUNNING", "redriveStatusReason": "Execution is RUNNING and cannot be redriven"}),
		change(map[string]any{"status": "FAILED", "stopDate": at, "error": "Broken", "cause": `{"errorMessage":"x","errorType":"Broken"}`, "redriveStatus": "REDRIVABLE"}),
		change(map[string]any{"status": "RUNNING", "redriveCount": 1.0, "redriveDate": at + hour, "redriveStatusReason": "Execution is RUNNING and cannot be redriven"}),
		change(map[string]any{
			"status": "SUCCEEDED", "stopDate": at + hour, "output": redriven.Output, "outputDetails": map[string]any{"included": true},
			"redriveCount": 1.0, "redriveDate": at + hour, "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
		}),
	}, *changes)
}

func TestAnExecutionThatIsStoppedOrTimesOutIsToldOf(t *testing.T) {
	w, changes := watched(t, nil)
	w.run(`{"TimeoutSeconds": 3, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 25, "End": true}}}`, `{}`)
	equal(t, "TIMED_OUT", (*changes)[1]["status"])

	begun := make(chan struct{})
	w, changes = watched(t, func(ctx context.Context, _ string, _ []byte) (stepfunctions.Invocation, error) {
		close(begun)
		<-ctx.Done()
		return stepfunctions.Invocation{}, ctx.Err()
	})
	arn := w.start(w.create("m", invokeTask), "e", "")
	<-begun
	if err := w.StopExecution(arn, "Manual", "probe"); err != nil {
		t.Fatal(err)
	}
	w.wait(arn)
	equal(t, []any{"ABORTED", "Manual", "probe"}, []any{(*changes)[1]["status"], (*changes)[1]["error"], (*changes)[1]["cause"]})
}

func TestWhatWouldMakeTheEventTooLargeIsLeftOut(t *testing.T) {
	w, changes := watched(t, nil)
	w.run(succeed, `"`+strings.Repeat("x", 200*1024)+`"`)
	end := (*changes)[1]
	equal(t, []any{nil, map[string]any{"included": false}, map[string]any{"included": true}}, []any{end["input"], end["inputDetails"], end["outputDetails"]})
	w.wait(w.start("arn:aws:states:ap-northeast-1:123456789012:stateMachine:m", "larger", `"`+strings.Repeat("x", 250*1024)+`"`))
	end = (*changes)[3]
	equal(t, []any{nil, map[string]any{"included": false}}, []any{end["output"], end["outputDetails"]})
}
