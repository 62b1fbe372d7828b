package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// StepFunctions is the part of the Step Functions API that Notify uses.
type StepFunctions interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	sfn.GetExecutionHistoryAPIClient
}

// SNS is the part of the SNS API that Notify uses.
type SNS interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Handler notifies the subscribers of a topic about a run that did not succeed.
type Handler struct {
	setup.Setup
	StepFunctions StepFunctions
	SNS           SNS
	// Topic is the ARN of the SNS topic.
	Topic string
}

// Event is the EventBridge event "Step Functions Execution Status Change". Apart from the format of the times, its detail equals the
// response of DescribeExecution (Step Functions guide, "Automating event delivery for Step Functions with EventBridge").
type Event struct {
	Detail Detail `json:"detail"`
}

// Detail describes the execution. Only its first three fields are always present.
type Detail struct {
	ExecutionARN string `json:"executionArn"`
	Name         string `json:"name"`
	// Status is FAILED, TIMED_OUT or ABORTED.
	Status string `json:"status"`
	// StartDate and StopDate are in milliseconds since 1970.
	StartDate int64 `json:"startDate"`
	StopDate  int64 `json:"stopDate"`
	// Input is JSON. EventBridge omits a long input.
	Input string `json:"input"`
	Error string `json:"error"`
	Cause string `json:"cause"`
}

// Handle publishes a message about the event's execution, even if the calls to Step Functions fail.
func (h *Handler) Handle(ctx context.Context, event Event) (struct{}, error) {
	if event.Detail.ExecutionARN == "" {
		return struct{}{}, errors.New(`the event has no executionArn; send a "Step Functions Execution Status Change" event from EventBridge`)
	}
	e := h.enrich(ctx, event.Detail)
	source := e.source()
	_, unknown := h.Config.Source(source)
	if unknown == nil { // an unknown source would create a new metric
		h.Metrics.Emit(source, e.name, metrics.Count(workflow.MetricFailed, 1))
	}
	_, err := h.SNS.Publish(ctx, &sns.PublishInput{
		TopicArn: &h.Topic,
		Subject:  aws.String(subject(h.Config.Name, e)),
		Message:  aws.String(body(h.Config, e, remedyFor(e, unknown))),
	})
	if err != nil {
		return struct{}{}, fmt.Errorf("publish to %s that execution %s ended with status %s: %w", h.Topic, e.name, e.status, err)
	}
	return struct{}{}, nil
}
