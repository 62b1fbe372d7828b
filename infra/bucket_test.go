package main

import (
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
				t.Errorf("%s has the policies %q and %q, want %s", kind, r.DeletionPolicy, r.UpdateReplacePolicy, want)
			}
		}
	}
	if len(temporary.ofType("AWS::Lambda::Function")) != len(allFunctions()) {
		t.Error("the template has functions that are not the pipeline's")
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
