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

	"snaplake/infra/internal/owner"
	"snaplake/workflow"
)

// s3API looks at a bucket.
type s3API interface {
	HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
	GetBucketPolicy(context.Context, *s3.GetBucketPolicyInput, ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error)
	GetBucketVersioning(context.Context, *s3.GetBucketVersioningInput, ...func(*s3.Options)) (*s3.GetBucketVersioningOutput, error)
	GetPublicAccessBlock(context.Context, *s3.GetPublicAccessBlockInput, ...func(*s3.Options)) (*s3.GetPublicAccessBlockOutput, error)
	GetBucketLifecycleConfiguration(context.Context, *s3.GetBucketLifecycleConfigurationInput, ...func(*s3.Options)) (*s3.GetBucketLifecycleConfigurationOutput, error)
}

// bucketUsers are the constructs of the roles that work on the bucket.
var bucketUsers = []string{"ExportRole", "CrawlerRole", "CheckExportFunctionRole", "StartExportFunctionRole", "StartCrawlerFunctionRole", "CreateViewsFunctionRole", "PruneFunctionRole", "RedashRole"}

func (d *doctor) checkBucket(ctx context.Context) []line {
	part := "bucket"
	name := d.bucket()
	region, err := d.bucketRegion(ctx, name)
	switch {
	case codeOf(err) == "NotFound" || codeOf(err) == "NoSuchBucket":
		return []line{fault.says(part, "there is no bucket %s; correct bucket in the configuration, or leave it out and run make deploy", name)}
	case err != nil:
		return []line{d.couldNotLook(part, err)}
	case region != d.config.Region:
		return []line{fault.says(part, "%s is in %s, and must be in %s: RDS exports into the Region of the snapshot only; give another bucket", name, region, d.config.Region)}
	}
	lines := d.checkBucketPolicy(ctx, part, name)
	if d.config.Bucket == "" || lines[0].kind == note { // the stack's own keeps no versions, and another account's does not say
		return lines
	}
	return slices.Concat(lines, d.checkPublicAccess(ctx, name), d.checkVersions(ctx, name))
}

// checkPublicAccess looks whether a policy or an ACL could make the exports public.
func (d *doctor) checkPublicAccess(ctx context.Context, name string) []line {
	const part = "bucket access"
	out, err := d.aws.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name})
	if err != nil && codeOf(err) != "NoSuchPublicAccessBlockConfiguration" {
		return []line{d.couldNotLook(part, err)}
	}
	if c := blockOf(out); !aws.ToBool(c.BlockPublicAcls) || !aws.ToBool(c.IgnorePublicAcls) || !aws.ToBool(c.BlockPublicPolicy) || !aws.ToBool(c.RestrictPublicBuckets) {
		return []line{fault.says(part, "%s does not block all public access; turn on Block all public access", name)}
	}
	return []line{ok.says(part, "%s blocks all public access", name)}
}

// blockOf is the configuration in an answer, if there is any.
func blockOf(out *s3.GetPublicAccessBlockOutput) types.PublicAccessBlockConfiguration {
	if out == nil || out.PublicAccessBlockConfiguration == nil {
		return types.PublicAccessBlockConfiguration{}
	}
	return *out.PublicAccessBlockConfiguration
}

// bucketRegion is where the bucket is. S3 says so also when it redirects the one who asked in the wrong Region.
func (d *doctor) bucketRegion(ctx context.Context, name string) (string, error) {
	out, err := d.aws.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if answer, is := errors.AsType[*smithyhttp.ResponseError](err); is && answer.HTTPStatusCode() == http.StatusMovedPermanently {
		return answer.Response.Header.Get("X-Amz-Bucket-Region"), nil
	}
	if err != nil {
		return "", err
	}
	return aws.ToString(out.BucketRegion), nil
}

// checkBucketPolicy looks whether the bucket keeps out the stack's own roles. It need not let them in: a role may do in its own
// account's buckets what its own policies allow. Another account's bucket does not show its policy.
func (d *doctor) checkBucketPolicy(ctx context.Context, part, name string) []line {
	out, err := d.aws.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
	switch {
	case codeOf(err) == "NoSuchBucketPolicy":
		return []line{ok.says(part, "%s in %s, without a policy", name, d.config.Region)}
	case codeOf(err) == "MethodNotAllowed": // S3's answer to the accounts that do not own the bucket
		return []line{note.says(part, "%s is another account's, whose policy cannot be seen from here; its owner has to have these statements in it: %s"+
			" and, if the bucket keeps versions, these lifecycle rules: %s", name, owner.JSON(owner.BucketPolicy(d.config)), owner.Lifecycle)}
	case err != nil:
		return []line{d.couldNotLook(part, err)}
	}
	policy, err := parsePolicy(aws.ToString(out.Policy))
	if err != nil {
		return []line{fault.says(part, "the policy of %s cannot be read: %v; correct it", name, err)}
	}
	var faults []line
	for _, user := range bucketUsers {
		role := d.roleARN(user)
		for _, action := range []string{"s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"} {
			if role != "" && policy.denies(role, action) {
				faults = append(faults, fault.says(part, "the policy of %s denies %s to %s; take the role out of that statement", name, action, roleName(role)))
				break
			}
		}
	}
	return orElse(faults, part, "%s in %s, its policy keeps none of the stack's roles out", name, d.config.Region)
}

// checkVersions looks whether the bucket keeps, as versions, what is deleted from it.
func (d *doctor) checkVersions(ctx context.Context, name string) []line {
	const part = "bucket versions"
	out, err := d.aws.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name})
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	if out.Status != types.BucketVersioningStatusEnabled {
		return []line{ok.says(part, "%s keeps none", name)}
	}
	rules, err := d.aws.s3.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: &name})
	if err != nil && codeOf(err) != "NoSuchLifecycleConfiguration" {
		return []line{d.couldNotLook(part, err)}
	}
	for _, prefix := range []string{workflow.ExportsPrefix, workflow.ResultsPrefix} {
		if rules == nil || !slices.ContainsFunc(rules.Rules, func(r types.LifecycleRule) bool { return expiresVersions(r, prefix) }) {
			return []line{fault.says(part, "%s keeps what is deleted below %s; add these lifecycle rules: %s", name, prefix, owner.Lifecycle)}
		}
	}
	return []line{ok.says(part, "%s deletes those of exports and results", name)}
}

func expiresVersions(r types.LifecycleRule, prefix string) bool {
	if r.Status != types.ExpirationStatusEnabled || r.NoncurrentVersionExpiration == nil || r.Filter == nil || r.Filter.And != nil || r.Filter.Tag != nil {
		return false
	}
	return strings.HasPrefix(prefix, aws.ToString(r.Filter.Prefix))
}
