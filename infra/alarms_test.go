package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// alarms returns the properties of the alarms by name, without those that all have in common.
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
	// max_snapshot_age is 26h by default, 25h30m for shop, and exceeds the limit of CloudWatch for ledger.
	want := object{"data-lake-billing-stale": stale("billing", 26), "data-lake-shop-stale": stale("shop", 26)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alarms of the sources (-want +got):\n%s", diff)
	}
}

func TestAlarms_WarnOfSourceWithoutOne(t *testing.T) {
	const want = `source "ledger" has no staleness alarm: its max_snapshot_age is 240h0m0s`
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
