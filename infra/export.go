package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"snaplake/infra/internal/owner"
	"snaplake/workflow"
)

// newExportRole makes the role with which RDS writes an export.
func (l *lake) newExportRole() awsiam.Role {
	// The trust policy of the RDS guide, "Setting up access to an Amazon S3 bucket", has no conditions, so that RDS need not pass
	// aws:SourceAccount. Other accounts cannot have RDS assume the role: iam:PassRole does not reach across accounts.
	principal := awsiam.NewServicePrincipal(jsii.String("export.rds.amazonaws.com"), nil)
	return l.newRole("ExportRole", "RDS writes exports into the bucket with it.", principal,
		actions(owner.ExportActions()).on(l.objects(workflow.ExportsPrefix)),
		actions{"s3:ListBucket", "s3:GetBucketLocation"}.on(l.bucket.BucketArn()),
		// RDS encrypts under its own grant; it wants the role to be allowed to as well (API reference, StartExportTask).
		actions{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}.on(l.key.KeyArn()),
	)
}
