package main

import (
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// maxStaleHours is the longest evaluation range of an alarm with 1-hour periods (CloudWatch API reference, PutMetricAlarm, Period).
const maxStaleHours = 7 * 24

// addFailedAlarm adds an alarm for failed executions. The alarm works even if the notifier fails.
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
			// FILL does not fill a metric that has never had a value, but SUM ignores such a metric.
			Expression: jsii.String("SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(aborted, 0)])"),
			UsingMetrics: &map[string]awscloudwatch.IMetric{
				"failed": executions("ExecutionsFailed"), "timedOut": executions("ExecutionsTimedOut"), "aborted": executions("ExecutionsAborted"),
			},
		}),
	})
}

// addUndeliveredAlarm adds an alarm for messages in the dead-letter queue. Nothing else reports a run that did not start.
func (s *stack) addUndeliveredAlarm() {
	s.addAlarm(s.cdk, "UndeliveredAlarm", s.config.Name+"-undelivered", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("The queue %s-dead-letters contains messages: a run did not start, or a notification "+
			"was not sent. The attributes of each message give the reason. Start the missing runs, then purge the queue.", s.config.Name)),
		Metric: s.deadLetters.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
			Statistic: jsii.String("Maximum"),
		}),
	})
}

// addStaleAlarm adds an alarm that goes off if no run of the source has succeeded within its max_snapshot_age.
func (s *stack) addStaleAlarm(scope constructs.Construct, source workflow.Source) {
	hours := math.Ceil(time.Duration(source.MaxSnapshotAge).Hours())
	if hours > maxStaleHours {
		awscdk.Annotations_Of(scope).AddWarningV2(jsii.String("snaplake:noStaleAlarm"), jsii.String(fmt.Sprintf(
			"source %q has no staleness alarm, because its max_snapshot_age of %v exceeds CloudWatch's limit of 168h",
			source.Name, source.MaxSnapshotAge)))
		return
	}
	s.addAlarm(scope, "StaleAlarm", s.config.Name+"-"+source.Name+"-stale", &awscloudwatch.AlarmProps{
		AlarmDescription: jsii.String(fmt.Sprintf("No run of %s has succeeded in the last %v hours. Its views show an older snapshot. "+
			"In the state machine %s, redrive the failed execution, or start a new one with the input {\"source\": \"%s\"}.",
			source.Name, hours, s.config.Name, source.Name)),
		Metric:             s.metric(source, workflow.MetricSucceeded, "Sum", awscdk.Duration_Hours(jsii.Number(1))),
		ComparisonOperator: awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD,
		EvaluationPeriods:  &hours,
		DatapointsToAlarm:  &hours,
		TreatMissingData:   awscloudwatch.TreatMissingData_BREACHING,
	})
}

// addAlarm adds an alarm that notifies the topic. By default, the alarm goes off if the metric is 1 or more in one period.
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

// metric returns one of the source's metrics in workflow/metrics.go.
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

// addDashboard adds a dashboard with the alarms and one row per source.
func (s *stack) addDashboard() {
	dashboard := awscloudwatch.NewDashboard(s.cdk, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName:   &s.config.Name,
		DefaultInterval: awscdk.Duration_Days(jsii.Number(14)), // the dashboard shows no age for an older success
		// By default, the console uses longer periods for long time ranges, and shows the ages at the start of each period.
		PeriodOverride: awscloudwatch.PeriodOverride_INHERIT,
	})
	alarms := make([]interfacesawscloudwatch.IAlarmRef, len(s.alarms))
	for i, name := range s.alarms {
		// Referring to the alarm by name does not make the dashboard depend on it.
		alarms[i] = awscloudwatch.Alarm_FromAlarmName(s.cdk, jsii.String(fmt.Sprint("Shown", i)), &name)
	}
	dashboard.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title:  jsii.String("Alarms"),
		Alarms: &alarms,
		Width:  jsii.Number(24),
	}))
	for _, source := range s.config.Sources {
		dashboard.AddWidgets(s.ages(source),
			s.daily(source, "duration per step (s)", "Maximum", workflow.MetricSnapshotSeconds, workflow.MetricExportSeconds,
				workflow.MetricCrawlSeconds, workflow.MetricViewsSeconds, workflow.MetricPruneSeconds),
			s.daily(source, "export size (GB)", "Maximum", workflow.MetricExportGigabytes),
			s.daily(source, "tables", "Maximum", workflow.MetricTables),
			s.daily(source, "failed runs", "Sum", workflow.MetricFailed),
		)
	}
}

// ages returns a widget that shows the time since the last successful run and the age of the data in the views.
func (s *stack) ages(source workflow.Source) awscloudwatch.IWidget {
	return awscloudwatch.NewSingleValueWidget(&awscloudwatch.SingleValueWidgetProps{
		Title: jsii.String(source.Name),
		Metrics: &[]awscloudwatch.IMetric{
			s.hoursSince(source, workflow.MetricSucceededTime, "success", "Time since last success (h)"),
			s.hoursSince(source, workflow.MetricSnapshotTime, "snapshot", "Data age (h)"),
		},
		Width:  jsii.Number(5),
		Height: jsii.Number(6), // the height of the graphs in the row
	})
}

// hoursSince returns the age of the timestamp in a metric, accurate to within 5 minutes (CloudWatch guide, "Using math expressions with
// CloudWatch metrics").
func (s *stack) hoursSince(source workflow.Source, metric, id, label string) awscloudwatch.IMetric {
	period := awscdk.Duration_Minutes(jsii.Number(5))
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Label:        &label,
		Expression:   jsii.String("(EPOCH(FILL(" + id + ", REPEAT)) - FILL(" + id + ", REPEAT)) / 3600"),
		UsingMetrics: &map[string]awscloudwatch.IMetric{id: s.metric(source, metric, "Maximum", period)},
		Period:       period,
	})
}

// daily returns a graph with one value per metric and day. If there are several metrics, they are stacked.
func (s *stack) daily(source workflow.Source, title, statistic string, metrics ...string) awscloudwatch.IWidget {
	day := awscdk.Duration_Days(jsii.Number(1))
	var left []awscloudwatch.IMetric
	for _, metric := range metrics {
		left = append(left, s.metric(source, metric, statistic, day))
	}
	props := awscloudwatch.GraphWidgetProps{Title: jsii.String(source.Name + ": " + title), Left: &left, Period: day}
	if len(metrics) > 1 {
		props.Stacked, props.Width = jsii.Bool(true), jsii.Number(7)
	} else {
		props.LeftYAxis, props.Width = &awscloudwatch.YAxisProps{Min: jsii.Number(0)}, jsii.Number(4)
	}
	return awscloudwatch.NewGraphWidget(&props)
}
