package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// function is one Lambda function.
type function struct {
	// id is the function's construct and, of a stateFunction, its placeholder in the definition of the state machine.
	id string
	// name is the function's folder under functions/, and that of its binary.
	name        string
	description string
	// timeout is in seconds. That of a stateFunction is less than its state's TimeoutSeconds: Lambda's own time-out tells more.
	timeout float64
	// memory is in MiB; docs/cost.md says how it is chosen.
	memory float64
	// environment names the variables that the function reads, see lake.environment.
	environment []string
	// may is what the function's role allows, besides its logs and traces.
	may func(*lake) []awsiam.PolicyStatement
}

// stateFunctions are those that the state machine invokes.
func stateFunctions() []function {
	bucket := []string{"BUCKET"}
	return []function{
		{"FindSnapshotFunction", "findsnapshot", "Finds the newest usable snapshot of a source.", 60, 128, nil, (*lake).mayFindSnapshot},
		{"StartExportFunction", "startexport", "Makes sure that an export of that snapshot runs, or is there already.", 60, 128, []string{"BUCKET", "EXPORT_ROLE_ARN", "KMS_KEY_ARN"}, (*lake).mayStartExport},
		{"CheckExportFunction", "checkexport", "Asks how far the export is; at its end, whether it is complete.", 300, 128, bucket, (*lake).mayCheckExport},
		{"StartCrawlerFunction", "startcrawler", "Points the source's crawler at this one export and starts it.", 60, 128, bucket, (*lake).mayStartCrawler},
		{"CheckCrawlerFunction", "checkcrawler", "Asks whether that crawl is over and went well.", 300, 128, bucket, (*lake).mayCheckCrawler},
		{"CreateViewsFunction", "createviews", "Makes the views over what was crawled.", 900, 512, bucket, (*lake).mayCreateViews},
		{"PruneFunction", "prune", "Drops what no view reads any more.", 900, 128, bucket, (*lake).mayPrune},
	}
}

// notifier is the one that EventBridge invokes.
func notifier() function {
	return function{"NotifyFunction", "notify", "Tells people of a night that did not succeed.", 60, 128, []string{"TOPIC_ARN"}, (*lake).mayNotify}
}

func allFunctions() []function { return append(stateFunctions(), notifier()) }

// environment is every variable that a function may ask for. The configuration is in the layer instead.
func (l *lake) environment(names []string) *map[string]*string {
	values := map[string]*string{
		"BUCKET":          l.bucket.BucketName(),
		"EXPORT_ROLE_ARN": l.exportRole.RoleArn(),
		"KMS_KEY_ARN":     l.key.KeyArn(),
		"TOPIC_ARN":       l.topic.TopicArn(),
	}
	env := make(map[string]*string, len(names))
	for _, name := range names {
		env[name] = values[name]
	}
	return &env
}

// newLayer makes the layer that all functions read the configuration from.
func (l *lake) newLayer() awslambda.LayerVersion {
	return awslambda.NewLayerVersion(l.stack, jsii.String("ConfigurationLayer"), &awslambda.LayerVersionProps{
		Code:                    awslambda.Code_FromAsset(jsii.String(layerFolder(l.dist)), nil),
		Description:             jsii.String("The configuration: pipeline.json and the user's own views."),
		CompatibleRuntimes:      &[]awslambda.Runtime{awslambda.Runtime_PROVIDED_AL2023()},
		CompatibleArchitectures: &[]awslambda.Architecture{awslambda.Architecture_ARM_64()},
	})
}

// newStateFunctions makes the functions of the state machine, by their placeholders in its definition.
func (l *lake) newStateFunctions() map[string]awslambda.Function {
	functions := make(map[string]awslambda.Function)
	for _, f := range stateFunctions() {
		functions[f.id] = l.newFunction(f)
	}
	return functions
}

func (l *lake) newFunction(f function) awslambda.Function {
	name := l.config.Name + "-" + f.name
	logs := l.newLogGroup(f.id+"Logs", "/aws/lambda/"+name)
	principal := awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)
	role := l.newRole(f.id+"Role", name+" works with it.", principal, f.may(l)...)
	logs.GrantWrite(role)
	tracing := awslambda.Tracing_DISABLED
	if l.config.Tracing {
		// Adds xray:PutTraceSegments and xray:PutTelemetryRecords on "*" to the role: X-Ray has no resource to name there.
		tracing = awslambda.Tracing_ACTIVE
	}
	return awslambda.NewFunction(l.stack, &f.id, &awslambda.FunctionProps{
		FunctionName: &name,
		Description:  &f.description,
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		// The runtime always starts bootstrap and ignores the handler; the local AWS finds the function's binary by it.
		Handler:       &f.name,
		Code:          awslambda.Code_FromAsset(jsii.String(binaryFolder(l.dist, f.name)), nil),
		Layers:        &[]awslambda.ILayerVersion{l.layer},
		Environment:   l.environment(f.environment),
		Timeout:       awscdk.Duration_Seconds(&f.timeout),
		MemorySize:    &f.memory,
		Role:          role,
		LogGroup:      logs,
		LoggingFormat: awslambda.LoggingFormat_JSON,
		Tracing:       tracing,
	})
}

// newLogGroup makes a log group that is encrypted with the key, and goes with the stack.
func (l *lake) newLogGroup(id, name string) awslogs.LogGroup {
	group := awslogs.NewLogGroup(l.stack, &id, &awslogs.LogGroupProps{
		LogGroupName:  &name,
		EncryptionKey: l.key,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY, // a retained one would be in the way of the next deployment of this name
	})
	// LogGroupProps has names for the numbers of days, the template the numbers.
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(l.config.LogRetentionDays))
	return group
}

func binaryFolder(dist, name string) string { return filepath.Join(dist, "lambda", name) }

func layerFolder(dist string) string { return filepath.Join(dist, "layer") }

// checkBuilt reports the first function that has no binary.
func checkBuilt(dist string) error {
	for _, f := range allFunctions() {
		binary := filepath.Join(binaryFolder(dist, f.name), "bootstrap")
		switch _, err := os.Stat(binary); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s is not built; run make build", binary)
		case err != nil:
			return fmt.Errorf("look for a function's binary: %w", err)
		}
	}
	return nil
}

// writeLayer writes the configuration to where the layer's asset is taken from. It begins with an empty folder: a view that
// the user deleted must not be deployed again.
func writeLayer(dist string, config workflow.Config) error {
	dir := layerFolder(dist)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("empty the configuration layer: %w", err)
	}
	if err := workflow.WriteLayer(dir, config); err != nil {
		return fmt.Errorf("write the configuration layer: %w", err)
	}
	return nil
}
