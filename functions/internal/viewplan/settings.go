package viewplan

import (
	"maps"
	"slices"
	"strings"

	"snaplake/workflow"
)

// requireSettings reports settings for tables and columns that do not exist. Checks before a deployment know only the tables that the
// configuration names. A setting may name a table that allow_gone lists, or, in a rollback, a table that did not exist yet.
func (p *Plan) requireSettings() {
	for _, r := range p.Source.Columns {
		if !r.IsPattern() {
			p.requireRule(r)
		}
	}
	p.requireTables("history", p.Source.History)
	p.requireTables("changes", slices.Sorted(maps.Keys(p.Source.Changes)))
	p.requireTables("checks", slices.Sorted(maps.Keys(p.Source.Checks)))
}

// requireRule reports a rule that matches no column, because a typo would reveal what the rule should hide. There are two exceptions: only
// the newest export has the column, or allow_gone lists the view. In both cases, no other column may be the same column under a new name.
func (p *Plan) requireRule(r workflow.ColumnRule) {
	matches := func(column string) bool { return r.Matches(r.View, column) }
	rules, _ := p.createdWith(r.View)
	columns := p.columnsOf(r.View)
	isNewer := slices.ContainsFunc(p.newerColumns[r.View], matches)
	isGone := columns == nil && p.Source.AllowsGone(r.View)
	switch {
	case slices.ContainsFunc(columns, matches), slices.Contains(rules, r), columns == nil && (p.isKept(r.View) || p.failed[r.View]):
	case (isNewer || isGone) && p.lookalike(r) != "":
		p.problem("columns: export %s has no %s.%s, and %s may be the same column under another name; write a rule for both, "+
			"for example with \"a, b\" or \"a*\"", p.Export.ID, r.View, r.Column, p.lookalike(r))
	case isNewer, isGone && !r.HidesMore(workflow.ColumnRule{}):
	case isGone:
		p.warn("columns: the export has no table for view %q, so the rule for its column %s hides nothing", r.View, r.Column)
	case columns == nil:
		p.requireTables("columns", []string{r.View})
	default:
		p.noColumn("columns", r.View, r.Column, columns)
	}
}

func (p *Plan) noColumn(setting, view, column string, columns []string) {
	p.problem("%s: view %q has no column %q, only %s", setting, view, column, ShortList(columns))
}

// lookalike returns a visible column that may be the rule's column under another name, or "" if there is none. It is either a column of the
// same view that the newest export does not have, or a column with the same name in a new view.
func (p *Plan) lookalike(r workflow.ColumnRule) string {
	for _, v := range p.tables {
		newer, isNew := p.newerColumns[v.name], p.newerColumns[v.name] == nil
		if p.newerColumns == nil {
			_, there := p.Entries[v.name]
			isNew = !there
		}
		for _, c := range v.projection.Names {
			isOld := v.name == r.View && newer != nil && !slices.Contains(newer, c)
			if rule, _ := p.Source.Rule(v.name, c); r.HidesMore(rule) && (isOld || isNew && r.Matches(r.View, c)) {
				return v.name + "." + c
			}
		}
	}
	return ""
}

// columnsOf returns all columns of a view's table, including those that a rule drops. For a kept view, it returns the columns of the view.
func (p *Plan) columnsOf(view string) []string {
	if v := p.tableOf[view]; v != nil {
		return v.projection.Names
	}
	var names []string
	if p.isKept(view) {
		for _, c := range p.Entries[view].Columns {
			names = append(names, c.Name)
		}
	}
	return names
}

// requireTables reports a setting for a view without a table, unless the table may be missing or has another problem.
func (p *Plan) requireTables(setting string, views []string) {
	for _, name := range views {
		if p.tableOf[name] == nil && !p.isKept(name) && p.newerColumns[name] == nil && !p.Source.AllowsGone(name) && !p.failed[name] {
			p.problem("%s: the export has no table for view %q; correct the name, or list it under allow_gone if the table may be missing",
				setting, name)
		}
	}
}

// ShortList joins at most 12 names for an error message.
func ShortList(names []string) string {
	return strings.Join(workflow.Summarize(names, 12), ", ")
}
