package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"snaplake/infra/internal/externalpolicy"
	"snaplake/workflow"
)

// addOutputs adds outputs with links, values to enter in Redash, and policy statements for an existing bucket or key.
func (s *stack) addOutputs(stateMachineARN string) {
	c := s.config
	s.output("Version", "Version of Snaplake.", version)
	s.output("StateMachineArn", "State machine. Start a run with the input {\"source\": \"NAME\"}. Redrive a failed run.", stateMachineARN)
	s.output("StateMachineConsole", "Console page of the state machine.", s.console("states", "/statemachines/view/"+stateMachineARN))
	s.output("DashboardUrl", "CloudWatch dashboard with the alarms and all sources.", s.console("cloudwatch", "dashboards/dashboard/"+c.Name))
	s.output("TopicArn", "SNS topic for failed runs and alarms. Subscribe more endpoints here.", *s.topic.TopicArn())
	s.output("DeadLetterQueueUrl", "SQS queue of runs that did not start and notifications that were not sent.", *s.deadLetters.QueueUrl())
	s.output("Bucket", "S3 bucket with exports and query results.", *s.bucket.BucketName())
	s.output("Key", "KMS key that encrypts exports, query results and logs.", *s.key.KeyArn())
	s.output("WorkGroup", "Athena workgroup of the pipeline.", c.Name)
	s.output("AnalystsWorkGroup", "Athena workgroup for Redash, Grafana and analysts.", c.AnalystsWorkGroup())
	s.output("AnalystsResults", "S3 location of the analysts' query results, for Redash.", *s.location(workflow.AnalystsResults))
	s.output("Databases", "Athena databases with the views.", strings.Join(s.viewDatabases(), ","))
	s.output("CrawledDatabase", "Athena database with the crawled tables, which the views read.", c.CrawledDatabase())
	if c.Bucket != "" {
		s.output("BucketPolicyToAdd", "Statements to add to the bucket policy of "+c.Bucket+".", externalpolicy.JSON(externalpolicy.Bucket(c)))
	}
	if c.Key != "" {
		s.output("KeyPolicyToAdd", "Statements to add to the key policy of "+c.Key+".", externalpolicy.JSON(externalpolicy.Key(c)))
	}
}

func (s *stack) output(name, description, value string) {
	awscdk.NewCfnOutput(s.cdk, &name, &awscdk.CfnOutputProps{Description: &description, Value: &value})
}

// console returns the URL of a service's page in the AWS Management Console.
func (s *stack) console(service, page string) string {
	host := map[string]string{
		"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com",
	}[s.config.Partition()]
	return fmt.Sprintf("https://%s/%s/home?region=%s#%s", host, service, s.config.Region, page)
}
