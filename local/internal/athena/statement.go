package athena

import (
	"errors"
	"slices"

	"snaplake/local/internal/wire"
)

// statement is a parsed query string.
type statement struct {
	verb verb
	// query is the SELECT statement of a query or of a view.
	query string
	// queryAt is the byte offset of query in the query string.
	queryAt int
	// name is the name of the view. For SHOW TABLES and SHOW VIEWS, only its database is set.
	name              name
	replace, ifExists bool
}

// translate translates the query in a statement into DuckDB's SQL.
func (s statement) translate(sql string) (translated, error) {
	return translate(sql[:s.queryAt+len(s.query)], s.queryAt)
}

// checkSyntax returns the syntax error of a statement, or nil. Athena reports syntax errors when a query is submitted, and all other errors
// when the query runs.
func (s statement) checkSyntax(sql string) error {
	if s.query == "" {
		return nil
	}
	_, err := s.translate(sql)
	if f, ok := errors.AsType[*failure](err); ok && f.code != "SYNTAX_ERROR" {
		return nil
	}
	return err
}

// verb is the SubstatementType of a statement in Athena's API.
type verb string

const (
	selectRows    verb = "SELECT"
	createView    verb = "CREATE_VIEW"
	dropView      verb = "DROP_VIEW"
	showDatabases verb = "SHOW_DATABASES"
	showTables    verb = "SHOW_TABLES"
	showViews     verb = "SHOW_VIEWS"
)

// kind returns the StatementType in Athena's API: DML, DDL or UTILITY.
func (v verb) kind() string {
	switch v {
	case selectRows:
		return "DML"
	case createView, dropView:
		return "DDL"
	default:
		return "UTILITY"
	}
}

// name is the lower-case name of a table or view. database is empty if the statement does not specify it.
type name struct{ database, table string }

// parse parses a query string. Its error is a failure or a [wire.Error].
func parse(sql string) (s statement, err error) {
	tokens, err := lex(sql)
	if err != nil {
		return s, err
	}
	if n := len(tokens); n > 0 && tokens[n-1].is(";") {
		tokens = tokens[:n-1]
	}
	if slices.ContainsFunc(tokens, func(t token) bool { return t.is(";") }) {
		return s, wire.Errorf("InvalidRequestException", "Only one sql statement is allowed. Got: %s", sql)
	}
	if len(tokens) == 0 {
		return s, wire.Errorf("InvalidRequestException", "QueryString does not contain a statement")
	}
	p := newParser(sql, 0, tokens)
	defer catch(&err)
	switch {
	case p.peek(0).isAny("select", "with", "values", "("):
		s.verb = selectRows
		p.rest(&s)
	case p.take("create", "or", "replace", "view"):
		s.replace = true
		p.createView(&s)
	case p.take("create", "view"):
		p.createView(&s)
	case p.take("drop", "view"):
		s = statement{verb: dropView, ifExists: p.take("if", "exists"), name: p.objectName()}
	case p.take("show", "databases"), p.take("show", "schemas"):
		s.verb = showDatabases
	case p.take("show", "tables"):
		s = statement{verb: showTables, name: p.inDatabase()}
	case p.take("show", "views"):
		s = statement{verb: showViews, name: p.inDatabase()}
	default:
		return s, wire.Errorf("InvalidRequestException", "Queries of this type are not supported; "+
			"the local Athena supports SELECT, CREATE VIEW, DROP VIEW, SHOW DATABASES, SHOW TABLES and SHOW VIEWS")
	}
	p.end()
	return s, nil
}

func (p *parser) createView(s *statement) {
	s.verb = createView
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

// inDatabase consumes the optional database of SHOW TABLES and SHOW VIEWS.
func (p *parser) inDatabase() name {
	if !p.takeAny("in", "from") {
		return name{}
	}
	return name{database: p.objectName().table}
}

// objectName consumes a name of the form [[awsdatacatalog.]database.]name.
func (p *parser) objectName() name {
	r := p.qualifiedName()
	if r.catalog != "" && r.catalog != catalogName {
		text := "Catalog '" + r.catalog + "' does not exist; use " + catalogName
		panic(refusal{&failure{code: "CATALOG_NOT_FOUND", text: text}})
	}
	return name{r.schema, r.table}
}
