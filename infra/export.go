package main

import "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

// newExportRole makes the role with which RDS writes an export.
func (l *lake) newExportRole() awsiam.Role {
	return l.newRole("ExportRole", "RDS writes exports into the bucket with it.", l.servicePrincipal("export.rds.amazonaws.com"),
		// The three wildcards are what RDS asks for; which of the actions behind them it uses is not documented (RDS guide,
		// "Setting up access to an Amazon S3 bucket").
		actions{"s3:PutObject*", "s3:GetObject*", "s3:DeleteObject*"}.on(l.exportObjects()),
		actions{"s3:ListBucket", "s3:GetBucketLocation"}.on(l.bucket.BucketArn()),
		// RDS encrypts under its own grant; it wants the role to be allowed to as well (API reference, StartExportTask).
		actions{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}.on(l.key.KeyArn()),
	)
}
