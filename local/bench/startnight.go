package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// startRounds is of how many nights each figure is the median.
const startRounds = 5

// measureInvocations runs nights with new processes, each of which is followed by one with the same processes. By function,
// without the pipeline's name.
func (w *world) measureInvocations(ctx context.Context, hasPython bool) (map[string]invocations, error) {
	of := map[string]invocations{}
	for range startRounds {
		for _, cold := range []bool{true, false} {
			reports, err := w.measureNight(ctx, cold, hasPython)
			if err != nil {
				return nil, err
			}
			for _, r := range reports {
				i := of[w.function(r.Function)]
				if r.Init > 0 {
					i.cold = append(i.cold, r)
				} else {
					i.warm = append(i.warm, r)
				}
				of[w.function(r.Function)] = i
			}
		}
	}
	return of, nil
}

// measureNight runs a night and returns the report of one invocation of each function. Those that ask how far something is are
// invoked once more after it, as when they found it done, which is where they have something to do.
func (w *world) measureNight(ctx context.Context, cold, hasPython bool) ([]lambda.Report, error) {
	if cold {
		if err := w.redeploy(functions()...); err != nil {
			return nil, err
		}
	}
	w.forget()
	history, err := w.night(ctx)
	if err != nil {
		return nil, err
	}
	_, reports := w.counted()
	asking := []string{"checkexport", "checkcrawler"}
	reports = slices.DeleteFunc(reports, func(r lambda.Report) bool { return slices.Contains(asking, w.function(r.Function)) })
	if cold {
		again := asking
		if hasPython {
			again = append(again, python)
		}
		if err := w.redeploy(again...); err != nil {
			return nil, err
		}
	}
	w.forget()
	var in workflow.Request
	for _, name := range asking {
		payload, err := lastPayload(history, w.config.Name+"-"+name)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(payload, &in); err != nil {
			return nil, err
		}
		if err := w.invoke(ctx, name, payload, &struct{}{}); err != nil {
			return nil, err
		}
	}
	if err := w.notify(ctx); err != nil {
		return nil, err
	}
	if hasPython {
		if err := w.invokePython(ctx, *in.Record.Snapshot); err != nil {
			return nil, err
		}
	}
	_, more := w.counted()
	return slices.Concat(reports, more), nil
}

// lastPayload is what the state machine last invoked a function with.
func lastPayload(history []stepfunctions.Event, function string) (json.RawMessage, error) {
	for _, e := range slices.Backward(history) {
		if e.Type != "TaskScheduled" {
			continue
		}
		var task struct {
			FunctionName string
			Payload      json.RawMessage
		}
		if err := json.Unmarshal([]byte(e.Details.Parameters), &task); err != nil {
			return nil, err
		}
		if strings.HasSuffix(task.FunctionName, function) {
			return task.Payload, nil
		}
	}
	return nil, fmt.Errorf("the night did not invoke %s", function)
}

// notify tells people of the newest execution, as if it had failed.
func (w *world) notify(ctx context.Context) error {
	w.mu.Lock()
	arn := w.arn
	w.mu.Unlock()
	event := map[string]any{"detail": map[string]string{"executionArn": arn, "status": "FAILED"}}
	return w.invoke(ctx, "notify", event, &struct{}{})
}
