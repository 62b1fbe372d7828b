package awserr_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"

	"snaplake/functions/internal/awserr"
)

func TestDecodesAnErrorBehindWrapping(t *testing.T) {
	err := fmt.Errorf("start export task: %w", &smithy.GenericAPIError{Code: "ExportTaskLimitReachedFault", Message: "five already"})
	if got := awserr.Code(err); got != "ExportTaskLimitReachedFault" {
		t.Errorf("Code = %q", got)
	}
	if got := awserr.Message(err); got != "five already" {
		t.Errorf("Message = %q", got)
	}
}

func TestAnErrorThatNoServiceSentHasNoCode(t *testing.T) {
	err := errors.New("connection refused")
	if got := awserr.Code(err); got != "" {
		t.Errorf("Code = %q", got)
	}
	if got := awserr.Message(err); got != "connection refused" {
		t.Errorf("Message = %q", got)
	}
}

func TestAnErrorWithoutAMessageKeepsItsText(t *testing.T) {
	err := fmt.Errorf("get object: %w", &smithy.GenericAPIError{Code: "NoSuchKey"})
	if got, want := awserr.Message(err), err.Error(); got != want {
		t.Errorf("Message = %q, want %q", got, want)
	}
}
