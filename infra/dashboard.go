package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// dashboardDays is the default time range. The age of an older success is not shown.
const dashboardDays = 14

// addDashboard adds a dashboard with the alarms and one row per source.
func (s *stack) addDashboard() {
	dashboard := awscloudwatch.NewDashboard(s.cdk, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName:   &s.config.Name,
		DefaultInterval: awscdk.Duration_Days(jsii.Number(dashboardDays)),
		// Otherwise the console uses longer periods for longer time ranges, and shows ages as of the start of a period.
		PeriodOverride: awscloudwatch.PeriodOverride_INHERIT,
	})
	alarms := make([]interfacesawscloudwatch.IAlarmRef, len(s.alarms))
	for i, name := range s.alarms {
		// By name, so that CloudFormation does not create the dashboard after the alarms.
		alarms[i] = awscloudwatch.Alarm_FromAlarmName(s.cdk, jsii.String("Shown"+strconv.Itoa(i)), &name)
	}
	dashboard.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title:  jsii.String("Alarms"),
		Alarms: &alarms,
		Width:  jsii.Number(24),
	}))
	for _, source := range s.config.Sources {
		dashboard.AddWidgets(s.ages(source), s.durations(source),
			s.daily(source, "export size (GB)", "Maximum", workflow.MetricExportGigabytes),
			s.daily(source, "tables", "Maximum", workflow.MetricTables),
			s.daily(source, "failed runs", "Sum", workflow.MetricFailed),
		)
	}
}

// ages shows the time since the last successful run and the age of the data in the views.
func (s *stack) ages(source workflow.Source) awscloudwatch.IWidget {
	return awscloudwatch.NewSingleValueWidget(&awscloudwatch.SingleValueWidgetProps{
		Title: jsii.String(source.Name),
		Metrics: &[]awscloudwatch.IMetric{
			s.hoursSince(source, workflow.MetricSucceededTime, "success", "Time since last success (h)"),
			s.hoursSince(source, workflow.MetricSnapshotTime, "snapshot", "Data age (h)"),
		},
		Width:  jsii.Number(5),
		Height: jsii.Number(6), // as high as the graphs in the row
	})
}

// hoursSince returns the age of the timestamp in a metric, exact to 5 minutes (CloudWatch guide, "Using math expressions with CloudWatch
// metrics").
func (s *stack) hoursSince(source workflow.Source, metric, id, label string) awscloudwatch.IMetric {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Label:        &label,
		Expression:   jsii.String("(EPOCH(FILL(" + id + ", REPEAT)) - FILL(" + id + ", REPEAT)) / 3600"),
		UsingMetrics: &map[string]awscloudwatch.IMetric{id: s.metric(source, metric, "Maximum", fiveMinutes())},
		Period:       fiveMinutes(),
	})
}

func fiveMinutes() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(5)) }

// durations shows the duration of each step. The period is a day because the steps of a run report in different hours.
func (s *stack) durations(source workflow.Source) awscloudwatch.IWidget {
	var steps []awscloudwatch.IMetric
	for _, step := range []string{
		workflow.MetricSnapshotSeconds, workflow.MetricExportSeconds, workflow.MetricCrawlSeconds,
		workflow.MetricViewsSeconds, workflow.MetricPruneSeconds,
	} {
		steps = append(steps, s.metric(source, step, "Maximum", oneDay()))
	}
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title:   jsii.String(source.Name + ": duration per step (s)"),
		Left:    &steps,
		Stacked: jsii.Bool(true),
		Period:  oneDay(),
		Width:   jsii.Number(7),
	})
}

// daily shows one number per day.
func (s *stack) daily(source workflow.Source, title, statistic, metric string) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title:     jsii.String(source.Name + ": " + title),
		Left:      &[]awscloudwatch.IMetric{s.metric(source, metric, statistic, oneDay())},
		LeftYAxis: &awscloudwatch.YAxisProps{Min: jsii.Number(0)},
		Period:    oneDay(),
		Width:     jsii.Number(4),
	})
}

func oneDay() awscdk.Duration { return awscdk.Duration_Days(jsii.Number(1)) }
