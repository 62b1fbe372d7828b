package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputs_HaveValues(t *testing.T) {
	got := object{}
	for name, output := range theTemplate(t).Outputs {
		got[name] = plain(output.Value)
	}
	want := object{
		"Version":             "dev",
		"StateMachineArn":     "${StateMachine}",
		"StateMachineConsole": "https://console.aws.amazon.com/states/home?region=ap-northeast-1#/statemachines/view/${StateMachine}",
		"DashboardUrl":        "https://console.aws.amazon.com/cloudwatch/home?region=ap-northeast-1#dashboards/dashboard/data-lake",
		"TopicArn":            "${Topic}",
		"DeadLetterQueueUrl":  "${DeadLetterQueue}",
		"Bucket":              "${LakeBucket}",
		"Key":                 "${LakeKey.Arn}",
		"WorkGroup":           "data-lake",
		"AnalystsWorkGroup":   "data-lake-analysts",
		"AnalystsResults":     "s3://${LakeBucket}/athena/analysts/",
		"Databases":           "billing,ledger,shop",
		"CrawledDatabase":     "data_lake_crawled",
		"RedashRoleArn":       "${RedashRole.Arn}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}
