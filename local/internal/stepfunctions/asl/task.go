package asl

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// InvokeResource is Step Functions' optimized integration of Lambda.
const InvokeResource = "arn:aws:states:::lambda:invoke"

// Task is a Task state.
type Task struct {
	// Resource is InvokeResource or the ARN of a Lambda function.
	Resource string
	Retry    []Retrier
	Catch    []Catcher

	timeout     int64 // in seconds; 0 is none
	timeoutPath *Path
}

// Timeout of one attempt; 0 is none.
func (t *Task) Timeout(scope Scope) (time.Duration, error) {
	seconds := t.timeout
	if t.timeoutPath != nil {
		var err error
		if seconds, err = wholeAt("TimeoutSecondsPath", t.timeoutPath, 1, scope); err != nil {
			return 0, err
		}
	}
	return time.Duration(seconds) * time.Second, nil
}

// Retrier says which errors are tried again, and when.
type Retrier struct {
	MaxAttempts int64

	errors   []string
	interval time.Duration
	backoff  float64
	maxDelay time.Duration // 0 is none
	full     bool          // JitterStrategy FULL
}

// Matches tells whether the retrier is for this error.
func (r *Retrier) Matches(err *Error) bool { return matchesError(r.errors, err) }

// Delay before the next attempt, after so many by this retrier. Random returns a number in [0, 1).
func (r *Retrier) Delay(attempts int64, random func() float64) time.Duration {
	d := float64(r.interval) * math.Pow(r.backoff, float64(attempts))
	if limit := float64(r.maxDelay); limit > 0 {
		d = min(d, limit)
	}
	d = min(d, float64(maxSeconds*time.Second))
	if r.full {
		d *= random()
	}
	return time.Duration(d)
}

// Catcher says which errors are caught, and where the execution goes on.
type Catcher struct {
	Next string

	errors []string
	path   *Path
	drop   bool // ResultPath is null
}

// Matches tells whether the catcher is for this error.
func (c *Catcher) Matches(err *Error) bool { return matchesError(c.errors, err) }

// Output puts the error into the input of the state that failed.
func (c *Catcher) Output(input any, err *Error) (any, error) {
	if c.drop {
		return input, nil
	}
	return place(c.path, input, map[string]any{"Error": err.Name, "Cause": err.Cause})
}

// matchesError: States.Runtime always ends the execution, States.DataLimitExceeded is matched by its own name only, and
// States.TaskFailed stands for all but a time-out (Step Functions guide, "Handling errors in Step Functions workflows").
// A recording of 2024 shows AWS catch States.DataLimitExceeded by States.ALL nevertheless; naming it works either way.
func matchesError(names []string, err *Error) bool {
	if err.Name == Runtime {
		return false
	}
	return slices.ContainsFunc(names, func(name string) bool {
		switch name {
		case All:
			return err.Name != DataLimitExceeded
		case TaskFailed:
			return err.Name == TaskFailed || err.Name != DataLimitExceeded && err.Name != Timeout
		default:
			return name == err.Name
		}
	})
}

// isFunctionARN is true for the ARN of a Lambda function, with a version or an alias or without.
func isFunctionARN(s string) bool {
	ok, _ := regexp.MatchString(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?$`, s)
	return ok
}

// InvokeParameters are those of lambda:invoke that are supported.
func InvokeParameters() []string { return []string{"FunctionName", "Payload"} }

// task reads what a Task state has of its own.
func (f *fields) task() *Task {
	t := &Task{}
	f.require("Resource")
	t.Resource = f.text("Resource")
	switch {
	case t.Resource == InvokeResource:
		f.invokeParameters()
	case f.has("Resource") && !isFunctionARN(t.Resource):
		f.failAt("Resource", "The resource '%s' is not supported: there are %s and the ARNs of Lambda functions", t.Resource, InvokeResource)
	}
	f.notBoth("TimeoutSeconds", "TimeoutSecondsPath")
	t.timeout = f.seconds("TimeoutSeconds", 1, 0)
	t.timeoutPath = f.reference("TimeoutSecondsPath")
	retriers, catchers := f.objects("Retry"), f.objects("Catch")
	for i, r := range retriers {
		t.Retry = append(t.Retry, r.retrier(i == len(retriers)-1))
	}
	for i, c := range catchers {
		t.Catch = append(t.Catch, c.catcher(i == len(catchers)-1))
	}
	return t
}

// invokeParameters checks the names, as far as they are to be seen before the state runs.
func (f *fields) invokeParameters() {
	raw, ok := f.raw["Parameters"]
	if !ok {
		return // the state's input has them
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		f.failAt("Parameters", "Expected value of type Object")
		return
	}
	names := map[string]bool{}
	for key := range given {
		names[strings.TrimSuffix(key, ".$")] = true
	}
	if !names["FunctionName"] {
		f.failAt("Parameters", "These fields are required: [FunctionName]")
	}
	for _, name := range InvokeParameters() {
		delete(names, name)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f.failAt("Parameters", "The field '%s' is not supported: lambda:invoke takes [%s]", name, strings.Join(InvokeParameters(), ", "))
	}
}

func (f *fields) retrier(last bool) Retrier {
	r := Retrier{errors: f.errorEquals(last), MaxAttempts: f.seconds("MaxAttempts", 0, 3)}
	interval := f.seconds("IntervalSeconds", 1, 1)
	r.interval = time.Duration(interval) * time.Second
	r.backoff = 2
	if rate, ok := decode[float64](f, "BackoffRate", "Number"); ok {
		r.backoff = rate
		if rate < 1 {
			f.failAt("BackoffRate", "Minimum value is 1.0")
		}
	}
	if f.has("MaxDelaySeconds") {
		limit := f.seconds("MaxDelaySeconds", 1, 0)
		r.maxDelay = time.Duration(limit) * time.Second
		if limit <= interval {
			f.failAt("MaxDelaySeconds", "MaxDelaySeconds must be greater than IntervalSeconds")
		}
	}
	switch strategy := f.text("JitterStrategy"); strategy {
	case "", "NONE":
	case "FULL":
		r.full = true
	default:
		f.failAt("JitterStrategy", "'%s' is none of [FULL, NONE]", strategy)
	}
	f.text("Comment")
	f.end()
	return r
}

func (f *fields) catcher(last bool) Catcher {
	c := Catcher{errors: f.errorEquals(last)}
	f.require("Next")
	c.Next = f.transition("Next")
	c.path, c.drop = f.nullable("ResultPath", f.reference)
	f.text("Comment")
	f.end()
	return c
}

func (f *fields) errorEquals(last bool) []string {
	f.require("ErrorEquals")
	names, ok := decode[[]string](f, "ErrorEquals", "Array of Strings")
	if ok && len(names) == 0 {
		f.failAt("ErrorEquals", "There is no error name")
	}
	for i, name := range names {
		if name == All && (!last || len(names) > 1) {
			f.report(schemaFailed, f.at+"/ErrorEquals["+itoa(i)+"]", "States.ALL must appear alone and at end of list")
		}
	}
	return names
}
