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

// checkBucket checks the existing bucket in the configuration.
func (d *doctor) checkBucket(ctx context.Context) []finding {
	const s subject = "bucket"
	name := d.config.Bucket[strings.LastIndex(d.config.Bucket, ":")+1:]
	region, err := d.bucketRegion(ctx, name)
	switch {
	case codeOf(err) == "NotFound" || codeOf(err) == "NoSuchBucket":
		return s.problem("%s does not exist; correct the setting \"bucket\", or remove the setting so that make deploy creates a bucket", name)
	case err != nil:
		return d.checkFailed(s, err)
	case region != d.config.Region:
		return s.problem("%s is in %s, but RDS exports only to buckets in the snapshot's Region; use a bucket in %s",
			name, region, d.config.Region)
	}
	// Only the account that owns the bucket may read its policy. S3 returns MethodNotAllowed to all other accounts.
	_, err = s3.NewFromConfig(d.aws).GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
	if codeOf(err) == "MethodNotAllowed" {
		return s.note("%s belongs to another account, so its policy cannot be read; ask its owner to add these statements: %s"+
			" and, if versioning is enabled, these lifecycle rules: %s",
			name, externalpolicy.JSON(externalpolicy.Bucket(d.config)), externalpolicy.Lifecycle)
	}
	if err != nil && codeOf(err) != "NoSuchBucketPolicy" {
		return d.checkFailed(s, err)
	}
	return slices.Concat(s.ok("%s in %s", name, d.config.Region), d.checkPublicAccess(ctx, name), d.checkVersions(ctx, name))
}

// bucketRegion returns the bucket's Region. S3 redirects requests for a bucket in a different Region, and names that Region in a header.
func (d *doctor) bucketRegion(ctx context.Context, name string) (string, error) {
	out, err := s3.NewFromConfig(d.aws).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
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
	out, err := s3.NewFromConfig(d.aws).GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name})
	if err != nil && codeOf(err) != "NoSuchPublicAccessBlockConfiguration" {
		return d.checkFailed(s, err)
	}
	if err == nil && out.PublicAccessBlockConfiguration != nil {
		b := out.PublicAccessBlockConfiguration
		settings := []*bool{b.BlockPublicAcls, b.IgnorePublicAcls, b.BlockPublicPolicy, b.RestrictPublicBuckets}
		if !slices.ContainsFunc(settings, func(on *bool) bool { return !aws.ToBool(on) }) {
			return s.ok("%s blocks all public access", name)
		}
	}
	return s.problem("%s does not block all public access; turn on \"Block all public access\"", name)
}

// checkVersions checks that versioning is off, or that lifecycle rules delete the noncurrent versions of exports and query results.
func (d *doctor) checkVersions(ctx context.Context, name string) []finding {
	const s subject = "bucket versions"
	out, err := s3.NewFromConfig(d.aws).GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name})
	if err != nil {
		return d.checkFailed(s, err)
	}
	if out.Status != types.BucketVersioningStatusEnabled {
		return s.ok("%s does not have versioning enabled", name)
	}
	rules, err := s3.NewFromConfig(d.aws).GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &name})
	if err != nil && codeOf(err) != "NoSuchLifecycleConfiguration" {
		return d.checkFailed(s, err)
	}
	for _, prefix := range []string{workflow.ExportsPrefix, workflow.ResultsPrefix} {
		if rules == nil || !slices.ContainsFunc(rules.Rules, func(r types.LifecycleRule) bool { return expiresVersions(r, prefix) }) {
			return s.problem("%s keeps deleted objects under %s as noncurrent versions; add these lifecycle rules: %s",
				name, prefix, externalpolicy.Lifecycle)
		}
	}
	return s.ok("%s expires noncurrent versions of exports and query results", name)
}

func expiresVersions(r types.LifecycleRule, prefix string) bool {
	return r.Status == types.ExpirationStatusEnabled && r.NoncurrentVersionExpiration != nil &&
		r.Filter != nil && r.Filter.And == nil && r.Filter.Tag == nil && strings.HasPrefix(prefix, aws.ToString(r.Filter.Prefix))
}
