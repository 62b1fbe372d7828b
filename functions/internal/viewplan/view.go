package viewplan

import (
	"fmt"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
)

// View is a view to create.
type View struct {
	Name string
	kind exports.Kind
	// of describes what the view shows: "table shop.users", "views/shop/daily_sales.sql".
	of string
	// query returns the view's query. It is called when it is needed: all queries together are large, and that of the freshness
	// depends on numbers of rows that are counted later.
	query func() string
	// Needs are the names of the planned views that it reads.
	Needs []string
}

// Statement returns the statement that creates the view. The query begins on its first line, so that line numbers in Athena's errors are
// those of the user's file.
func (v *View) Statement(database string) string { return v.prefix(database) + v.query() }

func (v *View) prefix(database string) string {
	return "CREATE OR REPLACE VIEW " + projection.Quote(database) + "." + projection.Quote(v.Name) + " AS "
}

// Describe names the view in an error.
func (v *View) Describe(database string) string {
	return fmt.Sprintf("view %s.%s (%s)", projection.Quote(database), projection.Quote(v.Name), v.of)
}

// DescribeFailure returns a line about a view that Athena refused, with Athena's reason and the line of the SQL that it refers to.
func (v *View) DescribeFailure(database, reason, sql string) string {
	return v.Describe(database) + ": " + statement.Locate(reason, sql)
}

// ReadsNoExport reports whether the view may read no crawled table itself.
func (v *View) ReadsNoExport() bool { return v.kind == exports.Own || v.kind == exports.OfFreshness }

// fixed returns a query that is known already.
func fixed(query string) func() string { return func() string { return query } }
