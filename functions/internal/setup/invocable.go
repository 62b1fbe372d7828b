package setup

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// invocable returns a handler for Lambda: it decodes the payload, refuses another version of the state, and names errors.
func invocable[In, Out any](handle func(context.Context, In) (Out, error)) func(context.Context, json.RawMessage) (Out, error) {
	return func(ctx context.Context, payload json.RawMessage) (out Out, _ error) {
		var in In
		if err := json.Unmarshal(payload, &in); err != nil {
			return out, workflow.Errorf[workflow.InvalidInput](
				`%w`, workflow.PlainJSON(err))
		}
		if r, ok := any(in).(interface{ CheckVersion() error }); ok {
			if err := r.CheckVersion(); err != nil {
				return out, err
			}
		}
		out, err := handle(ctx, in)
		return out, classify(err)
	}
}

// classify returns a named error for an error of a call to AWS, unless it is named already. Any other error is a bug, and is returned
// unchanged.
func classify(err error) error {
	switch {
	case err == nil || workflow.IsNamed(err) || !isOfCall(err):
		return err
	case awserr.Code(err) == "" || awserr.IsTransient(err):
		return workflow.Errorf[workflow.Unavailable]("%w", awserr.Summarize(err))
	default:
		return workflow.Errorf[workflow.CallRefused]("%w", awserr.Summarize(err))
	}
}

// isOfCall reports whether err is from a call to AWS, or from reading its answer.
func isOfCall(err error) bool {
	_, isOperation := errors.AsType[*smithy.OperationError](err)
	return isOperation || awserr.Code(err) != "" || errors.Is(err, io.ErrUnexpectedEOF) ||
		retry.RetryableConnectionError{}.IsErrorRetryable(err) == aws.TrueTernary
}
