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

// invocable is a handler as Lambda invokes it: it decodes what it is given, and its errors have names.
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

// classify gives an error of a call to AWS the name that the state machine knows it by, unless it has one already. An error that
// no call led to stays as it is: it is a mistake of ours, which nobody can give advice on beforehand.
func classify(err error) error {
	switch {
	case err == nil || workflow.IsNamed(err) || !isOfCall(err):
		return err
	case awserr.Code(err) == "" || awserr.Passes(err):
		return workflow.Errorf[workflow.Unavailable]("%w", awserr.Brief(err))
	default:
		return workflow.Errorf[workflow.CallRefused]("%w", awserr.Brief(err))
	}
}

// isOfCall tells whether a call to AWS led to err, or reading what it answered.
func isOfCall(err error) bool {
	_, isOperation := errors.AsType[*smithy.OperationError](err)
	return isOperation || awserr.Code(err) != "" || errors.Is(err, io.ErrUnexpectedEOF) ||
		retry.RetryableConnectionError{}.IsErrorRetryable(err) == aws.TrueTernary
}
