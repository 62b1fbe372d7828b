package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"snaplake/infra/internal/externalpolicy"

	"snaplake/workflow"
)

// checkBucket checks a bucket that the stack does not create.
func (d *doctor) checkBucket(ctx context.Context) []finding {
	const s subject = "bucket"
	name := d.config.Bucket[strings.LastIndex(d.config.Bucket, ":")+1:]
	region, err := d.bucketRegion(ctx, name)
	switch {
	case codeOf(err) == "NotFound" || codeOf(err) == "NoSuchBucket":
		return s.problem("no bucket %s; correct bucket in the configuration, or remove it and run make deploy", name)
	case err != nil:
		return d.checkFailed(s, err)
	case region != d.config.Region:
		return s.problem("%s is in %s, but RDS exports only into the Region of the snapshot; use a bucket in %s", name, region, d.config.Region)
	}
	// S3 returns MethodNotAllowed to all accounts but the owner of the bucket.
	if _, err := d.aws.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name}); codeOf(err) == "MethodNotAllowed" {
		return s.note("%s belongs to another account, which hides its policy; its owner must add these statements: %s"+
			" and, if the bucket keeps versions, these lifecycle rules: %s",
			name, externalpolicy.JSON(externalpolicy.Bucket(d.config)), externalpolicy.Lifecycle)
	} else if err != nil && codeOf(err) != "NoSuchBucketPolicy" {
		return d.checkFailed(s, err)
	}
	return slices.Concat(s.ok("%s in %s", name, d.config.Region), d.checkPublicAccess(ctx, name), d.checkVersions(ctx, name))
}

// bucketRegion returns the bucket's Region, which S3 also names when it redirects a request to the wrong Region.
func (d *doctor) bucketRegion(ctx context.Context, name string) (string, error) {
	out, err := d.aws.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if response, is := errors.AsType[*smithyhttp.ResponseError](err); is && response.HTTPStatusCode() == http.StatusMovedPermanently {
		return response.Response.Header.Get("X-Amz-Bucket-Region"), nil
	}
	if err != nil {
		return "", err
	}
	return aws.ToString(out.BucketRegion), nil
}

// checkPublicAccess checks that no policy or ACL can make the exports public.
func (d *doctor) checkPublicAccess(ctx context.Context, name string) []finding {
	const s subject = "bucket access"
	out, err := d.aws.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name})
	if err != nil && codeOf(err) != "NoSuchPublicAccessBlockConfiguration" {
		return d.checkFailed(s, err)
	}
	block := &types.PublicAccessBlockConfiguration{}
	if out != nil && out.PublicAccessBlockConfiguration != nil {
		block = out.PublicAccessBlockConfiguration
	}
	for _, isOn := range []*bool{block.BlockPublicAcls, block.IgnorePublicAcls, block.BlockPublicPolicy, block.RestrictPublicBuckets} {
		if !aws.ToBool(isOn) {
			return s.problem("%s does not block all public access; turn on Block all public access", name)
		}
	}
	return s.ok("%s blocks all public access", name)
}

// checkVersions checks that a bucket with versioning does not keep what is deleted.
func (d *doctor) checkVersions(ctx context.Context, name string) []finding {
	const s subject = "bucket versions"
	out, err := d.aws.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name})
	if err != nil {
		return d.checkFailed(s, err)
	}
	if out.Status != types.BucketVersioningStatusEnabled {
		return s.ok("%s has no versioning", name)
	}
	rules, err := d.aws.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &name})
	if err != nil && codeOf(err) != "NoSuchLifecycleConfiguration" {
		return d.checkFailed(s, err)
	}
	for _, prefix := range []string{workflow.ExportsPrefix, workflow.ResultsPrefix} {
		if rules == nil || !slices.ContainsFunc(rules.Rules, func(r types.LifecycleRule) bool { return expiresVersions(r, prefix) }) {
			return s.problem("%s keeps deleted objects below %s as noncurrent versions; add these lifecycle rules: %s",
				name, prefix, externalpolicy.Lifecycle)
		}
	}
	return s.ok("%s expires noncurrent versions of exports and results", name)
}

func expiresVersions(r types.LifecycleRule, prefix string) bool {
	if r.Status != types.ExpirationStatusEnabled || r.NoncurrentVersionExpiration == nil {
		return false
	}
	return r.Filter != nil && r.Filter.And == nil && r.Filter.Tag == nil && strings.HasPrefix(prefix, aws.ToString(r.Filter.Prefix))
}
