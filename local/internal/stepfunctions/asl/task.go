package asl

import (
	"math"
	"slices"
	"time"
)

// Task is a Task state that invokes a Lambda function through lambda:invoke.
type Task struct {
	// Function is the FunctionName in Parameters, which is a name or an ARN.
	Function string
	// Timeout is the maximum duration of one attempt, or 0 for no limit.
	Timeout time.Duration
	Retry   []Retrier

	payload        template
	resultSelector template // if nil, the whole result is selected
	resultPath     Path
}

// Payload returns the payload to send to the function.
func (t *Task) Payload(s Scope) (any, error) { return evaluate(t.payload, s) }

// Output returns the input with the selected part of the task's result, which is s.Data, inserted at ResultPath.
func (t *Task) Output(input any, s Scope) (any, error) {
	result := s.Data
	if t.resultSelector != nil {
		var err error
		if result, err = evaluate(t.resultSelector, s); err != nil {
			return nil, err
		}
	}
	return t.resultPath.Set(input, result)
}

// Retrier determines which errors are retried, how often, and after which delays.
type Retrier struct {
	MaxAttempts int64

	errors     []string
	interval   time.Duration
	backoff    float64
	maxDelay   time.Duration
	fullJitter bool
}

// Matches reports whether the retrier applies to this error.
func (r Retrier) Matches(err *Error) bool { return slices.Contains(r.errors, err.Name) }

// Delay returns the delay before the next attempt. retries is the number of retries so far. random returns a number below 1.
func (r Retrier) Delay(retries int64, random func() float64) time.Duration {
	d := min(float64(r.interval)*math.Pow(r.backoff, float64(retries)), float64(r.maxDelay))
	if r.fullJitter {
		d *= random()
	}
	return time.Duration(d)
}
