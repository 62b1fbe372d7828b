package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// checkCredentials checks that the caller's credentials are valid and belong to the configured account.
func (d *doctor) checkCredentials(ctx context.Context) []finding {
	const s subject = "credentials"
	out, err := sts.NewFromConfig(d.aws).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return s.problem("no valid credentials (%s); log in, or set AWS_PROFILE to a profile for account %s", reason(err), d.config.Account)
	}
	d.identity = aws.ToString(out.Arn)
	if account := aws.ToString(out.Account); account != d.config.Account {
		return s.problem("%s belongs to account %s, but the configuration is for account %s; "+
			"set AWS_PROFILE to a profile for that account, or correct the setting \"account\"", d.identity, account, d.config.Account)
	}
	return s.ok("%s", d.identity)
}

// codeOf returns the error code in an AWS error response, or "" if err is not such a response.
func codeOf(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// deniedCodes lists the error codes for calls that IAM denies. For HeadBucket, the SDK returns Forbidden, because the response has no body.
var deniedCodes = []string{"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "Forbidden"}

// checkFailed returns the finding for a check that failed with err.
func (d *doctor) checkFailed(s subject, err error) []finding {
	if errors.Is(err, context.DeadlineExceeded) {
		return s.problem("not checked: no response from AWS within %s; check the network and try again", timeout)
	}
	if slices.Contains(deniedCodes, codeOf(err)) {
		return s.problem("not checked: missing permission %s; grant it to %s", permission(err), d.identity)
	}
	return s.problem("not checked: %s; try again", reason(err))
}

// reason returns the service's error message on one line, without the SDK's description of the request.
func reason(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorMessage() != "" {
		text = e.ErrorCode() + ": " + e.ErrorMessage()
	}
	return strings.Join(strings.Fields(text), " ")
}

// permission returns the IAM action that the caller needs for the failed call.
func permission(err error) string {
	call, _ := errors.AsType[*smithy.OperationError](err) // the SDK wraps the errors of all calls in this type
	if call.OperationName == "HeadBucket" {               // requires an action with a different name (Amazon S3 API reference, HeadBucket)
		return "s3:ListBucket"
	}
	return strings.ReplaceAll(strings.ToLower(call.ServiceID), " ", "") + ":" + call.OperationName
}
