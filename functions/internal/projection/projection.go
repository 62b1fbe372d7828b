// Package projection decides which columns the view of a table has and which SQL computes them from the crawled table: each in the
// type that it has in the database, without those that the source excludes, and with those masked that it masks.
package projection

import (
	"slices"
	"strings"
)

// Column is a column of a view.
type Column struct {
	// Name is lower case, as Athena has it.
	Name string
	// Expression computes the column from the crawled table.
	Expression string
	// Type is the SQL type of Expression, CrawledType that of the column in the crawled table.
	Type, CrawledType string
}

// SQL returns the column as an item of a SELECT.
func (c Column) SQL() string {
	if c.Expression == Quote(c.Name) {
		return c.Expression
	}
	return c.Expression + " AS " + Quote(c.Name)
}

// Null returns the column with NULL as its value.
func (c Column) Null() Column {
	c.Expression = "CAST(NULL AS " + c.Type + ")"
	return c
}

// Table is the projection of a table as one export has it.
type Table struct {
	Columns []Column
	// Names are those of all columns that the table has, the excluded ones among them.
	Names []string
	// Database and Crawled name the crawled table. Crawled is "" for a table without rows, which has no file to crawl.
	Database, Crawled string
	// TablePrefix is that of the export's crawled tables.
	TablePrefix string
}

// Find returns the column with a name.
func (t Table) Find(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Has reports whether there are columns with all these names.
func (t Table) Has(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, there := t.Find(name); return !there })
}

// Query returns the SELECT. That of an empty table contains the table prefix as a literal, so that its export can be told.
func (t Table) Query() string {
	list := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		if t.Crawled == "" {
			c = c.Null()
		}
		list[i] = c.SQL()
	}
	return "SELECT\n  " + strings.Join(list, ",\n  ") + "\n" + t.From()
}

// From returns the part of the SELECT after its list.
func (t Table) From() string {
	if t.Crawled == "" {
		return "WHERE " + Literal(t.TablePrefix) + " IS NULL"
	}
	return "FROM " + Quote(t.Database) + "." + Quote(t.Crawled)
}

// Quote returns an identifier.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Literal returns a string literal.
func Literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
