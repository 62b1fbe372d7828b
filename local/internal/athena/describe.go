package athena

import (
	"context"
	"errors"
	"slices"
	"time"

	"snaplake/local/internal/iam"
	"snaplake/local/internal/wire"
)

type description struct {
	QueryExecutionId         string
	Query                    string
	StatementType            string
	SubstatementType         string
	ResultConfiguration      resultConfiguration
	ResultReuseConfiguration *reuseConfiguration `json:",omitempty"`
	QueryExecutionContext    queryContext
	Status                   status
	Statistics               statistics
	WorkGroup                string
	EngineVersion            engineVersion
}

type status struct {
	State              string
	StateChangeReason  string `json:",omitempty"`
	SubmissionDateTime wire.Time
	CompletionDateTime wire.Time    `json:",omitzero"`
	AthenaError        *athenaError `json:",omitempty"`
}

type statistics struct {
	EngineExecutionTimeInMillis, TotalExecutionTimeInMillis, QueryQueueTimeInMillis int64
	// The local Athena does not measure these parts of the total time.
	ServicePreProcessingTimeInMillis, QueryPlanningTimeInMillis, ServiceProcessingTimeInMillis int64

	DataScannedInBytes     int64
	ResultReuseInformation struct{ ReusedPreviousResult bool }
}

func (s *Service) getQueryExecution(ctx context.Context, in idInput) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.execution(ctx, "GetQueryExecution", in.QueryExecutionId)
	if err != nil {
		return nil, err
	}
	return map[string]any{"QueryExecution": e.describe(s.options.Clock.Now())}, nil
}

type batchGetInput struct{ QueryExecutionIds []string }

type unprocessed struct{ QueryExecutionId, ErrorCode, ErrorMessage string }

func (s *Service) batchGetQueryExecution(ctx context.Context, in batchGetInput) (map[string]any, error) {
	if n := len(in.QueryExecutionIds); n < 1 || n > 50 {
		return nil, invalid("QueryExecutionIds has %d elements; it must have 1 to 50", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, lost := []description{}, []unprocessed{}
	for _, id := range in.QueryExecutionIds {
		e, err := s.execution(ctx, "BatchGetQueryExecution", id)
		if _, denied := errors.AsType[*iam.Denied](err); denied {
			return nil, err
		}
		if err != nil {
			lost = append(lost, unprocessed{id, "INVALID_INPUT", wire.AsError(err).Message})
			continue
		}
		found = append(found, e.describe(s.options.Clock.Now()))
	}
	return map[string]any{"QueryExecutions": found, "UnprocessedQueryExecutionIds": lost}, nil
}

func (e *execution) describe(now time.Time) description {
	d := description{
		QueryExecutionId:         e.id,
		ResultReuseConfiguration: e.request.ResultReuseConfiguration,
		Query:                    e.request.QueryString,
		StatementType:            e.statement.verb.kind(),
		SubstatementType:         string(e.statement.verb),
		ResultConfiguration:      resultConfiguration{e.output.String(), e.encryption},
		QueryExecutionContext:    queryContext{Catalog: catalogName, Database: e.database},
		WorkGroup:                e.workGroup.Name,
		EngineVersion:            version3(),
		Status: status{
			State: e.state, StateChangeReason: e.reason, SubmissionDateTime: wire.Time(e.submitted), AthenaError: e.athenaError,
		},
	}
	started, end := e.started, now
	if !e.finished.IsZero() {
		end = e.finished
		d.Status.CompletionDateTime = wire.Time(e.finished)
	}
	if started.IsZero() || started.After(end) {
		started = end
	}
	d.Statistics = statistics{
		EngineExecutionTimeInMillis: end.Sub(started).Milliseconds(),
		DataScannedInBytes:          e.result.scanned,
		TotalExecutionTimeInMillis:  end.Sub(e.submitted).Milliseconds(),
		QueryQueueTimeInMillis:      started.Sub(e.submitted).Milliseconds(),
	}
	d.Statistics.ResultReuseInformation.ReusedPreviousResult = e.reused
	return d
}

// listQueryExecutions lists the queries of a workgroup, the newest first.
func (s *Service) listQueryExecutions(ctx context.Context, in inWorkGroup) (map[string]any, error) {
	group, err := s.workGroup(ctx, "ListQueryExecutions", in.WorkGroup)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, e := range slices.Backward(s.started) {
		if e.workGroup.Name == group.Name {
			ids = append(ids, e.id)
		}
	}
	return page("QueryExecutionIds", ids, in.pageInput)
}
