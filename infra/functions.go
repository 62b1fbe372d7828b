package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// function is one Lambda function.
type function struct {
	// id is the construct ID. In the definition of the state machine, it is the placeholder for the function's ARN.
	id string
	// name is the name of the folder in functions/ and of the binary.
	name        string
	description string
	// timeout is in seconds. It is shorter than the state's TimeoutSeconds, because Lambda's timeout error is more specific.
	timeout float64
	// memory is in MiB. The values are explained in docs/cost.md.
	memory float64
	// environment lists the environment variables that the function reads.
	environment []string
	// policy returns the statements for the function's role, except the statements for logs and traces.
	policy func(*stack) statements
}

// stateFunctions returns the functions that the state machine invokes.
func stateFunctions() []function {
	bucket, export := []string{"BUCKET"}, []string{"BUCKET", "EXPORT_ROLE_ARN", "KMS_KEY_ARN"}
	return []function{
		{"FindSnapshotFunction", "findsnapshot", "Finds the latest usable snapshot of a source.", 60, 128, nil, (*stack).findSnapshotPolicy},
		{"StartExportFunction", "startexport", "Starts or reuses an export of the snapshot.", 60, 128, export, (*stack).startExportPolicy},
		{"CheckExportFunction", "checkexport", "Polls the export and checks that it is complete.", 300, 128, bucket, (*stack).checkExportPolicy},
		{"StartCrawlerFunction", "startcrawler", "Starts the source's crawler on the export.", 60, 128, bucket, (*stack).startCrawlerPolicy},
		{"CheckCrawlerFunction", "checkcrawler", "Polls the crawl and checks its tables.", 300, 128, bucket, (*stack).checkCrawlerPolicy},
		{"CreateViewsFunction", "createviews", "Creates the views over the crawled tables.", 900, 512, bucket, (*stack).createViewsPolicy},
		{"PruneFunction", "prune", "Deletes exports and tables that no view reads.", 900, 128, bucket, (*stack).prunePolicy},
	}
}

// notifier returns the function that EventBridge invokes.
func notifier() function {
	return function{
		"NotifyFunction", "notify", "Sends notifications about failed executions.", 60, 128, []string{"TOPIC_ARN"}, (*stack).notifyPolicy,
	}
}

func allFunctions() []function { return append(stateFunctions(), notifier()) }

// environment returns the environment variables with the given names. They do not contain the configuration, which is in the layer.
func (s *stack) environment(names []string) *map[string]*string {
	values := map[string]*string{
		"BUCKET":          s.bucket.BucketName(),
		"EXPORT_ROLE_ARN": s.exportRole.RoleArn(),
		"KMS_KEY_ARN":     s.key.KeyArn(),
		"TOPIC_ARN":       s.topic.TopicArn(),
	}
	maps.DeleteFunc(values, func(name string, _ *string) bool { return !slices.Contains(names, name) })
	return &values
}

// newLayer creates the layer from which all functions read the configuration.
func (s *stack) newLayer() awslambda.LayerVersion {
	return awslambda.NewLayerVersion(s.cdk, jsii.String("ConfigurationLayer"), &awslambda.LayerVersionProps{
		Code:                    awslambda.Code_FromAsset(jsii.String(s.layerFolder), nil),
		Description:             jsii.String("Configuration: pipeline.json and user-defined views."),
		CompatibleRuntimes:      &[]awslambda.Runtime{awslambda.Runtime_PROVIDED_AL2023()},
		CompatibleArchitectures: &[]awslambda.Architecture{awslambda.Architecture_ARM_64()},
	})
}

func (s *stack) newFunction(f function) awslambda.Function {
	name := s.config.Name + "-" + f.name
	logs := s.newLogGroup(f.id+"Logs", "/aws/lambda/"+name)
	principal := awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)
	role := s.newRole(f.id+"Role", "Execution role of "+name+".", principal, f.policy(s)...)
	logs.GrantWrite(role)
	tracing := awslambda.Tracing_DISABLED
	if s.config.Tracing {
		tracing = awslambda.Tracing_ACTIVE // also adds X-Ray actions to the role, which support only the resource "*"
	}
	return awslambda.NewFunction(s.cdk, &f.id, &awslambda.FunctionProps{
		FunctionName: &name,
		Description:  &f.description,
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		// The runtime ignores the handler and always starts the file named bootstrap. The local AWS uses the handler to find the binary.
		Handler:       &f.name,
		Code:          awslambda.Code_FromAsset(jsii.String(binaryFolder(s.dist, f.name)), nil),
		Layers:        &[]awslambda.ILayerVersion{s.layer},
		Environment:   s.environment(f.environment),
		Timeout:       awscdk.Duration_Seconds(&f.timeout),
		MemorySize:    &f.memory,
		Role:          role,
		LogGroup:      logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		Tracing:       tracing,
	})
}

// newLogGroup creates a log group that is encrypted with the key and deleted with the stack.
func (s *stack) newLogGroup(id, name string) awslogs.LogGroup {
	group := awslogs.NewLogGroup(s.cdk, &id, &awslogs.LogGroupProps{
		LogGroupName:  &name,
		EncryptionKey: s.key,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY, // a retained log group would block the next deployment
	})
	// LogGroupProps accepts only predefined retention periods.
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(s.config.LogRetentionDays))
	return group
}

func binaryFolder(dist, name string) string { return filepath.Join(dist, "lambda", name) }

// checkBuilt returns an error if a function has no binary.
func checkBuilt(dist string) error {
	for _, f := range allFunctions() {
		if _, err := os.Stat(filepath.Join(binaryFolder(dist, f.name), "bootstrap")); err != nil {
			return fmt.Errorf("a function has no binary; run make build: %w", err)
		}
	}
	return nil
}
