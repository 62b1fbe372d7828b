package cloud

import (
	"context"

	"snaplake/local/internal/events"
	"snaplake/local/internal/stepfunctions"
)

// invoke lets Step Functions invoke functions of the local Lambda.
func (c *Cloud) invoke(ctx context.Context, function string, payload []byte) (stepfunctions.Invocation, error) {
	answer, err := c.Lambda.Invoke(ctx, function, payload)
	return stepfunctions.Invocation(answer), err
}

// queues lets Lambda send messages to the queues in package events. It holds the Cloud, since Events is created after Lambda.
type queues struct{ cloud *Cloud }

func (q queues) Send(queueARN, body string, attributes map[string]string) error {
	return q.cloud.Events.Send(queueARN, body, attributes)
}

// statusEvent sends an event for an execution's status change to EventBridge.
func (c *Cloud) statusEvent(s stepfunctions.StatusChange) {
	c.Events.Put(events.Event{
		Source: "aws.states", DetailType: "Step Functions Execution Status Change", Resources: []string{s.ExecutionARN}, Detail: s,
	})
}
