package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"snaplake/workflow"
)

// anyViewName matches the view names that a template can produce. Unlike other names, they may begin with a digit or an underscore.
var anyViewName = regexp.MustCompile(`^[a-z0-9_]+$`)

// checkColumns checks the column rules of a source, and normalizes their types for the functions.
func (c *checker) checkColumns(s workflow.Source, names viewNames) {
	given, _ := c.doc.valueAt("sources", s.Name, "columns").(map[string]any)
	for i := range s.Columns {
		r := &s.Columns[i]
		path := []string{"columns", r.String()}
		for key := range given {
			if strings.ReplaceAll(key, ", ", ",") == strings.TrimPrefix(r.String(), ".") {
				path[1] = key
			}
		}
		problem := nameProblem(*r)
		switch {
		case r.As == "": // rejected by the schema
		case problem != "":
			c.add(problem, s.Name, path...)
		default:
			if !strings.Contains(r.View, "*") {
				c.tableView(s, names, r.View, path...)
			}
			c.columnType(s, r, path)
		}
	}
}

// nameProblem returns the reason why the name of a rule is invalid, or "" if it is valid.
func nameProblem(r workflow.ColumnRule) string {
	switch {
	case r.View == "", r.Column == "":
		return `does not name a column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`
	case !anyViewName.MatchString(strings.ReplaceAll(r.View, "*", "_")):
		return invalidViewName(r.View)
	case r.Column != strings.ToLower(r.Column):
		return notLowerCase(r.Column)
	case r.As == workflow.Drop && strings.Trim(r.Column, "*,") == "":
		return "drops every column; to leave out the table, list only the other tables under \"tables\""
	}
	return ""
}

func invalidViewName(name string) string {
	return fmt.Sprintf("%q is not a valid view name; use only lower-case letters, digits and underscores", name)
}

func notLowerCase(name string) string {
	return "names in Athena are in lower case; write " + strings.ToLower(name)
}

// columnType checks and normalizes the As field of a rule.
func (c *checker) columnType(s workflow.Source, r *workflow.ColumnRule, path []string) {
	actions := []string{workflow.Raw, workflow.Drop, workflow.SHA256, workflow.Hide}
	name, isType := typeName(r.As)
	switch {
	case isType:
		r.As = name
	case slices.Contains(actions, r.As):
	case strings.HasPrefix(name, "decimal(") && !strings.Contains(name, ")"):
		c.add(`inside braces, a type with a comma needs quotation marks: "decimal(12,2)"`, s.Name, path...)
	case decimal.MatchString(name):
		c.add(r.As+" is not a valid type; decimal(p,s) needs p from 1 to 38 and s from 0 to p", s.Name, path...)
	default:
		meant := didYouMean(slices.Concat(actions, typeNames), r.As)
		if other, ok := otherNames[strings.ToLower(r.As)]; ok {
			meant = " (did you mean " + other + "?)"
		}
		c.add(fmt.Sprintf("%q is not one of %s, %s%s", r.As, strings.Join(actions, ", "), strings.Join(typeNames, ", "), meant), s.Name, path...)
	}
}

// typeNames lists the types that a column can have (Athena guide, "Data types in Amazon Athena"). In exports from MySQL and
// PostgreSQL, a timestamp has a precision of 3 or 6.
var typeNames = []string{
	"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(p,s)",
	"varchar", "varbinary", "date", "timestamp(3)", "timestamp(6)",
}

// otherNames maps type names in other SQL dialects to the equivalent names in typeNames.
var otherNames = map[string]string{
	"bool": "boolean", "int": "integer", "int64": "bigint", "float": "double", "numeric": "decimal(p,s)", "decimal": "decimal(p,s)",
	"string": "varchar", "text": "varchar", "char": "varchar", "blob": "varbinary", "binary": "varbinary", "bytea": "varbinary",
	"datetime": "timestamp(3)", "timestamp": "timestamp(3)",
}

var decimal = regexp.MustCompile(`^decimal\((\d{1,2}),(\d{1,2})\)$`)

// typeName normalizes the name of a type. It reports false if a column cannot have this type.
func typeName(written string) (string, bool) {
	t := strings.ToLower(strings.ReplaceAll(written, " ", ""))
	if m := decimal.FindStringSubmatch(t); m != nil {
		digits, _ := strconv.Atoi(m[1])
		scale, _ := strconv.Atoi(m[2])
		return fmt.Sprintf("decimal(%d,%d)", digits, scale), digits >= 1 && digits <= 38 && scale <= digits
	}
	return t, t != "decimal(p,s)" && slices.Contains(typeNames, t)
}

// didYouMean returns a suggestion to append to an error about an unknown name.
func didYouMean(names []string, wrong string) string {
	if n := workflow.Closest(names, wrong); n != "" {
		return " (did you mean " + n + "?)"
	}
	return ""
}
