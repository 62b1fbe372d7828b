package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// dashboardDays is what the dashboard shows unless it is told otherwise. A success that is longer ago has no age in it.
const dashboardDays = 14

// addDashboard shows the state of the alarms and, a row a source, its nights.
func (l *lake) addDashboard() {
	dashboard := awscloudwatch.NewDashboard(l.stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName:   &l.config.Name,
		DefaultInterval: awscdk.Duration_Days(jsii.Number(dashboardDays)),
		// Else the console takes longer periods for a longer time, and the ages were those at the start of one.
		PeriodOverride: awscloudwatch.PeriodOverride_INHERIT,
	})
	alarms := make([]interfacesawscloudwatch.IAlarmRef, len(l.alarms))
	for i, name := range l.alarms {
		// By its name, and not by what CloudFormation gives: a dashboard need not wait for its alarms.
		alarms[i] = awscloudwatch.Alarm_FromAlarmName(l.stack, jsii.String("Shown"+strconv.Itoa(i)), &name)
	}
	dashboard.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title:  jsii.String("Alarms"),
		Alarms: &alarms,
		Width:  jsii.Number(24),
	}))
	for _, source := range l.config.Sources {
		dashboard.AddWidgets(l.ages(source), l.durations(source),
			l.daily(source, "gigabytes exported", "Maximum", workflow.MetricExportGigabytes),
			l.daily(source, "tables", "Maximum", workflow.MetricTables),
			l.daily(source, "failures", "Sum", workflow.MetricFailed),
		)
	}
}

// ages shows how long ago the last success was, and how old the data is that the views show.
func (l *lake) ages(source workflow.Source) awscloudwatch.IWidget {
	return awscloudwatch.NewSingleValueWidget(&awscloudwatch.SingleValueWidgetProps{
		Title: jsii.String(source.Name),
		Metrics: &[]awscloudwatch.IMetric{
			l.hoursSince(source, workflow.MetricSucceededTime, "success", "Hours since the last success"),
			l.hoursSince(source, workflow.MetricSnapshotTime, "snapshot", "Age of the data in hours"),
		},
		Width:  jsii.Number(5),
		Height: jsii.Number(6), // as the graphs beside it
	})
}

// hoursSince is the age of the time that a metric holds, at each moment since (CloudWatch guide, "Using math expressions with
// CloudWatch metrics"). Periods of 5 minutes make it as exact.
func (l *lake) hoursSince(source workflow.Source, metric, id, label string) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Label:        &label,
		Expression:   jsii.String("(EPOCH(FILL(" + id + ", REPEAT)) - FILL(" + id + ", REPEAT)) / 3600"),
		UsingMetrics: &map[string]awscloudwatch.IMetric{id: l.metric(source, metric, "Maximum", fiveMinutes())},
		Period:       fiveMinutes(),
	})
}

func fiveMinutes() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(5)) }

// durations shows how long each step took. A step reports when it ends, at another hour than the next, so that only days stack.
func (l *lake) durations(source workflow.Source) awscloudwatch.IWidget {
	var steps []awscloudwatch.IMetric
	for _, step := range []string{
		workflow.MetricSnapshotSeconds, workflow.MetricExportSeconds, workflow.MetricCrawlSeconds,
		workflow.MetricViewsSeconds, workflow.MetricPruneSeconds,
	} {
		steps = append(steps, l.metric(source, step, "Maximum", oneDay()))
	}
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title:   jsii.String(source.Name + ": seconds a step"),
		Left:    &steps,
		Stacked: jsii.Bool(true),
		Period:  oneDay(),
		Width:   jsii.Number(7),
	})
}

// daily shows one number a day.
func (l *lake) daily(source workflow.Source, title, statistic, metric string) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title:     jsii.String(source.Name + ": " + title),
		Left:      &[]awscloudwatch.IMetric{l.metric(source, metric, statistic, oneDay())},
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
		Period:    oneDay(),
		Width:     jsii.Number(4),
	})
}

func oneDay() awscdk.Duration { return awscdk.Duration_Days(jsii.Number(1)) }
