package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/workflow"
)

// tableCheck compares the configuration of a source with the tables of its database.
type tableCheck struct {
	source workflow.Source
	tables []workflow.TableName
	// views holds the names of the views of the selected tables.
	views    []string
	problems []string
}

// checkTables returns an error if a run of the source would fail because its database does not have a table, or if a name in the
// configuration has no effect. The tables have the form database.schema.table, as in the manifests of an export. checkTables accepts a
// pattern that matches no table, because such tables can be created later. It also accepts missing tables that allow_gone or allow_skipped
// covers.
func checkTables(s workflow.Source, tables []string) error {
	c := &tableCheck{source: s}
	for _, name := range tables {
		if t, isTable := workflow.ParseTableName(name); isTable {
			c.tables = append(c.tables, t)
			if s.Selects(t) {
				c.views = append(c.views, s.ViewName(t))
			}
		}
	}
	if len(c.tables) == 0 {
		return fmt.Errorf("source %q: the database has no tables", s.Name)
	}
	c.checkSelection()
	if len(c.views) > 0 { // if no table is selected, all views would be reported
		c.checkViews()
		c.checkNames()
	}
	switch {
	case len(c.problems) > 0:
		return fmt.Errorf("source %q: the configuration does not match the database; correct or remove these names:\n  %s",
			s.Name, strings.Join(workflow.Summarize(c.problems, workflow.MaxListed), "\n  "))
	case len(c.views) == 0:
		return fmt.Errorf("source %q: the configuration selects none of the tables of the database, for example %s; "+
			"list them under \"tables\"; tables of a system database, such as postgres, are selected only by its name", s.Name, c.tables[0])
	}
	return nil
}

// checkSelection reports the entries of "tables" that match no table. Like CheckExport, it reports a pattern only if no table is selected.
func (c *tableCheck) checkSelection() {
	for _, entry := range c.source.Tables {
		isMatched := slices.ContainsFunc(c.tables, func(t workflow.TableName) bool { return t.MatchedBy(entry) })
		isPattern := strings.Contains(entry, "*")
		if !isMatched && !(isPattern && len(c.views) > 0) && !c.source.AllowsSkipped(entry) {
			c.add("tables", "no table of the database matches "+entry, c.tablesNear(entry))
		}
	}
}

// checkViews reports the settings for views of tables that do not exist. A column rule for all views, *.NAME, does not need a view.
func (c *tableCheck) checkViews() {
	c.requireViews("history", c.source.History)
	c.requireViews("changes", slices.Sorted(maps.Keys(c.source.Changes)))
	c.requireViews("checks", slices.Sorted(maps.Keys(c.source.Checks)))
	var ruled []string
	for _, r := range c.source.Columns {
		if !strings.Contains(r.View, "*") && !slices.Contains(ruled, r.View) {
			ruled = append(ruled, r.View)
		}
	}
	c.requireViews("columns", ruled)
}

func (c *tableCheck) requireViews(key string, views []string) {
	for _, view := range views {
		if !slices.Contains(c.views, view) && !c.mayBeMissing(view) {
			c.add(key, fmt.Sprintf("no selected table has a view named %q", view), workflow.Nearest(c.views, view, nearestNames))
		}
	}
}

// checkNames reports the entries of "names" for tables that do not exist, unless they are in a database that is not available here.
func (c *tableCheck) checkNames() {
	for _, name := range slices.Sorted(maps.Keys(c.source.Names)) {
		table, _ := workflow.ParseTableName(name)
		isHere := slices.ContainsFunc(c.tables, func(t workflow.TableName) bool { return t.Database == table.Database })
		if isHere && !slices.Contains(c.tables, table) && !c.mayBeMissing(c.source.Names[name]) {
			c.add("names", "the database has no table "+name, c.tablesNear(name))
		}
	}
}

// mayBeMissing reports whether the configuration allows that the table of a view is missing.
func (c *tableCheck) mayBeMissing(view string) bool {
	return c.source.AllowsGone(view) || slices.ContainsFunc(c.source.AllowSkipped, func(name string) bool {
		t, isTable := workflow.ParseTableName(name)
		return isTable && c.source.ViewName(t) == view
	})
}

// nearestNames is the maximum number of suggestions.
const nearestNames = 3

// tablesNear returns the names of the tables that an entry could mean. For an entry without a database, these are the tables with that
// name.
func (c *tableCheck) tablesNear(entry string) []string {
	var names, inDatabase []string
	for _, t := range c.tables {
		names = append(names, t.String(), t.Database)
		if t.Table == entry {
			inDatabase = append(inDatabase, t.String())
		}
	}
	if len(inDatabase) > 0 {
		return workflow.Summarize(inDatabase, nearestNames)
	}
	slices.Sort(names)
	return workflow.Nearest(slices.Compact(names), entry, nearestNames)
}

func (c *tableCheck) add(key, problem string, nearest []string) {
	c.problems = append(c.problems, key+": "+problem+"; nearest: "+strings.Join(nearest, ", "))
}
