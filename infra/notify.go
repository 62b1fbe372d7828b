package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

// newTopic makes the topic that failed nights and alarms are told to. It is not encrypted with the key: its messages name
// tables and errors, and are sent on as e-mail.
func (l *lake) newTopic() awssns.Topic {
	topic := awssns.NewTopic(l.stack, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:   &l.config.Name,
		DisplayName: &l.config.Name, // the sender's name of the e-mails
		EnforceSSL:  jsii.Bool(true),
	})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Alarms"),
		Principals: &[]awsiam.IPrincipal{l.servicePrincipal("cloudwatch.amazonaws.com")},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
	}))
	for _, address := range l.config.Notify {
		awssns.NewSubscription(topic, &address, &awssns.SubscriptionProps{
			Topic: topic, Protocol: awssns.SubscriptionProtocol_EMAIL, Endpoint: &address,
		})
	}
	return topic
}

// addNotifier tells the topic of each execution that did not succeed. What it cannot tell becomes a dead letter, of which there
// is an alarm.
func (l *lake) addNotifier(function awslambda.Function, machine awsstepfunctions.StateMachine) {
	// Without a dead-letter queue, Lambda drops an event that the function failed on three times.
	cfn := function.Node().DefaultChild().(awslambda.CfnFunction)
	cfn.SetDeadLetterConfig(&awslambda.CfnFunction_DeadLetterConfigProperty{TargetArn: l.deadLetters.QueueArn()})

	failed := l.addRule(l.stack, rule{
		id: "FailureRule", name: l.config.Name + "-failed", description: "Tells of nights that failed, timed out or were aborted.",
		source: "aws.states", detailType: "Step Functions Execution Status Change",
		detail: map[string]any{
			"status":          []string{"FAILED", "TIMED_OUT", "ABORTED"},
			"stateMachineArn": []*string{machine.StateMachineArn()},
		},
		target: awsevents.CfnRule_TargetProperty{Arn: function.FunctionArn()},
	})
	function.AddPermission(jsii.String("FailureRule"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil),
		SourceArn: failed.AttrArn(),
	})
}
