// Package owner says what the owner of a bucket or a key that exists already has to add to its policy, so that a pipeline can
// use it. Nothing else of the bucket or the key needs to change, and the pipeline changes nothing of it.
package owner

import (
	"encoding/json"
	"fmt"

	"snaplake/workflow"
)

// Statement is one of a policy's, as IAM writes it.
type Statement struct {
	Sid       string
	Effect    string
	Principal map[string]string
	Action    []string
	Resource  []string
	Condition map[string]map[string]any `json:",omitempty"`
}

// JSON writes statements as the value of a policy's Statement.
func JSON(statements []Statement) string {
	b, err := json.Marshal(statements)
	if err != nil {
		panic(err) // a bug of ours: there are strings only
	}
	return string(b)
}

// BucketPolicy is for Config.Bucket. Both statements are about the pipeline's own prefixes: what else is in the bucket is none
// of its business.
func BucketPolicy(c workflow.Config) []Statement {
	exports, results := c.Bucket+"/"+workflow.ExportsPrefix+"*", c.Bucket+"/"+workflow.ResultsPrefix+"*"
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

// ExportActions are what RDS requires on the objects of exports (API reference, StartExportTask, IamRoleArn). Which of the actions
// behind the wildcards it calls is not documented.
func ExportActions() []string { return []string{"s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"} }

// KeyPolicy is for Config.Key. In a key policy the resource "*" is the key itself.
func KeyPolicy(c workflow.Config) []Statement {
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

// CatalogKey is the statement of the policy of the key that encrypts the Data Catalog, where it is not AWS's own. The names of the
// stack's roles begin with the stack's, so that it can be there before they are.
func CatalogKey(c workflow.Config) Statement {
	return Statement{
		Sid: "SnaplakeCatalog", Effect: "Allow", Principal: map[string]string{"AWS": "*"}, Resource: []string{"*"},
		Action: []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"},
		Condition: map[string]map[string]any{"ArnLike": {
			"aws:PrincipalArn": fmt.Sprintf("arn:%s:iam::%s:role/%s-*", c.Partition(), c.Account, c.Name),
		}},
	}
}

// Lifecycle are the rules of a bucket that keeps versions. What Prune and S3 delete stays as noncurrent versions otherwise (S3 guide,
// "Lifecycle configuration elements").
const Lifecycle = `[{"ID":"SnaplakeExports","Status":"Enabled","Filter":{"Prefix":"` + workflow.ExportsPrefix + `"},"NoncurrentVersionExpiration":{"NoncurrentDays":1},"Expiration":{"ExpiredObjectDeleteMarker":true}},` +
	`{"ID":"SnaplakeResults","Status":"Enabled","Filter":{"Prefix":"` + workflow.ResultsPrefix + `"},"NoncurrentVersionExpiration":{"NoncurrentDays":1},"Expiration":{"ExpiredObjectDeleteMarker":true}}]`

// Logs is the statement of a key policy that lets CloudWatch Logs encrypt the pipeline's log groups, and no others, with the key
// (CloudWatch Logs guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service").
func Logs(c workflow.Config) Statement {
	group := func(name string) string {
		return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", c.Partition(), c.Region, c.Account, name)
	}
	return Statement{
		Sid: "SnaplakeLogs", Effect: "Allow", Resource: []string{"*"},
		Principal: map[string]string{"Service": "logs." + c.Region + ".amazonaws.com"},
		Action:    []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
		Condition: map[string]map[string]any{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": []string{
			group("/aws/lambda/" + c.Name + "-*"), group("/aws/vendedlogs/states/" + c.Name),
		}}},
	}
}

// account is whoever of the pipeline's account its IAM policies allow. Its roles cannot be named: they do not exist before the
// first deployment, which needs the policy, and a key policy takes no principal that does not exist.
func account(c workflow.Config) map[string]string {
	return map[string]string{"AWS": fmt.Sprintf("arn:%s:iam::%s:root", c.Partition(), c.Account)}
}
