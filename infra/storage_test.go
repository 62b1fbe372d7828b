package main

import (
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBucketAndKey_RetainedUnlessConfiguredOtherwise(t *testing.T) {
	temporary, err := synthesizeIn(t.TempDir(), "testdata/temporary/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for want, tmpl := range map[string]template{"Retain": theTemplate(t), "Delete": temporary} {
		for _, kind := range []string{"AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"} {
			r := tmpl.one(t, kind)
			if r.DeletionPolicy != want || r.UpdateReplacePolicy != want {
				t.Errorf("%s has the deletion policies %q and %q, want %s", kind, r.DeletionPolicy, r.UpdateReplacePolicy, want)
			}
		}
	}
	if len(temporary.ofType("AWS::Lambda::Function")) != len(allFunctions()) {
		t.Error("the template contains functions that do not belong to the pipeline")
	}
}

func TestBucket_EncryptedPrivateAndTLSOnly(t *testing.T) {
	tmpl := theTemplate(t)
	bucket := plain(tmpl.one(t, "AWS::S3::Bucket").Properties).(object)
	delete(bucket, "Tags")
	want := object{
		"BucketEncryption": object{"ServerSideEncryptionConfiguration": []any{object{
			"BucketKeyEnabled":              true,
			"ServerSideEncryptionByDefault": object{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "${LakeKey.Arn}"},
		}}},
		"PublicAccessBlockConfiguration": object{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		},
		"OwnershipControls": object{"Rules": []any{object{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"LifecycleConfiguration": object{"Rules": []any{
			object{"Id": "AbandonedUploads", "Status": "Enabled", "AbortIncompleteMultipartUpload": object{"DaysAfterInitiation": 7.0}},
			object{"Id": "QueryResults", "Status": "Enabled", "Prefix": "athena/", "ExpirationInDays": 7.0},
		}},
	}
	if diff := cmp.Diff(want, bucket); diff != "" {
		t.Errorf("bucket (-want +got):\n%s", diff)
	}
	wantPolicy := any([]any{object{
		"Effect": "Deny", "Principal": object{"AWS": "*"}, "Action": "s3:*",
		"Resource":  []any{"${LakeBucket.Arn}", "${LakeBucket.Arn}/*"},
		"Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
	}})
	if diff := cmp.Diff(wantPolicy, tmpl.policy(t, "AWS::S3::BucketPolicy")); diff != "" {
		t.Errorf("bucket policy (-want +got):\n%s", diff)
	}
}

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
