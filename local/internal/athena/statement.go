package athena

import (
	"context"
	"slices"
)

// statement is a parsed query string.
type statement struct {
	verb verb
	// query is the SELECT statement of a query or of a view.
	query string
	// queryAt is the byte offset of query in the query string.
	queryAt int
	// name is the name of the table or view. For SHOW TABLES and SHOW VIEWS, only its database is set.
	name              name
	replace, ifExists bool
}

// checkSyntax returns the syntax error of the query in a statement, or nil. Athena reports other errors only when the query runs.
func (s *Service) checkSyntax(ctx context.Context, sql string, st statement) error {
	if st.query == "" {
		return nil
	}
	db, err := s.parser()
	if err != nil {
		return err
	}
	_, err = parseTree(ctx, db, sql[:st.queryAt+len(st.query)], st.queryAt)
	if f, ok := err.(*failure); ok && f.code != "SYNTAX_ERROR" {
		return nil
	}
	return err
}

// verb is the SubstatementType of a statement in Athena's API.
type verb string

const (
	selectRows     verb = "SELECT"
	explain        verb = "EXPLAIN"
	createView     verb = "CREATE_VIEW"
	dropView       verb = "DROP_VIEW"
	describeTable  verb = "DESCRIBE_TABLE"
	describeView   verb = "DESC_VIEW"
	showDatabases  verb = "SHOW_DATABASES"
	showTables     verb = "SHOW_TABLES"
	showViews      verb = "SHOW_VIEWS"
	showCreateView verb = "SHOW_CREATE_VIEW"
)

// kind returns the StatementType in Athena's API: DML, DDL or UTILITY.
func (v verb) kind() string {
	switch v {
	case selectRows, explain:
		return "DML"
	case createView, dropView:
		return "DDL"
	default:
		return "UTILITY"
	}
}

// name is the lower-case name of a table or view. database is empty if the statement does not specify it.
type name struct{ database, table string }

// parse parses a query string. Its error is a failure.
func parse(sql string) (s statement, err error) {
	p := &parser{}
	if p.source, err = lex(sql, 0); err != nil {
		return s, err
	}
	if n := len(p.tokens); n > 0 && p.tokens[n-1].is(";") {
		p.tokens = p.tokens[:n-1]
	}
	if slices.ContainsFunc(p.tokens, func(t token) bool { return t.is(";") }) {
		return s, &failure{text: "Only one sql statement is allowed. Got: " + sql}
	}
	if len(p.tokens) == 0 {
		return s, &failure{text: "QueryString does not contain a statement"}
	}
	defer catch(&err)
	switch {
	case p.peek(0).isAny("select", "with", "values", "("):
		s.verb = selectRows
		p.rest(&s)
	case p.next("create", "view"), p.next("create", "or", "replace", "view"):
		s = statement{verb: createView, replace: p.take("create", "or", "replace", "view") || !p.take("create", "view"), name: p.objectName()}
		p.want("as")
		p.rest(&s)
	case p.take("drop", "view"):
		s = statement{verb: dropView, ifExists: p.take("if", "exists"), name: p.objectName()}
	case p.take("explain"):
		s.verb, p.at = explain, len(p.tokens)
	case p.takeAny("describe", "desc"):
		s = statement{verb: describeTable, name: p.hiveName()}
		if p.at < len(p.tokens) { // for example DESCRIBE FORMATTED, or the name of a column
			p.unsupported(p.tokens[1].start, "DESCRIBE with more than the name of a table or view")
		}
	case p.take("show"):
		p.show(&s)
	default:
		p.notSupported()
	}
	if p.at < len(p.tokens) {
		p.mismatch(p.at)
	}
	return s, nil
}

// rest consumes all remaining tokens and stores them as the query of the statement.
func (p *parser) rest(s *statement) {
	if p.at == len(p.tokens) {
		p.mismatch(p.at)
	}
	s.queryAt = p.peek(0).start
	s.query = p.sql[s.queryAt:p.tokens[len(p.tokens)-1].end]
	p.at = len(p.tokens)
}

// notSupported rejects a statement and names its type.
func (p *parser) notSupported() {
	kind := upper(p.tokens[0].text)
	if t := p.peek(1 - p.at); t.kind == word && p.tokens[0].isAny("create", "drop", "alter", "show", "describe", "desc", "explain", "insert") {
		kind += " " + upper(t.text)
	}
	if kind == "SHOW CREATE" {
		kind += " " + upper(p.peek(2-p.at).text)
	}
	panic(refusal{failWith("NOT_SUPPORTED", "Queries of this type are not supported; the local Athena does not support %s. It supports "+
		"SELECT, DESCRIBE, CREATE VIEW, DROP VIEW, SHOW DATABASES, SHOW TABLES, SHOW VIEWS and "+
		"SHOW CREATE VIEW; EXPLAIN needs --engine trino", kind)})
}

// show consumes the part of a SHOW statement after the word SHOW.
func (p *parser) show(s *statement) {
	switch {
	case p.takeAny("databases", "schemas"):
		*s = statement{verb: showDatabases}
	case p.take("tables"):
		*s = statement{verb: showTables, name: p.inDatabase()}
	case p.take("views"):
		*s = statement{verb: showViews, name: p.inDatabase()}
	case p.take("create", "view"):
		*s = statement{verb: showCreateView, name: p.objectName()}
	default:
		p.notSupported()
	}
	if t := p.peek(0); t.is("like") || t.kind == literal {
		p.unsupported(t.start, "a pattern in SHOW")
	}
}

// inDatabase consumes the optional database of a SHOW statement.
func (p *parser) inDatabase() name {
	if !p.takeAny("in", "from") {
		return name{}
	}
	return name{database: p.hiveName().table}
}

// hiveName consumes a name in Hive's syntax, which allows backquotes and the reserved words of SELECT, but not double quotes.
func (p *parser) hiveName() name {
	return p.name(func(t token) bool { return t.kind == word || t.kind == backquoted || t.kind == digitWord })
}

// objectName consumes a name of the form [[awsdatacatalog.]database.]name.
func (p *parser) objectName() name { return p.name(isIdentifier) }

// name consumes a name whose parts have the given property.
func (p *parser) name(isPart func(token) bool) (n name) {
	catalog := ""
	for more := true; more; more = p.take(".") {
		if !isPart(p.peek(0)) {
			p.mismatch(p.at)
		}
		catalog, n = n.database, name{n.table, lower(p.peek(0).text)}
		p.at++
	}
	return n.in(catalog)
}

// in returns the name, or rejects the query if its catalog is not the Glue catalog.
func (n name) in(catalog string) name {
	if catalog != "" && catalog != catalogName {
		panic(refusal{failWith("CATALOG_NOT_FOUND", "Catalog '%s' does not exist; use %s", catalog, catalogName)})
	}
	return n
}

// parser reads the head of a statement. A method named after a part of a statement consumes its tokens, or rejects the statement.
type parser struct {
	source
	at int // index of the next token
}

// peek returns the token n positions after the next token.
func (p *parser) peek(n int) token { return p.token(p.at + n) }

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
	ok := p.next(texts...)
	if ok {
		p.at += len(texts)
	}
	return ok
}

// takeAny consumes the next token if it is one of the given tokens, and reports whether it is.
func (p *parser) takeAny(texts ...string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return p.take(text) })
}

// want consumes the given token, or rejects the statement.
func (p *parser) want(text string) {
	if !p.take(text) {
		p.mismatch(p.at)
	}
}

// isIdentifier reports whether a token can be a name.
func isIdentifier(t token) bool {
	return t.kind == quoted || t.kind == word && !slices.Contains(reserved, upper(t.text))
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
