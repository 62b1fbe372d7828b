package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputs_OfDefaultStack(t *testing.T) {
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

func TestOutputs_DependOnConfiguration(t *testing.T) {
	own := slices.Sorted(maps.Keys(theTemplate(t).Outputs))
	existing := slices.Sorted(maps.Keys(existingTemplate(t).Outputs))
	want := slices.DeleteFunc(append(own, "BucketPolicyToAdd", "KeyPolicyToAdd", "RedashPolicyArn"), func(name string) bool { return name == "RedashRoleArn" })
	slices.Sort(want)
	if diff := cmp.Diff(want, existing); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}
