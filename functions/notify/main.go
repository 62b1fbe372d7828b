// Command notify is the Lambda that notifies of executions that failed, timed out or were aborted.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"snaplake/functions/internal/setup"
)

func main() { setup.Run(newHandler, "TOPIC_ARN") }

func newHandler(s setup.Setup) func(context.Context, Event) (struct{}, error) {
	h := &Handler{
		Config:        s.Config,
		StepFunctions: sfn.NewFromConfig(s.AWS),
		SNS:           sns.NewFromConfig(s.AWS),
		Metrics:       s.Metrics,
		Topic:         s.Variables["TOPIC_ARN"],
	}
	return h.Handle
}
