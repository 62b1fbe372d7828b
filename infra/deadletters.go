package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// How long Scheduler and EventBridge try to deliver what is not taken at once. A night that began is not their business any
// more.
const (
	deliveryRetries    = 10
	deliveryAgeSeconds = 3600
)

// newDeadLetters makes the queue of what could not be delivered: a night that did not start, a message that was not sent. SQS's
// own encryption, since EventBridge would need a key policy of its own to write under a key. Schedules write with their role, and
// rules in EventBridge's name.
func (l *lake) newDeadLetters() awssqs.Queue {
	queue := awssqs.NewQueue(l.stack, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		QueueName:       jsii.String(l.config.Name + "-dead-letters"),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)), // the longest that SQS has
	})
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Rules"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queue.QueueArn()},
		Conditions: conditions{"ArnLike": {"aws:SourceArn": *l.ruleARNs()}}.jsii(),
	}))
	return queue
}
