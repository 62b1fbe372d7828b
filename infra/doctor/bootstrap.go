package main

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// What the CDK leaves where it has bootstrapped, and the version that it wants to find when it deploys; both stand in
// cdk.out/manifest.json.
const (
	bootstrapParameter = "/cdk-bootstrap/hnb659fds/version"
	bootstrapVersion   = 6
)

// ssmAPI reads parameters.
type ssmAPI interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

func (d *doctor) checkBootstrap(ctx context.Context) []line {
	const part = "CDK bootstrap"
	out, err := d.aws.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(bootstrapParameter)})
	if codeOf(err) == "ParameterNotFound" {
		return []line{fault.says(part, "the account is not bootstrapped in %s; run npx cdk bootstrap aws://%s/%[1]s", d.config.Region, d.config.Account)}
	}
	if err != nil {
		return []line{d.couldNotLook(part, err)}
	}
	version := aws.ToString(out.Parameter.Value)
	if n, err := strconv.Atoi(version); err != nil || n < bootstrapVersion {
		return []line{fault.says(part, "version %s is too old, %d is wanted; run npx cdk bootstrap aws://%s/%s", version, bootstrapVersion, d.config.Account, d.config.Region)}
	}
	return []line{ok.says(part, "version %s", version)}
}
