//go:build deploy

package main

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// What moto 5.2.1 does not do. The tests fail when an entry is not true any more, so that the lists get shorter as moto gets
// better, and that nobody takes for tested what is not. The templates of what is lost here are checked in the other tests.

// unmade are the types of resources that moto's CloudFormation takes note of and does not create.
var unmade = []string{
	"AWS::Athena::WorkGroup",
	"AWS::CloudWatch::Alarm",
	"AWS::Glue::Crawler",
	"AWS::Glue::Database",
	"AWS::S3::BucketPolicy",
	"AWS::SNS::Subscription",
	"AWS::SNS::TopicPolicy",
	"AWS::SQS::QueuePolicy",
	"AWS::Scheduler::Schedule",
}

// lost are the properties that moto's CloudFormation drops.
var lost = loss{
	// It is made. But moto does not speak the protocol in which the SDK asks for it.
	"AWS::CloudWatch::Dashboard": {"DashboardBody": nil},
	// moto keeps the policy in a form that its own DescribeKey and GetKeyPolicy fail on.
	"AWS::KMS::Key": {"Description": nil, "KeyPolicy": nil},
	"AWS::Lambda::Function": {
		"Architectures":    []string{"x86_64"},
		"DeadLetterConfig": nil,
		"Layers":           []string{},
		"LoggingConfig":    nil,
		"TracingConfig":    object{"Mode": "PassThrough"},
	},
	"AWS::Lambda::LayerVersion": {"CompatibleArchitectures": nil},
	"AWS::Logs::LogGroup":       {"KmsKeyId": nil},
	"AWS::S3::Bucket": {
		"BucketEncryption":               withoutBucketKey,
		"LifecycleConfiguration":         nil,
		"OwnershipControls":              nil,
		"PublicAccessBlockConfiguration": nil,
	},
	"AWS::StepFunctions::StateMachine": {
		"DefinitionSubstitutions": nil, // and its placeholders are still in the definition
		"LoggingConfiguration":    object{"Destinations": nil, "IncludeExecutionData": false, "Level": "OFF"},
		"TracingConfiguration":    object{"Enabled": false},
	},
}

func withoutBucketKey(want any) any {
	want.(object)["ServerSideEncryptionConfiguration"].([]any)[0].(object)["BucketKeyEnabled"] = false
	return want
}

// motoCannot tries what the test goes round: the settings that firstConfig does without, and what deploy avoids.
func (m *moto) motoCannot(t *testing.T) {
	t.Helper()
	client := cloudformation.NewFromConfig(m.sdk())
	if _, err := client.UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{
		StackName: aws.String(stackName), EnableTerminationProtection: aws.Bool(true),
	}); err == nil {
		t.Error("moto protects stacks from termination now: let firstConfig do so")
	}
	if _, err := client.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String(stackName), UsePreviousTemplate: aws.Bool(true),
		Parameters: []types.Parameter{{ParameterKey: aws.String("BootstrapVersion"), UsePreviousValue: aws.Bool(true)}},
	}); err == nil {
		t.Error("moto keeps the values of parameters now: deploy without --previous-parameters=false")
	}
	bootstrap := ask(t, client.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: aws.String("CDKToolkit")}).Stacks[0]
	if len(bootstrap.Outputs) > 0 {
		t.Error("moto gives stacks outputs that a change set made: deploy without --method direct")
	}
	if _, err := client.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("tagged-key"),
		TemplateBody: aws.String(`{"Resources": {"Key": {"Type": "AWS::KMS::Key",
			"Properties": {"KeyPolicy": {}, "Tags": [{"Key": "team", "Value": "data"}]}}}}`),
	}); err == nil {
		t.Error("moto makes keys with tags now: let firstConfig have tags")
	}
}
