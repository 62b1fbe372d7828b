package athena

import (
	"context"
	"errors"
	"strings"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

// Athena's limits (User Guide, Service Quotas).
const (
	maxQueryBytes = 262144
	maxActiveDDL  = 20
)

// The states of a query.
const (
	queued    = "QUEUED"
	running   = "RUNNING"
	succeeded = "SUCCEEDED"
	failed    = "FAILED"
	cancelled = "CANCELLED"
)

// execution is one query, from StartQueryExecution on. Its times are the clock's.
type execution struct {
	id        string
	request   startRequest
	statement statement
	workGroup WorkGroup
	database  string
	// output is the object that holds the result.
	output string
	cancel context.CancelFunc

	state                        string
	reason                       string
	submitted, started, finished time.Time
	result                       result
}

// startRequest is StartQueryExecution's parameters. It is comparable, to tell whether a token is used again for the same.
type startRequest struct {
	QueryString           string
	ClientRequestToken    string
	QueryExecutionContext queryContext
	ResultConfiguration   resultConfiguration
	WorkGroup             string
}

type queryContext struct {
	Catalog  string `json:",omitempty"`
	Database string `json:",omitempty"`
}

type startOutput struct{ QueryExecutionId string }

// startQueryExecution starts a query that runs with the caller's rights to its end.
func (s *Service) startQueryExecution(ctx context.Context, in startRequest) (startOutput, error) {
	e, err := s.newExecution(ctx, in)
	if err != nil {
		return startOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.ClientRequestToken != "" {
		if first := s.tokens[in.ClientRequestToken]; first != nil {
			if first.request != in {
				return startOutput{}, invalid("Idempotent parameters do not match: the ClientRequestToken %s was used for another query", in.ClientRequestToken)
			}
			return startOutput{first.id}, nil
		}
	}
	if e.statement.verb.kind() == "DDL" && s.activeDDL() >= maxActiveDDL {
		return startOutput{}, wire.Errorf("TooManyRequestsException", "You have exceeded the limit for the number of queries you can run concurrently (CONCURRENT_QUERY_LIMIT_EXCEEDED): %d DDL queries are active. Please reduce the number of concurrent queries submitted by this account.", maxActiveDDL)
	}
	ctx, cancel := context.WithCancel(iam.WithCaller(s.ctx, iam.CallerOf(ctx)))
	e.cancel = cancel
	e.state, e.submitted = queued, s.options.Clock.Now()
	s.executions[e.id] = e
	if in.ClientRequestToken != "" {
		s.tokens[in.ClientRequestToken] = e
	}
	s.queries.Go(func() {
		defer cancel()
		s.run(ctx, e)
	})
	return startOutput{e.id}, nil
}

// newExecution checks a request.
func (s *Service) newExecution(ctx context.Context, in startRequest) (*execution, error) {
	w, err := s.workGroup(ctx, "athena:StartQueryExecution", in.WorkGroup)
	if err != nil {
		return nil, err
	}
	if n := len(in.ClientRequestToken); in.ClientRequestToken != "" && (n < 32 || n > 128) {
		return nil, invalid("ClientRequestToken has %d characters; it must have 32 to 128", n)
	}
	if len(in.QueryString) == 0 || len(in.QueryString) > maxQueryBytes {
		return nil, invalid("QueryString has %d bytes; it must have 1 to %d", len(in.QueryString), maxQueryBytes)
	}
	within := in.QueryExecutionContext
	if within.Catalog != "" && !strings.EqualFold(within.Catalog, catalogName) {
		return nil, invalid("Catalog %s was not found; the local AWS has AwsDataCatalog", within.Catalog)
	}
	location, err := s.outputLocation(ctx, w, in.ResultConfiguration.OutputLocation)
	if err != nil {
		return nil, err
	}
	st, err := parse(in.QueryString)
	if err != nil {
		return nil, invalid("%s", requestText(err))
	}
	database := strings.ToLower(within.Database)
	if database == "" {
		database = "default"
	}
	id := wire.NewRequestID()
	ending := ".txt"
	if st.verb == selectRows {
		ending = ".csv"
	}
	return &execution{id: id, request: in, statement: st, workGroup: w, database: database, output: location + id + ending}, nil
}

// requestText is the text of an error for a request that is refused: without a code.
func requestText(err error) string {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e.Message
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return f.detail()
	}
	return err.Error()
}

// activeDDL counts. The service must be locked.
func (s *Service) activeDDL() int {
	n := 0
	for _, e := range s.executions {
		if e.statement.verb.kind() == "DDL" && (e.state == queued || e.state == running) {
			n++
		}
	}
	return n
}

// run runs a query when a session is free, and notes how it went.
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
		out, session, err = s.execute(ctx, e, session)
		s.sessions <- session
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.result = out
	if e.state == cancelled {
		return // by StopQueryExecution, which also noted when
	}
	e.finished = s.options.Clock.Now()
	switch {
	case err == nil:
		e.state = succeeded
	case errors.Is(err, errScanLimit):
		e.state, e.reason = cancelled, "Bytes scanned limit was exceeded"
	case ctx.Err() != nil:
		e.state, e.reason = cancelled, "The local AWS is shutting down"
	default:
		e.state, e.reason = failed, err.Error()
	}
}

type idInput struct{ QueryExecutionId string }

// execution finds a query in whose workgroup the caller may do the action. The service must be locked.
func (s *Service) execution(ctx context.Context, action, id string) (*execution, error) {
	e := s.executions[id]
	if e == nil {
		return nil, invalid("QueryExecution %s was not found", id)
	}
	if err := s.onWorkGroup(ctx, action, e.workGroup.Name); err != nil {
		return nil, err
	}
	return e, nil
}

type empty struct{}

// stopQueryExecution does nothing to a query that is over, like Athena.
func (s *Service) stopQueryExecution(ctx context.Context, in idInput) (empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(ctx, "athena:StopQueryExecution", in.QueryExecutionId)
	if err != nil {
		return empty{}, err
	}
	if e.state == queued || e.state == running {
		e.state, e.reason, e.finished = cancelled, "Query cancelled by user", s.options.Clock.Now()
		e.cancel()
	}
	return empty{}, nil
}

type getQueryExecutionOutput struct{ QueryExecution description }

type description struct {
	QueryExecutionId      string
	Query                 string
	StatementType         string
	SubstatementType      string
	ResultConfiguration   resultConfiguration
	QueryExecutionContext queryContext
	Status                status
	Statistics            statistics
	WorkGroup             string
	EngineVersion         engineVersion
}

type status struct {
	State              string
	StateChangeReason  string `json:",omitempty"`
	SubmissionDateTime wire.Time
	CompletionDateTime wire.Time    `json:",omitzero"`
	AthenaError        *athenaError `json:",omitempty"`
}

// athenaError has no ErrorType here: Athena's numbers are not known for most errors.
type athenaError struct {
	// ErrorCategory is 1 for the system, 2 for the user, 3 for others.
	ErrorCategory int
	Retryable     bool
	ErrorMessage  string
}

type statistics struct {
	EngineExecutionTimeInMillis      int64
	DataScannedInBytes               int64
	TotalExecutionTimeInMillis       int64
	QueryQueueTimeInMillis           int64
	ServicePreProcessingTimeInMillis int64
	QueryPlanningTimeInMillis        int64
	ServiceProcessingTimeInMillis    int64
}

func (s *Service) getQueryExecution(ctx context.Context, in idInput) (getQueryExecutionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(ctx, "athena:GetQueryExecution", in.QueryExecutionId)
	if err != nil {
		return getQueryExecutionOutput{}, err
	}
	return getQueryExecutionOutput{e.describe(s.options.Clock.Now())}, nil
}

type batchGetInput struct{ QueryExecutionIds []string }

type batchGetOutput struct {
	QueryExecutions              []description
	UnprocessedQueryExecutionIds []unprocessed
}

type unprocessed struct{ QueryExecutionId, ErrorCode, ErrorMessage string }

func (s *Service) batchGetQueryExecution(ctx context.Context, in batchGetInput) (batchGetOutput, error) {
	out := batchGetOutput{QueryExecutions: []description{}, UnprocessedQueryExecutionIds: []unprocessed{}}
	if n := len(in.QueryExecutionIds); n < 1 || n > 50 {
		return out, invalid("QueryExecutionIds has %d elements; it must have 1 to 50", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range in.QueryExecutionIds {
		e, err := s.execution(ctx, "athena:BatchGetQueryExecution", id)
		if _, denied := errors.AsType[*iam.Denied](err); denied {
			return out, err
		}
		if err != nil {
			out.UnprocessedQueryExecutionIds = append(out.UnprocessedQueryExecutionIds, unprocessed{id, "INVALID_INPUT", wire.AsError(err).Message})
			continue
		}
		out.QueryExecutions = append(out.QueryExecutions, e.describe(s.options.Clock.Now()))
	}
	return out, nil
}

func (e *execution) describe(now time.Time) description {
	d := description{
		QueryExecutionId:      e.id,
		Query:                 e.request.QueryString,
		StatementType:         e.statement.verb.kind(),
		SubstatementType:      string(e.statement.verb),
		ResultConfiguration:   resultConfiguration{e.output},
		QueryExecutionContext: queryContext{Catalog: catalogName, Database: e.database},
		WorkGroup:             e.workGroup.Name,
		EngineVersion:         version3(),
		Status:                status{State: e.state, StateChangeReason: e.reason, SubmissionDateTime: wire.Time(e.submitted)},
	}
	started, end := e.started, now
	if !e.finished.IsZero() {
		end = e.finished
		d.Status.CompletionDateTime = wire.Time(e.finished)
	}
	if started.IsZero() || started.After(end) {
		started = end
	}
	if e.state == failed {
		d.Status.AthenaError = &athenaError{ErrorCategory: 2, ErrorMessage: e.reason}
	}
	d.Statistics = statistics{
		EngineExecutionTimeInMillis: end.Sub(started).Milliseconds(),
		DataScannedInBytes:          e.result.scanned,
		TotalExecutionTimeInMillis:  end.Sub(e.submitted).Milliseconds(),
		QueryQueueTimeInMillis:      started.Sub(e.submitted).Milliseconds(),
	}
	return d
}
