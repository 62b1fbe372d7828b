package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Schedules and rules use this retry policy when they cannot start a run. It does not apply to failures of the run itself.
const (
	deliveryRetries    = 10
	deliveryAgeSeconds = 3600
)

// rule is an EventBridge rule. It uses CloudFormation's target type, because the CDK's targets package imports many other packages.
type rule struct {
	id string
	// name must start with the stack's name and a hyphen, because policies match the rules by that prefix.
	name        string
	description string
	pattern     map[string]any
	target      awsevents.CfnRule_TargetProperty
}

// addRule adds the rule, and sets its retry policy and its dead-letter queue.
func (s *stack) addRule(scope constructs.Construct, r rule) awsevents.CfnRule {
	r.pattern["account"] = []string{s.config.Account}
	r.target.Id = jsii.String("Target0")
	r.target.DeadLetterConfig = &awsevents.CfnRule_DeadLetterConfigProperty{Arn: s.deadLetters.QueueArn()}
	r.target.RetryPolicy = &awsevents.CfnRule_RetryPolicyProperty{
		MaximumRetryAttempts:     jsii.Number(deliveryRetries),
		MaximumEventAgeInSeconds: jsii.Number(deliveryAgeSeconds),
	}
	return awsevents.NewCfnRule(scope, &r.id, &awsevents.CfnRuleProps{
		Name:         &r.name,
		Description:  &r.description,
		State:        jsii.String("ENABLED"),
		EventPattern: r.pattern,
		Targets:      []*awsevents.CfnRule_TargetProperty{&r.target},
	})
}

// ruleARNs returns an ARN pattern that matches the stack's rules.
func (s *stack) ruleARNs() *string { return s.arn("events", "rule/"+s.config.Name+"-*") }

// newDeadLetters creates the queue for runs that did not start and for unsent notifications. SQS encrypts it with an SQS-managed key,
// because EventBridge would need permission to use another key. Only rules need the queue policy, because schedules use a role.
func (s *stack) newDeadLetters() awssqs.Queue {
	queue := awssqs.NewQueue(s.cdk, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		QueueName:       jsii.String(s.config.Name + "-dead-letters"),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)), // the maximum that SQS allows
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
