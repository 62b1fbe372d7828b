// Package statement runs SQL statements in Athena, several at a time and within the account's quotas, and reads the results of queries.
package statement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"snaplake/functions/internal/awserr"
)

// The quotas of an account (Athena guide, "Service Quotas"), of which some is left to other clients: 20 statements at a time that
// change the catalog, 20 starts per second with a burst of 80, 100 calls of GetQueryExecution per second.
const (
	// InFlight is the number of statements at a time.
	InFlight        = 15
	startsPerSecond = 20
	startsAtOnce    = 60
	// pollInterval makes 60 calls of GetQueryExecution per second for 15 statements.
	pollInterval = 250 * time.Millisecond
)

const (
	// attempts is how often a statement is run that fails for a transient reason.
	attempts = 3
	// retryDelay is the pause before a statement is run again, or a throttled call is repeated.
	retryDelay = time.Second
)

// Client is the part of the Athena client that runs statements.
type Client interface {
	StartQueryExecution(context.Context, *athena.StartQueryExecutionInput, ...func(*athena.Options)) (
		*athena.StartQueryExecutionOutput, error)
	GetQueryExecution(context.Context, *athena.GetQueryExecutionInput, ...func(*athena.Options)) (*athena.GetQueryExecutionOutput, error)
	GetQueryResults(context.Context, *athena.GetQueryResultsInput, ...func(*athena.Options)) (*athena.GetQueryResultsOutput, error)
}

// Runner runs statements in a workgroup.
type Runner struct {
	client    Client
	workgroup string
	starts    *rate.Limiter
}

// NewRunner makes a runner.
func NewRunner(client Client, workgroup string) *Runner {
	return &Runner{client, workgroup, rate.NewLimiter(startsPerSecond, startsAtOnce)}
}

// Failure is the error of a statement that Athena refused or failed to run.
type Failure struct {
	Reason string
	// Transient is true if the cause is Athena itself, so that the statement may succeed later.
	Transient bool
}

func (f *Failure) Error() string { return f.Reason }

// Batch calls run for the numbers from 0 to n-1, InFlight at a time and in their order, for as long as more reports true. It returns how
// many calls it began, all of which have ended, and their failures by their numbers. Any other error of run ends the batch.
func Batch(ctx context.Context, n int, more func() bool, run func(ctx context.Context, i int) error) (
	begun int, failures []*Failure, err error) {
	failures = make([]*Failure, n)
	slots := make(chan struct{}, InFlight)
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		slots <- struct{}{} // more is asked once there is room
		if !more() {
			break
		}
		begun++
		group.Go(func() error {
			defer func() { <-slots }()
			err := run(ctx, i)
			if errors.As(err, &failures[i]) {
				return nil
			}
			return err
		})
	}
	return begun, failures, group.Wait()
}

// Run runs a statement to its end and returns its identifier. The error is a [*Failure] unless Athena could not be called.
func (r *Runner) Run(ctx context.Context, database, sql string) (id string, err error) {
	for attempt := 1; ; attempt++ {
		id, err := r.start(ctx, database, sql)
		if err != nil {
			return "", err
		}
		status, err := r.wait(ctx, id)
		if err != nil {
			return "", err
		}
		if status.State == types.QueryExecutionStateSucceeded {
			return id, nil
		}
		if attempt == attempts || !isTransient(status) {
			return "", &Failure{reasonOf(status), isTransient(status)}
		}
		if err := sleep(ctx, retryDelay); err != nil {
			return "", err
		}
	}
}

// start starts a statement as soon as the quota permits.
//
// The SDK sends a new ClientRequestToken with each call. It must not depend on the statement: Athena answers a known token with the
// execution that it belongs to, so that a redrive would get the old failure.
func (r *Runner) start(ctx context.Context, database, sql string) (id string, err error) {
	var out *athena.StartQueryExecutionOutput
	err = untilRoom(ctx, func() (err error) {
		if err = r.starts.Wait(ctx); err != nil {
			return err
		}
		out, err = r.client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
			QueryString:           &sql,
			QueryExecutionContext: &types.QueryExecutionContext{Database: &database},
			WorkGroup:             &r.workgroup,
		})
		return err
	})
	switch {
	case awserr.Code(err) == "InvalidRequestException":
		return "", &Failure{Reason: awserr.Message(err)}
	case err != nil:
		return "", fmt.Errorf("start a statement in workgroup %q: %w", r.workgroup, err)
	}
	return aws.ToString(out.QueryExecutionId), nil
}

// wait polls a statement until it has ended.
func (r *Runner) wait(ctx context.Context, id string) (*types.QueryExecutionStatus, error) {
	for {
		if err := sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
		var out *athena.GetQueryExecutionOutput
		err := untilRoom(ctx, func() (err error) {
			out, err = r.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("poll statement %s: %w", id, err)
		}
		switch status := out.QueryExecution.Status; status.State {
		case types.QueryExecutionStateSucceeded, types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return status, nil
		}
	}
}

// untilRoom repeats a call while Athena throttles it, or has no room for another statement (TooManyRequestsException). The SDK has
// retried for some seconds by then, but other clients may use up the quota for longer.
func untilRoom(ctx context.Context, call func() error) error {
	for {
		err := call()
		if retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) != aws.TrueTernary {
			return err
		}
		if err := sleep(ctx, retryDelay); err != nil {
			return err
		}
	}
}

// isTransient reports whether the cause of a failure is Athena itself. Category 1 is "system".
func isTransient(s *types.QueryExecutionStatus) bool {
	e := s.AthenaError
	return s.State == types.QueryExecutionStateFailed && e != nil && (e.Retryable || aws.ToInt32(e.ErrorCategory) == 1)
}

func reasonOf(s *types.QueryExecutionStatus) string {
	if s.State == types.QueryExecutionStateCancelled {
		return "the statement was cancelled"
	}
	if reason := aws.ToString(s.StateChangeReason); reason != "" {
		return reason
	}
	if s.AthenaError != nil && s.AthenaError.ErrorMessage != nil {
		return *s.AthenaError.ErrorMessage
	}
	return "Athena gave no reason"
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
