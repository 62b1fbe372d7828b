package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"snaplake/workflow"
)

// What CreateViews writes into the folders of exports.
const (
	publications  = workflow.ExportsPrefix + "*/" + workflow.PublishedFile
	announcements = workflow.ExportsPrefix + "*/" + workflow.PublishingFile
)

// Days after which S3 removes what nobody needs any more.
const (
	abandonedUploadDays = 7
	queryResultDays     = 7
)

// dataRemoval is what becomes of the data when the stack is deleted. S3 deletes no bucket that has something in it: to delete
// the data as well is left to a person.
func (l *lake) dataRemoval() awscdk.RemovalPolicy {
	if l.config.RetainData {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// lakeBucket makes the bucket, or takes the one that the configuration names. It keeps no versions: an export can be made again
// from its snapshot, and a version would keep what Prune deleted.
func (l *lake) lakeBucket() awss3.IBucket {
	if l.config.Bucket != "" {
		return awss3.Bucket_FromBucketArn(l.stack, jsii.String("LakeBucket"), &l.config.Bucket)
	}
	bucket := awss3.NewBucket(l.stack, jsii.String("LakeBucket"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_KMS,
		EncryptionKey:     l.key,
		BucketKeyEnabled:  jsii.Bool(true), // an export is many small files: else each costs a call to KMS
		EnforceSSL:        jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     l.dataRemoval(),
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
	bucket.Policy().ApplyRemovalPolicy(l.dataRemoval()) // what is retained stays TLS only
	return bucket
}

// objects are the ARNs of all objects below a prefix.
func (l *lake) objects(prefix string) *string {
	return l.bucket.ArnForObjects(jsii.String(prefix + "*"))
}

// publicationARNs are those of the publications of all exports.
func (l *lake) publicationARNs() *string {
	return l.bucket.ArnForObjects(jsii.String(publications))
}

// location is a prefix of the bucket as Athena and Glue write it.
func (l *lake) location(prefix string) *string {
	return l.bucket.S3UrlForObject(jsii.String(prefix))
}
