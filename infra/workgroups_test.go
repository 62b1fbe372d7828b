package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWorkGroups_EnforceResultLocationAndScanLimit(t *testing.T) {
	group := func(name, results string, scanLimit any) object {
		configuration := object{
			"EnforceWorkGroupConfiguration":   true,
			"PublishCloudWatchMetricsEnabled": true,
			"EngineVersion":                   object{"SelectedEngineVersion": "Athena engine version 3"},
			"ResultConfiguration": object{
				"OutputLocation":          "s3://${LakeBucket}/athena/" + results,
				"EncryptionConfiguration": object{"EncryptionOption": "SSE_KMS", "KmsKey": "${LakeKey.Arn}"},
			},
		}
		if scanLimit != nil {
			configuration["BytesScannedCutoffPerQuery"] = scanLimit
		}
		return object{"Name": name, "WorkGroupConfiguration": configuration}
	}
	want := []object{group("data-lake", "pipeline/", nil), group("data-lake-analysts", "analysts/", 50e9)}
	var got []object
	for _, properties := range theTemplate(t).properties("AWS::Athena::WorkGroup") {
		p := properties.(object)
		got = append(got, object{"Name": p["Name"], "WorkGroupConfiguration": p["WorkGroupConfiguration"]})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workgroups (-want +got):\n%s", diff)
	}
}
