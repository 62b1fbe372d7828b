package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/setup"
)

// execution describes a Step Functions execution that did not succeed. Fields with unknown values are zero.
type execution struct {
	arn, name string
	// status is the final status: FAILED, TIMED_OUT or ABORTED.
	status           string
	started, stopped time.Time
	input            string
	// errorName and cause are the fields Error and Cause of Step Functions.
	errorName, cause string
	// state is the name of the last state that the execution entered.
	state string
	// redrives is the number of redrives so far.
	redrives *int32
	// notRedrivable is the reason why the execution cannot be redriven, or empty if it can.
	notRedrivable string
	// current is the current status if a redrive has changed it, or else empty.
	current string
	// failures lists the calls that failed.
	failures []string
}

// enrich adds details that the event does not contain. It leaves enough time to publish if Step Functions does not respond.
func (h *Handler) enrich(ctx context.Context, d Detail) execution {
	ctx, cancel := setup.WithHeadroom(ctx)
	defer cancel()
	e := execution{
		arn: d.ExecutionARN, name: cmp.Or(d.Name, d.ExecutionARN[strings.LastIndexByte(d.ExecutionARN, ':')+1:]), status: d.Status,
		started: timeOf(d.StartDate), stopped: timeOf(d.StopDate), input: d.Input, errorName: d.Error, cause: d.Cause,
	}
	if out, err := h.StepFunctions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &e.arn}); err != nil {
		e.failures = append(e.failures, fmt.Sprintf("describe execution: %v", awserr.Summarize(err)))
	} else {
		e.describe(out)
	}
	var err error
	if e.state, err = h.lastState(ctx, e); err != nil {
		e.failures = append(e.failures, fmt.Sprintf("get execution history: %v", awserr.Summarize(err)))
	}
	return e
}

// timeOf converts milliseconds since 1970 to a time. The result for 0 is the zero time.
func timeOf(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}

// describe adds the details in a DescribeExecution response. If its status differs from the status in the event, the execution was
// redriven, and most of the response no longer applies to the event.
func (e *execution) describe(out *sfn.DescribeExecutionOutput) {
	e.input = cmp.Or(aws.ToString(out.Input), e.input)
	e.redrives = out.RedriveCount
	if status := string(out.Status); status != e.status {
		e.current = status
		return
	}
	e.started, e.stopped = cmp.Or(e.started, aws.ToTime(out.StartDate)), cmp.Or(e.stopped, aws.ToTime(out.StopDate))
	e.errorName, e.cause = cmp.Or(aws.ToString(out.Error), e.errorName), cmp.Or(aws.ToString(out.Cause), e.cause)
	if out.RedriveStatus != types.ExecutionRedriveStatusRedrivable {
		e.notRedrivable = cmp.Or(aws.ToString(out.RedriveStatusReason), "Step Functions gave no reason")
	}
}

// lastState returns the last state that the execution entered before it stopped. A redriven execution does not enter the failed state
// again, so this also finds a state that failed twice.
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
			// The stop date of the EventBridge event is in milliseconds.
			isAfter := !e.stopped.IsZero() && aws.ToTime(event.Timestamp).Truncate(time.Millisecond).After(e.stopped)
			if event.StateEnteredEventDetails != nil && !isAfter {
				return aws.ToString(event.StateEnteredEventDetails.Name), nil
			}
		}
	}
	return "", nil // the execution stopped before it entered a state
}

// source returns the source in the input, or "" if the input does not name one. The rest of the input may be invalid.
func (e execution) source() string {
	var in struct{ Source string }
	_ = json.Unmarshal([]byte(e.input), &in) // the source is empty if the input is invalid
	return in.Source
}

// message returns the cause as text. The cause of a Lambda function's error is JSON that contains the message. Any other cause is plain
// text from Step Functions.
func (e execution) message() string {
	var failure struct {
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal([]byte(e.cause), &failure); err == nil && failure.Message != "" {
		return failure.Message
	}
	return e.cause
}
