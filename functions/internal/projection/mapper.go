package projection

import (
	"fmt"
	"slices"
	"strings"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// Mapper makes the projections of a source's tables.
type Mapper struct {
	Source workflow.Source
	// Engine is RDS's name of the database engine.
	Engine string
	// Database contains the crawled tables.
	Database string
	// Previous is true for the export of an earlier run, where a type from the setting columns applies only if it fits.
	Previous bool
}

// CrawledTable is a table that the crawler made. Its columns have Glue's types, and the partition keys are not among them.
type CrawledTable struct {
	Name    string
	Columns []catalog.Column
}

// column returns a column of the crawled table, if there is one, by its name.
func (t *CrawledTable) column(name string) (catalog.Column, bool) {
	if t == nil {
		return catalog.Column{}, false
	}
	i := slices.IndexFunc(t.Columns, func(c catalog.Column) bool { return c.Name == name })
	if i < 0 {
		return catalog.Column{}, false
	}
	return t.Columns[i], true
}

// arrival is a column of a table with its name and its Glue type in the catalog, or those that it would have.
type arrival struct {
	manifest.Column
	name, glueType string
}

// Project returns the projection of a table: the columns of the manifest in their order, then those that only the crawler saw, without
// those that the source excludes. crawled is nil for an empty table, whose columns have the types that the manifest announces.
// A warning names a column that arrived in an unexpected form.
func (m Mapper) Project(view string, t manifest.Table, crawled *CrawledTable, tablePrefix string) (p Table, warnings []string, err error) {
	p = Table{Database: m.Database, TablePrefix: tablePrefix}
	if crawled != nil {
		p.Crawled = crawled.Name
	}
	arrivals, warnings, err := m.arrivals(view, t, crawled)
	if err != nil {
		return p, nil, err
	}
	for _, a := range arrivals {
		p.Names = append(p.Names, a.name)
		c, warning, err := m.column(view, a)
		if err != nil {
			return p, nil, err
		}
		if warning != "" {
			warnings = append(warnings, fmt.Sprintf("%s.%s: %s", t, a.Name, warning))
		}
		if c.Expression != "" {
			c.CrawledType = sqlTypeOf(a.glueType)
			p.Columns = append(p.Columns, c)
		}
	}
	if len(p.Columns) == 0 {
		return p, nil, fmt.Errorf("every column is excluded (%s): leave the table out of tables instead", strings.Join(p.Names, ", "))
	}
	return p, warnings, nil
}

// arrivals returns all columns of a table.
func (m Mapper) arrivals(view string, t manifest.Table, crawled *CrawledTable) (all []arrival, warnings []string, err error) {
	seen := map[string]string{}
	for _, c := range t.Columns {
		name := strings.ToLower(c.Name)
		if other, twice := seen[name]; twice {
			if rule, ruled := m.Source.Rule(view, name); !ruled || rule.As != workflow.Drop {
				return nil, nil, fmt.Errorf("columns %q and %q have the same name in Athena, which ignores case: drop %s.%s under columns to leave out both",
					other, c.Name, view, name)
			}
			continue
		}
		seen[name] = c.Name
		if _, there := crawled.column(name); !there && strings.EqualFold(c.OriginalType, "oid") {
			continue // RDS does not export it (RDS guide, "Data conversion when exporting to an Amazon S3 bucket")
		}
		glueType, warning, err := crawledType(c, name, crawled)
		if err != nil {
			return nil, nil, err
		}
		if warning != "" {
			warnings = append(warnings, fmt.Sprintf("%s.%s: %s", t, c.Name, warning))
		}
		all = append(all, arrival{c, name, glueType})
	}
	if crawled == nil {
		return all, warnings, nil
	}
	for _, c := range crawled.Columns {
		if _, known := seen[c.Name]; !known {
			all = append(all, arrival{manifest.Column{Name: c.Name}, c.Name, c.Type})
		}
	}
	return all, warnings, nil
}

// crawledType returns the Glue type that a column of the manifest has in the catalog, or would have.
func crawledType(m manifest.Column, name string, crawled *CrawledTable) (glueType, warning string, err error) {
	if crawled != nil {
		c, there := crawled.column(name)
		if !there {
			err = fmt.Errorf("crawled table %q has no column %q: delete that table, then redrive to crawl it again", crawled.Name, name)
		}
		return c.Type, "", err
	}
	if glueType = glueTypeOf(m.ExportedType); glueType == "" {
		return "string", "the table is empty and the export does not include the column's type: varchar for now", nil
	}
	return glueType, "", nil
}

// column returns a column of the view. Its Expression is "" if the source excludes it.
func (m Mapper) column(view string, a arrival) (c Column, warning string, err error) {
	c = Column{Name: a.name, Expression: Quote(a.name), Type: sqlTypeOf(a.glueType)}
	rule, ruled := m.Source.Rule(view, a.name)
	if ruled && rule.As == workflow.Drop {
		return Column{}, "", nil
	}
	if !isKnownType(c.Type) {
		return c, "", fmt.Errorf("column %s has the type %.160q, which no export contains: drop %s.%s under columns", a.name, a.glueType, view, a.name)
	}
	if ruled && rule.As == workflow.Raw {
		return c, "", nil
	}
	if ruled && rule.As != workflow.SHA256 && rule.As != workflow.Hide {
		expression, ok := Cast(c.Expression, c.Type, rule.As)
		switch {
		case ok:
			c.Expression, c.Type = expression, rule.As
			return c, "", nil
		case !m.Previous:
			return c, "", fmt.Errorf("column %s cannot become %s, since it arrives as %s: correct columns", a.name, rule.As, c.Type)
		}
		ruled = false
	}
	if a.OriginalType != "" {
		c.Expression, c.Type, warning = mapType(m.Engine, a.Column, a.glueType, c.Expression)
	}
	switch {
	case !ruled:
	case rule.As == workflow.Hide:
		c = c.Null()
	default:
		c = c.hashed(a.OriginalType)
	}
	return c, warning, nil
}

// hashed returns the SHA-256 of the column's text, or of its bytes, in hexadecimal digits. The text has no zeros at the end of a
// fraction, so that the hash survives a new scale of a decimal or a new precision of a timestamp. sourceType is the type in the database.
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
