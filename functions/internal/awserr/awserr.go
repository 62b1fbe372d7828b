// Package awserr tells which error an AWS service answered with.
package awserr

import (
	"errors"

	"github.com/aws/smithy-go"
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
