package main

import "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

// newExportRole makes the role with which RDS writes an export.
func (l *lake) newExportRole() awsiam.Role {
	return l.newRole("ExportRole", "RDS writes exports into the bucket with it.", l.servicePrincipal("export.rds.amazonaws.com"),
		// RDS asks for s3:PutObject*, s3:GetObject* and s3:DeleteObject* (RDS guide, "Setting up access to an Amazon S3 bucket").
		// These are the actions behind them for objects of a bucket that has no versions, no ACLs and no object lock.
		actions{
			"s3:PutObject", "s3:PutObjectTagging", "s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectAttributes",
			"s3:DeleteObject", "s3:DeleteObjectTagging",
		}.on(l.objects(exportsPrefix)),
		actions{"s3:ListBucket", "s3:GetBucketLocation"}.on(l.bucket.BucketArn()),
		// RDS encrypts under its own grant; it wants the role to be allowed to as well (API reference, StartExportTask).
		actions{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}.on(l.key.KeyArn()),
	)
}
