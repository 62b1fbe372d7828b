package cloud

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/cloudformation"
	"snaplake/local/internal/events"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/lambda"
	"snaplake/local/internal/rds"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// ignored lists the resource types that this package does not deploy. Package iam reads roles, keys and policies from the template.
var ignored = map[string]bool{
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

// deployment holds the resources of the stack in the form that the services accept.
type deployment struct {
	databases     []rds.Database
	buckets       []bucket
	policies      []bucketPolicy
	catalog       []glue.DatabaseInput
	crawlers      []glue.CrawlerInput
	workGroups    []athena.WorkGroup
	functions     []lambda.Function
	machines      []stepfunctions.StateMachine
	queues        []string
	topics        []string
	subscriptions []subscription
	rules         []events.Rule
	schedules     []events.Schedule
	logGroups     []logGroup
	alarms        []alarm
	// existingKey is the ARN of a KMS key that is not part of the stack, or "".
	existingKey string
	// analysts is the ARN of the role for Redash, or "".
	analysts string
}

// bucket is an S3 bucket. key is the ARN of its KMS key.
type bucket struct{ name, key string }

type bucketPolicy struct {
	Bucket         string
	PolicyDocument json.RawMessage
}

type logGroup struct {
	LogGroupName string
	KmsKeyID     string `json:"KmsKeyId"`
}

type alarm struct {
	AlarmName    string
	AlarmActions []string
}

type subscription struct {
	TopicARN string `json:"TopicArn"`
	Protocol string
	Endpoint string
}

// Configuration returns the configuration in the stack's layer.
func Configuration(stack *cloudformation.Stack) (workflow.Config, error) {
	folder, err := layerFolder(stack)
	if err != nil {
		return workflow.Config{}, err
	}
	return workflow.ReadLayer(os.DirFS(folder))
}

// layerFolder returns the absolute path of the folder with the files of the stack's layer.
func layerFolder(stack *cloudformation.Stack) (string, error) {
	layers := stack.OfType("AWS::Lambda::LayerVersion")
	if len(layers) != 1 {
		return "", fmt.Errorf("stack %s has %d layers; expected one layer, which contains the configuration", stack.Name, len(layers))
	}
	folder, err := stack.Asset(layers[0])
	if err != nil {
		return "", err
	}
	return filepath.Abs(folder)
}

// readStack reads the resources of the stack. Its error lists all resources that cannot be deployed.
func readStack(o Options) (deployment, error) {
	d := deployment{analysts: o.Stack.Outputs["RedashRoleArn"], existingKey: o.Config.Key}
	for _, s := range o.Config.Sources {
		if db := o.Databases[s.Name]; db != nil {
			d.databases = append(d.databases, rds.Database{Identifier: s.Identifier(), Cluster: s.Cluster != "", Source: db})
		}
	}
	d.readExisting(o)
	readers := map[string]func(cloudformation.Resource) error{
		"AWS::S3::Bucket":                  d.readBucket,
		"AWS::S3::BucketPolicy":            func(r cloudformation.Resource) error { return decode(r, &d.policies, cloudformation.Decode) },
		"AWS::Glue::Database":              d.readDatabase,
		"AWS::Glue::Crawler":               func(r cloudformation.Resource) error { return decode(r, &d.crawlers, cloudformation.Decode) },
		"AWS::Athena::WorkGroup":           d.readWorkGroup,
		"AWS::Lambda::Function":            func(r cloudformation.Resource) error { return d.readFunction(o, r) },
		"AWS::StepFunctions::StateMachine": func(r cloudformation.Resource) error { return d.readMachine(o.Stack, r) },
		"AWS::SQS::Queue": func(r cloudformation.Resource) error {
			d.queues = append(d.queues, r.Attributes["QueueName"])
			return nil
		},
		"AWS::SNS::Topic": func(r cloudformation.Resource) error {
			d.topics = append(d.topics, r.Attributes["TopicName"])
			return nil
		},
		"AWS::SNS::Subscription":   func(r cloudformation.Resource) error { return decode(r, &d.subscriptions, cloudformation.Decode) },
		"AWS::Events::Rule":        func(r cloudformation.Resource) error { return decode(r, &d.rules, cloudformation.DecodeAll) },
		"AWS::Scheduler::Schedule": func(r cloudformation.Resource) error { return decode(r, &d.schedules, cloudformation.DecodeAll) },
		"AWS::Logs::LogGroup":      func(r cloudformation.Resource) error { return decode(r, &d.logGroups, cloudformation.Decode) },
		"AWS::CloudWatch::Alarm":   func(r cloudformation.Resource) error { return decode(r, &d.alarms, cloudformation.Decode) },
	}
	var errs []error
	for _, r := range o.Stack.Resources {
		read := readers[r.Type]
		switch {
		case ignored[r.Type]:
		case read == nil:
			errs = append(errs, fmt.Errorf("the local AWS does not support %s", r))
		default:
			if err := read(r); err != nil {
				errs = append(errs, fmt.Errorf("deploy %s: %w", r, err))
			}
		}
	}
	return d, errors.Join(errs...)
}

// decode decodes a resource and appends it to a list.
func decode[T any](r cloudformation.Resource, list *[]T, into func(cloudformation.Resource, any) error) error {
	var one T
	if err := into(r, &one); err != nil {
		return err
	}
	*list = append(*list, one)
	return nil
}

// readExisting adds the bucket that exists outside the stack, if the configuration names one.
func (d *deployment) readExisting(o Options) {
	if o.Config.Bucket == "" {
		return
	}
	b := bucket{name: o.Config.Bucket[strings.LastIndexByte(o.Config.Bucket, ':')+1:], key: o.Config.Key}
	for _, key := range o.Stack.OfType("AWS::KMS::Key") {
		b.key = key.Attributes["Arn"]
	}
	d.buckets = append(d.buckets, b)
}

func (d *deployment) readBucket(r cloudformation.Resource) error {
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
	made := bucket{name: r.PhysicalID}
	for _, rule := range b.BucketEncryption.ServerSideEncryptionConfiguration {
		made.key = rule.ServerSideEncryptionByDefault.KMSMasterKeyID
	}
	d.buckets = append(d.buckets, made)
	return nil
}

func (d *deployment) readDatabase(r cloudformation.Resource) error {
	var database struct{ DatabaseInput glue.DatabaseInput }
	if err := cloudformation.Decode(r, &database); err != nil {
		return err
	}
	database.DatabaseInput.Name = r.PhysicalID
	d.catalog = append(d.catalog, database.DatabaseInput)
	return nil
}

func (d *deployment) readWorkGroup(r cloudformation.Resource) error {
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
		return err
	}
	d.workGroups = append(d.workGroups, athena.WorkGroup{
		Name: group.Name, Description: group.Description,
		OutputLocation:     group.WorkGroupConfiguration.ResultConfiguration.OutputLocation,
		Enforce:            group.WorkGroupConfiguration.EnforceWorkGroupConfiguration,
		BytesScannedCutoff: group.WorkGroupConfiguration.BytesScannedCutoffPerQuery,
		Encryption:         group.WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration,
	})
	return nil
}

func (d *deployment) readFunction(o Options, r cloudformation.Resource) error {
	var f struct {
		Handler, Role       string
		MemorySize, Timeout int
		Environment         struct{ Variables map[string]string }
		Layers              []string
		LoggingConfig       struct{ LogGroup string }
		TracingConfig       struct{ Mode string }
		DeadLetterConfig    struct {
			TargetARN string `json:"TargetArn"`
		}
	}
	if err := cloudformation.Decode(r, &f); err != nil {
		return err
	}
	file, err := binary(o.Functions, f.Handler)
	if err != nil {
		return err
	}
	layer := ""
	if len(f.Layers) > 0 {
		if layer, err = layerFolder(o.Stack); err != nil {
			return err
		}
	}
	d.functions = append(d.functions, lambda.Function{
		Name: r.PhysicalID, Binary: file, Environment: f.Environment.Variables, MemorySize: f.MemorySize,
		Timeout: time.Duration(f.Timeout) * time.Second, RoleARN: f.Role, Role: newKey(),
		Layer: layer, LogGroup: f.LoggingConfig.LogGroup, Tracing: f.TracingConfig.Mode == "Active",
		DeadLetterQueue: f.DeadLetterConfig.TargetARN,
	})
	return nil
}

// binary returns the path of a function's binary. The path is absolute because the function's process runs in another folder.
func binary(folder, handler string) (string, error) {
	file, err := filepath.Abs(filepath.Join(folder, handler))
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s is not built; to build it, run \"make run\"", file)
	} else if err != nil {
		return "", err
	}
	return file, nil
}

func (d *deployment) readMachine(stack *cloudformation.Stack, r cloudformation.Resource) error {
	var m struct {
		StateMachineName     string
		RoleARN              string `json:"RoleArn"`
		LoggingConfiguration struct{ Level string }
		TracingConfiguration struct{ Enabled bool }
	}
	if err := cloudformation.Decode(r, &m); err != nil {
		return err
	}
	definition, err := stack.Definition(r)
	if err != nil {
		return err
	}
	d.machines = append(d.machines, stepfunctions.StateMachine{
		Name: m.StateMachineName, RoleARN: m.RoleARN, Definition: definition,
		Logging: cmp.Or(m.LoggingConfiguration.Level, "OFF") != "OFF", Tracing: m.TracingConfiguration.Enabled,
	})
	return nil
}
