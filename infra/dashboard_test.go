package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// widget has the fields of a dashboard's widget that the tests use.
type widget struct {
	Type       string
	Y          int
	Properties struct {
		Title   string
		View    string
		Stacked bool
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
	want := map[string][]string{}
	for _, source := range []string{"billing", "ledger", "shop"} {
		want[source] = []string{
			"SucceededTime hidden, SnapshotTime hidden",
			"SnapshotSeconds, ExportSeconds, CrawlSeconds, ViewsSeconds, PruneSeconds",
			"ExportGigabytes", "Tables", "Failed",
		}
	}
	got := map[string][]string{}
	rows := map[int]string{}
	for _, w := range widgets(t)[1:] {
		source, _, _ := strings.Cut(w.Properties.Title, ":")
		if other, taken := rows[w.Y]; taken && other != source {
			t.Errorf("%s and %s are in one row", other, source)
		}
		rows[w.Y] = source
		got[source] = append(got[source], metricsOf(t, w, source))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics per source (-want +got):\n%s", diff)
	}
}

// metricsOf returns the names of a widget's metrics, and checks that they are the source's.
func metricsOf(t *testing.T, w widget, source string) string {
	t.Helper()
	var names []string
	for _, metric := range w.Properties.Metrics {
		if len(metric) == 1 {
			continue // an expression
		}
		if where := []any{metric[0], metric[2], metric[3], metric[4], metric[5]}; !slices.Equal(where, []any{"Snaplake", "Pipeline", "data-lake", "Source", source}) {
			t.Errorf("%q shows a metric of %v", w.Properties.Title, where)
		}
		name := metric[1].(string)
		if options, _ := metric[len(metric)-1].(object); options["visible"] == false {
			name += " hidden"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
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
