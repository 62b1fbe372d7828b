package main

import (
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// maxStaleHours is the longest evaluation range of an alarm with periods of an hour: 7 days (CloudWatch API reference, PutMetricAlarm,
// Period).
const maxStaleHours = 7 * 24

// addFailedAlarm adds an alarm on failed executions. Unlike the notifier it shows in the console, and it works if the notifier fails.
func (s *stack) addFailedAlarm(machine awsstepfunctions.StateMachine) {
	executions := func(metric string) awscloudwatch.IMetric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace:     jsii.String("AWS/States"),
			MetricName:    &metric,
			DimensionsMap: &map[string]*string{"StateMachineArn": machine.StateMachineArn()},
			Statistic:     jsii.String("Sum"),
		})
	}
	s.addAlarm(s.cdk, "FailedAlarm", s.config.Name+"-failed", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("An execution of the state machine %s failed, timed out or was aborted. "+
			"A separate message names the execution, the cause and the next step.", s.config.Name)),
		Metric: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Label: jsii.String("Executions failed, timed out or aborted"),
			// FILL does not fill a metric that never had a value. SUM ignores it.
			Expression: jsii.String("SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(aborted, 0)])"),
			UsingMetrics: &map[string]awscloudwatch.IMetric{
				"failed": executions("ExecutionsFailed"), "timedOut": executions("ExecutionsTimedOut"), "aborted": executions("ExecutionsAborted"),
			},
		}),
	})
}

// addUndeliveredAlarm adds an alarm on dead letters. Nothing else reports runs that did not start.
func (s *stack) addUndeliveredAlarm() {
	s.addAlarm(s.cdk, "UndeliveredAlarm", s.config.Name+"-undelivered", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("The queue %s-dead-letters has messages: a run did not start, or a notification was not sent. "+
			"The attributes of each message give the reason. Start the missing runs, then purge the queue.", s.config.Name)),
		Metric: s.deadLetters.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
			Statistic: jsii.String("Maximum"),
		}),
	})
}

// addStaleAlarm adds an alarm on a source without a successful run for longer than its max_snapshot_age, whatever the reason.
func (s *stack) addStaleAlarm(scope constructs.Construct, source workflow.Source) {
	hours := math.Ceil(time.Duration(source.MaxSnapshotAge).Hours())
	if hours > maxStaleHours {
		awscdk.Annotations_Of(scope).AddWarningV2(jsii.String("snaplake:noStaleAlarm"), jsii.String(fmt.Sprintf(
			"source %q has no staleness alarm: its max_snapshot_age is %v, the limit of CloudWatch is 168h", source.Name, source.MaxSnapshotAge)))
		return
	}
	s.addAlarm(scope, "StaleAlarm", s.config.Name+"-"+source.Name+"-stale", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("No run of %s has succeeded in the last %v hours. Its views show an older snapshot. "+
			"In the state machine %s, redrive the failed execution, or start one with {\"source\": \"%s\"}.",
			source.Name, hours, s.config.Name, source.Name)),
		Metric:             s.metric(source, workflow.MetricSucceeded, "Sum", awscdk.Duration_Hours(jsii.Number(1))),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		EvaluationPeriods:  &hours,
		DatapointsToAlarm:  &hours,
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
	})
}

// addAlarm adds an alarm, by default on a metric that is 1 or more in one period.
func (s *stack) addAlarm(scope constructs.Construct, id, name string, props *awscloudwatch.AlarmProps) {
	props.AlarmName, props.Threshold = &name, jsii.Number(1)
	if props.EvaluationPeriods == nil {
		props.ComparisonOperator = awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
		props.EvaluationPeriods, props.TreatMissingData = jsii.Number(1), awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	alarm := awscloudwatch.NewAlarm(scope, &id, props).Node().DefaultChild().(awscloudwatch.CfnAlarm)
	alarm.SetAlarmActions(&[]*string{s.topic.TopicArn()})
	s.alarms = append(s.alarms, name)
}

// metric returns a metric that the functions write, see workflow/metrics.go.
func (s *stack) metric(source workflow.Source, name, statistic string, period awscdk.Duration) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:  jsii.String(workflow.MetricNamespace),
		MetricName: &name,
		DimensionsMap: &map[string]*string{
			workflow.DimensionPipeline: &s.config.Name,
			workflow.DimensionSource:   &source.Name,
		},
		Statistic: &statistic,
		Period:    period,
	})
}
