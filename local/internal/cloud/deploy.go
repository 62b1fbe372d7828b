package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/rds"
)

// ignored lists the resource types that deploy does not deploy. Package iam reads roles, keys and policies from the template.
var ignored = map[string]bool{
	"AWS::Athena::WorkGroup":     true, // see workGroups
	"AWS::CDK::Metadata":         true,
	"AWS::CloudWatch::Dashboard": true,
	"AWS::IAM::ManagedPolicy":    true,
	"AWS::IAM::Policy":           true,
	"AWS::IAM::Role":             true,
	"AWS::KMS::Alias":            true,
	"AWS::KMS::Key":              true,
	"AWS::Lambda::LayerVersion":  true, // see layerFolder
	"AWS::Lambda::Permission":    true,
	"AWS::SNS::TopicPolicy":      true,
	"AWS::SQS::QueuePolicy":      true,
}

// deployer deploys the resources of a type.
type deployer struct {
	kind   string
	deploy func(cloudformation.Resource) error
}

// deployers returns the supported types in the order of their dependencies.
func (c *Cloud) deployers(o Options) []deployer {
	return []deployer{
		{"AWS::S3::Bucket", c.deployBucket},
		{"AWS::S3::BucketPolicy", c.deployBucketPolicy},
		{"AWS::Logs::LogGroup", func(r cloudformation.Resource) error { return c.checkLogGroup(r, o.Config.Key) }},
		{"AWS::Glue::Database", c.deployDatabase},
		{"AWS::Glue::Crawler", decoded(cloudformation.Decode, c.Glue.CreateCrawler)},
		{"AWS::SQS::Queue", func(r cloudformation.Resource) error {
			c.DeadLetters = c.Events.CreateQueue(r.Attributes["QueueName"])
			return nil
		}},
		{"AWS::SNS::Topic", func(r cloudformation.Resource) error {
			c.SNS.CreateTopic(r.Attributes["TopicName"])
			return nil
		}},
		{"AWS::SNS::Subscription", c.deploySubscription},
		{"AWS::CloudWatch::Alarm", c.checkAlarm},
		{"AWS::Lambda::Function", func(r cloudformation.Resource) error { return c.deployFunction(o, r) }},
		{"AWS::StepFunctions::StateMachine", func(r cloudformation.Resource) error { return c.deployMachine(o.Stack, r) }},
		{"AWS::Events::Rule", decoded(cloudformation.DecodeAll, c.Events.PutRule)},
		{"AWS::Scheduler::Schedule", decoded(cloudformation.DecodeAll, c.Events.CreateSchedule)},
	}
}

// decoded returns a function that decodes the properties of a resource and passes them to create.
func decoded[T any](decode func(cloudformation.Resource, any) error, create func(T) error) func(cloudformation.Resource) error {
	return func(r cloudformation.Resource) error {
		var in T
		if err := decode(r, &in); err != nil {
			return err
		}
		return create(in)
	}
}

// deploy creates the resources of the stack in the services. The error lists all resources that cannot be deployed.
func (c *Cloud) deploy(o Options) error {
	errs := []error{c.useExistingBucket(o)}
	known := maps.Clone(ignored)
	for _, d := range c.deployers(o) {
		known[d.kind] = true
		for _, r := range o.Stack.OfType(d.kind) {
			if err := d.deploy(r); err != nil {
				errs = append(errs, fmt.Errorf("deploy %s: %w", r, err))
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.Stack.Resources)) {
		if r := o.Stack.Resources[id]; !known[r.Type] {
			errs = append(errs, fmt.Errorf("the local AWS does not support %s", r))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if c.AnalystsRoleARN != "" {
		c.Analyst = newKey()
		c.router.sessions.byKey.Store(c.Analyst.AccessKeyID, session{caller: iam.Caller{Role: c.AnalystsRoleARN, Session: "redash"}})
	}
	return c.checkComplete(o)
}

// checkComplete checks that the stack has the resources that the fields of a Cloud name.
func (c *Cloud) checkComplete(o Options) error {
	count := func(kind string) int { return len(o.Stack.OfType(kind)) }
	buckets, machines, queues := count("AWS::S3::Bucket"), count("AWS::StepFunctions::StateMachine"), count("AWS::SQS::Queue")
	if o.Config.Bucket != "" {
		buckets++
	}
	if buckets != 1 || machines != 1 || queues != 1 || len(c.workGroups) != 2 {
		return fmt.Errorf("the stack has %d buckets, %d state machines, %d queues and %d workgroups; expected 1, 1, 1 and 2",
			buckets, machines, queues, len(c.workGroups))
	}
	return nil
}

// useExistingBucket creates the bucket that exists outside the stack, if the configuration names one.
func (c *Cloud) useExistingBucket(o Options) error {
	if o.Config.Bucket == "" {
		return nil
	}
	c.Bucket = o.Config.Bucket[strings.LastIndexByte(o.Config.Bucket, ':')+1:]
	key := o.Config.Key
	for _, ofStack := range o.Stack.OfType("AWS::KMS::Key") {
		key = ofStack.Attributes["Arn"]
	}
	return c.Store.CreateBucket(c.Bucket, key)
}

func (c *Cloud) deployBucket(r cloudformation.Resource) error {
	var b struct {
		BucketEncryption struct {
			ServerSideEncryptionConfiguration []struct {
				ServerSideEncryptionByDefault struct{ KMSMasterKeyID string }
			}
		}
	}
	if err := cloudformation.Decode(r, &b); err != nil {
		return err
	}
	c.Bucket = r.PhysicalID
	key := ""
	for _, rule := range b.BucketEncryption.ServerSideEncryptionConfiguration {
		key = rule.ServerSideEncryptionByDefault.KMSMasterKeyID
	}
	return c.Store.CreateBucket(c.Bucket, key)
}

func (c *Cloud) deployBucketPolicy(r cloudformation.Resource) error {
	var p struct {
		Bucket         string
		PolicyDocument json.RawMessage
	}
	err := cloudformation.Decode(r, &p)
	c.Store.SetPolicy(p.Bucket, string(p.PolicyDocument))
	return err
}

// checkLogGroup checks that the policy of a log group's KMS key allows CloudWatch Logs to use the key (CloudWatch Logs guide, "Encrypt log
// data in CloudWatch Logs using AWS Key Management Service"). The policy of a key outside the stack is not known.
func (c *Cloud) checkLogGroup(r cloudformation.Resource, existingKey string) error {
	key, _ := r.Properties["KmsKeyId"].(string)
	if key == "" || key == existingKey {
		return nil
	}
	arn := fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", c.Region, c.Account, r.PhysicalID)
	for _, action := range []string{
		"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
		"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
	} {
		err := c.guard.CheckService("logs."+c.Region+".amazonaws.com", iam.Call{
			Action: action, Resource: key, Keys: map[string]string{"kms:EncryptionContext:aws:logs:arn": arn},
		})
		if err != nil {
			return fmt.Errorf("create the log group: The specified KMS key does not exist or is not allowed to be used with Arn '%s': %w", arn, err)
		}
	}
	return nil
}

func (c *Cloud) deployDatabase(r cloudformation.Resource) error {
	var in struct{ DatabaseInput glue.DatabaseInput }
	if err := cloudformation.Decode(r, &in); err != nil {
		return err
	}
	in.DatabaseInput.Name = r.PhysicalID
	// On AWS, CloudFormation uses this CDK role to deploy the stack.
	deployer := fmt.Sprintf("arn:aws:iam::%s:role/cdk-hnb659fds-cfn-exec-role-%[1]s-%s", c.Account, c.Region)
	ctx := iam.WithCaller(context.Background(), iam.Caller{Role: deployer, Session: "AWSCloudFormation"})
	return c.Glue.DeployDatabase(ctx, in.DatabaseInput)
}

func (c *Cloud) deploySubscription(r cloudformation.Resource) error {
	var s struct {
		TopicARN           string `json:"TopicArn"`
		Protocol, Endpoint string
	}
	if err := cloudformation.Decode(r, &s); err != nil {
		return err
	}
	return c.SNS.Subscribe(s.TopicARN, s.Protocol, s.Endpoint)
}

// checkAlarm checks that CloudWatch may publish to the topics of an alarm. Without this permission, AWS still creates the alarm, but the
// alarm notifies no one. Tests inspect the recorded check.
func (c *Cloud) checkAlarm(r cloudformation.Resource) error {
	var alarm struct{ AlarmActions []string }
	err := cloudformation.Decode(r, &alarm)
	for _, topic := range alarm.AlarmActions {
		_ = c.guard.CheckService("cloudwatch.amazonaws.com", iam.Call{Action: "sns:Publish", Resource: topic, Keys: map[string]string{
			"aws:SourceAccount": c.Account, "aws:SourceArn": fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", c.Region, c.Account, r.PhysicalID),
		}})
	}
	return err
}

// workGroups returns the workgroups of the stack.
func workGroups(stack *cloudformation.Stack) ([]athena.WorkGroup, error) {
	var all []athena.WorkGroup
	for _, r := range stack.OfType("AWS::Athena::WorkGroup") {
		var group struct {
			Name, Description      string
			WorkGroupConfiguration struct {
				EnforceWorkGroupConfiguration bool
				BytesScannedCutoffPerQuery    int64
				ResultConfiguration           struct {
					OutputLocation          string
					EncryptionConfiguration *athena.Encryption
				}
			}
		}
		if err := cloudformation.Decode(r, &group); err != nil {
			return nil, err
		}
		in := group.WorkGroupConfiguration
		all = append(all, athena.WorkGroup{
			Name: group.Name, Description: group.Description, OutputLocation: in.ResultConfiguration.OutputLocation,
			Enforce: in.EnforceWorkGroupConfiguration, BytesScannedCutoff: in.BytesScannedCutoffPerQuery,
			Encryption: in.ResultConfiguration.EncryptionConfiguration,
		})
	}
	return all, nil
}

// databasesOf returns the databases in RDS.
func databasesOf(o Options) []rds.Database {
	var all []rds.Database
	for _, s := range o.Config.Sources {
		if db := o.Databases[s.Name]; db != nil {
			all = append(all, rds.Database{Identifier: s.Identifier(), Cluster: s.Cluster != "", Source: db})
		}
	}
	return all
}
