package cloud

import (
	"context"

	"snaplake/local/internal/events"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/stepfunctions"
)

// invoker adapts Lambda to Step Functions.
type invoker struct{ functions *lambda.Service }

func (i invoker) Invoke(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
	answer, err := i.functions.Invoke(ctx, function, payload)
	return stepfunctions.Invocation(answer), err
}

// queues adapts SQS to Lambda. The queues belong to EventBridge, which is made after Lambda since it invokes functions.
type queues struct{ cloud *Cloud }

func (q queues) Send(queueARN, body string, attributes map[string]string) error {
	return q.cloud.Events.Send(queueARN, body, attributes)
}

// statusEvent puts an event of Step Functions.
func (c *Cloud) statusEvent(s stepfunctions.StatusChange) {
	c.Events.Put(events.Event{
		Source: "aws.states", DetailType: "Step Functions Execution Status Change", Resources: []string{s.ExecutionARN}, Detail: s,
	})
}
