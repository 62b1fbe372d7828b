package main

import (
	"fmt"
	"strings"

	"snaplake/functions/internal/manifest"
)

// view is one that is to be made.
type view struct {
	name string
	// of is what it is made of, for people: "table shop.users", "views/shop/daily_sales.sql".
	of string
	// sql is the whole statement.
	sql string
	// needs are the names of the views of this database that it reads.
	needs []string
}

// column is a column of a view.
type column struct {
	// name is lower case, as Athena has it.
	name string
	// expression gives the column out of the crawled table.
	expression string
	// sqlType is the expression's.
	sqlType string
}

// quote makes an identifier of any name.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// createView is the statement that makes a view. The query begins on the statement's first line, so that the line numbers in
// Athena's complaints are those of the user's file.
func createView(database, name, query string) string {
	return "CREATE OR REPLACE VIEW " + quote(database) + "." + quote(name) + " AS " + query
}

// selectFrom reads a crawled table.
func selectFrom(columns []column, database, table string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.expression
		if c.expression != quote(c.name) {
			list[i] += " AS " + quote(c.name)
		}
	}
	return "SELECT\n  " + strings.Join(list, ",\n  ") + "\nFROM " + quote(database) + "." + quote(table)
}

// selectNothing has the columns and no row. An empty table has no file, and so no crawled table to read; the table prefix, which
// is a text here, tells of which export it is nonetheless.
func selectNothing(columns []column, tablePrefix string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "CAST(NULL AS " + c.sqlType + ") AS " + quote(c.name)
	}
	return "SELECT\n  " + strings.Join(list, ",\n  ") + "\nWHERE '" + tablePrefix + "' IS NULL"
}

// columnsOf gives the columns of a table's view: those of the manifest in their order, then those that only the crawler saw.
// crawled is nil for an empty table, whose columns are as the manifest says they would have been exported.
//
// Of what is odd about a column and does not keep the view from being made, a warning says which column and why.
func columnsOf(t manifest.Table, crawled *crawledTable, isMySQL bool) (columns []column, warnings []string, err error) {
	glueTypes := map[string]string{}
	if crawled != nil {
		for _, c := range crawled.columns {
			glueTypes[c.name] = c.glueType
		}
	}
	seen := map[string]string{}
	for _, m := range t.Columns {
		name := strings.ToLower(m.Name)
		if other, twice := seen[name]; twice {
			return nil, nil, fmt.Errorf("columns %q and %q have one name in Athena, which knows no upper case", other, m.Name)
		}
		seen[name] = m.Name
		glueType, there := glueTypes[name]
		switch {
		case there:
		case crawled != nil:
			return nil, nil, fmt.Errorf("crawled table %q has no column %q; delete that table, and a redrive crawls it again", crawled.name, name)
		default:
			glueType = crawledAs(m.ExportedType)
			if glueType == "" {
				glueType = "string"
				warnings = append(warnings, fmt.Sprintf("%s.%s: the export does not say its type, and the table is empty: it is text for now", t, m.Name))
			}
		}
		c, warning := columnOf(m, name, glueType, isMySQL)
		if warning != "" {
			warnings = append(warnings, fmt.Sprintf("%s.%s: %s", t, m.Name, warning))
		}
		columns = append(columns, c)
	}
	if crawled != nil {
		for _, c := range crawled.columns {
			if _, known := seen[c.name]; !known {
				columns = append(columns, column{name: c.name, expression: quote(c.name), sqlType: sqlTypeOf(c.glueType)})
			}
		}
	}
	return columns, warnings, nil
}

func columnOf(m manifest.Column, name, glueType string, isMySQL bool) (c column, warning string) {
	c = column{name: name, expression: quote(name), sqlType: sqlTypeOf(glueType)}
	if !isMySQL {
		return c, ""
	}
	f := familyOf(m.OriginalType)
	ok := false
	c.expression, c.sqlType, ok = restore(f, glueType, quote(name))
	switch {
	case ok:
	case f == decimal && glueType == "string":
		warning = "a decimal of more than 38 digits, which Athena does not have: it stays text"
	default:
		warning = fmt.Sprintf("%s arrived as %s and stays so", m.OriginalType, glueType)
	}
	return c, warning
}
