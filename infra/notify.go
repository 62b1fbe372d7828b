package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
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
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(&address, nil))
	}
	return topic
}

// addNotifier tells the topic of each execution that did not succeed. What it cannot tell becomes a dead letter, of which there
// is an alarm.
func (l *lake) addNotifier(function awslambda.Function, machine awsstepfunctions.StateMachine) {
	// Without a dead-letter queue, Lambda drops an event that the function failed on three times.
	cfn := function.Node().DefaultChild().(awslambda.CfnFunction)
	cfn.SetDeadLetterConfig(&awslambda.CfnFunction_DeadLetterConfigProperty{TargetArn: l.deadLetters.QueueArn()})

	awsevents.NewRule(l.stack, jsii.String("FailureRule"), &awsevents.RuleProps{
		RuleName:    jsii.String(l.config.Name + "-failed"),
		Description: jsii.String("Tells of nights that failed, timed out or were aborted."),
		EventPattern: &awsevents.EventPattern{
			Account:    jsii.Strings(l.config.Account),
			Source:     jsii.Strings("aws.states"),
			DetailType: jsii.Strings("Step Functions Execution Status Change"),
			Detail: &map[string]any{
				"status":          []string{"FAILED", "TIMED_OUT", "ABORTED"},
				"stateMachineArn": []*string{machine.StateMachineArn()},
			},
		},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewLambdaFunction(function, &awseventstargets.LambdaFunctionProps{
			DeadLetterQueue: l.deadLetters,
			RetryAttempts:   jsii.Number(deliveryRetries),
			MaxEventAge:     awscdk.Duration_Seconds(jsii.Number(deliveryAgeSeconds)),
		})},
	})
}
