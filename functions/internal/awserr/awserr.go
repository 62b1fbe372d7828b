// Package awserr inspects errors from AWS calls: it returns their codes, reports whether they are transient, and shortens their messages.
package awserr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Code returns the AWS error code in err, or "" if err does not contain one.
//
// Compare codes rather than the SDK's types: some codes are not in the API model (ExportTaskLimitReachedFault), and the names of some types
// differ from the error codes (types.ExportTaskAlreadyExistsFault for ExportTaskAlreadyExists).
func Code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// Message returns the service's message without the SDK's description of the request, or err.Error() if there is no message.
func Message(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorMessage() != "" {
		return e.ErrorMessage()
	}
	return err.Error()
}

// IsTransient reports whether a service returned a transient error: throttling or a server-side error. The SDK has already retried the
// call, except after Glue's OperationTimeoutException (Glue API reference, "Exceptions"), which the SDK does not classify as transient.
func IsTransient(err error) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && (e.ErrorFault() == smithy.FaultServer || e.ErrorCode() == "OperationTimeoutException" ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary)
}

// Summarize shortens the SDK's description of a failed call but keeps the service, the operation, the response and the request ID:
//
//	describe the export: RDS DescribeExportTasks: Throttling: Rate exceeded (request 8c1f)
//
// The result wraps err. An error that does not come from a call is returned unchanged.
func Summarize(err error) error {
	op, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return err
	}
	short := fmt.Sprintf("%s %s: %s", op.ServiceID, op.OperationName, response(op.Err))
	return summary{text: strings.Replace(err.Error(), op.Error(), short, 1), err: err}
}

type summary struct {
	text string
	err  error
}

func (s summary) Error() string { return s.text }
func (s summary) Unwrap() error { return s.err }

// response returns the service's error, or the reason why the service did not respond.
func response(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		text := e.ErrorCode()
		if e.ErrorMessage() != "" {
			text += ": " + e.ErrorMessage()
		}
		if r, ok := errors.AsType[*awshttp.ResponseError](err); ok && r.ServiceRequestID() != "" {
			text += " (request " + r.ServiceRequestID() + ")"
		}
		return text
	}
	if e, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
