package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"snaplake/workflow"
)

// viewNames holds the view names that are known from the configuration of a source.
type viewNames struct {
	// usedFor maps each name to its purpose: "table shop.users", "views/shop/daily_sales.sql".
	usedFor map[string]string
	// tableViews lists the names of the views that show a single table.
	tableViews []string
	// isComplete is true if tableViews is complete, because the source lists each table individually.
	isComplete bool
}

// checkViews checks the settings that refer to views by name.
func (c *checker) checkViews(s workflow.Source) {
	names := c.viewNames(s)
	c.checkColumns(s, names)
	for i, view := range s.History {
		if view != "" { // rejected by the schema
			c.tableView(s, names, view, "history", fmt.Sprint(i))
		}
	}
	for _, view := range slices.Sorted(maps.Keys(s.Changes)) {
		c.tableView(s, names, view, "changes", view)
		c.uniqueKey(s, view)
	}
	for _, view := range slices.Sorted(maps.Keys(s.Checks)) {
		c.tableView(s, names, view, "checks", view)
	}
	if len(s.Changes) > 0 && s.Keep == 1 {
		c.add("changes views need the previous export; set \"keep\" to at least 2", s.Name, "keep")
	}
}

// viewNames collects the view names of a source, and reports duplicates.
func (c *checker) viewNames(s workflow.Source) viewNames {
	n := viewNames{usedFor: map[string]string{workflow.FreshnessView: "the freshness view"}, isComplete: len(s.Tables) > 0}
	c.tableViewNames(s, &n)
	const remedy = "set another view name under \"names\""
	for i, view := range s.History {
		c.add(n.claim(view+workflow.HistorySuffix, fmt.Sprintf("the history view of %q", view), remedy), s.Name, "history", fmt.Sprint(i))
	}
	for _, view := range slices.Sorted(maps.Keys(s.Changes)) {
		c.add(n.claim(view+workflow.ChangesSuffix, fmt.Sprintf("the changes view of %q", view), remedy), s.Name, "changes", view)
	}
	for _, v := range s.Views {
		if problem := n.claim(v.Name, v.File, "rename the file"); problem != "" {
			c.addView(v, 0, problem)
		}
	}
	return n
}

// tableViewNames collects the names of the views that show a single table.
func (c *checker) tableViewNames(s workflow.Source, n *viewNames) {
	for i, entry := range s.Tables {
		t, ok := tableOf(entry)
		if !ok {
			n.isComplete = false
			continue
		}
		view := s.ViewName(t)
		n.tableViews = append(n.tableViews, view)
		problem := n.claim(view, "table "+t.String(), `set view_name, for example "{database}_{table}", or set another view name under "names"`)
		c.add(problem, s.Name, "tables", fmt.Sprint(i))
	}
	for _, entry := range slices.Sorted(maps.Keys(s.Names)) {
		view := s.Names[entry]
		t, ok := tableOf(entry)
		switch {
		case strings.Contains(entry, "*"):
			c.add("a pattern would give several tables the same view name; write the name of one table, or set view_name",
				s.Name, "names", entry)
		case !ok:
			c.add("is not a table name; write database.table or database.schema.table", s.Name, "names", entry)
		case !s.Selects(t):
			c.add("this table is not selected; add it to \"tables\", or remove it here", s.Name, "names", entry)
		case view != "": // not rejected by the schema
			n.tableViews = append(n.tableViews, view)
			c.add(n.claim(view, "table "+t.String(), "choose another name"), s.Name, "names", entry)
		}
	}
	slices.Sort(n.tableViews)
	n.tableViews = slices.Compact(n.tableViews)
}

// claim records what a view name is used for. If the name already has a different use, it returns an error message.
func (n *viewNames) claim(view, purpose, remedy string) string {
	if other, taken := n.usedFor[view]; taken && other != purpose {
		return fmt.Sprintf("duplicate view name %q, used for both %s and %s; %s", view, other, purpose, remedy)
	}
	n.usedFor[view] = purpose
	return ""
}

// tableView reports a setting that must name the view of a table, but names an unknown view or another kind of view.
func (c *checker) tableView(s workflow.Source, names viewNames, view string, keys ...string) {
	purpose, isKnown := names.usedFor[view]
	switch {
	case !anyViewName.MatchString(view):
		c.add(invalidViewName(view), s.Name, keys...)
	case slices.Contains(names.tableViews, view):
	case isKnown:
		c.add(fmt.Sprintf("%s applies only to views of tables, but the name %q is used for %s", keys[0], view, purpose), s.Name, keys...)
	case names.isComplete:
		c.add(fmt.Sprintf("no selected table has a view named %q%s; the views are %s",
			view, didYouMean(names.tableViews, view), strings.Join(names.tableViews, ", ")), s.Name, keys...)
	}
}

// uniqueKey checks the unique key of a view that is listed under "changes".
func (c *checker) uniqueKey(s workflow.Source, view string) {
	_, isList := c.doc.valueAt("sources", s.Name, "changes", view).([]any)
	for i, column := range s.Changes[view] {
		path := []string{"changes", view}
		if isList {
			path = append(path, fmt.Sprint(i))
		}
		rule, _ := s.Rule(view, column)
		switch {
		case column != strings.ToLower(column):
			c.add(notLowerCase(column), s.Name, path...)
		case rule.As == workflow.Drop, rule.As == workflow.Hide:
			c.add(fmt.Sprintf(`the rule "%s: %s" under "columns" hides the key column %q; remove the rule, or choose another key`,
				rule, rule.As, column), s.Name, path...)
		}
	}
}

var exactTable = regexp.MustCompile(`^[^.*]+(\.[^.*]+){1,2}$`)

// tableOf parses the name of a table. It reports false for a database and for a pattern.
func tableOf(entry string) (workflow.TableName, bool) {
	t, _ := workflow.ParseTableName(entry)
	return t, exactTable.MatchString(entry)
}
