// Package awserr reads errors of AWS services: their codes, whether they are transient, and a short text.
package awserr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Code returns the error code of an AWS service, or "" if err is not from a service.
//
// Compare codes and not the SDK's types: some codes are in no API model (ExportTaskLimitReachedFault), and some types have another name
// (types.ExportTaskAlreadyExistsFault for the code ExportTaskAlreadyExists).
func Code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// Message returns the service's message without the SDK's description of the request, or the text of err if there is no message.
func Message(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorMessage() != "" {
		return e.ErrorMessage()
	}
	return err.Error()
}

// timedOut is Glue's code for an operation that took too long (Glue API reference, "Exceptions"). It is transient, and the only such code
// that the SDK does not know.
const timedOut = "OperationTimeoutException"

// IsTransient reports whether err is transient: throttling or a server-side error. The SDK has retried it already. It is false for an error that
// is not from a service.
func IsTransient(err error) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && (e.ErrorFault() == smithy.FaultServer || e.ErrorCode() == timedOut ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary)
}

// Summarize returns err with the SDK's description of the request shortened to the service, the operation, the answer and the request ID:
//
//	describe the export: RDS DescribeExportTasks: Throttling: Rate exceeded (request 8c1f)
//
// The result wraps err. An error that is not of a call is returned unchanged.
func Summarize(err error) error {
	op, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return err
	}
	told := fmt.Sprintf("%s %s: %s", op.ServiceID, op.OperationName, answer(op.Err))
	return brief{text: strings.Replace(err.Error(), op.Error(), told, 1), err: err}
}

type brief struct {
	text string
	err  error
}

func (b brief) Error() string { return b.text }
func (b brief) Unwrap() error { return b.err }

// answer returns what a request was answered, or why there was no answer.
func answer(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		text := e.ErrorCode()
		if e.ErrorMessage() != "" {
			text += ": " + e.ErrorMessage()
		}
		if r, ok := errors.AsType[interface {
			error
			ServiceRequestID() string
		}](err); ok && r.ServiceRequestID() != "" {
			text += " (request " + r.ServiceRequestID() + ")"
		}
		return text
	}
	if e, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return e.Err.Error()
	}
	if e, ok := errors.AsType[*retry.MaxAttemptsError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}
