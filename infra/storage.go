package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"snaplake/infra/internal/externalpolicy"
	"snaplake/workflow"
)

// These are the key patterns of the files that CreateViews writes before and after it creates the views of an export.
const (
	announcements = workflow.ExportsPrefix + "*/" + workflow.PublishingFile
	publications  = workflow.ExportsPrefix + "*/" + workflow.PublishedFile
)

// dataRemoval returns the removal policy of the bucket and the key. Even with DESTROY, CloudFormation deletes only an empty bucket.
func (s *stack) dataRemoval() awscdk.RemovalPolicy {
	if s.config.RetainData {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// newKey creates the key that encrypts the bucket and the logs, or imports the one in the configuration.
func (s *stack) newKey() awskms.IKey {
	if s.config.Key != "" {
		return awskms.Key_FromKeyArn(s.cdk, jsii.String("LakeKey"), &s.config.Key)
	}
	// The CDK's default key policy delegates to IAM, so the policies of the stack's roles can allow the use of the key.
	key := awskms.NewKey(s.cdk, jsii.String("LakeKey"), &awskms.KeyProps{
		Alias:             jsii.String("alias/" + s.config.Name),
		Description:       jsii.String("Encrypts exports, query results and logs of " + s.config.Name + "."),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     s.dataRemoval(), // a retained bucket is unreadable without its key
	})
	logs := externalpolicy.Logs(s.config)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        &logs.Sid,
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String(logs.Principal["Service"]), nil)},
		Actions:    jsii.Strings(logs.Action...),
		Resources:  jsii.Strings(logs.Resource...),
		Conditions: conditions(logs.Condition).jsii(),
	}), nil)
	return key
}

// newBucket creates the bucket, or imports the one in the configuration. Versioning is off, because it would keep what Prune deletes.
func (s *stack) newBucket() awss3.IBucket {
	if s.config.Bucket != "" {
		return awss3.Bucket_FromBucketArn(s.cdk, jsii.String("LakeBucket"), &s.config.Bucket)
	}
	bucket := awss3.NewBucket(s.cdk, jsii.String("LakeBucket"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_KMS,
		EncryptionKey:     s.key,
		BucketKeyEnabled:  jsii.Bool(true), // without it, each of an export's many files costs a KMS request
		EnforceSSL:        jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     s.dataRemoval(),
		LifecycleRules: &[]*awss3.LifecycleRule{
			{
				Id:                                  jsii.String("AbandonedUploads"),
				AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)),
			},
			{
				Id:         jsii.String("QueryResults"),
				Prefix:     jsii.String(workflow.ResultsPrefix),
				Expiration: awscdk.Duration_Days(jsii.Number(7)),
			},
		},
	})
	bucket.Policy().ApplyRemovalPolicy(s.dataRemoval()) // otherwise a retained bucket would no longer require TLS
	return bucket
}

// objects returns an ARN pattern for the objects whose keys match the given pattern.
func (s *stack) objects(pattern string) *string { return s.bucket.ArnForObjects(&pattern) }

// location returns the S3 URI of a prefix.
func (s *stack) location(prefix string) *string { return s.bucket.S3UrlForObject(&prefix) }

// newExportRole creates the role that RDS assumes to write exports.
func (s *stack) newExportRole() awsiam.Role {
	// As in the RDS guide, "Setting up access to an Amazon S3 bucket", there is no condition on aws:SourceAccount. Another account cannot make
	// RDS assume the role, because iam:PassRole does not work across accounts.
	principal := awsiam.NewServicePrincipal(jsii.String("export.rds.amazonaws.com"), nil)
	return s.newRole("ExportRole", "Allows RDS to write exports to the bucket.", principal,
		actions(externalpolicy.ExportActions()).on(s.objects(workflow.ExportsPrefix+"*")),
		actions{"s3:ListBucket", "s3:GetBucketLocation"}.on(s.bucket.BucketArn()),
		// RDS encrypts with its own grant, but also requires the role to allow these actions (RDS API reference, StartExportTask).
		actions{"kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}.on(s.key.KeyArn()),
	)
}
