package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// codeOf returns the error code of an AWS response, or "" if err is not one.
func codeOf(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// deniedCodes are the error codes of calls that IAM denies. S3 answers HeadBucket without a body, which the SDK turns into Forbidden.
var deniedCodes = []string{"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "Forbidden"}

// checkFailed returns the finding of a check that could not be made.
func (d *doctor) checkFailed(s subject, err error) []finding {
	if errors.Is(err, context.DeadlineExceeded) {
		return s.problem("not checked: no response from AWS within %s; check the network and try again", timeout)
	}
	if slices.Contains(deniedCodes, codeOf(err)) {
		return s.problem("not checked: missing permission %s; grant it to %s", permission(err), d.identity)
	}
	return s.problem("not checked: %s; try again", reason(err))
}

// reason returns the service's message in one line, without the SDK's description of the request.
func reason(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorMessage() != "" {
		text = e.ErrorCode() + ": " + e.ErrorMessage()
	}
	return strings.Join(strings.Fields(text), " ")
}

// permission returns the IAM action that the failed call needs.
func permission(err error) string {
	call, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return "for the service"
	}
	if call.OperationName == "HeadBucket" { // whose action has another name (Amazon S3 API reference, HeadBucket)
		return "s3:ListBucket"
	}
	return strings.ReplaceAll(strings.ToLower(call.ServiceID), " ", "") + ":" + call.OperationName
}
