package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/workflow"
)

// requireSettings finds settings about views and columns that there are not. Synthesis knows only the tables that the
// configuration names; here are all of them. What is said of a table that may go counts for nothing once it has gone, and so does
// what is said of one that was not there yet, when going back.
func (p *plan) requireSettings() {
	for _, r := range p.source.Columns {
		if !r.IsPattern() {
			p.requireRule(r)
		}
	}
	for _, name := range p.source.History {
		p.requireTable("history", name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.source.Changes)) {
		p.requireTable("changes", name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.source.Checks)) {
		p.requireTable("checks", name)
	}
}

// requireRule finds a rule that matches no column. It is a mistake that shows in clear what was to be hidden, unless the newest export
// has such a column and this older one does not yet, or its table may be gone; and then no other column may be it by another name.
func (p *plan) requireRule(r workflow.ColumnRule) {
	is := func(column string) bool { return r.Matches(r.View, column) }
	rules, _ := p.madeWith(r.View)
	columns := p.columnsOf(r.View)
	isLater := slices.ContainsFunc(p.later[r.View], is)
	isGone := columns == nil && p.allowsGone(r.View)
	switch {
	case slices.ContainsFunc(columns, is), slices.Contains(rules, r), columns == nil && (p.stays[r.View] != "" || p.broken[r.View]):
	case (isLater || isGone) && p.lookalike(r) != "":
		p.problem("columns: export %s has no %s.%s, and %s may be that by another name: cover both, as \"a, b\" or by a pattern, as \"a*\"",
			p.export.ID, r.View, r.Column, p.lookalike(r))
	case isLater, isGone && !r.HidesMore(workflow.ColumnRule{}):
	case isGone:
		p.warnings = append(p.warnings, fmt.Sprintf("columns: no table of the export has a view %q, so the rule for its column %s hides nothing", r.View, r.Column))
	case columns == nil:
		p.requireTable("columns", r.View)
	default:
		p.problem("columns: view %q has no column %q; it has %s", r.View, r.Column, strings.Join(cutList(columns), ", "))
	}
}

// lookalike is a column that a view shows in clear and that may be the one of a rule under another name: one of the same view that the
// newest export does not have, or one of the same name in a view that is new, or that the newest export does not have. It may be "".
func (p *plan) lookalike(r workflow.ColumnRule) string {
	for _, v := range p.tables {
		later, isOther := p.later[v.name], p.later[v.name] == nil
		if p.later == nil {
			_, there := p.entries[v.name]
			isOther = !there
		}
		for _, c := range v.columns {
			isPast := v.name == r.View && later != nil && !slices.Contains(later, c)
			if rule, _ := p.source.Rule(v.name, c); r.HidesMore(rule) && (isPast || isOther && r.Matches(r.View, c)) {
				return v.name + "." + c
			}
		}
	}
	return ""
}

// columnsOf are all columns of the table of a view; of one that stays as it is, those that it shows.
func (p *plan) columnsOf(view string) []string {
	if v := p.tableOf[view]; v != nil {
		return v.columns
	}
	var names []string
	if p.stays[view] != "" {
		for _, c := range p.entries[view].columns {
			names = append(names, c.Name)
		}
	}
	return names
}

// requireTable tells whether a table has a view of that name tonight. That it has none is a problem, unless it was skipped or
// may be gone, or the newest export has it and the run goes back.
func (p *plan) requireTable(setting, name string) bool {
	if p.tableOf[name] != nil {
		return true
	}
	if p.stays[name] == "" && p.later[name] == nil && !p.allowsGone(name) && !p.hasProblem(name) {
		p.problem("%s: no table of the export has a view %q; correct the name, or list it under allow_gone when it may be missing", setting, name)
	}
	return false
}

// hasProblem tells whether the table of a view is there and has a problem of its own.
func (p *plan) hasProblem(name string) bool { return p.broken[name] }

// requireColumns tells whether a table has columns of these names.
func (p *plan) requireColumns(setting, view string, columns ...string) bool {
	v := p.tableOf[view]
	all := true
	for _, c := range columns {
		if !slices.Contains(v.columns, c) {
			p.problem("%s: view %q has no column %q; it has %s", setting, view, c, strings.Join(cutList(v.columns), ", "))
			all = false
		}
	}
	return all
}

// cutList is as many names as can be read at a glance.
func cutList(names []string) []string { return workflow.Summarize(names, 12) }

// mayGo tells whether a view goes when its table has gone. When going back, what is newer goes until the next night.
func (p *plan) mayGo(view string) bool { return p.goesBack() || p.allowsGone(view) }

func (p *plan) allowsGone(view string) bool {
	return slices.ContainsFunc(p.source.AllowGone, func(pattern string) bool { return workflow.Match(pattern, view) })
}
