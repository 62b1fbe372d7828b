package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// task executes a task, and retries it as its retriers specify.
func (r *run) task(t *asl.Task) (any, error) {
	retried := make([]int64, len(t.Retry))
	for {
		out, err := r.attempt(t)
		failed, ok := errors.AsType[*asl.Error](err)
		if !ok {
			return out, err
		}
		i := slices.IndexFunc(t.Retry, func(r asl.Retrier) bool { return r.Matches(failed) })
		if i < 0 || retried[i] >= t.Retry[i].MaxAttempts {
			return nil, err
		}
		if err := r.sleep(t.Retry[i].Delay(retried[i], r.service.opts.Random)); err != nil {
			return nil, err
		}
		retried[i]++
		r.retries++
	}
}

// attempt executes a task once and returns the output of the state.
func (r *run) attempt(t *asl.Task) (any, error) {
	payload, err := t.Payload(r.scope(r.at.Input))
	if err != nil {
		return nil, err
	}
	parameters := asl.Encode(map[string]any{"FunctionName": t.Function, "Payload": payload})
	if len(parameters) > asl.MaxData {
		return nil, asl.TooLarge(r.at.State)
	}
	scheduled := Details{Region: r.service.opts.Region, Parameters: parameters, TimeoutInSeconds: int64(t.Timeout / time.Second)}
	if err := r.emitTask("TaskScheduled", scheduled); err != nil {
		return nil, err
	}
	if err := r.emitTask("TaskStarted", Details{}); err != nil {
		return nil, err
	}
	result, err := r.invoke(t, payloadText(payload))
	if err != nil {
		return nil, err
	}
	out, err := t.Output(r.at.Input, r.scope(result))
	if err != nil {
		return nil, err
	}
	if len(asl.Encode(out)) > asl.MaxData {
		return nil, asl.TooLarge(r.at.State)
	}
	return out, nil
}

// payloadText returns the payload that lambda:invoke sends to a function. As recorded from AWS, null becomes {}, and a string that contains
// JSON becomes that JSON.
func payloadText(payload any) string {
	text, isString := payload.(string)
	switch {
	case payload == nil:
		return "{}"
	case isString && json.Valid([]byte(text)):
		return text
	default:
		return asl.Encode(payload)
	}
}

// invoke invokes the function of a task and records the result or the error.
//
// Functions run in real time, so the task's timeout is also measured in real time. On a faster clock, calls would time out too early.
func (r *run) invoke(t *asl.Task, payload string) (any, error) {
	limit := r.deadline.Sub(r.service.opts.Clock.Now())
	timesOut := t.Timeout != 0 && t.Timeout <= limit
	if timesOut {
		limit = t.Timeout
	}
	ctx, cancel := context.WithTimeout(r.ctx, limit)
	defer cancel()
	answer, err := r.service.opts.Invoke(ctx, t.Function, []byte(payload))
	if err := r.checkDeadline(); err != nil {
		return nil, err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		if !timesOut {
			return nil, errTimedOut
		}
		return nil, r.recordFailure("TaskTimedOut", &asl.Error{Name: asl.Timeout})
	}
	result, failed := taskResult(answer, err)
	if failed != nil {
		return nil, r.recordFailure("TaskFailed", failed)
	}
	return result, r.emitTask("TaskSucceeded", Details{Output: asl.Encode(result)})
}

// recordFailure records a failed invocation and returns its error.
func (r *run) recordFailure(kind string, failed *asl.Error) error {
	if err := r.emitTask(kind, Details{Error: failed.Name, Cause: failed.Cause}); err != nil {
		return err
	}
	return failed
}

// emitTask records an event of an invocation.
func (r *run) emitTask(kind string, d Details) error {
	d.Resource, d.ResourceType = "invoke", "lambda"
	_, err := r.emit(kind, &d)
	return err
}
