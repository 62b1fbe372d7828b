package externalpolicy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/infra/internal/externalpolicy"
	"snaplake/workflow"
)

func config() workflow.Config {
	return workflow.Config{
		Name: "snaplake", Account: "123456789012", Region: "eu-west-1",
		Bucket: "arn:aws:s3:::company-lake", Key: "arn:aws:kms:eu-west-1:210987654321:key/1",
	}
}

func TestBucket_IsLimitedToPrefixes(t *testing.T) {
	const want = `[` +
		`{"Sid":"SnaplakeBucket","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
		`"Action":["s3:GetBucketLocation","s3:ListBucket"],"Resource":["arn:aws:s3:::company-lake"]},` +
		`{"Sid":"SnaplakeExports","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
		`"Action":["s3:DeleteObject*","s3:GetObject*","s3:PutObject*"],` +
		`"Resource":["arn:aws:s3:::company-lake/exports/*"]},` +
		`{"Sid":"SnaplakeResults","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
		`"Action":["s3:AbortMultipartUpload","s3:GetObject","s3:ListMultipartUploadParts","s3:PutObject"],"Resource":["arn:aws:s3:::company-lake/athena/*"]},` +
		`{"Sid":"SnaplakeTLSOnly","Effect":"Deny","Principal":{"AWS":"*"},"Action":["s3:*"],` +
		`"Resource":["arn:aws:s3:::company-lake/exports/*","arn:aws:s3:::company-lake/athena/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}` +
		`]`
	if diff := cmp.Diff(want, externalpolicy.JSON(externalpolicy.Bucket(config()))); diff != "" {
		t.Errorf("bucket policy (-want +got):\n%s", diff)
	}
}

func TestKey_AllowsRolesRDSAndLogs(t *testing.T) {
	const want = `[` +
		`{"Sid":"SnaplakeRoles","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
		`"Action":["kms:Decrypt","kms:DescribeKey","kms:Encrypt","kms:GenerateDataKey"],"Resource":["*"]},` +
		`{"Sid":"SnaplakeExports","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
		`"Action":["kms:CreateGrant"],"Resource":["*"],"Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}},` +
		`{"Sid":"SnaplakeLogs","Effect":"Allow","Principal":{"Service":"logs.eu-west-1.amazonaws.com"},` +
		`"Action":["kms:Decrypt","kms:DescribeKey","kms:Encrypt","kms:GenerateDataKey","kms:GenerateDataKeyWithoutPlaintext","kms:ReEncryptFrom","kms:ReEncryptTo"],"Resource":["*"],` +
		`"Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":[` +
		`"arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/snaplake-*","arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/states/snaplake"]}}}` +
		`]`
	if diff := cmp.Diff(want, externalpolicy.JSON(externalpolicy.Key(config()))); diff != "" {
		t.Errorf("key policy (-want +got):\n%s", diff)
	}
}

// Users need the statements before there is anything that could print them.
func TestDocs_HaveStatements(t *testing.T) {
	text, err := os.ReadFile("../../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	c := workflow.Config{Name: "snaplake", Account: "123456789012", Region: "ap-northeast-1", Bucket: "arn:aws:s3:::company-lake"}
	without := func(s string) string { return regexp.MustCompile(`\s+`).ReplaceAllString(s, "") }
	for name, want := range map[string]string{
		"bucket": externalpolicy.JSON(externalpolicy.Bucket(c)), "key": externalpolicy.JSON(externalpolicy.Key(c)), "bucket with versions": externalpolicy.Lifecycle,
		"catalog's key": strings.Trim(externalpolicy.JSON([]externalpolicy.Statement{externalpolicy.CatalogKey(c)}), "[]"),
	} {
		if !strings.Contains(without(string(text)), without(want)) {
			t.Errorf("docs/deploy.md does not have the statements of the %s: %s", name, want)
		}
	}
}
