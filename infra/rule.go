package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// rule is one of EventBridge's. It is written as CloudFormation has it: the CDK's targets are compiled together with those for
// half of AWS.
type rule struct {
	id string
	// name begins with the stack's and a hyphen, by which the queue and the rules' role know their own.
	name        string
	description string
	// source and detailType say which events, detail what must be in them.
	source, detailType string
	detail             map[string]any
	target             awsevents.CfnRule_TargetProperty
}

// addRule makes the rule. What cannot be delivered to its target becomes a dead letter.
func (l *lake) addRule(scope constructs.Construct, r rule) awsevents.CfnRule {
	r.target.Id = jsii.String("Target0")
	r.target.DeadLetterConfig = &awsevents.CfnRule_DeadLetterConfigProperty{Arn: l.deadLetters.QueueArn()}
	r.target.RetryPolicy = &awsevents.CfnRule_RetryPolicyProperty{
		MaximumRetryAttempts:     jsii.Number(deliveryRetries),
		MaximumEventAgeInSeconds: jsii.Number(deliveryAgeSeconds),
	}
	return awsevents.NewCfnRule(scope, &r.id, &awsevents.CfnRuleProps{
		Name:        &r.name,
		Description: &r.description,
		State:       jsii.String("ENABLED"),
		EventPattern: map[string]any{
			"account": []string{l.config.Account}, "source": []string{r.source}, "detail-type": []string{r.detailType}, "detail": r.detail,
		},
		Targets: []*awsevents.CfnRule_TargetProperty{&r.target},
	})
}

// ruleARNs is a pattern for the ARNs of all of the stack's rules.
func (l *lake) ruleARNs() *string { return l.arn("events", "rule/"+l.config.Name+"-*") }
