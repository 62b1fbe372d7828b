package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"snaplake/workflow"
)

// viewNames are the views of a source that its configuration names. There may be more.
type viewNames struct {
	// of has the origin of each view: table shop.users, or views/shop/daily_sales.sql.
	of map[string]string
	// tables are the views of tables.
	tables []string
	// all is true if tables has all of them, because the source lists each of its tables.
	all bool
}

// views checks the settings about the views of a source.
func (c *checker) views(s workflow.Source) {
	names := c.viewNames(s)
	c.columns(s, names)
	for i, view := range s.History {
		if view != "" { // the schema has said so
			c.tableView(s, names, view, "history", fmt.Sprint(i))
		}
	}
	for _, view := range slices.Sorted(maps.Keys(s.Changes)) {
		c.tableView(s, names, view, "changes", view)
		c.key(s, view)
	}
	for _, view := range slices.Sorted(maps.Keys(s.Checks)) {
		c.tableView(s, names, view, "checks", view)
	}
	if len(s.Changes) > 0 && s.Keep == 1 {
		c.add("changes needs the previous export; keep at least 2", s.Name, "keep")
	}
}

// viewNames collects the names, and reports duplicates.
func (c *checker) viewNames(s workflow.Source) viewNames {
	n := viewNames{of: map[string]string{workflow.FreshnessView: "the age of the source's views"}, all: len(s.Tables) > 0}
	c.tableNames(s, &n)
	const advice = "rename a table under names"
	for i, view := range s.History {
		c.addIf(n.claim(view+workflow.HistorySuffix, fmt.Sprintf("the history of %q", view), advice), s.Name, "history", fmt.Sprint(i))
	}
	for _, view := range slices.Sorted(maps.Keys(s.Changes)) {
		c.addIf(n.claim(view+workflow.ChangesSuffix, fmt.Sprintf("the changes of %q", view), advice), s.Name, "changes", view)
	}
	for _, v := range s.Views {
		if problem := n.claim(v.Name, v.File, "rename the file"); problem != "" {
			c.addView(v, 0, "%s", problem)
		}
	}
	return n
}

// tableNames collects the names of the views of tables.
func (c *checker) tableNames(s workflow.Source, n *viewNames) {
	for i, entry := range s.Tables {
		t, ok := tableOf(entry)
		if !ok {
			n.all = false
			continue
		}
		view := s.ViewName(t)
		n.tables = append(n.tables, view)
		problem := n.claim(view, "table "+t.String(), `set view_name, for example "{database}_{table}", or rename one of them under names`)
		c.addIf(problem, s.Name, "tables", fmt.Sprint(i))
	}
	for _, entry := range slices.Sorted(maps.Keys(s.Names)) {
		view := s.Names[entry]
		t, ok := tableOf(entry)
		switch {
		case strings.Contains(entry, "*"):
			c.add("a pattern would give several tables the same name; name one table, or set view_name", s.Name, "names", entry)
		case !ok:
			c.add("is not a table name: database.table or database.schema.table", s.Name, "names", entry)
		case !s.Selects(t):
			c.add("the source's tables do not select this table", s.Name, "names", entry)
		case view != "": // or else the schema has said so
			n.tables = append(n.tables, view)
			c.addIf(n.claim(view, "table "+t.String(), "choose another name"), s.Name, "names", entry)
		}
	}
	slices.Sort(n.tables)
	n.tables = slices.Compact(n.tables)
}

// claim records the origin of a name. It returns the mistake if another view has the name.
func (n *viewNames) claim(view, of, advice string) string {
	if other, taken := n.of[view]; taken && other != of {
		return fmt.Sprintf("duplicate view name %q: %s and %s would share it; %s", view, other, of, advice)
	}
	n.of[view] = of
	return ""
}

// tableView reports a setting for views of tables that names another view, or none.
func (c *checker) tableView(s workflow.Source, names viewNames, view string, keys ...string) {
	of, isKnown := names.of[view]
	switch {
	case !anyViewName.MatchString(view):
		c.add(invalidViewName(view), s.Name, keys...)
	case slices.Contains(names.tables, view):
	case isKnown:
		c.add(fmt.Sprintf("view %q is %s, but %s applies only to views of tables", view, of, keys[0]), s.Name, keys...)
	case names.all:
		c.add(fmt.Sprintf("no selected table has view %q%s; the views are %s",
			view, didYouMean(names.tables, view), strings.Join(names.tables, ", ")), s.Name, keys...)
	}
}

// key checks the unique key of a view with changes.
func (c *checker) key(s workflow.Source, view string) {
	for i, column := range s.Changes[view] {
		path := []string{"changes", view}
		if element := append(slices.Clone(path), fmt.Sprint(i)); c.doc.node(append([]string{"sources", s.Name}, element...)...) != nil {
			path = element
		}
		rule, _ := s.Rule(view, column)
		switch {
		case column != strings.ToLower(column):
			c.add(fmt.Sprintf("names in Athena are in lower case: %s", strings.ToLower(column)), s.Name, path...)
		case rule.As == workflow.Drop, rule.As == workflow.Hide:
			c.add(fmt.Sprintf("view %q shows no values of its key column %q, because of %s: %s under columns; "+
				"remove that rule, or choose another key",
				view, column, rule, rule.As), s.Name, path...)
		}
	}
}

var exactTable = regexp.MustCompile(`^[^.*]+(\.[^.*]+){1,2}$`)

// tableOf parses the name of a table. It reports false for a whole database, and for a pattern.
func tableOf(entry string) (workflow.TableName, bool) {
	t, _ := workflow.ParseTableName(entry)
	return t, exactTable.MatchString(entry)
}
