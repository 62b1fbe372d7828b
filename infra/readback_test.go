//go:build deploy

package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// found is a resource as its own service describes it: with the names of CloudFormation's properties, so that it can be compared
// with the template.
type found struct {
	arn        string
	properties object
}

// readers find a resource of a type by its physical ID. They also get its properties as the template has them: some resources
// have no physical ID that their service knows.
func (m *moto) readers() map[string]func(t *testing.T, id string, want object) found {
	return map[string]func(*testing.T, string, object) found{
		"AWS::CloudWatch::Dashboard":       m.dashboard,
		"AWS::Events::Rule":                m.rule,
		"AWS::IAM::Policy":                 m.rolePolicy,
		"AWS::IAM::Role":                   m.role,
		"AWS::KMS::Alias":                  m.alias,
		"AWS::KMS::Key":                    m.key,
		"AWS::Lambda::Function":            m.function,
		"AWS::Lambda::LayerVersion":        m.layer,
		"AWS::Lambda::Permission":          m.permission,
		"AWS::Logs::LogGroup":              m.logGroup,
		"AWS::S3::Bucket":                  m.bucket,
		"AWS::SNS::Topic":                  m.topic,
		"AWS::SQS::Queue":                  m.queue,
		"AWS::StepFunctions::StateMachine": m.stateMachine,
	}
}

// ask returns the answer, or ends the test.
func ask[In, Out, Option any](t *testing.T, call func(context.Context, *In, ...func(*Option)) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := call(t.Context(), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// try is ask for what moto may not have: the answer is then empty.
func try[In, Out, Option any](t *testing.T, call func(context.Context, *In, ...func(*Option)) (*Out, error), in *In) *Out {
	out, err := call(t.Context(), in)
	if err != nil {
		return new(Out)
	}
	return out
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	var v any
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// policy is a policy as IAM writes it, URL-encoded (IAM API reference, GetRolePolicy).
func policy(t *testing.T, text string) any {
	t.Helper()
	decoded, err := url.QueryUnescape(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, decoded)
}

// dashboard only tells that it is there: moto does not speak the protocol in which the SDK asks CloudWatch.
func (m *moto) dashboard(t *testing.T, id string, _ object) found {
	return found{"", object{"DashboardName": id}}
}

func (m *moto) rule(t *testing.T, id string, _ object) found {
	client := eventbridge.NewFromConfig(m.sdk())
	r := ask(t, client.DescribeRule, &eventbridge.DescribeRuleInput{Name: &id})
	targets := ask(t, client.ListTargetsByRule, &eventbridge.ListTargetsByRuleInput{Rule: &id}).Targets
	var all []object
	for _, target := range targets {
		one := object{"Id": target.Id, "Arn": target.Arn}
		if target.Input != nil {
			one["Input"] = target.Input
		}
		if target.RoleArn != nil {
			one["RoleArn"] = target.RoleArn
		}
		if d := target.DeadLetterConfig; d != nil {
			one["DeadLetterConfig"] = object{"Arn": d.Arn}
		}
		if p := target.RetryPolicy; p != nil {
			one["RetryPolicy"] = object{"MaximumRetryAttempts": p.MaximumRetryAttempts, "MaximumEventAgeInSeconds": p.MaximumEventAgeInSeconds}
		}
		all = append(all, one)
	}
	return found{aws.ToString(r.Arn), object{
		"Name": r.Name, "Description": r.Description, "State": r.State, "EventPattern": parsed(t, aws.ToString(r.EventPattern)), "Targets": all,
	}}
}

func (m *moto) role(t *testing.T, id string, _ object) found {
	r := ask(t, iam.NewFromConfig(m.sdk()).GetRole, &iam.GetRoleInput{RoleName: &id}).Role
	return found{aws.ToString(r.Arn), object{
		"RoleName": r.RoleName, "Description": r.Description, "AssumeRolePolicyDocument": policy(t, aws.ToString(r.AssumeRolePolicyDocument)),
		"MaxSessionDuration": r.MaxSessionDuration, "Tags": r.Tags,
	}}
}

func (m *moto) rolePolicy(t *testing.T, _ string, want object) found {
	role, name := want["Roles"].([]any)[0].(string), want["PolicyName"].(string)
	p := ask(t, iam.NewFromConfig(m.sdk()).GetRolePolicy, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
	return found{"", object{"PolicyName": p.PolicyName, "Roles": []*string{p.RoleName}, "PolicyDocument": policy(t, aws.ToString(p.PolicyDocument))}}
}

func (m *moto) alias(t *testing.T, id string, _ object) found {
	for _, a := range ask(t, kms.NewFromConfig(m.sdk()).ListAliases, &kms.ListAliasesInput{}).Aliases {
		if aws.ToString(a.AliasName) == id {
			return found{aws.ToString(a.AliasArn), object{"AliasName": id, "TargetKeyId": m.keyARN(t, aws.ToString(a.TargetKeyId))}}
		}
	}
	return found{}
}

func (m *moto) keyARN(t *testing.T, id string) string {
	for _, k := range ask(t, kms.NewFromConfig(m.sdk()).ListKeys, &kms.ListKeysInput{}).Keys {
		if aws.ToString(k.KeyId) == id {
			return aws.ToString(k.KeyArn)
		}
	}
	return ""
}

func (m *moto) key(t *testing.T, id string, _ object) found {
	client := kms.NewFromConfig(m.sdk())
	properties := object{
		"EnableKeyRotation": ask(t, client.GetKeyRotationStatus, &kms.GetKeyRotationStatusInput{KeyId: &id}).KeyRotationEnabled,
		"KeyPolicy":         parsed(t, aws.ToString(try(t, client.GetKeyPolicy, &kms.GetKeyPolicyInput{KeyId: &id}).Policy)),
	}
	if k := try(t, client.DescribeKey, &kms.DescribeKeyInput{KeyId: &id}).KeyMetadata; k != nil {
		properties["Description"] = k.Description
	}
	return found{m.keyARN(t, id), properties}
}

func (m *moto) function(t *testing.T, id string, want object) found {
	c := ask(t, lambda.NewFromConfig(m.sdk()).GetFunction, &lambda.GetFunctionInput{FunctionName: &id}).Configuration
	properties := object{
		"FunctionName": c.FunctionName, "Description": c.Description, "Handler": c.Handler, "Runtime": c.Runtime, "Role": c.Role,
		"Architectures": c.Architectures, "MemorySize": c.MemorySize, "Timeout": c.Timeout,
		"TracingConfig": c.TracingConfig, "LoggingConfig": c.LoggingConfig, "DeadLetterConfig": c.DeadLetterConfig,
	}
	layers := []*string{}
	for _, layer := range c.Layers {
		layers = append(layers, layer.Arn)
	}
	properties["Layers"] = layers
	if c.Environment != nil {
		properties["Environment"] = object{"Variables": c.Environment.Variables}
	}
	if code := want["Code"].(object); aws.ToString(c.CodeSha256) == m.sha256(t, code) {
		properties["Code"] = code
	}
	return found{aws.ToString(c.FunctionArn), properties}
}

// sha256 is that of code in S3, as Lambda gives it of what it took from there (Lambda API reference, FunctionConfiguration).
func (m *moto) sha256(t *testing.T, code object) string {
	bucket, key := code["S3Bucket"].(string), code["S3Key"].(string)
	body := ask(t, m.s3().GetObject, &s3.GetObjectInput{Bucket: &bucket, Key: &key}).Body
	defer body.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, body); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(hash.Sum(nil))
}

// layer is the only one of the account.
func (m *moto) layer(t *testing.T, _ string, want object) found {
	client := lambda.NewFromConfig(m.sdk())
	latest := ask(t, client.ListLayers, &lambda.ListLayersInput{}).Layers[0]
	in := &lambda.GetLayerVersionInput{LayerName: latest.LayerName, VersionNumber: &latest.LatestMatchingVersion.Version}
	l := ask(t, client.GetLayerVersion, in)
	properties := object{
		"Description": l.Description, "CompatibleRuntimes": l.CompatibleRuntimes, "CompatibleArchitectures": l.CompatibleArchitectures,
	}
	if content := want["Content"].(object); aws.ToString(l.Content.CodeSha256) == m.sha256(t, content) {
		properties["Content"] = content
	}
	return found{aws.ToString(l.LayerVersionArn), properties}
}

// permission is the only one of its function.
func (m *moto) permission(t *testing.T, _ string, want object) found {
	function := want["FunctionName"].(string)
	p := ask(t, lambda.NewFromConfig(m.sdk()).GetPolicy, &lambda.GetPolicyInput{FunctionName: &function})
	s := parsed(t, aws.ToString(p.Policy)).(object)["Statement"].([]any)[0].(object)
	source := s["Condition"].(object)["ArnLike"].(object)["AWS:SourceArn"]
	return found{"", object{"Action": s["Action"], "FunctionName": s["Resource"], "Principal": s["Principal"].(object)["Service"], "SourceArn": source}}
}

func (m *moto) logGroup(t *testing.T, id string, _ object) found {
	in := &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &id}
	for _, g := range ask(t, cloudwatchlogs.NewFromConfig(m.sdk()).DescribeLogGroups, in).LogGroups {
		if aws.ToString(g.LogGroupName) == id {
			// CloudFormation's Arn ends in ":*" as the other ARN of the group does. moto puts this one into policies.
			return found{aws.ToString(g.LogGroupArn), object{"LogGroupName": id, "RetentionInDays": g.RetentionInDays, "KmsKeyId": g.KmsKeyId}}
		}
	}
	return found{}
}

func (m *moto) bucket(t *testing.T, id string, _ object) found {
	client := m.s3()
	properties := object{"BucketName": id}
	if e := try(t, client.GetBucketEncryption, &s3.GetBucketEncryptionInput{Bucket: &id}).ServerSideEncryptionConfiguration; e != nil {
		rule, byDefault := e.Rules[0], e.Rules[0].ApplyServerSideEncryptionByDefault
		properties["BucketEncryption"] = object{"ServerSideEncryptionConfiguration": []object{{
			"BucketKeyEnabled":              rule.BucketKeyEnabled,
			"ServerSideEncryptionByDefault": object{"SSEAlgorithm": byDefault.SSEAlgorithm, "KMSMasterKeyID": byDefault.KMSMasterKeyID},
		}}}
	}
	if b := try(t, client.GetPublicAccessBlock, &s3.GetPublicAccessBlockInput{Bucket: &id}).PublicAccessBlockConfiguration; b != nil {
		properties["PublicAccessBlockConfiguration"] = b
	}
	if o := try(t, client.GetBucketOwnershipControls, &s3.GetBucketOwnershipControlsInput{Bucket: &id}).OwnershipControls; o != nil {
		properties["OwnershipControls"] = o
	}
	if rules := try(t, client.GetBucketLifecycleConfiguration, &s3.GetBucketLifecycleConfigurationInput{Bucket: &id}).Rules; rules != nil {
		properties["LifecycleConfiguration"] = object{"Rules": rules}
	}
	return found{"arn:aws:s3:::" + id, properties}
}

func (m *moto) s3() *s3.Client {
	return s3.NewFromConfig(m.sdk(), func(o *s3.Options) { o.UsePathStyle = true })
}

func (m *moto) topic(t *testing.T, id string, _ object) found {
	a := ask(t, sns.NewFromConfig(m.sdk()).GetTopicAttributes, &sns.GetTopicAttributesInput{TopicArn: &id}).Attributes
	return found{id, object{"DisplayName": a["DisplayName"], "TopicName": id[strings.LastIndex(id, ":")+1:]}}
}

func (m *moto) queue(t *testing.T, id string, _ object) found {
	client := sqs.NewFromConfig(m.sdk())
	a := ask(t, client.GetQueueAttributes, &sqs.GetQueueAttributesInput{QueueUrl: &id, AttributeNames: []types.QueueAttributeName{"All"}}).Attributes
	return found{a["QueueArn"], object{
		"QueueName":              a["QueueArn"][strings.LastIndex(a["QueueArn"], ":")+1:],
		"MessageRetentionPeriod": parsed(t, a["MessageRetentionPeriod"]), "SqsManagedSseEnabled": a["SqsManagedSseEnabled"] == "true",
	}}
}

func (m *moto) stateMachine(t *testing.T, id string, _ object) found {
	s := ask(t, sfn.NewFromConfig(m.sdk()).DescribeStateMachine, &sfn.DescribeStateMachineInput{StateMachineArn: &id})
	return found{id, object{
		"StateMachineName": s.Name, "StateMachineType": s.Type, "RoleArn": s.RoleArn, "DefinitionString": s.Definition,
		"LoggingConfiguration": s.LoggingConfiguration, "TracingConfiguration": s.TracingConfiguration,
	}}
}
