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

// stack holds the constructs that other constructs refer to.
type stack struct {
	cdk         awscdk.Stack
	config      workflow.Config
	dist        string
	layerFolder string
	key         awskms.IKey
	bucket      awss3.IBucket
	exportRole  awsiam.Role
	crawlerRole awsiam.Role
	deadLetters awssqs.Queue
	topic       awssns.Topic
	layer       awslambda.LayerVersion
	alarms      []string // names
}

// newStack adds the stack to the app. dist is the folder that contains lambda/NAME/bootstrap, and layer is the folder with the configuration.
func newStack(app awscdk.App, config workflow.Config, dist, layer string) awscdk.Stack {
	s := &stack{config: config, dist: dist, layerFolder: layer}
	s.cdk = awscdk.NewStack(app, &config.Name, &awscdk.StackProps{
		Env:                   &awscdk.Environment{Account: &config.Account, Region: &config.Region},
		Description:           jsii.String("Snaplake " + version + ": the latest RDS and Aurora snapshots as SQL views in Athena."),
		TerminationProtection: &config.TerminationProtection,
		// Indentation would make the template 25% larger, and CloudFormation limits its size to 1 MB.
		SuppressTemplateIndentation: jsii.Bool(true),
	})
	for _, name := range slices.Sorted(maps.Keys(config.Tags)) {
		awscdk.Tags_Of(s.cdk).Add(&name, jsii.String(config.Tags[name]), nil)
	}
	s.key = s.newKey()
	s.bucket = s.newBucket()
	s.exportRole = s.newExportRole()
	s.crawlerRole = s.newCrawlerRole()
	s.addDatabase(s.cdk, "CrawledTables", config.CrawledDatabase(), "Tables crawled from the exports. Query the views instead.")
	s.addWorkGroups()
	s.deadLetters = s.newDeadLetters()
	s.topic = s.newTopic()
	s.layer = s.newLayer()

	machine := s.newStateMachine()
	s.addNotifier(s.newFunction(notifier()), machine)
	s.addFailedAlarm(machine)
	s.addUndeliveredAlarm()
	s.addSources(machine)
	s.addDashboard()
	s.addAnalysts()
	s.addOutputs(*machine.StateMachineArn())
	return s.cdk
}

func (s *stack) addSources(machine awsstepfunctions.StateMachine) {
	schedulerRole := s.newSchedulerRole(machine)
	var snapshotRuleRole awsiam.Role
	for _, source := range s.config.Sources {
		scope := constructs.NewConstruct(s.cdk, &source.Name)
		s.addDatabase(scope, "ViewDatabase", source.Database(), "Views over the latest snapshot of "+source.Identifier()+".")
		s.addCrawler(scope, source)
		s.addSchedule(scope, source, machine, schedulerRole)
		if source.OnSnapshot {
			if snapshotRuleRole == nil {
				snapshotRuleRole = s.newSnapshotRuleRole(machine)
			}
			s.addSnapshotRule(scope, source, machine, snapshotRuleRole)
		}
		s.addStaleAlarm(scope, source)
	}
}

// arn returns a resource's ARN in the stack's account and Region.
func (s *stack) arn(service, resource string) *string {
	c := s.config
	return jsii.String(fmt.Sprintf("arn:%s:%s:%s:%s:%s", c.Partition(), service, c.Region, c.Account, resource))
}
