package main

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// execution is an execution that did not succeed. What is unknown is zero.
type execution struct {
	arn, name string
	// status at the end: FAILED, TIMED_OUT or ABORTED.
	status           string
	started, stopped time.Time
	input            string
	// errorName and cause are those of Step Functions.
	errorName, cause string
	// state is the last one entered.
	state string
	// redrives so far; nil if unknown.
	redrives *int32
	// redrivable is nil if Step Functions did not say.
	redrivable *redrivable
	// now is the current status, if the execution was redriven since and has another one.
	now string
	// unknown lists the calls that failed.
	unknown []string
}

// redrivable says whether an execution can be redriven, and if not, why.
type redrivable struct {
	yes    bool
	reason string
}

func executionOf(d Detail) execution {
	name := cmp.Or(d.Name, d.ExecutionARN[strings.LastIndexByte(d.ExecutionARN, ':')+1:])
	return execution{
		arn: d.ExecutionARN, name: name, status: d.Status, started: moment(d.StartDate), stopped: moment(d.StopDate),
		input: d.Input, errorName: d.Error, cause: d.Cause,
	}
}

func moment(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}

// describe adds what DescribeExecution answered. If the execution was redriven in the meantime, the answer is about another end than the
// event's, or about none.
func (e *execution) describe(out *sfn.DescribeExecutionOutput) {
	e.input = cmp.Or(aws.ToString(out.Input), e.input)
	e.redrives = out.RedriveCount
	if status := string(out.Status); status != e.status {
		e.now = status
		return
	}
	e.started, e.stopped = cmp.Or(e.started, aws.ToTime(out.StartDate)), cmp.Or(e.stopped, aws.ToTime(out.StopDate))
	e.errorName, e.cause = cmp.Or(aws.ToString(out.Error), e.errorName), cmp.Or(aws.ToString(out.Cause), e.cause)
	e.redrivable = &redrivable{
		yes:    out.RedriveStatus == types.ExecutionRedriveStatusRedrivable,
		reason: aws.ToString(out.RedriveStatusReason),
	}
}

// lastState returns the state that was entered last before the execution stopped. A redrive does not enter a state again, so this also
// finds a state that failed a second time.
func (h *Handler) lastState(ctx context.Context, e execution) (string, error) {
	pages := sfn.NewGetExecutionHistoryPaginator(h.StepFunctions, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &e.arn, ReverseOrder: true, IncludeExecutionData: aws.Bool(false),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", err
		}
		for _, event := range page.Events {
			// The event's date of the stop has no more than milliseconds.
			after := !e.stopped.IsZero() && aws.ToTime(event.Timestamp).Truncate(time.Millisecond).After(e.stopped)
			if event.StateEnteredEventDetails != nil && !after {
				return aws.ToString(event.StateEnteredEventDetails.Name), nil
			}
		}
	}
	return "", nil // stopped before it entered any
}

// source returns the source in the input, whatever else is wrong with it; "" if there is none.
func (e execution) source() string {
	var in map[string]any
	_ = json.Unmarshal([]byte(e.input), &in) // what is not an object names none
	source, _ := in["source"].(string)
	return source
}

// message returns the cause as text. A Lambda function's cause is JSON with the message, its type and perhaps a stack; Step Functions'
// own causes are sentences.
func (e execution) message() string {
	var failure struct {
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal([]byte(e.cause), &failure); err == nil && failure.Message != "" {
		return failure.Message
	}
	return e.cause
}
