package main

import (
	"fmt"
	"slices"
	"strings"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// shaper gives a source's tables the shape of their views.
type shaper struct {
	source workflow.Source
	// engine as RDS names it.
	engine          string
	crawledDatabase string
	// older is true for an export of an earlier run: a type that columns gives to a column counts where it fits there.
	older bool
}

// shape gives the columns of a table's view: those of the manifest in their order, then those that only the crawler saw; without
// those that the source leaves out. crawled is nil for an empty table, whose columns are as the manifest says they would have
// been exported. names are those of all columns there are.
//
// Of what is odd about a column and does not keep the view from being made, a warning says which column and why.
func (s shaper) shape(view string, t manifest.Table, crawled *crawledTable, tablePrefix string) (sh shape, names, warnings []string, err error) {
	sh = shape{database: s.crawledDatabase, tablePrefix: tablePrefix}
	if crawled != nil {
		sh.crawled = crawled.name
	}
	names = make([]string, 0, len(t.Columns))
	sh.columns = make([]column, 0, len(t.Columns))
	add := func(m manifest.Column, name, glueType string) error {
		names = append(names, name)
		c, warning, err := s.column(view, m, name, glueType)
		if err != nil {
			return err
		}
		if warning != "" {
			warnings = append(warnings, fmt.Sprintf("%s.%s: %s", t, m.Name, warning))
		}
		if c.expression != "" {
			sh.columns = append(sh.columns, column{name, c.expression, c.sqlType, sqlTypeOf(glueType)})
		}
		return nil
	}
	seen := map[string]string{}
	for _, m := range t.Columns {
		name := strings.ToLower(m.Name)
		if other, twice := seen[name]; twice {
			if rule, ruled := s.source.Rule(view, name); !ruled || rule.As != workflow.Drop {
				return sh, nil, nil, fmt.Errorf("columns %q and %q have one name in Athena, which knows no upper case: drop %s.%s under columns, which leaves out both", other, m.Name, view, name)
			}
			continue
		}
		seen[name] = m.Name
		if isLeftOut(m, name, crawled) {
			continue
		}
		glueType, warning, err := arrived(m, name, crawled)
		if err != nil {
			return sh, nil, nil, err
		}
		if warning != "" {
			warnings = append(warnings, fmt.Sprintf("%s.%s: %s", t, m.Name, warning))
		}
		if err := add(m, name, glueType); err != nil {
			return sh, nil, nil, err
		}
	}
	if crawled != nil {
		for _, c := range crawled.columns {
			if _, known := seen[c.name]; known {
				continue
			}
			if err := add(manifest.Column{Name: c.name}, c.name, c.glueType); err != nil {
				return sh, nil, nil, err
			}
		}
	}
	if len(sh.columns) == 0 {
		return sh, nil, nil, fmt.Errorf("no column is left of %s: leave the table out with the source's tables instead", strings.Join(names, ", "))
	}
	return sh, names, warnings, nil
}

// isLeftOut tells whether RDS does not export a column at all. Of PostgreSQL's object identifiers the guide says so ("Data
// conversion when exporting to an Amazon S3 bucket"); not whether the manifest mentions them.
func isLeftOut(m manifest.Column, name string, crawled *crawledTable) bool {
	isThere := crawled != nil && slices.ContainsFunc(crawled.columns, func(c crawledColumn) bool { return c.name == name })
	return strings.EqualFold(m.OriginalType, "oid") && !isThere
}

// arrived is the Glue type that a column has in the catalog, or would have.
func arrived(m manifest.Column, name string, crawled *crawledTable) (glueType, warning string, err error) {
	if crawled == nil {
		if glueType = crawledAs(m.ExportedType); glueType == "" {
			return "string", "the export does not say its type, and the table is empty: it is text for now", nil
		}
		return glueType, "", nil
	}
	i := slices.IndexFunc(crawled.columns, func(c crawledColumn) bool { return c.name == name })
	if i < 0 {
		return "", "", fmt.Errorf("crawled table %q has no column %q; delete that table, and a redrive crawls it again", crawled.name, name)
	}
	return crawled.columns[i].glueType, "", nil
}

// column is one of a view; its expression is "" when the source leaves it out.
func (s shaper) column(view string, m manifest.Column, name, glueType string) (c column, warning string, err error) {
	c = column{name: name, expression: quote(name), sqlType: sqlTypeOf(glueType)}
	rule, ruled := s.source.Rule(view, name)
	if ruled && rule.As == workflow.Drop {
		return column{}, "", nil
	}
	if !isKnownType(c.sqlType) {
		return c, "", fmt.Errorf("column %s arrives as %q, which is not a type of an export: set columns: {%s.%s: drop}", name, cut(glueType, excerptLength), view, name)
	}
	if ruled && rule.As == workflow.Raw {
		return c, "", nil
	}
	if ruled && rule.As != workflow.SHA256 && rule.As != workflow.Hide {
		expression, ok := convert(c.expression, c.sqlType, rule.As)
		switch {
		case ok:
			return column{name: name, expression: expression, sqlType: rule.As}, "", nil
		case !s.older:
			return c, "", fmt.Errorf("column %s cannot be %s, since it arrives as %s: correct columns", name, rule.As, c.sqlType)
		}
		ruled = false
	}
	if m.OriginalType != "" {
		c.expression, c.sqlType, warning = typeOf(s.engine, m, glueType, c.expression)
	}
	switch {
	case !ruled:
	case rule.As == workflow.Hide:
		c = c.null()
	default:
		c = c.hashed(originalOf(m).name)
	}
	return c, warning, nil
}

// hashed is the SHA-256 of the column's text, or of its bytes, in hexadecimal digits. Zeros at the end of a fraction are not part of the
// text, so that the hash stays the same when a decimal gets another scale or a timestamp another precision. original is the type in the
// database.
func (c column) hashed(original string) column {
	text, isBytes := c.expression, c.sqlType == "varbinary"
	if !isBytes && c.sqlType != "varchar" {
		text = "CAST(" + text + " AS varchar)"
	}
	if base := baseOf(c.sqlType); base == "timestamp" || base == "decimal" || base == "varchar" && lists("decimal, numeric", original) {
		text = "CASE WHEN " + text + " LIKE '%.%' THEN regexp_replace(" + text + `, '\.?0+$') ELSE ` + text + " END"
	}
	if !isBytes {
		text = "to_utf8(" + text + ")"
	}
	return column{name: c.name, expression: "lower(to_hex(sha256(" + text + ")))", sqlType: "varchar"}
}
