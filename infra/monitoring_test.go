package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// alarms returns the alarms' properties by name. It checks and removes the properties that all alarms have in common.
func alarms(t *testing.T, tmpl template) object {
	t.Helper()
	found := object{}
	for _, properties := range tmpl.properties("AWS::CloudWatch::Alarm") {
		alarm := properties.(object)
		name := alarm["AlarmName"].(string)
		if diff := cmp.Diff(any([]any{"${Topic}"}), alarm["AlarmActions"]); diff != "" {
			t.Errorf("actions of alarm %s (-want +got):\n%s", name, diff)
		}
		for _, key := range []string{"AlarmName", "AlarmActions", "AlarmDescription", "Tags"} {
			delete(alarm, key)
		}
		found[name] = alarm
	}
	return found
}

func TestAlarms_OnMissingSuccess(t *testing.T) {
	stale := func(source string, hours float64) any {
		return object{
			"Namespace": "Snaplake", "MetricName": "Succeeded", "Statistic": "Sum", "Period": 3600.0,
			"Dimensions":        []any{object{"Name": "Pipeline", "Value": "data-lake"}, object{"Name": "Source", "Value": source}},
			"EvaluationPeriods": hours, "DatapointsToAlarm": hours, "TreatMissingData": "breaching",
			"ComparisonOperator": "LessThanThreshold", "Threshold": 1.0,
		}
	}
	got := alarms(t, theTemplate(t))
	delete(got, "data-lake-failed")
	delete(got, "data-lake-undelivered")
	// max_snapshot_age is 26h by default and 25h30m for shop. For ledger, it exceeds CloudWatch's limit.
	want := object{"data-lake-billing-stale": stale("billing", 26), "data-lake-shop-stale": stale("shop", 26)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alarms of the sources (-want +got):\n%s", diff)
	}
}

func TestAlarms_WarnAboutSourceWithoutStalenessAlarm(t *testing.T) {
	const want = `source "ledger" has no staleness alarm, because its max_snapshot_age of 240h0m0s`
	if got := theTemplate(t).Warnings; len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("warnings %q, want %q", got, want)
	}
}

func TestAlarms_OnFailedExecution(t *testing.T) {
	ended := func(id, metric string) any {
		return object{"Id": id, "ReturnData": false, "MetricStat": object{
			"Metric": object{
				"Namespace": "AWS/States", "MetricName": metric,
				"Dimensions": []any{object{"Name": "StateMachineArn", "Value": "${StateMachine}"}},
			},
			"Period": 300.0, "Stat": "Sum",
		}}
	}
	want := any(object{
		"Metrics": []any{
			object{
				"Id": "expr_1", "Label": "Executions failed, timed out or aborted", "ReturnData": true,
				"Expression": "SUM([FILL(failed, 0), FILL(timedOut, 0), FILL(aborted, 0)])",
			},
			ended("aborted", "ExecutionsAborted"), ended("failed", "ExecutionsFailed"), ended("timedOut", "ExecutionsTimedOut"),
		},
		"EvaluationPeriods": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0, "TreatMissingData": "notBreaching",
	})
	if diff := cmp.Diff(want, alarms(t, theTemplate(t))["data-lake-failed"]); diff != "" {
		t.Errorf("alarm (-want +got):\n%s", diff)
	}
}

func TestAlarms_OnDeadLetter(t *testing.T) {
	want := any(object{
		"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible", "Statistic": "Maximum", "Period": 300.0,
		"Dimensions":        []any{object{"Name": "QueueName", "Value": "${DeadLetterQueue.QueueName}"}},
		"EvaluationPeriods": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0, "TreatMissingData": "notBreaching",
	})
	if diff := cmp.Diff(want, alarms(t, theTemplate(t))["data-lake-undelivered"]); diff != "" {
		t.Errorf("alarm (-want +got):\n%s", diff)
	}
}

// widget is a dashboard widget, with the fields that the tests use.
type widget struct {
	Properties struct {
		Title   string
		Alarms  []string
		Metrics [][]any
	}
}

func widgets(t *testing.T) []widget {
	t.Helper()
	dashboard := theTemplate(t).properties("AWS::CloudWatch::Dashboard")[0].(object)
	var body struct{ Widgets []widget }
	if err := json.Unmarshal([]byte(dashboard["DashboardBody"].(string)), &body); err != nil {
		t.Fatal(err)
	}
	return body.Widgets
}

func TestDashboard_ShowsEveryAlarm(t *testing.T) {
	var want []string
	for _, alarm := range theTemplate(t).properties("AWS::CloudWatch::Alarm") {
		want = append(want, "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:"+alarm.(object)["AlarmName"].(string))
	}
	slices.Sort(want)
	got := widgets(t)[0].Properties.Alarms
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
}

func TestDashboard_HasOneRowPerSource(t *testing.T) {
	var want, got []string
	for _, source := range []string{"billing", "ledger", "shop"} {
		for _, names := range []string{
			"SucceededTime SnapshotTime", "SnapshotSeconds ExportSeconds CrawlSeconds ViewsSeconds PruneSeconds",
			"ExportGigabytes", "Tables", "Failed",
		} {
			for name := range strings.FieldsSeq(names) {
				want = append(want, fmt.Sprintf("%s: [Snaplake %s Pipeline data-lake Source %[1]s]", source, name))
			}
		}
	}
	for _, w := range widgets(t)[1:] {
		source, _, _ := strings.Cut(w.Properties.Title, ":")
		for _, metric := range w.Properties.Metrics {
			if len(metric) > 1 { // not an expression
				got = append(got, fmt.Sprintf("%s: %v", source, metric[:6]))
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics per source (-want +got):\n%s", diff)
	}
}

func TestDashboard_ShowsAgesInHours(t *testing.T) {
	var got []any
	for _, metric := range widgets(t)[1].Properties.Metrics {
		if len(metric) == 1 {
			got = append(got, metric[0])
		}
	}
	want := []any{
		object{"label": "Time since last success (h)", "expression": "(EPOCH(FILL(success, REPEAT)) - FILL(success, REPEAT)) / 3600"},
		object{"label": "Data age (h)", "expression": "(EPOCH(FILL(snapshot, REPEAT)) - FILL(snapshot, REPEAT)) / 3600"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("expressions (-want +got):\n%s", diff)
	}
}
