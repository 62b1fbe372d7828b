package stepfunctions_test

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

// watched returns a service that collects its status changes in the JSON format of EventBridge.
func watched(t *testing.T, f invoke) (testService, *[]map[string]any) {
	t.Helper()
	changes := &[]map[string]any{}
	return newService(t, f, func(o *stepfunctions.Options) {
		o.StatusChanged = func(_ string, change map[string]any) {
			b, err := json.Marshal(change)
			if err != nil {
				t.Error(err)
			}
			*changes = append(*changes, decoded(t, string(b)))
		}
	}), changes
}

func TestStatusChange_ReportsFailureAndRedrive(t *testing.T) {
	calls := 0
	s, changes := watched(t, func(context.Context, string, []byte) (lambda.Invocation, error) {
		if calls++; calls == 1 {
			return failure("Broken", "x")
		}
		return answer(`{}`)
	})
	e := s.run(invokeTask, `{"source":"shop"}`)
	s.clock.Advance(time.Hour)
	redriven := s.redrive(e.ARN)

	at, hour := float64(evening().UnixMilli()), float64(time.Hour/time.Millisecond)
	change := func(facts map[string]any) map[string]any {
		c := map[string]any{
			"executionArn": e.ARN, "stateMachineArn": machineARN, "name": "e", "startDate": at, "stopDate": nil,
			"input": `{"source":"shop"}`, "output": nil, "error": nil, "cause": nil,
		}
		maps.Copy(c, facts)
		return c
	}
	equal(t, []map[string]any{
		change(map[string]any{"status": "RUNNING"}),
		change(map[string]any{"status": "FAILED", "stopDate": at, "error": "Broken", "cause": `{"errorMessage":"x","errorType":"Broken"}`}),
		change(map[string]any{"status": "RUNNING"}),
		change(map[string]any{"status": "SUCCEEDED", "stopDate": at + hour, "output": redriven.Output}),
	}, *changes)
}

func TestStatusChange_ReportsTimeout(t *testing.T) {
	s, changes := watched(t, nil)
	s.run(strings.Replace(oneWait, "{", `{"TimeoutSeconds": 3, `, 1), `{"seconds": 25}`)
	equal(t, any("TIMED_OUT"), (*changes)[1]["status"])
}
