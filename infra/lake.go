package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// lake is the stack while it is being made: what its later parts need of the earlier ones.
type lake struct {
	stack       awscdk.Stack
	config      workflow.Config
	key         awskms.Key
	bucket      awss3.Bucket
	exportRole  awsiam.Role
	crawlerRole awsiam.Role
}

// newLake adds the one stack to the app, bound to the configuration's account and Region. dist is the
// folder in which lambda/NAME/bootstrap and layer/ lie.
func newLake(app awscdk.App, config workflow.Config, dist string) awscdk.Stack {
	l := &lake{config: config}
	l.stack = awscdk.NewStack(app, &config.Name, &awscdk.StackProps{
		Env:         &awscdk.Environment{Account: &config.Account, Region: &config.Region},
		Description: jsii.String("Snaplake: the newest RDS and Aurora snapshots as SQL views in Athena."),
	})
	l.key = l.newKey()
	l.bucket = l.newBucket()
	l.exportRole = l.newExportRole()
	l.crawlerRole = l.newCrawlerRole()
	l.addCrawledDatabase()
	l.addWorkGroup()
	machine := l.newStateMachine(l.newFunctions(dist))
	schedulerRole := l.newSchedulerRole(machine)
	for _, source := range config.Sources {
		scope := constructs.NewConstruct(l.stack, &source.Name)
		l.addViewDatabase(scope, source)
		l.addCrawler(scope, source)
		l.addSchedule(scope, source, machine, schedulerRole)
	}
	l.addOutputs(*machine.StateMachineArn())
	return l.stack
}

// addOutputs shows a person what to look at, and configures Redash.
func (l *lake) addOutputs(stateMachineARN string) {
	l.output("StateMachineArn", "Runs a night: start it with {\"source\": \"NAME\"}, redrive it when a step failed.", stateMachineARN)
	l.output("Bucket", "Holds the exports and the query results.", *l.bucket.BucketName())
	l.output("WorkGroup", "Athena workgroup of the pipeline.", l.config.Name)
	l.output("Databases", "Athena databases that hold the views.", strings.Join(l.viewDatabases(), ","))
}

func (l *lake) output(name, description, value string) {
	awscdk.NewCfnOutput(l.stack, &name, &awscdk.CfnOutputProps{Description: &description, Value: &value})
}

// arn is the ARN of a resource in the stack's own account and Region.
func (l *lake) arn(service, resource string) *string {
	return jsii.String(fmt.Sprintf("arn:%s:%s:%s:%s:%s", *l.stack.Partition(), service, *l.stack.Region(), *l.stack.Account(), resource))
}
