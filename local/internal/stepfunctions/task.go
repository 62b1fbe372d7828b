package stepfunctions

import (
	"context"
	"errors"
	"time"

	"snaplake/local/internal/stepfunctions/asl"
)

// task runs a Task state: as often as its Retry says, and on the way that its Catch says when it fails for good.
func (r *run) task(st *asl.State) (outcome, error) {
	tried := make([]int64, len(st.Task.Retry))
	for {
		out, err := r.attempt(st)
		failed, ok := errors.AsType[*asl.Error](err)
		if err == nil || !ok {
			return outcome{output: out, next: st.Next}, err
		}
		i := retrierFor(st.Task, failed)
		if i < 0 || tried[i] >= st.Task.Retry[i].MaxAttempts {
			return r.caught(st, failed)
		}
		delay := st.Task.Retry[i].Delay(tried[i], r.service.fraction)
		if err := r.sleep(r.service.opts.Clock.Now().Add(delay)); err != nil {
			return outcome{}, err
		}
		tried[i]++
		r.attempts++
	}
}

// retrierFor is the first retrier that is for this error, or -1.
func retrierFor(t *asl.Task, err *asl.Error) int {
	for i := range t.Retry {
		if t.Retry[i].Matches(err) {
			return i
		}
	}
	return -1
}

// caught goes where the first catcher for this error leads, or fails with it.
func (r *run) caught(st *asl.State, failed *asl.Error) (outcome, error) {
	for i := range st.Task.Catch {
		if c := &st.Task.Catch[i]; c.Matches(failed) {
			out, err := c.Output(r.at.input, failed)
			return outcome{output: out, next: c.Next}, err
		}
	}
	return outcome{}, failed
}

// attempt runs a task once.
func (r *run) attempt(st *asl.State) (any, error) {
	data, err := st.Filtered(r.scope(r.at.input))
	if err != nil {
		return nil, err
	}
	scope := r.scope(data)
	parameters, err := st.Effective(scope)
	if err != nil {
		return nil, err
	}
	timeout, err := st.Task.Timeout(scope)
	if err != nil {
		return nil, err
	}
	c, err := newCall(st, parameters, timeout, r.service.opts.Region)
	if err != nil {
		return nil, err
	}
	if !r.emit(c.event("Scheduled"), c.scheduled()) || !r.emit(c.event("Started"), c.details()) {
		return nil, context.Canceled
	}
	result, err := r.invoke(c)
	if err != nil {
		return nil, err
	}
	out, err := st.Result(r.at.input, r.scope(result))
	if err != nil {
		return nil, err
	}
	if _, ok := asl.EncodeWithin(out, asl.MaxData); !ok {
		return nil, asl.TooLarge(r.at.state)
	}
	return out, nil
}

// invoke calls the function, and writes how that went into the history.
//
// A function's process lives in real time, and so does the time-out of its task: it is the deadline of the context, in real
// seconds, and a call that it ends has timed out. To race the call against a sleep on the clock instead would end every call
// at once where the clock is virtual, and would make a scaled clock run ahead of the function, since somebody sleeps.
func (r *run) invoke(c *call) (any, error) {
	limit := r.deadline.Sub(r.service.opts.Clock.Now())
	timesOut := c.timeout != 0 && c.timeout <= limit
	if timesOut {
		limit = c.timeout
	}
	ctx, cancel := context.WithTimeout(r.ctx, limit)
	defer cancel()
	answer, err := r.service.opts.Invoker.Invoke(ctx, c.function, c.payload)
	if err := r.inTime(); err != nil {
		return nil, err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		if !timesOut {
			return nil, errTimedOut
		}
		return nil, r.unsuccessful(c.event("TimedOut"), c, &asl.Error{Name: asl.Timeout})
	}
	result, text, failed := c.result(answer, err, r.service.opts.Clock.Now())
	if failed != nil {
		return nil, r.unsuccessful(c.event("Failed"), c, failed)
	}
	if !r.emit(c.event("Succeeded"), withOutput(*c.outcome(), text)) {
		return nil, context.Canceled
	}
	return result, nil
}

// unsuccessful writes the end of a call that went wrong.
func (r *run) unsuccessful(kind string, c *call, failed *asl.Error) error {
	d := c.outcome()
	d.Error, d.Cause = failed.Name, failed.Cause
	if !r.emit(kind, d) {
		return context.Canceled
	}
	return failed
}

// call is one call of a function: by the optimized integration, or in the older way by its ARN. Their events differ.
type call struct {
	function   string
	payload    []byte
	timeout    time.Duration // 0 is none
	parameters string
	region     string
	arn        string // of the function, in the older way, else ""
}

func newCall(st *asl.State, parameters any, timeout time.Duration, region string) (*call, error) {
	text, ok := asl.EncodeWithin(parameters, asl.MaxData)
	if !ok {
		return nil, asl.TooLarge(st.Name)
	}
	if arn := st.Task.Resource; arn != asl.InvokeResource {
		return &call{function: arn, payload: []byte(text), timeout: timeout, parameters: text, arn: arn}, nil
	}
	fields, ok := parameters.(map[string]any)
	name, isText := fields["FunctionName"].(string)
	if !ok || !isText || name == "" {
		return nil, asl.Runtimef("The Parameters '%s' have no FunctionName that is a string", text)
	}
	payload, ok := fields["Payload"]
	if !ok {
		payload = map[string]any{}
	}
	for key := range fields {
		if key != "FunctionName" && key != "Payload" {
			return nil, asl.Runtimef("The field '%s' is not supported: lambda:invoke takes %q", key, asl.InvokeParameters())
		}
	}
	return &call{function: name, payload: []byte(asl.Encode(payload)), timeout: timeout, parameters: text, region: region}, nil
}

// event is the type of an event of this call: TaskScheduled, LambdaFunctionScheduled.
func (c *call) event(what string) string {
	if c.arn != "" {
		return "LambdaFunction" + what
	}
	return "Task" + what
}

func (c *call) scheduled() *Details {
	seconds := int64(c.timeout / time.Second)
	if c.arn != "" {
		return withInput(Details{Resource: c.arn, TimeoutInSeconds: seconds}, c.parameters)
	}
	return &Details{Resource: "invoke", ResourceType: "lambda", Region: c.region, Parameters: c.parameters, TimeoutInSeconds: seconds}
}

// details are those of the start: the older way has none.
func (c *call) details() *Details {
	if c.arn != "" {
		return nil
	}
	return c.outcome()
}

// outcome are the details that every end of the call has.
func (c *call) outcome() *Details {
	if c.arn != "" {
		return &Details{}
	}
	return &Details{Resource: "invoke", ResourceType: "lambda"}
}
