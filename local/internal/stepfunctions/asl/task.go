package asl

import (
	"math"
	"slices"
	"time"
)

// Task is a Task state that calls a Lambda function through lambda:invoke.
type Task struct {
	// Function is the FunctionName of the Parameters: a name or an ARN.
	Function string
	// Timeout limits one attempt; 0 means no limit.
	Timeout time.Duration
	Retry   []Retrier

	payload        template
	resultSelector template // nil selects the whole result
	resultPath     Path
}

// Payload returns what the function is called with.
func (t *Task) Payload(s Scope) (any, error) { return evaluate(t.payload, s) }

// Output returns the state's output: its input with the selected result at ResultPath. The scope's Data is the whole result.
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

// Retrier says which errors are retried, and when.
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

// Delay returns the time before the next attempt. retries counts the earlier retries by this retrier; random returns a number
// in [0, 1).
func (r Retrier) Delay(retries int64, random func() float64) time.Duration {
	d := min(float64(r.interval)*math.Pow(r.backoff, float64(retries)), float64(r.maxDelay))
	if r.fullJitter {
		d *= random()
	}
	return time.Duration(d)
}
