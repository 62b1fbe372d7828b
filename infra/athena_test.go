package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQueryResultsGoWhereTheWorkGroupSays(t *testing.T) {
	want := object{
		"EnforceWorkGroupConfiguration":   true,
		"PublishCloudWatchMetricsEnabled": true,
		"EngineVersion":                   object{"SelectedEngineVersion": "Athena engine version 3"},
		"ResultConfiguration": object{
			"OutputLocation":          "s3://${LakeBucket}/athena/",
			"EncryptionConfiguration": object{"EncryptionOption": "SSE_KMS", "KmsKey": "${LakeKey.Arn}"},
		},
	}
	group := theTemplate(t).one(t, "AWS::Athena::WorkGroup")
	if group.Properties["Name"] != "data-lake" {
		t.Errorf("the workgroup's name is %v, want that of the stack", group.Properties["Name"])
	}
	if diff := cmp.Diff(any(want), plain(group.Properties["WorkGroupConfiguration"])); diff != "" {
		t.Errorf("workgroup (-want +got):\n%s", diff)
	}
}
