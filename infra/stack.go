package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// lake is the stack while it is being made: what its later parts need of the earlier ones.
type lake struct {
	stack       awscdk.Stack
	config      workflow.Config
	dist        string
	key         awskms.IKey
	bucket      awss3.IBucket
	exportRole  awsiam.Role
	crawlerRole awsiam.Role
	deadLetters awssqs.Queue
	topic       awssns.Topic
	layer       awslambda.LayerVersion
	alarms      []string // names
}

// newLake adds the one stack to the app, bound to the configuration's account and Region. dist is the
// folder in which lambda/NAME/bootstrap and layer/ lie.
func newLake(app awscdk.App, config workflow.Config, dist string) awscdk.Stack {
	l := &lake{config: config, dist: dist}
	l.stack = awscdk.NewStack(app, &config.Name, &awscdk.StackProps{
		Env:                   &awscdk.Environment{Account: &config.Account, Region: &config.Region},
		Description:           jsii.String("Snaplake: the newest RDS and Aurora snapshots as SQL views in Athena."),
		TerminationProtection: &config.TerminationProtection,
		// CloudFormation takes a million bytes, of which indentation would be a fifth.
		SuppressTemplateIndentation: jsii.Bool(true),
	})
	for _, name := range slices.Sorted(maps.Keys(config.Tags)) {
		awscdk.Tags_Of(l.stack).Add(&name, jsii.String(config.Tags[name]), nil)
	}
	l.key = l.lakeKey()
	l.bucket = l.lakeBucket()
	l.exportRole = l.newExportRole()
	l.crawlerRole = l.newCrawlerRole()
	l.addCrawledDatabase()
	l.addWorkGroups()
	l.deadLetters = l.newDeadLetters()
	l.topic = l.newTopic()
	l.layer = l.newLayer()

	machine := l.newStateMachine(l.newStateFunctions())
	l.addNotifier(l.newFunction(notifier()), machine)
	l.addFailedAlarm(machine)
	l.addUndeliveredAlarm()
	l.addSources(machine)
	l.addDashboard()
	l.addAnalysts()
	l.addOutputs(*machine.StateMachineArn())
	return l.stack
}

// addSources adds what each source has of its own.
func (l *lake) addSources(machine awsstepfunctions.StateMachine) {
	schedulerRole := l.newSchedulerRole(machine)
	var snapshotRuleRole awsiam.Role
	if slices.ContainsFunc(l.config.Sources, func(s workflow.Source) bool { return s.OnSnapshot }) {
		snapshotRuleRole = l.newSnapshotRuleRole(machine)
	}
	for _, source := range l.config.Sources {
		scope := constructs.NewConstruct(l.stack, &source.Name)
		l.addViewDatabase(scope, source)
		l.addCrawler(scope, source)
		l.addSchedule(scope, source, machine, schedulerRole)
		if source.OnSnapshot {
			l.addSnapshotRule(scope, source, machine, snapshotRuleRole)
		}
		l.addStaleAlarm(scope, source)
	}
}

// arn is the ARN of a resource in the stack's own account and Region.
func (l *lake) arn(service, resource string) *string {
	c := l.config
	return jsii.String(fmt.Sprintf("arn:%s:%s:%s:%s:%s", c.Partition(), service, c.Region, c.Account, resource))
}
