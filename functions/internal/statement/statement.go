// Package statement runs SQL statements in Athena concurrently, within the account's quotas, and reads the results of queries.
package statement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// MaxBytes is the maximum size of a statement (Athena guide, "Service Quotas").
const MaxBytes = 262144

// An account's quotas are 20 concurrent statements that change the catalog, 20 starts per second with a burst of 80, and 100 calls to
// GetQueryExecution per second (Athena guide, "Service Quotas"). The following limits leave part of these quotas to other clients.
const (
	// InFlight is the maximum number of concurrent statements.
	InFlight        = 15
	startsPerSecond = 20
	startsAtOnce    = 60
	// pollInterval results in 60 calls to GetQueryExecution per second for 15 statements.
	pollInterval = 250 * time.Millisecond
)

const (
	// attempts is the maximum number of times that a statement is run if its failures are transient.
	attempts = 3
	// retryDelay is the pause before a statement is run again or a throttled call is repeated.
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

// NewRunner returns a runner for a workgroup.
func NewRunner(client Client, workgroup string) *Runner {
	return &Runner{client, workgroup, rate.NewLimiter(startsPerSecond, startsAtOnce)}
}

// Failure is the error for a statement that Athena rejected or failed to run.
type Failure struct {
	Reason string
	// Transient is true if the failure is caused by Athena itself. The statement may then succeed later.
	Transient bool
}

func (f *Failure) Error() string { return f.Reason }

// Batch calls run(0) to run(n-1) in order, at most InFlight at a time, and stops early if more() returns false. Then it waits for all calls
// and returns how many it started, and the failure of each. Any other error ends the batch.
func Batch(ctx context.Context, n int, more func() bool, run func(ctx context.Context, i int) error) (
	started int, failures []*Failure, err error) {
	failures = make([]*Failure, n)
	slots := make(chan struct{}, InFlight)
	group, ctx := errgroup.WithContext(ctx)
	for i := range n {
		slots <- struct{}{} // wait for a slot before calling more
		if !more() {
			break
		}
		started++
		group.Go(func() error {
			defer func() { <-slots }()
			err := run(ctx, i)
			if errors.As(err, &failures[i]) {
				return nil
			}
			return err
		})
	}
	return started, failures, group.Wait()
}

// Run runs a statement, waits until it has ended, and returns its execution ID. The error is a [*Failure] unless a call to Athena failed.
func (r *Runner) Run(ctx context.Context, database, sql string) (id string, err error) {
	for attempt := 1; ; attempt++ {
		id, err := r.start(ctx, database, sql)
		if err != nil {
			return "", err
		}
		status, err := r.wait(ctx, id)
		switch {
		case err != nil:
			return "", err
		case status.State == types.QueryExecutionStateSucceeded:
			return id, nil
		case attempt == attempts || !isTransient(status):
			return "", &Failure{reasonOf(status), isTransient(status)}
		}
		if err := sleep(ctx, retryDelay); err != nil {
			return "", err
		}
	}
}

// start starts a statement as soon as the quota permits.
//
// The SDK sends a new ClientRequestToken with each call. The token must not depend on the statement. Otherwise Athena would return the
// earlier execution, and a redrive would fail with the old error.
func (r *Runner) start(ctx context.Context, database, sql string) (id string, err error) {
	out, err := retryThrottled(ctx, func() (*athena.StartQueryExecutionOutput, error) {
		if err := r.starts.Wait(ctx); err != nil {
			return nil, err
		}
		return r.client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
			QueryString:           &sql,
			QueryExecutionContext: &types.QueryExecutionContext{Database: &database},
			WorkGroup:             &r.workgroup,
		})
	})
	switch {
	case awserr.Code(err) == "InvalidRequestException":
		return "", &Failure{Reason: awserr.Message(err)}
	case err != nil:
		return "", fmt.Errorf("start a statement in workgroup %q: %w", r.workgroup, err)
	}
	return aws.ToString(out.QueryExecutionId), nil
}

func (r *Runner) wait(ctx context.Context, id string) (*types.QueryExecutionStatus, error) {
	for {
		if err := sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
		out, err := retryThrottled(ctx, func() (*athena.GetQueryExecutionOutput, error) {
			return r.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
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

// Query is a query that returns one number, or no rows.
type Query struct {
	SQL string
	// Subject describes what the query checks. It is used in errors.
	Subject string
	// Succeeded is called with the result. If Athena rejects the query, Rejected is called instead, with Athena's reason.
	Succeeded func(Result)
	Rejected  func(reason string)
}

// Result is the result of a [Query].
type Result struct {
	Columns []string
	// Number is 0 if the query returned no rows.
	Number int64
}

// RunQueries runs all queries, and then calls the function Succeeded or Rejected of each query in order. The error is a
// [workflow.Unavailable] if a query failed because of Athena itself.
func (r *Runner) RunQueries(ctx context.Context, database string, queries []Query) error {
	results := make([]Result, len(queries))
	_, failures, err := Batch(ctx, len(queries), func() bool { return true }, func(ctx context.Context, i int) error {
		id, err := r.Run(ctx, database, queries[i].SQL)
		if err == nil {
			results[i], err = r.read(ctx, id)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("query database %q: %w", database, err)
	}
	for i, q := range queries {
		switch f := failures[i]; {
		case f == nil:
			q.Succeeded(results[i])
		case f.Transient:
			return workflow.Errorf[workflow.Unavailable](
				"the views of database %q were not changed, because Athena could not check %s: %.800s", database, q.Subject, f.Reason)
		default:
			q.Rejected(f.Reason)
		}
	}
	return nil
}

// read reads the result of a statement. The first row contains the names of the columns.
func (r *Runner) read(ctx context.Context, id string) (result Result, err error) {
	out, err := retryThrottled(ctx, func() (*athena.GetQueryResultsOutput, error) {
		return r.client.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	})
	if err == nil {
		for _, c := range out.ResultSet.ResultSetMetadata.ColumnInfo {
			result.Columns = append(result.Columns, aws.ToString(c.Name))
		}
		if rows := out.ResultSet.Rows; len(rows) > 1 {
			result.Number, err = strconv.ParseInt(aws.ToString(rows[1].Data[0].VarCharValue), 10, 64)
		}
	}
	if err != nil {
		return Result{}, fmt.Errorf("read the results of statement %s: %w", id, err)
	}
	return result, nil
}

// retryThrottled repeats a call while Athena throttles it or runs too many statements (TooManyRequestsException). The SDK retries only for
// a few seconds, but other clients may use up the quota for longer.
func retryThrottled[Out any](ctx context.Context, call func() (Out, error)) (Out, error) {
	for {
		out, err := call()
		if retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) != aws.TrueTernary {
			return out, err
		}
		if err := sleep(ctx, retryDelay); err != nil {
			return out, err
		}
	}
}

// isTransient reports whether a failure is caused by Athena itself. The error category 1 means "system".
func isTransient(s *types.QueryExecutionStatus) bool {
	e := s.AthenaError
	return s.State == types.QueryExecutionStateFailed && e != nil && (e.Retryable || aws.ToInt32(e.ErrorCategory) == 1)
}

func reasonOf(s *types.QueryExecutionStatus) string {
	if s.State == types.QueryExecutionStateCancelled {
		return "the statement was cancelled"
	}
	reason := aws.ToString(s.StateChangeReason)
	if reason == "" && s.AthenaError != nil {
		reason = aws.ToString(s.AthenaError.ErrorMessage)
	}
	return cmp.Or(reason, "Athena gave no reason")
}

var position = regexp.MustCompile(`\bline (\d+):(\d+)\b`)

// Locate returns Athena's reason and the line of the statement that the reason refers to ("line 3:8: ..."), or the first line if it refers
// to none. Both are truncated, so that a list of such results fits into a cause in Step Functions, which is limited to 32,768 characters. A
// permission error is not truncated.
func Locate(reason, sql string) string {
	lines := strings.Split(sql, "\n")
	line := lines[0]
	if m := position.FindStringSubmatch(reason); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			line = strings.TrimSpace(lines[n-1])
		}
	}
	return fmt.Sprintf("%.800s, in: %.160s", reason, line)
}

// ShiftLines subtracts a number of lines from the line numbers in Athena's reason.
func ShiftLines(reason string, lines int) string {
	return position.ReplaceAllStringFunc(reason, func(at string) string {
		m := position.FindStringSubmatch(at)
		n, err := strconv.Atoi(m[1])
		if err != nil || n <= lines {
			return at
		}
		return fmt.Sprintf("line %d:%s", n-lines, m[2])
	})
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
