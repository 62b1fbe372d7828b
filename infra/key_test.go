package main

import (
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeyPolicy_DelegatesToIAMAndAllowsLogs(t *testing.T) {
	key := theTemplate(t).one(t, "AWS::KMS::Key")
	if key.Properties["EnableKeyRotation"] != true {
		t.Error("the key does not rotate")
	}
	want := any([]any{
		object{
			"Effect": "Allow", "Action": "kms:*", "Resource": "*",
			"Principal": object{"AWS": "arn:aws:iam::123456789012:root"},
		},
		object{
			"Sid": "SnaplakeLogs", "Effect": "Allow", "Resource": "*",
			"Action": []any{
				"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
				"kms:ReEncryptFrom", "kms:ReEncryptTo",
			},
			"Principal": object{"Service": "logs.ap-northeast-1.amazonaws.com"},
			"Condition": object{"ArnLike": object{"kms:EncryptionContext:aws:logs:arn": []any{
				"arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/lambda/data-lake-*",
				"arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/vendedlogs/states/data-lake",
			}}},
		},
	})
	if diff := cmp.Diff(want, plain(key.Properties["KeyPolicy"]).(object)["Statement"]); diff != "" {
		t.Errorf("key policy (-want +got):\n%s", diff)
	}
}

func TestKeyPolicy_CoversEveryLogGroup(t *testing.T) {
	tmpl := theTemplate(t)
	statements := plain(tmpl.one(t, "AWS::KMS::Key").Properties["KeyPolicy"]).(object)["Statement"].([]any)
	covered := statements[1].(object)["Condition"].(object)["ArnLike"].(object)["kms:EncryptionContext:aws:logs:arn"].([]any)
	for _, g := range tmpl.ofType("AWS::Logs::LogGroup") {
		arn := "arn:aws:logs:ap-northeast-1:123456789012:log-group:" + g.Properties["LogGroupName"].(string)
		if !slices.ContainsFunc(covered, func(pattern any) bool { ok, _ := path.Match(pattern.(string), arn); return ok }) {
			t.Errorf("the key policy does not cover %s", arn)
		}
	}
}
