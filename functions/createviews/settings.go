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
	if p.goesBack() {
		return
	}
	for _, r := range p.source.Columns {
		if r.IsPattern() || !p.requireTable(r.Setting, r.View) {
			continue
		}
		p.requireColumns(r.Setting, r.View, r.Column)
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

// requireTable tells whether a table has a view of that name tonight. That it has none is a problem, unless it was skipped or
// may be gone.
func (p *plan) requireTable(setting, name string) bool {
	if p.tableOf[name] != nil {
		return true
	}
	if p.stays[name] == "" && !p.mayGo(name) && !p.hasProblem(name) {
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
func cutList(names []string) []string {
	const glance = 12
	if len(names) <= glance {
		return names
	}
	return append(slices.Clone(names[:glance]), fmt.Sprintf("and %d more", len(names)-glance))
}

// mayGo tells whether a view goes when its table has gone. When going back, what is newer goes until the next night.
func (p *plan) mayGo(view string) bool {
	return p.goesBack() || slices.ContainsFunc(p.source.AllowGone, func(pattern string) bool { return workflow.Match(pattern, view) })
}
