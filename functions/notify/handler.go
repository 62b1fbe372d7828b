package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// StepFunctions is what Notify calls of Step Functions.
type StepFunctions interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	sfn.GetExecutionHistoryAPIClient
}

// SNS is what Notify calls of SNS.
type SNS interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Handler notifies the subscribers of a topic of a run that did not succeed.
type Handler struct {
	Config        workflow.Config
	StepFunctions StepFunctions
	SNS           SNS
	Metrics       metrics.Recorder
	// Topic is the ARN of the SNS topic.
	Topic string
}

// Event is EventBridge's "Step Functions Execution Status Change". Its detail is what DescribeExecution answers, but for the
// times (Step Functions guide, "Automating event delivery for Step Functions with EventBridge").
type Event struct {
	Detail Detail `json:"detail"`
}

// Detail describes the execution. Only its first three fields are always present.
type Detail struct {
	ExecutionARN string `json:"executionArn"`
	Name         string `json:"name"`
	// Status is FAILED, TIMED_OUT or ABORTED.
	Status string `json:"status"`
	// The dates are in milliseconds since 1970.
	StartDate int64 `json:"startDate"`
	StopDate  int64 `json:"stopDate"`
	// Input is JSON; an event omits a long one.
	Input string `json:"input"`
	Error string `json:"error"`
	Cause string `json:"cause"`
}

// Handle publishes a message about the event's execution, even if Step Functions does not answer.
func (h *Handler) Handle(ctx context.Context, event Event) (struct{}, error) {
	if event.Detail.ExecutionARN == "" {
		return struct{}{}, errors.New("the event names no execution, so it is not a Step Functions Execution Status Change of EventBridge")
	}
	e := h.enrich(ctx, event.Detail)
	source := e.source()
	_, unknown := h.Config.Source(source)
	if unknown == nil { // any other name would become a metric of its own
		h.Metrics.Emit(source, e.name, metrics.Count(workflow.MetricFailed, 1))
	}
	_, err := h.SNS.Publish(ctx, &sns.PublishInput{
		TopicArn: &h.Topic,
		Subject:  aws.String(subject(h.Config.Name, e)),
		Message:  aws.String(body(e, remedyFor(e, unknown), link(h.Config, e.arn))),
	})
	if err != nil {
		return struct{}{}, fmt.Errorf("publish to %s that execution %s ended as %s: %w", h.Topic, e.name, e.status, err)
	}
	return struct{}{}, nil
}

// enrich asks Step Functions for what the event does not say. It leaves time to publish if there is no answer.
func (h *Handler) enrich(ctx context.Context, d Detail) execution {
	ctx, cancel := setup.WithHeadroom(ctx)
	defer cancel()
	e := executionOf(d)
	if out, err := h.StepFunctions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &e.arn}); err != nil {
		e.unknown = append(e.unknown, fmt.Sprintf("describe execution: %v", awserr.Summarize(err)))
	} else {
		e.describe(out)
	}
	state, err := h.lastState(ctx, e)
	if err != nil {
		e.unknown = append(e.unknown, fmt.Sprintf("get execution history: %v", awserr.Summarize(err)))
	}
	e.state = state
	return e
}
