package athena

import (
	"slices"
	"strings"
)

// parser follows Trino's grammar (SqlBase.g4; Athena engine version 3 is based on Trino) and records the edits that turn a query
// into DuckDB's SQL. A method named after a rule of the grammar takes the tokens of that rule, or refuses the query.
type parser struct {
	statement string
	start     int // offset of query in statement
	query     string
	tokens    []token
	pairs     []int // see closing
	at        int   // index of the next token
	depth     int
	edits     []edit
	// named are the visible queries of WITH, in lower case.
	named []string
	// first is true until the parser reaches the query that names the columns of the result: the first one of a UNION.
	first bool
	// references are the tables and views that the query reads.
	references []reference
	// values is true if the first query is VALUES.
	values bool
}

func newParser(statement string, start int, tokens []token) *parser {
	return &parser{statement: statement, start: start, query: statement[start:], tokens: tokens, pairs: pairParentheses(tokens)}
}

// refusal carries a failure from the rule that found it to catch.
type refusal struct{ *failure }

// catch is deferred by the callers of the rules. It stores the failure of a refusal in err.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case refusal:
		*err = r.failure
	default:
		panic(r)
	}
}

// parseQuery takes a query and everything after it.
func (p *parser) parseQuery() (err error) {
	defer catch(&err)
	outer := p.with()
	p.first = true
	p.queryNoWith()
	p.named = outer
	p.end()
	return nil
}

// fail refuses the query because of a token.
func (p *parser) fail(t token, code, format string, args ...any) {
	panic(refusal{failAt(p.statement, p.start+t.start, code, format, args...)})
}

// lacks refuses what Athena has and the local Athena does not.
func (p *parser) lacks(t token, what string) {
	p.fail(t, "NOT_SUPPORTED", "the local Athena does not have %s; Athena does", what)
}

// mismatch refuses the next token.
func (p *parser) mismatch() {
	t := p.peek(0)
	switch t.kind {
	case backquoted:
		p.fail(t, "SYNTAX_ERROR", "backquoted identifiers are not supported; use double quotes to quote identifiers")
	case digitWord:
		p.fail(t, "SYNTAX_ERROR", "identifiers must not start with a digit; surround the identifier with double quotes")
	}
	text := p.query[t.start:t.end]
	if p.at >= len(p.tokens) {
		text = "<EOF>"
	}
	p.fail(t, "SYNTAX_ERROR", "mismatched input '%s'", text)
}

// peek returns the nth token from the next one on. Past the end it returns a symbol without text.
func (p *parser) peek(n int) token {
	if i := p.at + n; i >= 0 && i < len(p.tokens) {
		return p.tokens[i]
	}
	return token{kind: symbol, start: len(p.query), end: len(p.query)}
}

// next reports whether these are the next tokens.
func (p *parser) next(texts ...string) bool {
	for i, text := range texts {
		if !p.peek(i).is(text) {
			return false
		}
	}
	return true
}

// take takes these tokens if they are the next ones.
func (p *parser) take(texts ...string) bool {
	if !p.next(texts...) {
		return false
	}
	p.at += len(texts)
	return true
}

// takeAny takes the next token if it is one of these.
func (p *parser) takeAny(texts ...string) bool {
	if !p.peek(0).isAny(texts...) {
		return false
	}
	p.at++
	return true
}

// want takes these tokens, or refuses the query.
func (p *parser) want(texts ...string) {
	for _, text := range texts {
		if !p.take(text) {
			p.mismatch()
		}
	}
}

// wantKind takes the next token, which must be of this kind.
func (p *parser) wantKind(kind tokenKind) token {
	t := p.peek(0)
	if t.kind != kind {
		p.mismatch()
	}
	p.at++
	return t
}

// end refuses any tokens that are left.
func (p *parser) end() {
	if p.at < len(p.tokens) {
		p.mismatch()
	}
}

// list takes a rule one or more times, separated by commas.
func (p *parser) list(rule func()) {
	rule()
	for p.take(",") {
		rule()
	}
}

// enter counts how deeply the rules are nested. Trino gives up when its stack overflows, and so does DuckDB; this is well before.
func (p *parser) enter() {
	if p.depth++; p.depth > 200 {
		p.fail(p.peek(0), "SYNTAX_ERROR", "statement is too large (stack overflow while parsing statement)")
	}
}

func (p *parser) leave() { p.depth-- }

// isIdentifier reports whether a token can be a name.
func isIdentifier(t token) bool {
	return t.kind == quoted || t.kind == word && !slices.Contains(reserved, strings.ToUpper(t.text))
}

func (p *parser) identifier() token {
	if !isIdentifier(p.peek(0)) {
		p.mismatch()
	}
	p.at++
	return p.peek(-1)
}

// name takes an identifier. It quotes words, since some of them are keywords of DuckDB.
func (p *parser) name() token {
	t := p.identifier()
	switch {
	case strings.EqualFold(t.text, "information_schema") && p.next("."):
		p.replace(t.start, t.end, quote(informationSchema))
	case t.kind == word:
		p.replace(t.start, t.end, quote(t.text))
	}
	return t
}

// qualifiedName takes [[catalog.]database.]name.
func (p *parser) qualifiedName() reference {
	r := reference{at: p.start + p.peek(0).start}
	for {
		t := p.name()
		r.catalog, r.schema, r.table = r.schema, r.table, lower(t.text)
		if !p.take(".") {
			return r
		}
		if r.table == "information_schema" {
			r.table = informationSchema
		}
	}
}

// replace edits the text between two offsets of the query.
func (p *parser) replace(from, to int, text string) {
	p.edits = append(p.edits, edit{at: from, length: to - from, text: text})
}

// wrap puts text around the tokens from first up to the next one.
func (p *parser) wrap(first int, before, after string) {
	at := p.tokens[first].start
	p.edits = append(p.edits, edit{at: at, text: before}, edit{at: p.peek(-1).end, text: after, closes: true})
}

// reserved are the words that must be quoted to be names (Athena User Guide, "Escape reserved keywords in queries", list for SQL
// SELECT statements).
var reserved = []string{
	"ALTER", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CONSTRAINT", "CREATE", "CROSS", "CUBE", "CURRENT_CATALOG", "CURRENT_DATE",
	"CURRENT_PATH", "CURRENT_SCHEMA", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DEALLOCATE", "DELETE", "DESCRIBE", "DISTINCT",
	"DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXECUTE", "EXISTS", "EXTRACT", "FALSE", "FIRST", "FOR", "FROM", "FULL", "GROUP", "GROUPING",
	"HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY",
	"JSON_TABLE", "JSON_VALUE", "LAST", "LEFT", "LIKE", "LISTAGG", "LOCALTIME", "LOCALTIMESTAMP", "NATURAL", "NORMALIZE", "NOT", "NULL",
	"ON", "OR", "ORDER", "OUTER", "PREPARE", "RECURSIVE", "RIGHT", "ROLLUP", "SELECT", "SKIP", "TABLE", "THEN", "TRIM", "TRUE",
	"UESCAPE", "UNION", "UNNEST", "USING", "VALUES", "WHEN", "WHERE", "WITH",
}
