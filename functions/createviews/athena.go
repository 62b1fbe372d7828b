package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"golang.org/x/sync/errgroup"

	"snaplake/functions/internal/awserr"
)

const (
	// inFlight is how many statements run at a time. An account has 20 for statements that change the catalog; some are left
	// to others.
	inFlight = 15
	// tries is how often a statement is run that fails for a reason of Athena's own.
	tries = 3
	// pollInterval makes 60 calls a second of GetQueryExecution for 15 statements in flight, of 100 that Athena permits.
	pollInterval = 250 * time.Millisecond
	// retryDelay is the pause before a statement is run again.
	retryDelay = time.Second
)

// Athena is what CreateViews needs of the Athena client.
type Athena interface {
	StartQueryExecution(context.Context, *athena.StartQueryExecutionInput, ...func(*athena.Options)) (*athena.StartQueryExecutionOutput, error)
	GetQueryExecution(context.Context, *athena.GetQueryExecutionInput, ...func(*athena.Options)) (*athena.GetQueryExecutionOutput, error)
	GetQueryResults(context.Context, *athena.GetQueryResultsInput, ...func(*athena.Options)) (*athena.GetQueryResultsOutput, error)
}

// refusal is why Athena did not make a view.
type refusal struct {
	reason string
	// passes is true when the failure is Athena's own and may be gone later.
	passes bool
}

func (r *refusal) Error() string { return r.reason }

// makeViews makes views, several at a time and in their order, for as long as more says so. It returns how many it began with, all of
// which have come to an end, and those that Athena refused, by their names. The error is of another kind, such as a permission that is
// missing: no view can be made then.
func (h *Handler) makeViews(ctx context.Context, database string, views []*view, more func() bool) (tried int, refused map[string]*refusal, err error) {
	var mu sync.Mutex
	refused = map[string]*refusal{}
	slots := make(chan struct{}, inFlight)
	group, ctx := errgroup.WithContext(ctx)
	for _, v := range views {
		slots <- struct{}{} // waits for one to end, during which the answer of more may change
		if !more() {
			break
		}
		tried++
		group.Go(func() error {
			defer func() { <-slots }()
			_, err := h.run(ctx, database, v.statement(database))
			if r, ok := errors.AsType[*refusal](err); ok {
				mu.Lock()
				defer mu.Unlock()
				refused[v.name] = r
				return nil
			}
			if err != nil {
				return fmt.Errorf("make view %q: %w", v.name, err)
			}
			return nil
		})
	}
	return tried, refused, group.Wait()
}

// run runs one statement to its end. The error is a [refusal] when that is no good one.
func (h *Handler) run(ctx context.Context, database, sql string) (id string, err error) {
	for try := 1; ; try++ {
		id, err := h.start(ctx, database, sql)
		if err != nil {
			return "", err
		}
		status, err := h.wait(ctx, id)
		if err != nil {
			return "", err
		}
		if status.State == types.QueryExecutionStateSucceeded {
			return id, nil
		}
		if try == tries || !isPassing(status) {
			return "", &refusal{reasonOf(status), isPassing(status)}
		}
		if err := h.pause(ctx, retryDelay); err != nil {
			return "", err
		}
	}
}

// answer is what a query that gives a number, or no row at all, was answered with.
type answer struct {
	columns []string
	// n is the number in the first row, 0 when there is none.
	n int64
}

// answer runs a query. The error is a [refusal] when Athena does not answer it.
func (h *Handler) answer(ctx context.Context, database, sql string) (answer, error) {
	id, err := h.run(ctx, database, sql)
	if err != nil {
		return answer{}, err
	}
	out, err := h.Athena.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	if err != nil {
		return answer{}, fmt.Errorf("read the results of statement %s: %w", id, err)
	}
	return answerOf(out.ResultSet)
}

// answerOf reads a result, whose first row is the columns' names once more.
func answerOf(r *types.ResultSet) (answer, error) {
	var a answer
	for _, c := range r.ResultSetMetadata.ColumnInfo {
		a.columns = append(a.columns, aws.ToString(c.Name))
	}
	if len(r.Rows) < 2 {
		return a, nil
	}
	var err error
	if a.n, err = strconv.ParseInt(aws.ToString(r.Rows[1].Data[0].VarCharValue), 10, 64); err != nil {
		return a, fmt.Errorf("read the number that Athena answered: %w", err)
	}
	return a, nil
}

// startsPerSecond is how many statements may be started in a second, and startsAtOnce how many after a while without any: Athena
// permits 80, of which some are left to others (Athena guide, "Service Quotas").
const (
	startsPerSecond = 20
	startsAtOnce    = 60
)

// start starts a statement, as soon as Athena has room for it.
//
// The SDK gives each call a ClientRequestToken of its own. It must not be made of the statement: Athena answers a token that
// it knows with the execution that it belongs to, and so a redrive would get the old failure.
func (h *Handler) start(ctx context.Context, database, sql string) (id string, err error) {
	if err := h.starts.Wait(ctx); err != nil {
		return "", err
	}
	out, err := h.Athena.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString:           &sql,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &database},
		WorkGroup:             &h.Config.Name,
	})
	switch {
	case awserr.Code(err) == "InvalidRequestException":
		return "", &refusal{reason: awserr.Message(err)}
	case err != nil:
		return "", fmt.Errorf("start a statement in workgroup %q: %w", h.Config.Name, err)
	}
	return aws.ToString(out.QueryExecutionId), nil
}

// wait waits until a statement has come to an end, whichever it is.
func (h *Handler) wait(ctx context.Context, id string) (*types.QueryExecutionStatus, error) {
	for {
		if err := h.pause(ctx, pollInterval); err != nil {
			return nil, err
		}
		out, err := h.Athena.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return nil, fmt.Errorf("look at statement %s: %w", id, err)
		}
		switch status := out.QueryExecution.Status; status.State {
		case types.QueryExecutionStateSucceeded, types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return status, nil
		}
	}
}

// isPassing tells whether a failure is Athena's own (category 1 is "system") and may be gone the next time.
func isPassing(s *types.QueryExecutionStatus) bool {
	e := s.AthenaError
	return s.State == types.QueryExecutionStateFailed && e != nil && (e.Retryable || aws.ToInt32(e.ErrorCategory) == 1)
}

func reasonOf(s *types.QueryExecutionStatus) string {
	if s.State == types.QueryExecutionStateCancelled {
		return "somebody cancelled the statement"
	}
	if reason := aws.ToString(s.StateChangeReason); reason != "" {
		return reason
	}
	if s.AthenaError != nil && s.AthenaError.ErrorMessage != nil {
		return *s.AthenaError.ErrorMessage
	}
	return "Athena gives no reason"
}

// sleep is the pause of a handler that is no test's.
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
