package athena

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// bind replaces each ? in a query string with an execution parameter. If the number of parameters is wrong, it replaces each ? with NULL,
// and returns the error with which the query fails. Like Athena, it ignores parameters of a query without ? (measured,
// aoyagikouhei/athena-local, docs/parameters.md).
func (s *Service) bind(ctx context.Context, sql string, parameters []string) (bound string, unbound error) {
	source, err := lex(sql, 0)
	if err != nil {
		return sql, nil // parse reports the error
	}
	marks := slices.DeleteFunc(source.tokens, func(t token) bool { return !t.is("?") })
	if n := len(parameters); len(marks) > 0 && n != len(marks) {
		unbound = &failure{kind: syntax, text: fmt.Sprintf("Incorrect number of parameters: expected %d but found %d", len(marks), n)}
	}
	var b strings.Builder
	done := 0
	for i, t := range marks {
		value := "NULL"
		if unbound == nil {
			value = s.parameter(ctx, parameters[i])
		}
		b.WriteString(sql[done:t.start] + value)
		done = t.end
	}
	return b.String() + sql[done:], unbound
}

// parameter returns the SQL text of an execution parameter. A parameter that is an expression without column names is inserted unchanged.
// Any other parameter is inserted as a string (measured, aoyagikouhei/athena-local, docs/parameters.md).
func (s *Service) parameter(ctx context.Context, value string) string {
	source, err := lex(value, 0)
	tokens := source.tokens
	if err != nil || len(tokens) == 0 || !s.isConstant(ctx, value) {
		return quoteString(value)
	}
	text := value[tokens[0].start:tokens[len(tokens)-1].end] // without comments, which could hide the closing parenthesis
	if len(tokens) == 1 {
		return text
	}
	return "(" + text + ")"
}

// isConstant reports whether a text has the syntax of one expression, without column names.
func (s *Service) isConstant(ctx context.Context, text string) bool {
	q := translated{columns: make([]column, 1)}
	db, err := s.parser()
	if err != nil {
		return false
	}
	t, err := parseTree(ctx, db, "SELECT ("+text+"\n)", 0)
	if err == nil {
		q, err = t.translate(ctx, db, func(r reference) ([]column, name, error) { return nil, name{}, r.fail("TABLE_NOT_FOUND", "") })
	}
	f, failed := err.(*failure)
	return failed && f.code != "SYNTAX_ERROR" && f.code != "COLUMN_NOT_FOUND" || err == nil && len(q.columns) == 1
}
