// Package externalpolicy provides the policy statements and lifecycle rules that existing buckets and keys need. Their owners add them,
// because the stack does not change a bucket or key that it did not create.
package externalpolicy

import (
	"encoding/json"
	"fmt"

	"snaplake/workflow"
)

// Statement is a policy statement in IAM's JSON format.
type Statement struct {
	Sid       string
	Effect    string
	Principal map[string]string
	Action    []string
	Resource  []string
	Condition map[string]map[string]any `json:",omitempty"`
}

// JSON returns the statements as a JSON array, for use as the value of Statement in a policy.
func JSON(statements []Statement) string {
	b, _ := json.Marshal(statements) // cannot fail: all values are strings
	return string(b)
}

func allow(sid string, principal map[string]string, resource string, actions ...string) Statement {
	return Statement{Sid: sid, Effect: "Allow", Principal: principal, Action: actions, Resource: []string{resource}}
}

// account returns the pipeline's account as a principal, so the account's IAM policies control access. A policy cannot name the stack's
// roles, because they do not exist before the first deployment.
func account(c workflow.Config) map[string]string {
	return map[string]string{"AWS": fmt.Sprintf("arn:%s:iam::%s:root", c.Partition(), c.Account)}
}

// Bucket returns the statements for the policy of Config.Bucket. They are limited to the pipeline's prefixes.
func Bucket(c workflow.Config) []Statement {
	exports, results := c.Bucket+"/"+workflow.ExportsPrefix+"*", c.Bucket+"/"+workflow.ResultsPrefix+"*"
	return []Statement{
		allow("SnaplakeBucket", account(c), c.Bucket, "s3:GetBucketLocation", "s3:ListBucket"),
		allow("SnaplakeExports", account(c), exports, ExportActions()...),
		allow("SnaplakeResults", account(c), results,
			"s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
		{
			Sid: "SnaplakeTLSOnly", Effect: "Deny", Principal: map[string]string{"AWS": "*"},
			Action: []string{"s3:*"}, Resource: []string{exports, results},
			Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
		},
	}
}

// ExportActions returns the actions, with wildcards, that RDS requires on exports (RDS API reference, StartExportTask, IamRoleArn).
func ExportActions() []string { return []string{"s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"} }

// Key returns the statements for the policy of Config.Key. In a key policy, the resource "*" means the key itself.
func Key(c workflow.Config) []Statement {
	exports := allow("SnaplakeExports", account(c), "*", "kms:CreateGrant")
	exports.Condition = map[string]map[string]any{"Bool": {"kms:GrantIsForAWSResource": "true"}}
	return []Statement{
		allow("SnaplakeRoles", account(c), "*", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
		exports, Logs(c),
	}
}

// CatalogKey returns the statement for the policy of a customer managed key that encrypts the Data Catalog. It matches the stack's roles by
// name prefix, so it can be added before the roles exist.
func CatalogKey(c workflow.Config) Statement {
	s := allow("SnaplakeCatalog", map[string]string{"AWS": "*"}, "*", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
	roles := fmt.Sprintf("arn:%s:iam::%s:role/%s-*", c.Partition(), c.Account, c.Name)
	s.Condition = map[string]map[string]any{"ArnLike": {"aws:PrincipalArn": roles}}
	return s
}

// Lifecycle contains the lifecycle rules for a bucket with versioning. Without them, the bucket would keep each deleted object as a
// noncurrent version (S3 guide, "Lifecycle configuration elements").
const Lifecycle = `[{"ID":"SnaplakeExports","Status":"Enabled","Filter":{"Prefix":"` + workflow.ExportsPrefix + `"},` + expiration + `},` +
	`{"ID":"SnaplakeResults","Status":"Enabled","Filter":{"Prefix":"` + workflow.ResultsPrefix + `"},` + expiration + `}]`

const expiration = `"NoncurrentVersionExpiration":{"NoncurrentDays":1},"Expiration":{"ExpiredObjectDeleteMarker":true}`

// Logs returns the statement for a key policy that allows CloudWatch Logs to encrypt the pipeline's log groups (CloudWatch Logs guide,
// "Encrypt log data in CloudWatch Logs using AWS Key Management Service").
func Logs(c workflow.Config) Statement {
	s := allow("SnaplakeLogs", map[string]string{"Service": "logs." + c.Region + ".amazonaws.com"}, "*",
		"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
		"kms:ReEncryptFrom", "kms:ReEncryptTo")
	groups := fmt.Sprintf("arn:%s:logs:%s:%s:log-group:", c.Partition(), c.Region, c.Account)
	s.Condition = map[string]map[string]any{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": []string{
		groups + "/aws/lambda/" + c.Name + "-*", groups + "/aws/vendedlogs/states/" + c.Name,
	}}}
	return s
}
