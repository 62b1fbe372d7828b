package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// codeOf is the error code of an AWS service's answer, or "" when err is no such answer.
func codeOf(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// deniedCodes are the services' words for a call that IAM does not allow. Forbidden is what the SDK makes of S3's answer to
// HeadBucket, which has no body.
var deniedCodes = []string{"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "Forbidden"}

// couldNotLook is a check that could not be made. The one who reads it may have to allow the doctor a call.
func (d *doctor) couldNotLook(part string, err error) line {
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.says(part, "AWS has not answered within %s; see whether this machine reaches it, and try again", patience)
	}
	if slices.Contains(deniedCodes, codeOf(err)) {
		return fault.says(part, "could not be looked at: these credentials may not call %s; allow it to %s", permission(err), d.identity)
	}
	return fault.says(part, "could not be looked at: %s; try again", reason(err))
}

// reason is what the service says, without the SDK's account of the request, in one line.
func reason(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorMessage() != "" {
		text = e.ErrorCode() + ": " + e.ErrorMessage()
	}
	return strings.Join(strings.Fields(text), " ")
}

// permission names the action that the failed call needs.
func permission(err error) string {
	call, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return "the service"
	}
	// The one operation here whose permission has another name (Amazon S3 API reference, HeadBucket).
	if call.OperationName == "HeadBucket" {
		return "s3:ListBucket"
	}
	service := strings.ReplaceAll(strings.ToLower(call.ServiceID), " ", "")
	if service == "sfn" {
		service = "states"
	}
	return service + ":" + call.OperationName
}
