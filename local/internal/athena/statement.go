package athena

import (
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

// translate translates the query in a statement into DuckDB's SQL.
func (s statement) translate(sql string) (translated, error) {
	return translate(sql[:s.queryAt+len(s.query)], s.queryAt)
}

// checkSyntax returns the syntax error of a statement, or nil. Athena reports other errors only when the query runs.
func (s statement) checkSyntax(sql string) error {
	if s.query == "" {
		return nil
	}
	_, err := s.translate(sql)
	if f, ok := err.(*failure); ok && f.code == "SYNTAX_ERROR" {
		return f
	}
	return nil
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
	tokens, err := lex(sql, 0)
	if err != nil {
		return s, err
	}
	if n := len(tokens); n > 0 && tokens[n-1].is(";") {
		tokens = tokens[:n-1]
	}
	if slices.ContainsFunc(tokens, func(t token) bool { return t.is(";") }) {
		return s, &failure{text: "Only one sql statement is allowed. Got: " + sql}
	}
	if len(tokens) == 0 {
		return s, &failure{text: "QueryString does not contain a statement"}
	}
	p := newParser(sql, 0, tokens)
	defer catch(&err)
	switch {
	case p.peek(0).isAny("select", "with", "values", "("):
		s.verb = selectRows
		p.rest(&s)
	case p.next("create", "view"), p.next("create", "or", "replace", "view"):
		p.at++
		p.createView(&s)
	case p.take("drop", "view"):
		s = statement{verb: dropView, ifExists: p.take("if", "exists"), name: p.objectName()}
	case p.take("explain"):
		s.verb, p.at = explain, len(p.tokens)
	case p.takeAny("describe", "desc"):
		p.describe(&s)
	case p.take("show"):
		p.show(&s)
	default:
		p.notSupported()
	}
	p.end()
	return s, nil
}

func (p *parser) createView(s *statement) {
	*s = statement{verb: createView, replace: p.take("or", "replace")}
	p.want("view")
	s.name = p.objectName()
	p.want("as")
	p.rest(s)
}

// rest consumes all remaining tokens and stores them as the query of the statement.
func (p *parser) rest(s *statement) {
	if p.at == len(p.tokens) {
		p.mismatch()
	}
	s.queryAt = p.peek(0).start
	s.query = p.query[s.queryAt:p.tokens[len(p.tokens)-1].end]
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

func (p *parser) describe(s *statement) {
	*s = statement{verb: describeTable, name: p.hiveName()}
	if p.at < len(p.tokens) { // for example DESCRIBE FORMATTED, or the name of a column
		p.unsupported(p.tokens[1], "DESCRIBE with more than the name of a table or view")
	}
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
		p.unsupported(t, "a pattern in SHOW")
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
	var catalog string
	var n name
	for more := true; more; more = p.take(".") {
		t := p.peek(0)
		if t.kind != word && t.kind != backquoted && t.kind != digitWord {
			p.mismatch()
		}
		p.at++
		catalog, n = n.database, name{n.table, lower(t.text)}
	}
	return n.in(catalog)
}

// objectName consumes a name of the form [[awsdatacatalog.]database.]name.
func (p *parser) objectName() name {
	r := p.qualifiedName()
	return name{r.schema, r.table}.in(r.catalog)
}

// in returns the name, or rejects the query if its catalog is not the Glue catalog.
func (n name) in(catalog string) name {
	if catalog != "" && catalog != catalogName {
		panic(refusal{failWith("CATALOG_NOT_FOUND", "Catalog '%s' does not exist; use %s", catalog, catalogName)})
	}
	return n
}
