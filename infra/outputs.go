package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"snaplake/infra/internal/owner"
	"snaplake/workflow"
)

// addOutputs shows a person what to look at, what to put into Redash, and what the owner of a bucket or a key has to add.
func (l *lake) addOutputs(stateMachineARN string) {
	c := l.config
	l.output("StateMachineArn", "Runs a night: start it with {\"source\": \"NAME\"}, redrive it when a step failed.", stateMachineARN)
	l.output("StateMachineConsole", "The nights in the console.", l.console("states", "/statemachines/view/"+stateMachineARN))
	l.output("DashboardUrl", "The nights at a glance: ages, durations, sizes, failures.", l.console("cloudwatch", "dashboards/dashboard/"+c.Name))
	l.output("TopicArn", "SNS topic that failed nights and alarms are told to; subscribe more than e-mail here.", *l.topic.TopicArn())
	l.output("DeadLetterQueueUrl", "SQS queue of nights that could not be started and messages that could not be sent.", *l.deadLetters.QueueUrl())
	l.output("Bucket", "Holds the exports and the query results.", *l.bucket.BucketName())
	l.output("Key", "KMS key of the bucket's objects and the logs.", *l.key.KeyArn())
	l.output("WorkGroup", "Athena workgroup of the pipeline.", c.Name)
	l.output("AnalystsWorkGroup", "Athena workgroup for Redash, Grafana and people.", c.AnalystsWorkGroup())
	l.output("AnalystsResults", "Where that workgroup leaves its results: Redash's S3 staging path.", *l.location(workflow.AnalystsResults))
	l.output("Databases", "Athena databases that hold the views.", strings.Join(l.viewDatabases(), ","))
	l.output("CrawledDatabase", "Athena database of the crawled tables, which the views read.", c.CrawledDatabase())
	if c.Bucket != "" {
		l.output("BucketPolicyToAdd", "What the owner of "+c.Bucket+" adds to the Statement of its bucket policy.", owner.JSON(owner.BucketPolicy(c)))
	}
	if c.Key != "" {
		l.output("KeyPolicyToAdd", "What the owner of "+c.Key+" adds to the Statement of its key policy.", owner.JSON(owner.KeyPolicy(c)))
	}
}

func (l *lake) output(name, description, value string) {
	awscdk.NewCfnOutput(l.stack, &name, &awscdk.CfnOutputProps{Description: &description, Value: &value})
}

// console is the address of a page of a service in the AWS Management Console.
func (l *lake) console(service, page string) string {
	host := map[string]string{
		"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com",
	}[l.config.Partition()]
	return fmt.Sprintf("https://%s/%s/home?region=%s#%s", host, service, l.config.Region, page)
}
