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

// longestAlarm is how far back an alarm with periods of an hour can look, in hours: 7 days (CloudWatch API reference,
// PutMetricAlarm, Period).
const longestAlarm = 7 * 24

// addFailedAlarm is there besides the notifier: it also shows in the console, and works if the notifier does not.
func (l *lake) addFailedAlarm(machine awsstepfunctions.StateMachine) {
	ended := func(metric string) awscloudwatch.IMetric {
		return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
			Namespace:     jsii.String("AWS/States"),
			MetricName:    &metric,
			DimensionsMap: &map[string]*string{"StateMachineArn": machine.StateMachineArn()},
			Statistic:     jsii.String("Sum"),
		})
	}
	l.addAlarm(l.stack, "FailedAlarm", l.config.Name+"-failed", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("An execution of the state machine %s failed, timed out or was aborted. "+
			"Another message of this topic says which, why and what to do: mostly, correct the cause and redrive the execution.", l.config.Name)),
		Metric: awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Label: jsii.String("Executions that did not succeed"),
			// A metric that has never had a value stays without one when it is filled; a sum passes over it.
			Expression: jsii.String("SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(aborted, 0)])"),
			UsingMetrics: &map[string]awscloudwatch.IMetric{
				"failed": ended("ExecutionsFailed"), "timedOut": ended("ExecutionsTimedOut"), "aborted": ended("ExecutionsAborted"),
			},
		}),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}

// addUndeliveredAlarm tells of what nobody else can tell: of nights that did not start.
func (l *lake) addUndeliveredAlarm() {
	l.addAlarm(l.stack, "UndeliveredAlarm", l.config.Name+"-undelivered", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("The queue %s-dead-letters holds what could not be delivered: a night that did not start, or a message that was not sent. "+
			"Look at its messages, whose attributes give the reason; start the nights by hand; then purge the queue.", l.config.Name)),
		Metric:             l.deadLetters.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{Statistic: jsii.String("Maximum")}),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}

// addStaleAlarm tells when a source had no success for longer than its snapshots may be old, whatever the reason: no hour of
// so many has a success in it.
func (l *lake) addStaleAlarm(scope constructs.Construct, source workflow.Source) {
	hours := math.Ceil(time.Duration(source.MaxSnapshotAge).Hours())
	if hours > longestAlarm {
		awscdk.Annotations_Of(scope).AddWarningV2(jsii.String("snaplake:noStaleAlarm"), jsii.String(fmt.Sprintf(
			"source %q gets no alarm for nights that stay away: its max_snapshot_age is %v, and CloudWatch looks back 7 days at most (168h)",
			source.Name, source.MaxSnapshotAge)))
		return
	}
	l.addAlarm(scope, "StaleAlarm", l.config.Name+"-"+source.Name+"-stale", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("No night of %s has succeeded for %v hours, or none has yet; its views still show the snapshot before. "+
			"Look at the executions of the state machine %s: redrive the one that failed, or start one with {\"source\": \"%s\"}.",
			source.Name, hours, l.config.Name, source.Name)),
		Metric:             l.metric(source, workflow.MetricSucceeded, "Sum", awscdk.Duration_Hours(jsii.Number(1))),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  &hours,
		DatapointsToAlarm:  &hours,
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
	})
}

func (l *lake) addAlarm(scope constructs.Construct, id, name string, props *awscloudwatch.AlarmProps) {
	props.AlarmName = &name
	alarm := awscloudwatch.NewAlarm(scope, &id, props).Node().DefaultChild().(awscloudwatch.CfnAlarm)
	alarm.SetAlarmActions(&[]*string{l.topic.TopicArn()})
	l.alarms = append(l.alarms, name)
}

// metric is one that the functions write, see workflow/metrics.go.
func (l *lake) metric(source workflow.Source, name, statistic string, period awscdk.Duration) awscloudwatch.IMetric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:  jsii.String(workflow.MetricNamespace),
		MetricName: &name,
		DimensionsMap: &map[string]*string{
			workflow.DimensionPipeline: &l.config.Name,
			workflow.DimensionSource:   &source.Name,
		},
		Statistic: &statistic,
		Period:    period,
	})
}
