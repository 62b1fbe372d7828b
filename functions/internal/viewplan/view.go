package main

import (
	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/projection"
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

// statement makes the view. The query begins on its first line, so that the line numbers in Athena's complaints are those of the
// user's file.
func (v *view) statement(database string) string { return v.prefix(database) + v.query() }

// prefix is what comes before the query.
func (v *view) prefix(database string) string {
	return "CREATE OR REPLACE VIEW " + projection.Quote(database) + "." + projection.Quote(v.name) + " AS "
}

// fixed is a query that is known already.
func fixed(query string) func() string { return func() string { return query } }
