package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func (d *doctor) checkCredentials(ctx context.Context) []finding {
	const s subject = "credentials"
	out, err := d.aws.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return s.problem("no valid credentials (%s); log in, or set AWS_PROFILE to a profile of account %s", reason(err), d.config.Account)
	}
	d.identity = aws.ToString(out.Arn)
	if account := aws.ToString(out.Account); account != d.config.Account {
		return s.problem("%s is in account %s, the configuration is for %s; set AWS_PROFILE to a profile of that account, or correct account",
			d.identity, account, d.config.Account)
	}
	return s.ok("%s", d.identity)
}
