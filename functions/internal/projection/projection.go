// Package projection decides which columns a table's view has, and which SQL expressions compute them from the crawled table. Each column
// has the type that it has in the database, unless the source drops or masks the column or sets another type.
package projection

import (
	"fmt"
	"slices"
	"strings"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// Column is a column of a view.
type Column struct {
	// Name is in lower case, like all names in Athena.
	Name string
	// Expression computes the column from the crawled table.
	Expression string
	// Type is the SQL type of Expression, and CrawledType is the SQL type in the crawled table.
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

// Table is the projection of a table in one export.
type Table struct {
	Columns []Column
	// Names holds the names of all columns of the table, including dropped columns.
	Names []string
	// Database and Crawled name the crawled table. Crawled is "" for a table without rows, since there is no file to crawl.
	Database, Crawled string
	// TablePrefix is the name prefix of the export's crawled tables.
	TablePrefix string
}

// Find returns the column with the given name.
func (t Table) Find(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Query returns the SELECT. For an empty table, it contains the table prefix as a literal, which identifies the export.
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

// From returns the part of the SELECT after the column list.
func (t Table) From() string {
	if t.Crawled == "" {
		return "WHERE " + Literal(t.TablePrefix) + " IS NULL"
	}
	return "FROM " + Quote(t.Database) + "." + Quote(t.Crawled)
}

// Quote returns a quoted identifier.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Literal returns a string literal.
func Literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Mapper returns the projections of a source's tables.
type Mapper struct {
	Source workflow.Source
	// Engine is RDS's name for the database engine.
	Engine string
	// Database contains the crawled tables.
	Database string
	// Previous is true for the export of an earlier run. A type from "columns" is then ignored if the column cannot be converted.
	Previous bool
}

// CrawledTable is a table created by the crawler. Its columns have Glue types and exclude the partition keys.
type CrawledTable struct {
	Name    string
	Columns []catalog.Column
}

// exportedColumn is a column with its name and Glue type in the catalog. For an empty table, which is not crawled, both are predicted.
type exportedColumn struct {
	manifest.Column
	name, glueType, warning string
}

// Project returns the projection of a table: the columns in the manifest's order, then the columns that only the crawler found. It omits
// dropped columns. The argument crawled is nil for an empty table. A warning names a column that was exported in an unexpected form.
func (m Mapper) Project(view string, t manifest.Table, crawled *CrawledTable, tablePrefix string) (p Table, warnings []string, err error) {
	p = Table{Database: m.Database, TablePrefix: tablePrefix}
	if crawled != nil {
		p.Crawled = crawled.Name
	}
	exportedColumns, err := m.exportedColumns(view, t, crawled)
	if err != nil {
		return p, nil, err
	}
	for _, a := range exportedColumns {
		p.Names = append(p.Names, a.name)
		c, warning, err := m.column(view, a)
		if err != nil {
			return p, nil, err
		}
		for _, text := range []string{a.warning, warning} {
			if text != "" {
				warnings = append(warnings, fmt.Sprintf("%s.%s: %s", t, a.Name, text))
			}
		}
		if c.Expression != "" {
			c.CrawledType = sqlTypeOf(a.glueType)
			p.Columns = append(p.Columns, c)
		}
	}
	if len(p.Columns) == 0 {
		return p, nil, fmt.Errorf("every column is dropped (%s); to skip the table, do not select it in \"tables\"", strings.Join(p.Names, ", "))
	}
	return p, warnings, nil
}

// exportedColumns returns the exported columns of a table, including those that a rule drops.
func (m Mapper) exportedColumns(view string, t manifest.Table, crawled *CrawledTable) (all []exportedColumn, err error) {
	var found []catalog.Column
	if crawled != nil {
		found = crawled.Columns
	}
	left := map[string]string{} // the Glue types of found columns that have not been added yet
	for _, c := range slices.Backward(found) {
		left[c.Name] = c.Type
	}
	seen := map[string]string{}
	for _, c := range t.Columns {
		a := exportedColumn{Column: c, name: strings.ToLower(c.Name)}
		if other, twice := seen[a.name]; twice {
			if rule, _ := m.Source.Rule(view, a.name); rule.As != workflow.Drop {
				return nil, fmt.Errorf("columns %q and %q have the same name in Athena, which ignores case; "+
					"to leave out both, add a rule under \"columns\" that drops %s.%s", other, c.Name, view, a.name)
			}
			continue
		}
		seen[a.name] = c.Name
		glueType, isFound := left[a.name]
		switch {
		case isFound:
			a.glueType = glueType
			delete(left, a.name)
		case strings.EqualFold(c.OriginalType, "oid"):
			continue // RDS does not export it (RDS guide, "Data conversion when exporting to an Amazon S3 bucket")
		case crawled != nil:
			return nil, fmt.Errorf("crawled table %q has no column %q; delete that table, then redrive to crawl it again", crawled.Name, a.name)
		default:
			if a.glueType = glueTypeOf(c.ExportedType); a.glueType == "" {
				a.glueType = "string"
				a.warning = "the table is empty and the export does not include the column's type, so the column is varchar for now"
			}
		}
		all = append(all, a)
	}
	for _, c := range found {
		if glueType, isLeft := left[c.Name]; isLeft {
			all = append(all, exportedColumn{Column: manifest.Column{Name: c.Name}, name: c.Name, glueType: glueType})
			delete(left, c.Name)
		}
	}
	return all, nil
}

// column returns a column of the view. Its Expression is "" if the column is dropped.
func (m Mapper) column(view string, a exportedColumn) (c Column, warning string, err error) {
	c = Column{Name: a.name, Expression: Quote(a.name), Type: sqlTypeOf(a.glueType)}
	rule, _ := m.Source.Rule(view, a.name)
	switch {
	case rule.As == workflow.Drop:
		return Column{}, "", nil
	case !isKnownType(c.Type):
		return c, "", fmt.Errorf("column %s has the type %.160q, which RDS exports never use; add a rule under \"columns\" that drops %s.%s",
			a.name, a.glueType, view, a.name)
	case rule.As == workflow.Raw:
		return c, "", nil
	case rule.As != "" && rule.As != workflow.SHA256 && rule.As != workflow.Hide:
		if expression, ok := Cast(c.Expression, c.Type, rule.As); ok {
			c.Expression, c.Type = expression, rule.As
			return c, "", nil
		}
		if !m.Previous {
			return c, "", fmt.Errorf("column %s cannot be converted to %s, because it was exported as %s; correct the rule under \"columns\"",
				a.name, rule.As, c.Type)
		}
	}
	if a.OriginalType != "" {
		c.Expression, c.Type, warning = mapType(m.Engine, a.Column, a.glueType, c.Expression)
	}
	switch rule.As {
	case workflow.Hide:
		c = c.Null()
	case workflow.SHA256:
		c = c.hashed(a.OriginalType)
	}
	return c, warning, nil
}

// hashed returns the SHA-256 of the column's text, or of its bytes, as hexadecimal digits. It removes trailing zeros from a fraction, so
// that the hash does not depend on the scale of a decimal or the precision of a timestamp. sourceType is the type in the database.
func (c Column) hashed(sourceType string) Column {
	text, isBytes := c.Expression, c.Type == "varbinary"
	if !isBytes && c.Type != "varchar" {
		text = "CAST(" + text + " AS varchar)"
	}
	if base := baseOf(c.Type); base == "timestamp" || base == "decimal" || base == "varchar" && lists("decimal, numeric", sourceType) {
		text = "CASE WHEN " + text + " LIKE '%.%' THEN regexp_replace(" + text + `, '\.?0+$') ELSE ` + text + " END"
	}
	if !isBytes {
		text = "to_utf8(" + text + ")"
	}
	return Column{Name: c.Name, Expression: "lower(to_hex(sha256(" + text + ")))", Type: "varchar"}
}
