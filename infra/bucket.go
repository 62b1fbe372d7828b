package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// CreateViews writes announcements before it creates the views of an export, and publications afterwards.
const (
	publications  = workflow.ExportsPrefix + "*/" + workflow.PublishedFile
	announcements = workflow.ExportsPrefix + "*/" + workflow.PublishingFile
)

// Days after which S3 expires objects and uploads.
const (
	abandonedUploadDays = 7
	queryResultDays     = 7
)

// dataRemoval returns the removal policy of bucket and key. With DESTROY the user empties the bucket, which S3 otherwise does not delete.
func (s *stack) dataRemoval() awscdk.RemovalPolicy {
	if s.config.RetainData {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// newBucket creates the bucket, or imports the one in the configuration. It has no versioning, which would keep what Prune deletes.
func (s *stack) newBucket() awss3.IBucket {
	if s.config.Bucket != "" {
		return awss3.Bucket_FromBucketArn(s.cdk, jsii.String("LakeBucket"), &s.config.Bucket)
	}
	bucket := awss3.NewBucket(s.cdk, jsii.String("LakeBucket"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_KMS,
		EncryptionKey:     s.key,
		BucketKeyEnabled:  jsii.Bool(true), // otherwise each of the many files of an export costs a call to KMS
		EnforceSSL:        jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     s.dataRemoval(),
		LifecycleRules: &[]*awss3.LifecycleRule{
			{
				Id:                                  jsii.String("AbandonedUploads"),
				AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(abandonedUploadDays)),
			},
			{
				Id:         jsii.String("QueryResults"),
				Prefix:     jsii.String(workflow.ResultsPrefix),
				Expiration: awscdk.Duration_Days(jsii.Number(queryResultDays)),
			},
		},
	})
	bucket.Policy().ApplyRemovalPolicy(s.dataRemoval()) // a retained bucket stays TLS-only
	return bucket
}

// objects returns the ARN pattern of the objects below a prefix.
func (s *stack) objects(prefix string) *string {
	return s.bucket.ArnForObjects(jsii.String(prefix + "*"))
}

// publicationARNs returns the ARN pattern of the publications of all exports.
func (s *stack) publicationARNs() *string {
	return s.bucket.ArnForObjects(jsii.String(publications))
}

// location returns the S3 URI of a prefix.
func (s *stack) location(prefix string) *string {
	return s.bucket.S3UrlForObject(jsii.String(prefix))
}
