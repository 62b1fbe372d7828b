package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/infra/internal/externalpolicy"

	"snaplake/workflow"
)

// newExportRole creates the role with which RDS writes exports.
func (s *stack) newExportRole() awsiam.Role {
	// No condition on aws:SourceAccount: the trust policy in the RDS guide, "Setting up access to an Amazon S3 bucket", has none. Other
	// accounts cannot make RDS assume the role, because iam:PassRole is limited to the account.
	principal := awsiam.NewServicePrincipal(jsii.String("export.rds.amazonaws.com"), nil)
	return s.newRole("ExportRole", "Role with which RDS writes exports to the bucket.", principal,
		actions(externalpolicy.ExportActions()).on(s.objects(workflow.ExportsPrefix)),
		actions{"s3:ListBucket", "s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		// RDS encrypts under its own grant, but requires these of the role, too (RDS API reference, StartExportTask).
		actions{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}.on(s.key.KeyArn()),
	)
}
