package main

import (
	"slices"
	"strings"

	"snaplake/functions/internal/lake"
)

// view is one that is to be made.
type view struct {
	name string
	kind lake.Kind
	// of is what it is made of, for people: "table shop.users", "views/shop/daily_sales.sql".
	of string
	// query makes what the view shows. It is made when it is needed, since all of them together are large.
	query func() string
	// needs are the names of the views of this database that it reads.
	needs []string
}

// statementBytes is how long a statement may be (Athena guide, "Service Quotas").
const statementBytes = 262144

// quote makes an identifier of any name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// text makes a literal.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// statement makes the view. The query begins on its first line, so that the line numbers in Athena's complaints are those of the
// user's file.
func (v *view) statement(database string) string { return v.prefix(database) + v.query() }

// prefix is what comes before the query.
func (v *view) prefix(database string) string {
	return "CREATE OR REPLACE VIEW " + quote(database) + "." + quote(v.name) + " AS "
}

// fixed is a query that is known already.
func fixed(query string) func() string { return func() string { return query } }

// column is a column of a view.
type column struct {
	// name is lower case, as Athena has it.
	name string
	// expression gives the column out of the crawled table.
	expression string
	// sqlType is the expression's.
	sqlType string
	// crawledType is the SQL type that the column has in the crawled table.
	crawledType string
}

// as is the column as one of a SELECT.
func (c column) as() string {
	if c.expression == quote(c.name) {
		return c.expression
	}
	return c.expression + " AS " + quote(c.name)
}

// null is the column without a value.
func (c column) null() column {
	c.expression = "CAST(NULL AS " + c.sqlType + ")"
	return c
}

// shape is a table as one export has it.
type shape struct {
	columns []column
	// database and crawled are the crawled table's name; crawled is "" of a table without rows. Such a table has no file, and so
	// nothing that was crawled.
	database, crawled string
	// tablePrefix of the export's crawled tables.
	tablePrefix string
}

// find returns the column of a name.
func (s shape) find(name string) (column, bool) {
	for _, c := range s.columns {
		if c.name == name {
			return c, true
		}
	}
	return column{}, false
}

// has tells whether there are columns of all these names.
func (s shape) has(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, there := s.find(name); return !there })
}

// query reads the table. The table prefix of an empty one, which is a text there, tells of which export it is nonetheless.
func (s shape) query() string {
	columns := s.columns
	if s.crawled == "" {
		columns = nil
		for _, c := range s.columns {
			columns = append(columns, c.null())
		}
	}
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.as()
	}
	return "SELECT\n  " + strings.Join(list, ",\n  ") + "\n" + s.from()
}

// from is what follows the columns.
func (s shape) from() string {
	if s.crawled == "" {
		return "WHERE " + literal(s.tablePrefix) + " IS NULL"
	}
	return "FROM " + quote(s.database) + "." + quote(s.crawled)
}
