package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// widget has the fields of a dashboard's widget that the tests use.
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
