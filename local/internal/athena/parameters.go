package athena

import (
	"fmt"
	"slices"
	"strings"
)

// bind replaces each ? in a query string with an execution parameter. If the number of parameters is wrong, it replaces each ? with NULL,
// and returns the error with which the query fails. Like Athena, it ignores parameters of a query without ? (measured,
// aoyagikouhei/athena-local, docs/parameters.md).
func bind(sql string, parameters []string) (bound string, unbound error) {
	tokens, err := lex(sql, 0)
	if err != nil {
		return sql, nil // parse reports the error
	}
	marks := slices.DeleteFunc(tokens, func(t token) bool { return !t.is("?") })
	if n := len(parameters); len(marks) > 0 && n != len(marks) {
		unbound = &failure{kind: syntax, text: fmt.Sprintf("Incorrect number of parameters: expected %d but found %d", len(marks), n)}
	}
	var b strings.Builder
	done := 0
	for i, t := range marks {
		value := "NULL"
		if unbound == nil {
			value = parameter(parameters[i])
		}
		b.WriteString(sql[done:t.start] + value)
		done = t.end
	}
	return b.String() + sql[done:], unbound
}

// parameter returns the SQL text of an execution parameter. A parameter that is an expression without column names is inserted unchanged.
// Any other parameter is inserted as a string (measured, aoyagikouhei/athena-local, docs/parameters.md).
func parameter(value string) string {
	tokens, err := lex(value, 0)
	if err != nil || len(tokens) == 0 || !isConstant(value, tokens) {
		return quoteString(value)
	}
	text := value[tokens[0].start:tokens[len(tokens)-1].end] // without comments, which could hide the closing parenthesis
	if len(tokens) == 1 {
		return text
	}
	return "(" + text + ")"
}

// isConstant reports whether a text has the syntax of one expression, without column names.
func isConstant(text string, tokens []token) bool {
	p := newParser(text, 0, tokens)
	err := func() (err error) {
		defer catch(&err)
		p.expression()
		p.end()
		return nil
	}()
	f, failed := err.(*failure)
	return !p.readsColumns && (!failed || f.code != "SYNTAX_ERROR")
}
