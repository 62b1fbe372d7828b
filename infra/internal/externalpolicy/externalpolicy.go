// Package externalpolicy returns the policy statements and lifecycle rules that existing buckets and keys need. Their owners add them; the
// stack does not change buckets and keys that it did not create.
package externalpolicy

import (
	"encoding/json"
	"fmt"

	"snaplake/workflow"
)

// Statement is a policy statement in the JSON form of IAM.
type Statement struct {
	Sid       string
	Effect    string
	Principal map[string]string
	Action    []string
	Resource  []string
	Condition map[string]map[string]any `json:",omitempty"`
}

// JSON returns statements as the value of a policy's Statement.
func JSON(statements []Statement) string {
	b, err := json.Marshal(statements)
	if err != nil {
		panic(err) // cannot happen: there are only strings
	}
	return string(b)
}

// Bucket returns the statements for the policy of Config.Bucket. They are limited to the prefixes of the pipeline.
func Bucket(c workflow.Config) []Statement {
	exports, results := c.Bucket+"/exports/*", c.Bucket+"/athena/*"
	statement := func(sid string, resource string, actions ...string) Statement {
		return Statement{Sid: sid, Effect: "Allow", Principal: account(c), Action: actions, Resource: []string{resource}}
	}
	return []Statement{
		statement("SnaplakeBucket", c.Bucket, "s3:GetBucketLocation", "s3:ListBucket"),
		statement("SnaplakeExports", exports, ExportActions()...),
		statement("SnaplakeResults", results, "s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
		{
			Sid: "SnaplakeTLSOnly", Effect: "Deny", Principal: map[string]string{"AWS": "*"},
			Action: []string{"s3:*"}, Resource: []string{exports, results},
			Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
		},
	}
}

// ExportActions returns what RDS requires on the objects of exports, wildcards included (RDS API reference, StartExportTask, IamRoleArn).
func ExportActions() []string { return []string{"s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"} }

// Key returns the statements for the policy of Config.Key. In a key policy, the resource "*" is the key.
func Key(c workflow.Config) []Statement {
	return []Statement{
		{
			Sid: "SnaplakeRoles", Effect: "Allow", Principal: account(c), Resource: []string{"*"},
			Action: []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"},
		},
		{
			Sid: "SnaplakeExports", Effect: "Allow", Principal: account(c), Resource: []string{"*"},
			Action:    []string{"kms:CreateGrant"},
			Condition: map[string]map[string]any{"Bool": {"kms:GrantIsForAWSResource": "true"}},
		},
		Logs(c),
	}
}

// CatalogKey returns the statement for the policy of a customer managed key that encrypts the Data Catalog. It matches the stack's roles by
// name prefix, so that it can be added before they exist.
func CatalogKey(c workflow.Config) Statement {
	return Statement{
		Sid: "SnaplakeCatalog", Effect: "Allow", Principal: map[string]string{"AWS": "*"}, Resource: []string{"*"},
		Action: []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"},
		Condition: map[string]map[string]any{"ArnLike": {
			"aws:PrincipalArn": fmt.Sprintf("arn:%s:iam::%s:role/%s-*", c.Partition(), c.Account, c.Name),
		}},
	}
}

// Lifecycle is the lifecycle configuration of a bucket with versioning, which otherwise keeps deleted objects as noncurrent versions (S3
// guide, "Lifecycle configuration elements").
const Lifecycle = `[{"ID":"SnaplakeExports","Status":"Enabled","Filter":{"Prefix":"exports/"},` + expiration + `},` +
	`{"ID":"SnaplakeResults","Status":"Enabled","Filter":{"Prefix":"athena/"},` + expiration + `}]`

const expiration = `"NoncurrentVersionExpiration":{"NoncurrentDays":1},"Expiration":{"ExpiredObjectDeleteMarker":true}`

// Logs returns the statement for a key policy that allows CloudWatch Logs to encrypt the pipeline's log groups (CloudWatch Logs guide,
// "Encrypt log data in CloudWatch Logs using AWS Key Management Service").
func Logs(c workflow.Config) Statement {
	group := func(name string) string {
		return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", c.Partition(), c.Region, c.Account, name)
	}
	return Statement{
		Sid: "SnaplakeLogs", Effect: "Allow", Resource: []string{"*"},
		Principal: map[string]string{"Service": "logs." + c.Region + ".amazonaws.com"},
		Action: []string{
			"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
			"kms:ReEncryptFrom", "kms:ReEncryptTo",
		},
		Condition: map[string]map[string]any{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": []string{
			group("/aws/lambda/" + c.Name + "-*"), group("/aws/vendedlogs/states/" + c.Name),
		}}},
	}
}

// account returns the pipeline's account, whose IAM policies then decide. A key policy cannot name the roles: they do not exist before the
// first deployment, which already needs the policy.
func account(c workflow.Config) map[string]string {
	return map[string]string{"AWS": fmt.Sprintf("arn:%s:iam::%s:root", c.Partition(), c.Account)}
}
