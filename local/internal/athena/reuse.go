package athena

import (
	"context"
	"os"
	"path"
	"slices"
	"time"
)

// reuseConfiguration is the ResultReuseConfiguration of StartQueryExecution.
type reuseConfiguration struct {
	ResultReuseByAgeConfiguration struct {
		Enabled         bool
		MaxAgeInMinutes *int `json:",omitempty"`
	}
}

// Limits of MaxAgeInMinutes (API reference, ResultReuseByAgeConfiguration).
const (
	defaultReuseMinutes = 60
	maxReuseMinutes     = 10080
)

// maxAge returns the maximum age of a result that may be reused, or a negative age if none may be reused.
func (r *reuseConfiguration) maxAge() (time.Duration, error) {
	if r == nil || !r.ResultReuseByAgeConfiguration.Enabled {
		return -1, nil
	}
	minutes := defaultReuseMinutes
	if set := r.ResultReuseByAgeConfiguration.MaxAgeInMinutes; set != nil {
		minutes = *set
	}
	if minutes < 0 || minutes > maxReuseMinutes {
		return 0, invalid("MaxAgeInMinutes is %d; it must be between 0 and %d", minutes, maxReuseMinutes)
	}
	return time.Duration(minutes) * time.Minute, nil
}

// reuse ends a query with the result of the last matching query, if there is one and the request allows reuse. The result may be outdated,
// as in Athena (Athena User Guide, "Reuse query results in Athena"). Athena checks that the caller can read the query's tables; the local
// Athena reuses only results of the same principal. The caller must hold s.mu.
func (s *Service) reuse(ctx context.Context, e *execution) bool {
	if e.maxAge < 0 || e.statement.verb != selectRows || e.unbound != nil {
		return false
	}
	now := s.options.Clock.Now()
	for _, old := range slices.Backward(s.started) {
		if old.state != succeeded || old.reused || !e.matches(old) {
			continue
		}
		if now.Sub(old.finished) > e.maxAge || !s.hasResult(ctx, old.output) {
			return false
		}
		e.output, e.result, e.reused = old.output, old.result, true
		e.result.scanned = 0
		s.add(e)
		e.state, e.started, e.finished = succeeded, now, now
		return true
	}
	return false
}

// hasResult reports whether the result of a query still exists and the caller may read it.
func (s *Service) hasResult(ctx context.Context, output location) bool {
	_, err := os.Stat(s.options.Store.Path(output.bucket, output.key))
	return err == nil && s.mayReadResult(ctx, output) == nil
}

// matches reports whether Athena may reuse the result of old for e.
func (e *execution) matches(old *execution) bool {
	return e.sql == old.sql && e.database == old.database && e.workGroup.Name == old.workGroup.Name && e.caller.Role == old.caller.Role &&
		e.output.bucket == old.output.bucket && path.Dir(e.output.key) == path.Dir(old.output.key)
}
