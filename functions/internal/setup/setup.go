// Package setup starts a function with its environment variables, its configuration and its AWS credentials.
package setup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"

	"snaplake/functions/internal/metrics"
	"snaplake/workflow"
)

// Setup is what a function starts with.
type Setup struct {
	Config workflow.Config
	AWS    aws.Config
	Log    *slog.Logger
	// Metrics go to the standard output, as the log does.
	Metrics metrics.Recorder
	// Variables are the requested environment variables. None is empty.
	Variables map[string]string
}

// mount is where Lambda unpacks layers.
const mount = "/opt"

// Run passes invocations to a handler; it does not return. An unnamed error of a call to AWS gets one of the names that any state may
// raise. If something is missing at the start, each invocation returns that error: the execution then shows it, which it would not for a
// process that exits.
func Run[In, Out any](handler func(Setup) func(context.Context, In) (Out, error), variables ...string) {
	s, err := Read(os.Getenv, variables...)
	if err != nil {
		lambda.Start(func(context.Context, In) (out Out, _ error) { return out, err })
		return
	}
	lambda.Start(invocable(handler(s)))
}

// Source returns the source of an execution. The error is a [workflow.InvalidInput].
func Source(c workflow.Config, name string) (workflow.Source, error) {
	source, err := c.Source(name)
	if err != nil {
		return source, workflow.Errorf[workflow.InvalidInput](
			"%w", err)
	}
	return source, nil
}

// spare is the time reserved to report that the function ran out of time.
const spare = 5 * time.Second

// WithHeadroom returns a context that ends shortly before the function times out, so that a named error can be returned.
func WithHeadroom(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-spare))
}

// Read reads the environment. The error is a [workflow.Misconfigured]. The configuration is in /opt, or in the folder SNAPLAKE_LAYER, which
// only the local AWS sets.
func Read(getenv func(string) string, variables ...string) (Setup, error) {
	s := Setup{AWS: awsConfig(getenv), Log: lambdacontext.NewLogger(), Variables: map[string]string{}}
	var errs []error
	for _, name := range variables {
		if s.Variables[name] = getenv(name); s.Variables[name] == "" {
			errs = append(errs, fmt.Errorf("the environment variable %s is not set", name))
		}
	}
	dir := getenv("SNAPLAKE_LAYER")
	if dir == "" {
		dir = mount
	}
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
