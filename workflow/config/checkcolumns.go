package config

import (
	"fmt"
	"regexp"
	"strings"

	"snaplake/workflow"
)

// anyViewName is the name of a view that a template makes of a table's: it may begin with a digit or an underscore.
var anyViewName = regexp.MustCompile(`^[a-z0-9_]+$`)

// columns checks the rules of columns, exclude and mask.
func (c *checker) columns(s workflow.Source, rules []placedRule, names viewNames) {
	first := map[string]placedRule{}
	for _, r := range rules {
		if r.As == "" {
			continue // the schema has said so
		}
		if r.Setting == "columns" {
			c.columnType(s, r)
		}
		if problem := r.problem(); problem != "" {
			c.add(problem, s.Name, r.path...)
			continue
		}
		if !strings.Contains(r.View, "*") {
			c.tableView(s, names, r.View, r.path...)
		}
		if r.IsPattern() {
			continue
		}
		for column := range strings.SplitSeq(r.Column, ",") {
			full := r.View + "." + column
			if other, twice := first[full]; twice {
				line := c.doc.line(append([]string{"sources", s.Name}, other.path...)...)
				c.add(fmt.Sprintf("%s is under %s as well, in line %d; leave one of the two", full, other.Setting, line), s.Name, r.path...)
				continue
			}
			first[full] = r
		}
	}
}

// problem says why a rule's view or column cannot be one.
func (r placedRule) problem() string {
	example := "users.email"
	if r.Setting == "exclude" {
		example = `users.email, or with * as "*.*password*"`
	}
	switch {
	case r.View == "", r.Column == "":
		return "names no column of a view; write VIEW.COLUMN, as " + example
	case r.Setting == "columns" && strings.ContainsAny(r.View+r.Column, "*,"):
		return "only exclude and mask take patterns or several names; name the view and the column"
	case !anyViewName.MatchString(strings.ReplaceAll(r.View, "*", "_")):
		return notAView(r.View)
	case r.Column != strings.ToLower(r.Column):
		return fmt.Sprintf("names in Athena are in lower case: %s", strings.ToLower(r.Column))
	case r.As == workflow.Drop && strings.Trim(r.Column, "*,") == "":
		return "would leave no column; to leave out whole tables, list under tables those that are wanted"
	}
	return ""
}

func notAView(name string) string {
	return fmt.Sprintf("%q is no name of a view: those have lower-case letters, digits and underscores", name)
}

// columnType checks what columns makes of a column.
func (c *checker) columnType(s workflow.Source, r placedRule) {
	_, isType := typeName(r.As)
	switch {
	case isType, r.As == workflow.Raw, r.As == workflow.Drop:
	case strings.HasPrefix(strings.ToLower(r.As), "decimal(") && !strings.Contains(r.As, ")"):
		c.add(`a type with a comma stands in quotation marks within braces: "decimal(12,2)"`, s.Name, r.path...)
	case decimal.MatchString(strings.ToLower(strings.ReplaceAll(r.As, " ", ""))):
		c.add(fmt.Sprintf("there is no %s: a decimal has 1 to 38 digits, and no more of them after the point", r.As), s.Name, r.path...)
	default:
		meant := didYouMean(typeNames, r.As)
		if other, ok := otherNames[strings.ToLower(r.As)]; ok {
			meant = " (did you mean " + other + "?)"
		}
		c.add(fmt.Sprintf("%q is none of raw, drop, %s%s", r.As, strings.Join(typeNames, ", "), meant), s.Name, r.path...)
	}
}

// didYouMean is what a text about a wrong name goes on with.
func didYouMean(names []string, wrong string) string {
	if n := workflow.Nearest(names, wrong); n != "" {
		return " (did you mean " + n + "?)"
	}
	return ""
}
