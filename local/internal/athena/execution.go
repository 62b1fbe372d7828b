package athena

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Limits of Athena (Athena User Guide, "Service Quotas").
const (
	maxQueryBytes = 262144
	maxActiveDDL  = 20
)

// history is the period for which Athena keeps a finished query (Athena User Guide, "View query history").
const history = 45 * 24 * time.Hour

const (
	queued    = "QUEUED"
	running   = "RUNNING"
	succeeded = "SUCCEEDED"
	failed    = "FAILED"
	cancelled = "CANCELLED"
)

// stopped is the StateChangeReason of a query that StopQueryExecution cancelled.
const stopped = "Query cancelled by user"

// errStopped is the error of a query that a fault cancels.
var errStopped = errors.New("stopped")

// execution is a query execution. Its times come from the service's clock.
type execution struct {
	id      string
	request startRequest
	// sql is the query string with the execution parameters.
	sql       string
	statement statement
	workGroup WorkGroup
	database  string
	// output is the location of the result in S3.
	output     location
	encryption *Encryption
	// caller is the principal that started the query.
	caller iam.Caller
	// maxAge is the maximum age of a result that may be reused, or negative if the query must run.
	maxAge time.Duration
	// unbound is the error if the number of execution parameters is wrong, or nil.
	unbound error
	cancel  context.CancelFunc
	// fault is the kind of failure that is injected into the query, or "" for none.
	fault fault.Kind

	state                        string
	reason                       string
	athenaError                  *athenaError
	submitted, started, finished time.Time
	result                       result
	// reused is true if the result comes from a previous query.
	reused bool
}

// startRequest holds the parameters of StartQueryExecution.
type startRequest struct {
	QueryString              string
	ClientRequestToken       string
	QueryExecutionContext    queryContext
	ResultConfiguration      resultConfiguration
	ResultReuseConfiguration *reuseConfiguration
	ExecutionParameters      []string
	WorkGroup                string
}

// isSame reports whether Athena treats a request with the same token as a retry. Athena does not compare the other parameters (measured,
// aoyagikouhei/athena-local, docs/dev/measurements/client-request-token.md).
func (in startRequest) isSame(as startRequest) bool {
	return in.QueryString == as.QueryString && in.QueryExecutionContext == as.QueryExecutionContext &&
		in.ResultConfiguration.OutputLocation == as.ResultConfiguration.OutputLocation
}

type queryContext struct {
	Catalog  string `json:",omitempty"`
	Database string `json:",omitempty"`
}

type startOutput struct{ QueryExecutionId string }

// startQueryExecution starts a query that runs with the caller's permissions.
func (s *Service) startQueryExecution(ctx context.Context, in startRequest) (startOutput, error) {
	e, err := s.newExecution(ctx, in)
	if err != nil {
		return startOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropHistory()
	if first := s.tokens[in.ClientRequestToken]; first != nil {
		if !first.request.isSame(in) {
			return startOutput{}, refused("IDEMPOTENT_PARAMETER_MISMATCH",
				"Idempotent parameters do not match: the ClientRequestToken %s was used for another query", in.ClientRequestToken)
		}
		return startOutput{first.id}, nil
	}
	if s.reuse(ctx, e) {
		return startOutput{e.id}, nil
	}
	if e.isDDL() && s.activeDDL >= maxActiveDDL {
		return startOutput{}, &wire.Error{
			Code: "TooManyRequestsException",
			Message: fmt.Sprintf("You have exceeded the limit for the number of queries you can run concurrently: %d DDL queries are active. "+
				"Please reduce the number of concurrent queries submitted by this account.", maxActiveDDL),
			Fields: map[string]string{"Reason": "CONCURRENT_QUERY_LIMIT_EXCEEDED"},
		}
	}
	if e.statement.verb == createView {
		e.fault = s.options.Faults.View(e.statement.name.table)
	}
	ctx, cancel := context.WithCancel(onBehalfOf(s.ctx, iam.CallerOf(ctx)))
	ctx, release := s.options.Clock.Hold(ctx)
	e.cancel = cancel
	e.state = queued
	s.add(e)
	if e.isDDL() {
		s.activeDDL++
	}
	s.queries.Go(func() {
		defer release()
		defer cancel()
		s.run(ctx, e)
	})
	return startOutput{e.id}, nil
}

// add records a new query. The caller must hold s.mu.
func (s *Service) add(e *execution) {
	e.submitted = s.options.Clock.Now()
	s.executions[e.id], s.started = e, append(s.started, e)
	if token := e.request.ClientRequestToken; token != "" {
		s.tokens[token] = e
	}
}

// dropHistory deletes the finished queries that are older than Athena's history. The caller must hold s.mu.
func (s *Service) dropHistory() {
	bound := s.options.Clock.Now().Add(-history)
	for len(s.started) > 0 && !s.started[0].finished.IsZero() && s.started[0].finished.Before(bound) {
		past := s.started[0]
		s.started = s.started[1:]
		delete(s.executions, past.id)
		delete(s.tokens, past.request.ClientRequestToken)
	}
}

// newExecution validates a request and returns a query execution that has not started.
func (s *Service) newExecution(ctx context.Context, in startRequest) (*execution, error) {
	w, err := s.workGroup(ctx, "StartQueryExecution", in.WorkGroup)
	if err != nil {
		return nil, err
	}
	if n := len(in.ClientRequestToken); in.ClientRequestToken != "" && (n < 32 || n > 128) {
		return nil, invalid("ClientRequestToken has %d characters; it must have 32 to 128", n)
	}
	if len(in.QueryString) == 0 || len(in.QueryString) > maxQueryBytes {
		return nil, invalid("QueryString has %d bytes; it must have 1 to %d", len(in.QueryString), maxQueryBytes)
	}
	if c := in.QueryExecutionContext.Catalog; c != "" && !strings.EqualFold(c, catalogName) {
		return nil, invalid("Catalog %s was not found; use AwsDataCatalog", c)
	}
	e := &execution{id: wire.NewRequestID(), request: in, workGroup: w, caller: iam.CallerOf(ctx)}
	if e.encryption, err = w.encryption(in.ResultConfiguration.EncryptionConfiguration); err != nil {
		return nil, err
	}
	if e.maxAge, err = in.ResultReuseConfiguration.maxAge(); err != nil {
		return nil, err
	}
	ctx = onBehalfOf(ctx, e.caller)
	if e.output, err = s.outputFolder(ctx, w, in.ResultConfiguration.OutputLocation); err != nil {
		return nil, err
	}
	if err := s.parse(ctx, e); err != nil {
		return nil, err
	}
	ending := ".txt"
	if e.statement.verb == selectRows {
		ending = ".csv"
	}
	e.output.key += e.id + ending
	return e, nil
}

// parse parses the query string of a query and sets its statement and its database.
func (s *Service) parse(ctx context.Context, e *execution) (err error) {
	e.sql, e.unbound = s.bind(ctx, e.request.QueryString, e.request.ExecutionParameters)
	if e.statement, err = parse(e.sql); err == nil && s.options.Trino != nil && e.statement.query != "" {
		err = checkInTrino(ctx, s.options.Trino, "PREPARE statement FROM ", e.statement.trimmed(e.sql), "")
		if f, ok := err.(*failure); ok && f.code != "SYNTAX_ERROR" {
			err = nil // PREPARE also fails for some statements that Trino can execute, for example SELECT 1e400
		}
	} else if err == nil {
		err = s.checkSyntax(ctx, e.sql, e.statement)
	}
	if f, ok := err.(*failure); ok {
		return refused("MALFORMED_QUERY", "%s", f.detail()) // Athena omits the code when it rejects a request
	}
	if err != nil {
		return err
	}
	e.database = cmp.Or(strings.ToLower(e.request.QueryExecutionContext.Database), "default")
	if e.statement.verb.kind() == "UTILITY" {
		e.database = strings.Trim(e.database, "`") // awswrangler quotes the database for Hive's statements
	}
	e.statement.verb, err = s.describedVerb(ctx, e.statement, e.database)
	return err
}

func (e *execution) isDDL() bool { return e.statement.verb.kind() == "DDL" }

// end records the end of a query. The caller must hold s.mu.
func (s *Service) end(e *execution, state, reason string) {
	e.state, e.reason, e.finished = state, reason, s.options.Clock.Now()
	if e.isDDL() {
		s.activeDDL--
	}
}

// run waits for a free session, runs the query and records its end.
func (s *Service) run(ctx context.Context, e *execution) {
	var out result
	var err error
	select {
	case session := <-s.sessions:
		s.mu.Lock()
		e.started = s.options.Clock.Now()
		if e.state == queued {
			e.state = running
		}
		s.mu.Unlock()
		if err = e.unbound; err == nil {
			out, session, err = s.execute(ctx, e, session)
		}
		s.sessions <- session
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.result = out
	if e.state == cancelled {
		return // stopQueryExecution has already recorded the end
	}
	switch {
	case err == nil:
		s.end(e, succeeded, "")
	case errors.Is(err, errStopped):
		s.end(e, cancelled, stopped)
	case errors.Is(err, errScanLimit):
		s.end(e, cancelled, "Bytes scanned limit was exceeded")
	case ctx.Err() != nil:
		s.end(e, cancelled, "The local AWS is shutting down")
	default:
		e.athenaError = inCatalog(err)
		s.end(e, failed, err.Error())
	}
}

type idInput struct{ QueryExecutionId string }

// execution returns a query after checking the permission for the action on the query's workgroup. The caller must hold s.mu.
func (s *Service) execution(ctx context.Context, action, id string) (*execution, error) {
	e := s.executions[id]
	if e == nil {
		return nil, invalid("QueryExecution %s was not found", id)
	}
	if err := s.authorize(ctx, action, "workgroup/"+e.workGroup.Name); err != nil {
		return nil, err
	}
	return e, nil
}

// stopQueryExecution cancels a query. Like Athena, it ignores a query that has already finished.
func (s *Service) stopQueryExecution(ctx context.Context, in idInput) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(ctx, "StopQueryExecution", in.QueryExecutionId)
	if err != nil {
		return struct{}{}, err
	}
	if e.state == queued || e.state == running {
		s.end(e, cancelled, stopped)
		e.cancel()
	}
	return struct{}{}, nil
}
