// Command notify is the Lambda function that reports executions that failed, timed out or were aborted.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"snaplake/functions/internal/setup"
)

func main() { setup.Run(newHandler, "TOPIC_ARN") }

func newHandler(s setup.Setup) setup.Handler[Event, struct{}] {
	h := &Handler{Setup: s, StepFunctions: sfn.NewFromConfig(s.AWS), SNS: sns.NewFromConfig(s.AWS), Topic: s.Variables["TOPIC_ARN"]}
	return h.Handle
}
