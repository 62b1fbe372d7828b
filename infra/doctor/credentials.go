package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// stsAPI tells whose credentials these are.
type stsAPI interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

func (d *doctor) checkCredentials(ctx context.Context) []line {
	const part = "credentials"
	out, err := d.aws.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return []line{fault.says(part, "there are none that work (%s); log in, or set AWS_PROFILE to a profile of account %s", reason(err), d.config.Account)}
	}
	d.identity = aws.ToString(out.Arn)
	if account := aws.ToString(out.Account); account != d.config.Account {
		return []line{fault.says(part, "%s is of account %s, and the configuration is for %s; set AWS_PROFILE to a profile of that account, or correct account",
			d.identity, account, d.config.Account)}
	}
	return []line{ok.says(part, "%s", d.identity)}
}
