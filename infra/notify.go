package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

// newTopic creates the topic for failed runs and alarms. It is not encrypted with the key, because its messages leave AWS as emails.
func (s *stack) newTopic() awssns.Topic {
	topic := awssns.NewTopic(s.cdk, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:   &s.config.Name,
		DisplayName: &s.config.Name, // the sender name in emails
		EnforceSSL:  jsii.Bool(true),
	})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Alarms"),
		Principals: &[]awsiam.IPrincipal{s.servicePrincipal("cloudwatch.amazonaws.com")},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
	}))
	for _, address := range s.config.Notify {
		awssns.NewSubscription(topic, &address, &awssns.SubscriptionProps{
			Topic: topic, Protocol: awssns.SubscriptionProtocol_EMAIL, Endpoint: &address,
		})
	}
	return topic
}

// addNotifier adds a rule that invokes the function for each execution that failed, timed out or was aborted.
func (s *stack) addNotifier(function awslambda.Function, machine awsstepfunctions.StateMachine) {
	// Without a dead-letter queue, Lambda drops an event after three failed attempts.
	cfn := function.Node().DefaultChild().(awslambda.CfnFunction)
	cfn.SetDeadLetterConfig(&awslambda.CfnFunction_DeadLetterConfigProperty{TargetArn: s.deadLetters.QueueArn()})

	failed := s.addRule(s.cdk, rule{
		id: "FailureRule", name: s.config.Name + "-failed", description: "Sends a notification if an execution failed, timed out or was aborted.",
		pattern: map[string]any{
			"source": []string{"aws.states"}, "detail-type": []string{"Step Functions Execution Status Change"},
			"detail": map[string]any{
				"status":          []string{"FAILED", "TIMED_OUT", "ABORTED"},
				"stateMachineArn": []*string{machine.StateMachineArn()},
			},
		},
		target: awsevents.CfnRule_TargetProperty{Arn: function.FunctionArn()},
	})
	function.AddPermission(jsii.String("FailureRule"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil),
		SourceArn: failed.AttrArn(),
	})
}
