package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// rule is an EventBridge rule. It uses CloudFormation's types, because the CDK's package of targets imports half of AWS.
type rule struct {
	id string
	// name begins with the stack's name and a hyphen, which the policies of the queue and the rules' role rely on.
	name        string
	description string
	// source, detailType and detail are the event pattern.
	source, detailType string
	detail             map[string]any
	target             awsevents.CfnRule_TargetProperty
}

// addRule adds the rule, with retries and a dead-letter queue.
func (s *stack) addRule(scope constructs.Construct, r rule) awsevents.CfnRule {
	r.target.Id = jsii.String("Target0")
	r.target.DeadLetterConfig = &awsevents.CfnRule_DeadLetterConfigProperty{Arn: s.deadLetters.QueueArn()}
	r.target.RetryPolicy = &awsevents.CfnRule_RetryPolicyProperty{
		MaximumRetryAttempts:     jsii.Number(deliveryRetries),
		MaximumEventAgeInSeconds: jsii.Number(deliveryAgeSeconds),
	}
	return awsevents.NewCfnRule(scope, &r.id, &awsevents.CfnRuleProps{
		Name:        &r.name,
		Description: &r.description,
		State:       jsii.String("ENABLED"),
		EventPattern: map[string]any{
			"account": []string{s.config.Account}, "source": []string{r.source}, "detail-type": []string{r.detailType}, "detail": r.detail,
		},
		Targets: []*awsevents.CfnRule_TargetProperty{&r.target},
	})
}

// ruleARNs returns a pattern for the ARNs of the stack's rules.
func (s *stack) ruleARNs() *string { return s.arn("events", "rule/"+s.config.Name+"-*") }
