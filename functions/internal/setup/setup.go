// Package setup gives a function what it works with: its variables, its configuration and its AWS credentials.
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

// Setup is what a function finds when it starts.
type Setup struct {
	Config workflow.Config
	AWS    aws.Config
	Log    *slog.Logger
	// Metrics go to the standard output, as the log does.
	Metrics metrics.Recorder
	// Variables are those that Read was asked for; none is empty.
	Variables map[string]string
}

// mount is where Lambda unpacks layers.
const mount = "/opt"

// Start makes a handler and hands it the invocations; it does not return. An error of the handler that has no name yet gets
// one of those that any state may raise. What is missing at the start is the answer to each invocation, since an execution
// shows that, and would show nothing but the end of a process that exits.
func Start[In, Out any](handler func(Setup) func(context.Context, In) (Out, error), variables ...string) {
	s, err := Read(os.Getenv, variables...)
	if err != nil {
		lambda.Start(func(context.Context, In) (out Out, _ error) { return out, err })
		return
	}
	lambda.Start(invocable(handler(s)))
}

// Source finds what an execution is about. The error is a [workflow.InvalidInput].
func Source(c workflow.Config, name string) (workflow.Source, error) {
	source, err := c.Source(name)
	if err != nil {
		return source, workflow.Errorf[workflow.InvalidInput](
			"%w", err)
	}
	return source, nil
}

// spare is what is left of a function's time to report that it was not enough.
const spare = 5 * time.Second

// LeaveTime makes a context that ends a little before the function's time does, so that a named error gets out.
func LeaveTime(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-spare))
}

// Read reads the environment; its error is a [workflow.Misconfigured]. The configuration is in the folder that SNAPLAKE_LAYER names, or in /opt: only a machine that is
// not Lambda, where nobody unpacks layers into /opt, sets that variable.
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
