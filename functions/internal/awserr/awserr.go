// Package awserr tells what an AWS service answered with, when it was an error.
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

// Code is the error code of an AWS service's answer, or "" when err is no such answer.
//
// It compares better than the SDK's types: some codes are in no API model (ExportTaskLimitReachedFault), and of others the
// type has another name (the code ExportTaskAlreadyExists is types.ExportTaskAlreadyExistsFault).
func Code(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// Message is what the service says about the error, without the SDK's account of the request; the text of err when err is no
// service's answer or says nothing.
func Message(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok && e.ErrorMessage() != "" {
		return e.ErrorMessage()
	}
	return err.Error()
}

// timedOut is Glue's answer that it took too long (Glue API reference, "Exceptions"). It passes as throttling does, and is
// the one such code that the SDK does not know.
const timedOut = "OperationTimeoutException"

// Passes tells whether a service's answer is of the kind that passes by itself: throttling, or an error of the service's own.
// By the time that a caller sees it, the SDK has tried again. It is false for an error that is no answer.
func Passes(err error) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && (e.ErrorFault() == smithy.FaultServer || e.ErrorCode() == timedOut ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary)
}

// Brief is err with the SDK's account of its request cut to the service, the operation, what came back and the request's ID:
//
//	describe the export: RDS DescribeExportTasks: Throttling: Rate exceeded (request 8c1f)
//
// What err wraps stays behind Unwrap. An error that no call led to is returned as it is.
func Brief(err error) error {
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

// answer is what came back of a request, or why nothing did.
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
