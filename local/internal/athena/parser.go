package athena

import (
	"slices"
	"strings"
)

// grammar goes through a query by Trino's rules (SqlBase.g4 of Trino, on which Athena engine version 3 is based) and notes what
// has to be edited for DuckDB. A method that is named after a rule takes the tokens of that rule, or refuses the query.
type grammar struct {
	statement string
	start     int // of the query in the statement
	query     string
	tokens    []token
	pairs     []int // see closing
	at        int   // the next token
	depth     int
	edits     []edit
	// named are the queries of WITH that can be seen, in lower case.
	named []string
	// first is set until the query that names the columns of the result has begun: of a UNION the first.
	first bool
	// references are the tables and views that the query reads.
	references []reference
	// values is set when the first query is VALUES.
	values bool
	// zoned are the expressions with AT TIME ZONE of which nothing has taken the wall clock's time yet, by their first and last token.
	zoned map[[2]int]bool
}

// refusal carries a failure from the rule that found it out to parse.
type refusal struct{ *failure }

// parse goes through the whole query.
func (g *grammar) parse() (err error) {
	defer func() {
		if r := recover(); r != nil {
			refused, ok := r.(refusal)
			if !ok {
				panic(r)
			}
			err = refused.failure
		}
	}()
	g.zoned = map[[2]int]bool{}
	outer := g.with()
	g.first = true
	g.queryNoWith()
	g.named = outer
	if g.at < len(g.tokens) {
		g.mismatch()
	}
	for span := range g.zoned {
		g.fail(g.tokens[span[0]], "NOT_SUPPORTED", "the local AWS has AT TIME ZONE only where its date or time is taken: in CAST to date or timestamp, date(), date_format() and functions like hour(). Write CAST(... AT TIME ZONE ... AS timestamp)")
	}
	return nil
}

// fail refuses the query because of a token.
func (g *grammar) fail(t token, code, format string, args ...any) {
	panic(refusal{failAt(g.statement, g.start+t.start, code, format, args...)})
}

// lacks refuses what Athena has and the local AWS has not.
func (g *grammar) lacks(t token, what string) {
	g.fail(t, "NOT_SUPPORTED", "the local AWS does not have %s, which Athena has", what)
}

// mismatch refuses the next token.
func (g *grammar) mismatch() {
	t := g.peek(0)
	switch t.kind {
	case backquoted:
		g.fail(t, "SYNTAX_ERROR", "backquoted identifiers are not supported; use double quotes to quote identifiers")
	case digitWord:
		g.fail(t, "SYNTAX_ERROR", "identifiers must not start with a digit; surround the identifier with double quotes")
	}
	text := g.query[t.start:t.end]
	if g.at >= len(g.tokens) {
		text = "<EOF>"
	}
	g.fail(t, "SYNTAX_ERROR", "mismatched input '%s'", text)
}

// peek is the n-th token from the next on, or a symbol without text behind the end.
func (g *grammar) peek(n int) token {
	if i := g.at + n; i >= 0 && i < len(g.tokens) {
		return g.tokens[i]
	}
	return token{kind: symbol, start: len(g.query), end: len(g.query)}
}

// next tells whether these are the next tokens.
func (g *grammar) next(texts ...string) bool {
	for i, text := range texts {
		if !g.peek(i).is(text) {
			return false
		}
	}
	return true
}

// take takes these tokens if they are the next ones.
func (g *grammar) take(texts ...string) bool {
	if !g.next(texts...) {
		return false
	}
	g.at += len(texts)
	return true
}

// takeAny takes the next token if it is one of these.
func (g *grammar) takeAny(texts ...string) bool {
	if !g.peek(0).isAny(texts...) {
		return false
	}
	g.at++
	return true
}

// want takes these tokens, which must be the next ones.
func (g *grammar) want(texts ...string) {
	for _, text := range texts {
		if !g.take(text) {
			g.mismatch()
		}
	}
}

// wantKind takes the next token, which must be of this kind.
func (g *grammar) wantKind(kind tokenKind) token {
	t := g.peek(0)
	if t.kind != kind {
		g.mismatch()
	}
	g.at++
	return t
}

// list takes one or more of a rule, with commas between.
func (g *grammar) list(rule func()) {
	rule()
	for g.take(",") {
		rule()
	}
}

// enter counts how deep the rules are nested. Trino gives up when its stack overflows, and so does the engine; this is well before.
func (g *grammar) enter() {
	if g.depth++; g.depth > 200 {
		g.fail(g.peek(0), "SYNTAX_ERROR", "statement is too large (stack overflow while parsing statement)")
	}
}

func (g *grammar) leave() { g.depth-- }

// isIdentifier tells whether a token can be a name.
func isIdentifier(t token) bool {
	return t.kind == quoted || t.kind == word && !slices.Contains(reserved, strings.ToUpper(t.text))
}

func (g *grammar) identifier() token {
	if !isIdentifier(g.peek(0)) {
		g.mismatch()
	}
	g.at++
	return g.peek(-1)
}

// name takes the name of something. One that is a keyword of the engine's alone has to be quoted for it.
func (g *grammar) name() token {
	t := g.identifier()
	switch {
	case strings.EqualFold(t.text, "information_schema") && g.next("."):
		g.replace(t.start, t.end, quote(informationSchema))
	case t.kind == word && slices.Contains(engineKeywords, lower(t.text)):
		g.replace(t.start, t.end, quote(t.text))
	}
	return t
}

// replace edits the text between two places of the query.
func (g *grammar) replace(from, to int, text string) {
	g.edits = append(g.edits, edit{at: from, length: to - from, text: text})
}

// remove takes the tokens from first up to the next one out of the query.
func (g *grammar) remove(first int) {
	g.replace(g.tokens[first].start, g.peek(-1).end, "")
}

// wrap puts text around the tokens from first up to the next one.
func (g *grammar) wrap(first int, before, after string) {
	at := g.tokens[first].start
	g.edits = append(g.edits, edit{at: at, text: before}, edit{at: g.peek(-1).end, text: after, closes: true})
}

// reserved are the words that are names only in double quotes: Athena guide, "Escape reserved keywords in queries", list for SQL
// SELECT statements.
var reserved = []string{
	"ALTER", "AND", "AS", "BETWEEN", "BY", "CASE", "CAST", "CONSTRAINT", "CREATE", "CROSS", "CUBE", "CURRENT_CATALOG", "CURRENT_DATE",
	"CURRENT_PATH", "CURRENT_SCHEMA", "CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_USER", "DEALLOCATE", "DELETE", "DESCRIBE", "DISTINCT",
	"DROP", "ELSE", "END", "ESCAPE", "EXCEPT", "EXECUTE", "EXISTS", "EXTRACT", "FALSE", "FIRST", "FOR", "FROM", "FULL", "GROUP", "GROUPING",
	"HAVING", "IN", "INNER", "INSERT", "INTERSECT", "INTO", "IS", "JOIN", "JSON_ARRAY", "JSON_EXISTS", "JSON_OBJECT", "JSON_QUERY",
	"JSON_TABLE", "JSON_VALUE", "LAST", "LEFT", "LIKE", "LISTAGG", "LOCALTIME", "LOCALTIMESTAMP", "NATURAL", "NORMALIZE", "NOT", "NULL",
	"ON", "OR", "ORDER", "OUTER", "PREPARE", "RECURSIVE", "RIGHT", "ROLLUP", "SELECT", "SKIP", "TABLE", "THEN", "TRIM", "TRUE",
	"UESCAPE", "UNION", "UNNEST", "USING", "VALUES", "WHEN", "WHERE", "WITH",
}

// engineKeywords are words that are names to Trino, but not everywhere to the engine (its duckdb_keywords(), without the category
// "unreserved").
var engineKeywords = []string{
	"all", "analyse", "analyze", "anti", "any", "array", "asc", "asof", "asymmetric", "at", "authorization", "bigint", "binary", "bit",
	"boolean", "both", "char", "character", "check", "coalesce", "collate", "collation", "column", "columns", "concurrently", "dec",
	"decimal", "default", "deferrable", "desc", "do", "fetch", "float", "foreign", "freeze", "generated", "glob", "grouping_id", "ilike",
	"initially", "inout", "int", "integer", "interval", "isnull", "lambda", "lateral", "leading", "limit", "map", "national", "nchar",
	"none", "notnull", "nullif", "numeric", "offset", "only", "out", "overlaps", "overlay", "pivot", "pivot_longer", "pivot_wider",
	"placing", "position", "positional", "precision", "primary", "qualify", "real", "references", "returning", "row", "semi", "setof",
	"show", "similar", "smallint", "some", "struct", "substring", "summarize", "symmetric", "tablesample", "time", "timestamp", "to",
	"trailing", "treat", "try_cast", "unique", "unpack", "unpivot", "varchar", "variadic", "verbose", "window", "xmlattributes",
	"xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
}
