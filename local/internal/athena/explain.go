package athena

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

// explain returns DuckDB's plan of a query. It says that Athena's plan would be different.
func (s *session) explain(ctx context.Context, sql string, st statement, database string) (result, error) {
	q, err := st.translate(sql)
	if err != nil {
		return result{}, err
	}
	s.readsRows = true
	if _, err := s.prepare(ctx, q, database, nil); err != nil {
		return result{}, err
	}
	const verb = "EXPLAIN "
	var key, plan string
	if err := s.conn.QueryRowContext(ctx, verb+q.sql).Scan(&key, &plan); err != nil {
		return result{}, q.within(len(verb)).failure(err)
	}
	plan = "The local Athena runs queries with DuckDB. This is DuckDB's plan; Athena's plan is different.\n" + s.withLocations(plan) + "\n"
	lines := append([]string{"Query Plan"}, strings.Split(plan, "\n")...) // GetQueryResults and the result file contain the name of the column
	return listing("Query Plan", fmt.Sprintf("varchar(%d)", utf8.RuneCountInString(plan)), lines), nil
}
