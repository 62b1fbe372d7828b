// Package setup starts a Lambda function with its environment variables, its configuration and its AWS credentials.
package setup

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/metrics"
	"snaplake/workflow"
)

// Setup holds what every function needs.
type Setup struct {
	Config  workflow.Config
	AWS     aws.Config
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket contains the exports.
	Bucket string
	// Variables holds the requested environment variables. None of them is empty.
	Variables map[string]string
}

// Handler handles one invocation of a function.
type Handler[In, Out any] = func(context.Context, In) (Out, error)

// Run passes invocations to a handler and does not return. If something is missing at startup, every invocation returns an error
// that names it. If the process exited instead, the execution would not show the cause.
func Run[In, Out any](newHandler func(Setup) Handler[In, Out], variables ...string) {
	s, err := Read(os.Getenv, variables...)
	if err != nil {
		lambda.Start(func(context.Context, In) (out Out, _ error) { return out, err })
		return
	}
	lambda.Start(invocable(newHandler(s)))
}

// Read reads the environment. The error is a [workflow.Misconfigured]. The configuration is in /opt, where Lambda unpacks layers, or in the
// folder that SNAPLAKE_LAYER names. Only the local AWS sets that variable.
func Read(getenv func(string) string, variables ...string) (Setup, error) {
	s := Setup{AWS: awsConfig(getenv), Log: lambdacontext.NewLogger(), Bucket: getenv("BUCKET"), Variables: map[string]string{}}
	var errs []error
	for _, name := range variables {
		if s.Variables[name] = getenv(name); s.Variables[name] == "" {
			errs = append(errs, fmt.Errorf("the environment variable %s is not set", name))
		}
	}
	dir := cmp.Or(getenv("SNAPLAKE_LAYER"), "/opt")
	var err error
	if s.Config, err = workflow.ReadLayer(os.DirFS(dir)); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", dir, err))
	}
	s.Metrics = metrics.Recorder{Pipeline: s.Config.Name, Out: os.Stdout, Now: time.Now}
	if len(errs) > 0 {
		return s, workflow.Errorf[workflow.Misconfigured]("%w", errors.Join(errs...))
	}
	return s, nil
}

// awsConfig reads the variables that Lambda sets: the Region and the credentials of the function's role, which do not change during the
// life of the process (Lambda guide, "Working with Lambda environment variables"). The SDK's LoadDefaultConfig also supports files,
// single sign-on and EC2, which makes every binary larger and slower to start. The other fields have the defaults of LoadDefaultConfig.
// Only the local AWS sets AWS_ENDPOINT_URL.
func awsConfig(getenv func(string) string) aws.Config {
	c := aws.Config{
		Region: getenv("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			getenv("AWS_ACCESS_KEY_ID"), getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
		Logger:                     logging.NewStandardLogger(os.Stderr),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if endpoint := getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		c.BaseEndpoint = &endpoint
	}
	return c
}

// invocable returns a handler for Lambda that decodes the payload, rejects a state of another version, and returns named errors.
func invocable[In, Out any](handle Handler[In, Out]) Handler[json.RawMessage, Out] {
	return func(ctx context.Context, payload json.RawMessage) (out Out, _ error) {
		var in In
		if err := json.Unmarshal(payload, &in); err != nil {
			return out, workflow.Errorf[workflow.InvalidInput]("%w", workflow.PlainJSON(err))
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

// classify returns a named error if an AWS call failed or its response could not be read. It returns any other error unchanged, because the
// error is already named or results from a bug.
func classify(err error) error {
	_, isCall := errors.AsType[*smithy.OperationError](err)
	isCall = isCall || awserr.Code(err) != "" || errors.Is(err, io.ErrUnexpectedEOF) ||
		retry.RetryableConnectionError{}.IsErrorRetryable(err) == aws.TrueTernary
	switch {
	case workflow.IsNamed(err) || !isCall:
		return err
	case awserr.Code(err) == "" || awserr.IsTransient(err):
		return workflow.Errorf[workflow.Unavailable]("%w", awserr.Summarize(err))
	default:
		return workflow.Errorf[workflow.CallRefused]("%w", awserr.Summarize(err))
	}
}

// Source returns a source from the configuration. The error is a [workflow.InvalidInput] if the source is unknown.
func Source(c workflow.Config, name string) (workflow.Source, error) {
	source, err := c.Source(name)
	if err != nil {
		return source, workflow.Errorf[workflow.InvalidInput]("%w", err)
	}
	return source, nil
}

// Require returns the execution's source. The error is a [workflow.InvalidInput] if the source is unknown, or if the argument
// part is nil because the state does not contain this part. The argument name is the part's name in the error.
func Require[Part any](c workflow.Config, state workflow.State, name string, part *Part) (workflow.Source, error) {
	source, err := Source(c, state.Source)
	if err == nil && part == nil {
		err = workflow.Errorf[workflow.InvalidInput]("source %q: the state has no %s", state.Source, name)
	}
	return source, err
}

// WithHeadroom returns a context that ends 5 seconds before the function times out, in time to return a named error.
func WithHeadroom(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-5*time.Second))
}
