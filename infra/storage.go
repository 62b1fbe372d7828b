package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// What lies where in the bucket.
const (
	// exportsPrefix is above every workflow.ExportPrefix.
	exportsPrefix = "exports/"
	resultsPrefix = "athena/"
)

// Days after which S3 removes what nobody needs any more.
const (
	abandonedUploadDays = 7
	queryResultDays     = 7
)

// newKey makes the key that everything in the bucket is encrypted with. Its key policy is CDK's default, which leaves the
// decision to IAM: each role of this stack says itself what it may do with the key. RDS exports under grants that StartExport's
// role may create.
func (l *lake) newKey() awskms.Key {
	return awskms.NewKey(l.stack, jsii.String("LakeKey"), &awskms.KeyProps{
		Alias:             jsii.String("alias/" + l.config.Name),
		Description:       jsii.String("Encrypts the exports and the query results of " + l.config.Name + "."),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN, // without it, what is in the retained bucket is lost
	})
}

// newBucket makes the bucket. It keeps no versions: an export can be made again from its snapshot, and a version would keep
// what Prune deleted.
func (l *lake) newBucket() awss3.Bucket {
	bucket := awss3.NewBucket(l.stack, jsii.String("LakeBucket"), &awss3.BucketProps{
		Encryption:        awss3.BucketEncryption_KMS,
		EncryptionKey:     l.key,
		BucketKeyEnabled:  jsii.Bool(true), // an export is many small files: else each costs a call to KMS
		EnforceSSL:        jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		ObjectOwnership:   awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		RemovalPolicy:     awscdk.RemovalPolicy_RETAIN,
		LifecycleRules: &[]*awss3.LifecycleRule{
			{
				Id:                                  jsii.String("AbandonedUploads"),
				AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(abandonedUploadDays)),
			},
			{
				Id:         jsii.String("QueryResults"),
				Prefix:     jsii.String(resultsPrefix),
				Expiration: awscdk.Duration_Days(jsii.Number(queryResultDays)),
			},
		},
	})
	bucket.Policy().ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN) // what is retained stays TLS only
	return bucket
}

// exportObjects are the ARNs of all objects of all exports.
func (l *lake) exportObjects() *string {
	return l.bucket.ArnForObjects(jsii.String(exportsPrefix + "*"))
}

// resultObjects are the ARNs of all of Athena's query results.
func (l *lake) resultObjects() *string {
	return l.bucket.ArnForObjects(jsii.String(resultsPrefix + "*"))
}
