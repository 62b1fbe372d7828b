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

// StepFunctions is the part of the Step Functions client that tells what became of an execution.
type StepFunctions interface {
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
	sfn.GetExecutionHistoryAPIClient
}

// SNS is the part of the SNS client that publishes.
type SNS interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Handler tells the subscribers of a topic of a night that ended badly.
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

// Detail is what the event itself says of an execution. Only its first three fields are sure to be there.
type Detail struct {
	ExecutionARN string `json:"executionArn"`
	Name         string `json:"name"`
	// Status is FAILED, TIMED_OUT or ABORTED.
	Status string `json:"status"`
	// The dates are in milliseconds since 1970.
	StartDate int64 `json:"startDate"`
	StopDate  int64 `json:"stopDate"`
	// Input is JSON; an event leaves a long one out.
	Input string `json:"input"`
	Error string `json:"error"`
	Cause string `json:"cause"`
}

// Handle publishes a message about the event's execution, whatever can or cannot be learnt of it.
func (h *Handler) Handle(ctx context.Context, event Event) (struct{}, error) {
	if event.Detail.ExecutionARN == "" {
		return struct{}{}, errors.New("the event names no execution; it has to be a Step Functions Execution Status Change, as EventBridge sends it")
	}
	e := h.learn(ctx, event.Detail)
	source := e.source()
	_, unknown := h.Config.Source(source)
	if unknown == nil { // whatever else people type as a source would be a metric that nobody looks at
		h.Metrics.Emit(source, e.name, metrics.Count(workflow.MetricFailed, 1))
	}
	_, err := h.SNS.Publish(ctx, &sns.PublishInput{
		TopicArn: &h.Topic,
		Subject:  aws.String(subject(h.Config.Name, e)),
		Message:  aws.String(body(e, adviceFor(e, unknown), link(h.Config, e.arn))),
	})
	if err != nil {
		return struct{}{}, fmt.Errorf("publish to %s that execution %s ended as %s: %w", h.Topic, e.name, e.status, err)
	}
	return struct{}{}, nil
}

// learn asks Step Functions what the event does not say. It leaves time to publish when there is no answer.
func (h *Handler) learn(ctx context.Context, d Detail) execution {
	ctx, cancel := setup.LeaveTime(ctx)
	defer cancel()
	e := executionOf(d)
	if out, err := h.StepFunctions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &e.arn}); err != nil {
		e.unknown = append(e.unknown, fmt.Sprintf("describe execution: %v", awserr.Brief(err)))
	} else {
		e.describe(out)
	}
	state, err := h.lastState(ctx, e)
	if err != nil {
		e.unknown = append(e.unknown, fmt.Sprintf("get execution history: %v", awserr.Brief(err)))
	}
	e.state = state
	return e
}
