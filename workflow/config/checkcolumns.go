package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"snaplake/workflow"
)

// anyViewName matches the name that a template makes for a view. It may begin with a digit or an underscore.
var anyViewName = regexp.MustCompile(`^[a-z0-9_]+$`)

// columns checks the rules of a source, and writes their types in the form that the functions expect.
func (c *checker) columns(s workflow.Source, names viewNames) {
	for i := range s.Columns {
		r := &s.Columns[i]
		path := c.rulePath(s.Name, *r)
		problem := ruleProblem(*r)
		switch {
		case r.As == "": // the schema has reported it
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

// rulePath returns the path of a rule from the source on. The key in the file may have blanks after its commas.
func (c *checker) rulePath(source string, r workflow.ColumnRule) []string {
	rules, _ := c.doc.valueAt("sources", source, "columns").(map[string]any)
	for key := range rules {
		if strings.ReplaceAll(key, ", ", ",") == strings.TrimPrefix(r.String(), ".") {
			return []string{"columns", key}
		}
	}
	return []string{"columns", r.String()}
}

// ruleProblem says why the view or the column of a rule is invalid; "" if it is not.
func ruleProblem(r workflow.ColumnRule) string {
	switch {
	case r.View == "", r.Column == "":
		return `names no column of a view; write VIEW.COLUMN, for example users.email or "*.*password*"`
	case !anyViewName.MatchString(strings.ReplaceAll(r.View, "*", "_")):
		return invalidViewName(r.View)
	case r.Column != strings.ToLower(r.Column):
		return fmt.Sprintf("names in Athena are in lower case: %s", strings.ToLower(r.Column))
	case r.As == workflow.Drop && strings.Trim(r.Column, "*,") == "":
		return "drops every column; to skip a table, list the tables you want under tables"
	}
	return ""
}

func invalidViewName(name string) string {
	return fmt.Sprintf("%q is not a view name: lower-case letters, digits and underscores", name)
}

// columnType checks what a rule makes of a column.
func (c *checker) columnType(s workflow.Source, r *workflow.ColumnRule, path []string) {
	actions := []string{workflow.Raw, workflow.Drop, workflow.SHA256, workflow.Hide}
	name, isType := typeName(r.As)
	switch {
	case isType:
		r.As = name
	case slices.Contains(actions, r.As):
	case strings.HasPrefix(strings.ToLower(r.As), "decimal(") && !strings.Contains(r.As, ")"):
		c.add(`a type with a comma needs quotation marks within braces: "decimal(12,2)"`, s.Name, path...)
	case decimal.MatchString(strings.ToLower(strings.ReplaceAll(r.As, " ", ""))):
		c.add(fmt.Sprintf("%s does not exist: a decimal has 1 to 38 digits, and at most as many after the point", r.As), s.Name, path...)
	default:
		meant := didYouMean(slices.Concat(actions, typeNames), r.As)
		if other, ok := otherNames[strings.ToLower(r.As)]; ok {
			meant = " (did you mean " + other + "?)"
		}
		c.add(fmt.Sprintf("%q is not one of %s, %s%s", r.As, strings.Join(actions, ", "), strings.Join(typeNames, ", "), meant), s.Name, path...)
	}
}

// columnsFor returns the setting columns that says the same as a value of exclude or mask, which no longer exist.
func columnsFor(value any) string {
	rules := map[string]string{}
	collectRules(rules, "", value)
	entries := make([]string, 0, len(rules))
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		entries = append(entries, fmt.Sprintf("%q: %s", name, rules[name]))
	}
	return "columns: {" + strings.Join(entries, ", ") + "}"
}

// collectRules reads the columns of exclude as a list or by their views, and those of mask by their views with what each shows.
func collectRules(rules map[string]string, view string, value any) {
	switch v := value.(type) {
	case string:
		if v == workflow.SHA256 || v == workflow.Hide {
			rules[view] = v
		} else {
			rules[strings.TrimPrefix(view+"."+v, ".")] = workflow.Drop
		}
	case []any:
		for _, column := range v {
			collectRules(rules, view, column)
		}
	case map[string]any:
		for name, inner := range v {
			collectRules(rules, strings.TrimPrefix(view+"."+name, "."), inner)
		}
	}
}

// didYouMean returns the end of a text about a wrong name.
func didYouMean(names []string, wrong string) string {
	if n := workflow.Closest(names, wrong); n != "" {
		return " (did you mean " + n + "?)"
	}
	return ""
}
