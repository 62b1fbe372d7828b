package athena

import (
	"errors"
	"strings"

	"snaplake/local/internal/wire"
)

// statement is what a query string asks for.
type statement struct {
	verb verb
	// query is the SELECT of a query or of a view, and queryAt where in the query string it begins.
	query   string
	queryAt int
	// name of the view, of the database of SHOW TABLES, or of the table of SHOW COLUMNS.
	name              name
	replace, ifExists bool
}

// translate rewrites the query of a statement for the engine.
func (s statement) translate(sql string) (translated, error) {
	return translate(sql[:s.queryAt+len(s.query)], s.queryAt)
}

// checkSyntax finds what Athena refuses before it starts a query. What else is wrong shows when it runs.
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

// verb is an Athena statement that the local AWS knows.
type verb string

// The values are Athena's SubstatementTypes.
const (
	selectRows    verb = "SELECT"
	createView    verb = "CREATE_VIEW"
	dropView      verb = "DROP_VIEW"
	showDatabases verb = "SHOW_DATABASES"
	showTables    verb = "SHOW_TABLES"
	showViews     verb = "SHOW_VIEWS"
	showColumns   verb = "SHOW_COLUMNS"
)

// kind is Athena's StatementType.
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

// name is the name of a table or view, lower case. database is "" when it is not given.
type name struct{ database, table string }

// parser goes through the tokens of a statement.
type parser struct {
	sql    string
	tokens []token
}

// parse tells what a query string asks for. What Athena refuses before it starts a query is a [wire.Error], what it finds
// out afterwards a failure.
func parse(sql string) (statement, error) {
	tokens, err := lex(sql)
	if err != nil {
		return statement{}, err
	}
	p := &parser{sql: sql, tokens: tokens}
	if n := len(p.tokens); n > 0 && p.tokens[n-1].is(";") {
		p.tokens = p.tokens[:n-1]
	}
	for _, t := range p.tokens {
		if t.is(";") {
			return statement{}, wire.Errorf("InvalidRequestException", "Only one sql statement is allowed. Got: %s", sql)
		}
	}
	switch {
	case len(p.tokens) == 0:
		return statement{}, wire.Errorf("InvalidRequestException", "QueryString has no statement")
	case p.tokens[0].is("select"), p.tokens[0].is("with"), p.tokens[0].is("values"), p.tokens[0].is("("):
		return p.rest(statement{verb: selectRows})
	case p.take("create", "or", "replace", "view"):
		return p.view(true)
	case p.take("create", "view"):
		return p.view(false)
	case p.take("drop", "view"):
		s := statement{verb: dropView, ifExists: p.take("if", "exists")}
		s.name, err = p.name()
		return p.end(s, err)
	case p.take("show", "databases"), p.take("show", "schemas"):
		return p.end(statement{verb: showDatabases}, nil)
	case p.take("show", "tables"):
		return p.database(statement{verb: showTables})
	case p.take("show", "views"):
		return p.database(statement{verb: showViews})
	case p.take("show", "columns", "from"), p.take("show", "columns", "in"):
		s := statement{verb: showColumns}
		s.name, err = p.name()
		if err == nil && (p.take("from") || p.take("in")) {
			var database name
			database, err = p.name()
			s.name.database = database.table
		}
		return p.end(s, err)
	}
	return statement{}, wire.Errorf("InvalidRequestException", "Queries of this type are not supported: the local AWS runs SELECT, CREATE VIEW, DROP VIEW, SHOW DATABASES, SHOW TABLES, SHOW VIEWS and SHOW COLUMNS")
}

// take takes these words when they are the next ones.
func (p *parser) take(words ...string) bool {
	if len(p.tokens) < len(words) {
		return false
	}
	for i, w := range words {
		if !p.tokens[i].is(w) {
			return false
		}
	}
	p.tokens = p.tokens[len(words):]
	return true
}

// rest makes all that is left the query of s.
func (p *parser) rest(s statement) (statement, error) {
	if len(p.tokens) == 0 {
		return s, p.mismatch()
	}
	s.queryAt = p.tokens[0].start
	s.query = p.sql[s.queryAt:p.tokens[len(p.tokens)-1].end]
	return s, nil
}

// end refuses what is left.
func (p *parser) end(s statement, err error) (statement, error) {
	if err == nil && len(p.tokens) > 0 {
		err = p.mismatch()
	}
	return s, err
}

// mismatch is the error about the next token.
func (p *parser) mismatch() error {
	if len(p.tokens) == 0 {
		return syntaxError(p.sql, len(p.sql), "mismatched input '<EOF>'")
	}
	t := p.tokens[0]
	return syntaxError(p.sql, t.start, "mismatched input '"+p.sql[t.start:t.end]+"'")
}

func (p *parser) view(replace bool) (statement, error) {
	s := statement{verb: createView, replace: replace}
	var err error
	if s.name, err = p.name(); err != nil {
		return s, err
	}
	if !p.take("as") {
		return s, p.mismatch()
	}
	return p.rest(s)
}

// database reads the optional database of SHOW TABLES and SHOW VIEWS.
func (p *parser) database(s statement) (statement, error) {
	if !p.take("in") && !p.take("from") {
		return p.end(s, nil)
	}
	n, err := p.name()
	s.name.database = n.table
	return p.end(s, err)
}

// name reads [[awsdatacatalog.]database.]table.
func (p *parser) name() (name, error) {
	var parts []string
	for {
		if len(p.tokens) == 0 || p.tokens[0].kind != word && p.tokens[0].kind != quoted {
			return name{}, p.mismatch()
		}
		parts = append(parts, strings.ToLower(p.tokens[0].text))
		p.tokens = p.tokens[1:]
		if !p.take(".") {
			break
		}
	}
	switch {
	case len(parts) == 1:
		return name{"", parts[0]}, nil
	case len(parts) == 2:
		return name{parts[0], parts[1]}, nil
	case len(parts) == 3 && parts[0] == catalogName:
		return name{parts[1], parts[2]}, nil
	}
	return name{}, &failure{code: "CATALOG_NOT_FOUND", text: "Catalog '" + parts[0] + "' does not exist; the local AWS has " + catalogName}
}
