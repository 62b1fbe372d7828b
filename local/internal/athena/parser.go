package athena

import (
	"slices"
	"strings"
)

// parser parses a query with the grammar of Trino (SqlBase.g4), on which Athena engine version 3 is based. It records the edits that turn
// the query into DuckDB's SQL. A method named after a grammar rule consumes the tokens of that rule, or rejects the query.
type parser struct {
	statement string
	start     int // byte offset of query in statement
	query     string
	tokens    []token
	// pairs holds, for each opening parenthesis, the index of the token that closes it, or the number of tokens if no token does. For any
	// other token, it holds the token's own index.
	pairs []int
	at    int // index of the next token
	depth int
	edits []edit
	// named holds the lower-case names of the WITH queries that are visible.
	named []string
	// first is true until the parser reaches the query that determines the names of the result columns. In a UNION, that is the first query.
	first bool
	// references holds the tables and views that the query reads.
	references []reference
	// isValues is true if the first query is VALUES.
	isValues bool
	// readsColumns is true if an expression names a column.
	readsColumns bool

	// types holds the DuckDB types that were recorded when DuckDB was last asked; see operand.
	types map[int][]string
	// asks is true if the translated query only asks DuckDB for types. asked is true if it does ask for some.
	asks, asked bool
	// hasNull is true if the query contains a NULL without a type.
	hasNull bool
	// grouped is true if the query contains GROUP BY. stored is true for the query of a view in the catalog, whose columns were checked when
	// the view was created.
	grouped, stored bool
	// static is the DuckDB type of the last consumed expression, or "" if only DuckDB knows the type.
	static string
	// scope is the number of the innermost SELECT, and scopes counts the SELECTs. ids holds the results of textID.
	scope, scopes int
	ids           map[string]int
	// selection is the last consumed SELECT. It is nil after any other query.
	selection *selection
	// uses holds, by lower-case name, the indexes of the tokens that name a column without a table.
	uses map[string][]int
}

func newParser(statement string, start int, tokens []token) *parser {
	return &parser{
		statement: statement, start: start, query: statement[start:], tokens: tokens, pairs: pairParentheses(tokens),
		ids: map[string]int{}, uses: map[string][]int{},
	}
}

// refusal is the value that a grammar rule passes to panic in order to reject a query. The function catch recovers it.
type refusal struct{ *failure }

// catch recovers from a panic that rejects the query, and sets err to the failure. Functions that call grammar rules must defer catch.
func catch(err *error) {
	switch r := recover().(type) {
	case nil:
	case refusal:
		*err = r.failure
	default:
		panic(r)
	}
}

// parseQuery consumes all tokens as one query.
func (p *parser) parseQuery() (err error) {
	defer catch(&err)
	outer := p.withClause()
	p.first = true
	p.queryNoWith()
	p.named = outer
	p.end()
	return nil
}

// fail rejects the query with an error at the position of a token.
func (p *parser) fail(t token, code, format string, args ...any) {
	panic(refusal{failAt(p.statement, p.start+t.start, code, format, args...)})
}

// unsupported rejects a feature that Athena supports but the local Athena does not.
func (p *parser) unsupported(t token, feature string) {
	p.fail(t, "NOT_SUPPORTED", "%s", unsupportedText(feature))
}

// unsupportedText returns the error message for a feature that Athena supports but DuckDB, the default engine, does not.
func unsupportedText(feature string) string {
	return "the default engine of the local Athena does not support " + feature + ", but Athena does; use --engine trino"
}

// mismatch rejects the query, because the grammar does not allow the next token.
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

// peek returns the token n positions after the next token. If there is no such token, it returns a symbol without text.
func (p *parser) peek(n int) token {
	if i := p.at + n; i >= 0 && i < len(p.tokens) {
		return p.tokens[i]
	}
	return token{kind: symbol, start: len(p.query), end: len(p.query)}
}

// next reports whether the given tokens come next.
func (p *parser) next(texts ...string) bool {
	for i, text := range texts {
		if !p.peek(i).is(text) {
			return false
		}
	}
	return true
}

// take consumes the given tokens if they come next, and reports whether they do.
func (p *parser) take(texts ...string) bool {
	if !p.next(texts...) {
		return false
	}
	p.at += len(texts)
	return true
}

// takeAny consumes the next token if it is one of the given tokens, and reports whether it is.
func (p *parser) takeAny(texts ...string) bool {
	if !p.peek(0).isAny(texts...) {
		return false
	}
	p.at++
	return true
}

// want consumes the given tokens, or rejects the query.
func (p *parser) want(texts ...string) {
	for _, text := range texts {
		if !p.take(text) {
			p.mismatch()
		}
	}
}

// wantKind consumes the next token, which must be of the given kind.
func (p *parser) wantKind(kind tokenKind) token {
	t := p.peek(0)
	if t.kind != kind {
		p.mismatch()
	}
	p.at++
	return t
}

// end rejects the query if any tokens remain.
func (p *parser) end() {
	if p.at < len(p.tokens) {
		p.mismatch()
	}
}

// list consumes one or more elements, which are separated by any of the separators. rule consumes one element.
func (p *parser) list(rule func(), separators ...string) {
	rule()
	for p.takeAny(separators...) {
		rule()
	}
}

// enter limits the nesting depth of grammar rules. The limit is far below the depth at which Trino and DuckDB fail with a stack overflow.
func (p *parser) enter() {
	if p.depth++; p.depth > 200 {
		p.fail(p.peek(0), "SYNTAX_ERROR", "%s", tooLarge)
	}
}

const tooLarge = "statement is too large (stack overflow while parsing statement)"

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

// name consumes an identifier. It quotes an unquoted identifier, which could be a keyword in DuckDB.
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

// qualifiedName consumes a name of the form [[catalog.]database.]name.
func (p *parser) qualifiedName() reference {
	r := reference{start: p.start + p.peek(0).start}
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

// replace records an edit that replaces the text between two offsets in the query.
func (p *parser) replace(from, to int, text string) {
	p.edits = append(p.edits, edit{start: from, length: to - from, text: text})
}

// wrap records edits that insert text before the token with the given index and after the last consumed token.
func (p *parser) wrap(first int, before, after string) { p.insert(first, p.at, before, after) }

// insert records edits that insert text before the token first and after the token before end.
func (p *parser) insert(first, end int, before, after string) {
	p.edits = append(p.edits, edit{start: p.tokens[first].start, text: before}, edit{start: p.tokens[end-1].end, text: after, closes: true})
}

// reserved lists the words that must be quoted when they are used as names (Athena User Guide, "Escape reserved keywords in queries",
// list for SQL SELECT statements).
var reserved = []string{
	"ALTER", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CONSTRAINT", "CREATE", "CROSS", "CUBE", "CURRENT_CATALOG", "CURRENT_DATE",
	"CURRENT_PATH", "CURRENT_SCHEMA", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DEALLOCATE", "DELETE", "DESCRIBE", "DISTINCT",
	"DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXECUTE", "EXISTS", "EXTRACT", "FALSE", "FIRST", "FOR", "FROM", "FULL", "GROUP", "GROUPING",
	"HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY",
	"JSON_TABLE", "JSON_VALUE", "LAST", "LEFT", "LIKE", "LISTAGG", "LOCALTIME", "LOCALTIMESTAMP", "NATURAL", "NORMALIZE", "NOT", "NULL",
	"ON", "OR", "ORDER", "OUTER", "PREPARE", "RECURSIVE", "RIGHT", "ROLLUP", "SELECT", "SKIP", "TABLE", "THEN", "TRIM", "TRUE",
	"UESCAPE", "UNION", "UNNEST", "USING", "VALUES", "WHEN", "WHERE", "WITH",
}
