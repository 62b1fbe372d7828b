package athena

import (
	"context"
	"slices"
)

// maxQueryIDs is Athena's limit of a page (API reference, ListQueryExecutions).
const maxQueryIDs = 50

type listQueriesInput struct {
	WorkGroup  string
	MaxResults int
}

type listQueriesOutput struct{ QueryExecutionIds []string }

// listQueryExecutions gives the newest, which is Athena's first page; there are no others here.
func (s *Service) listQueryExecutions(ctx context.Context, in listQueriesInput) (listQueriesOutput, error) {
	out := listQueriesOutput{QueryExecutionIds: []string{}}
	group, err := s.workGroup(ctx, "athena:ListQueryExecutions", in.WorkGroup)
	if err != nil {
		return out, err
	}
	if in.MaxResults < 0 || in.MaxResults > maxQueryIDs {
		return out, invalid("MaxResults is %d; it must be between 1 and %d", in.MaxResults, maxQueryIDs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := maxQueryIDs
	if in.MaxResults > 0 {
		limit = in.MaxResults
	}
	for _, e := range slices.Backward(s.started) {
		if len(out.QueryExecutionIds) == limit {
			break
		}
		if e.workGroup.Name == group.Name {
			out.QueryExecutionIds = append(out.QueryExecutionIds, e.id)
		}
	}
	return out, nil
}
