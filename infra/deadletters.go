package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// The retry policy of schedules and rules. It covers the start of a run, not the run itself.
const (
	deliveryRetries    = 10
	deliveryAgeSeconds = 3600
)

// newDeadLetters creates the queue of undelivered events: runs that did not start, notifications that were not sent. It is encrypted with
// SQS's own key, because EventBridge would need a statement in the policy of any other. Schedules write with their role, rules as
// EventBridge.
func (s *stack) newDeadLetters() awssqs.Queue {
	queue := awssqs.NewQueue(s.cdk, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		QueueName:       jsii.String(s.config.Name + "-dead-letters"),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)), // the maximum of SQS
	})
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Rules"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: conditions{"ArnLike": {"aws:SourceArn": *s.ruleARNs()}}.jsii(),
	}))
	return queue
}
