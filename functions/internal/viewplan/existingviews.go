package viewplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/inventory"
	"snaplake/functions/internal/projection"
	"snaplake/workflow"
)

// findDropped decides whether to drop each existing view that the run neither creates nor keeps. It drops the view of a table only if
// allow_gone lists the view or the run is a rollback. It drops all other published views, because they are no longer configured. A view
// that no publication lists was created by a user, or its publication is lost.
func (p *Plan) findDropped() {
	for _, name := range slices.Sorted(maps.Keys(p.Entries)) {
		e := p.Entries[name]
		kind, published := p.Last.Views[name] // requireOwnViews finds a view that Glue lists late
		isOfTable := kind == exports.OfTable || slices.Contains(p.viewsOf(e), name)
		switch {
		case !e.IsView, p.viewOf[name] != nil, p.isKept(name), p.failed[name], !published && len(p.tablesOf(e)) == 0:
		case !published && !p.Source.AllowsGone(name):
			p.warn("view %q was not published by any run, but Prune keeps the export that the view reads; "+
				"drop the view, or list it under allow_gone", name)
		case published && isOfTable && !p.IsRollback() && !p.Source.AllowsGone(name):
			p.problem("view %q: the export no longer contains its table, which was dropped, renamed or removed from the setting \"tables\". "+
				"To drop the view, list it under allow_gone", name)
		case published && !p.isOurs(name, kind, e):
			p.warn("an earlier run published view %q, but this run does not drop it, because the view reads no table of this source; "+
				"drop the view if it is not needed", name)
		default:
			p.Dropped = append(p.Dropped, name)
		}
	}
}

// isOurs reports whether the catalog shows that Snaplake created a view: the view reads crawled tables of the source, shows an empty table,
// or, if it is user-defined, reads another view. A publication alone is no proof, since anyone who can write to the bucket can forge one.
func (p *Plan) isOurs(name string, kind exports.Kind, e inventory.Entry) bool {
	isTablePrefix := func(word string) bool { return word == workflow.TablePrefixOf(word) }
	isOtherView := func(other string) bool { return p.Entries[other].IsView && other != name }
	return len(p.tablesOf(e)) > 0 || slices.ContainsFunc(e.Crawled, isTablePrefix) ||
		kind == exports.OfFreshness && strings.HasPrefix(name, workflow.FreshnessView) ||
		kind == exports.UserDefined && slices.ContainsFunc(e.Views, isOtherView)
}

// requireNeeds reports user-defined views that read a view that the run drops. Athena would create them, but every query would fail.
func (p *Plan) requireNeeds() {
	for _, v := range p.views {
		for _, name := range v.Needs {
			if v.kind == exports.UserDefined && slices.Contains(p.Dropped, name) {
				p.problem("view %q (%s) reads %q, which this run drops because it is no longer configured or export %s does not have "+
					"its table; change the query or delete the file", v.Name, v.label, name, p.Export.ID)
			}
		}
	}
}

// requireHidden reports existing views that the run does not replace but that must not remain: views of skipped tables whose export no
// longer exists, and views that show a column that a rule now hides.
func (p *Plan) requireHidden() {
	for _, name := range slices.Sorted(maps.Keys(p.Entries)) {
		if p.viewOf[name] != nil || slices.Contains(p.Dropped, name) {
			continue
		}
		e := p.Entries[name]
		rules, export := p.createdWith(name)
		if p.isKept(name) && export == "" && len(e.Crawled) > 0 {
			p.problem("view %q is kept because RDS skipped its table, but the export that it reads no longer exists; drop the view", name)
			continue
		}
		if shown := p.shownByRule(name, e, rules); len(shown) > 0 {
			advice := "recreate it without them"
			if p.isKept(name) {
				advice = fmt.Sprintf("start an execution with exportId %s to recreate it", export)
			}
			p.problem("view %q is not replaced, but shows columns that a rule hides: %s. Drop the view, or %s", name, ShortList(shown), advice)
		}
	}
}

// shownByRule returns those columns of an existing view that the current rules hide and that were not hidden when the view was created.
func (p *Plan) shownByRule(name string, e inventory.Entry, rules []workflow.ColumnRule) []string {
	views := p.viewsOf(e)
	if len(views) == 0 {
		return nil
	}
	before := workflow.Source{Columns: rules}
	var shown []string
	for _, c := range e.Columns {
		for _, view := range append(views, name) {
			// The columns of a changes view begin with old_ and new_.
			for _, column := range []string{c.Name, strings.TrimPrefix(c.Name, "old_"), strings.TrimPrefix(c.Name, "new_")} {
				is, _ := p.Source.Rule(view, column)
				if was, _ := before.Rule(view, column); is.HidesMore(was) && !slices.Contains(shown, c.Name) {
					shown = append(shown, c.Name)
				}
			}
		}
	}
	return shown
}

// createdWith returns the rules that a kept view was created with, and the export that it reads. The rules of any other view are unknown.
func (p *Plan) createdWith(name string) (rules []workflow.ColumnRule, export string) {
	i := slices.IndexFunc(p.Exports, p.Entries[name].ReadsExportOf)
	if i < 0 {
		return nil, ""
	}
	if p.isKept(name) {
		rules = p.Publications[p.Exports[i].ID].Rules
	}
	return rules, p.Exports[i].ID.String()
}

// schemaDiff lists the differences between the new and the existing views of tables, sorted by view name. The first run has none.
func (p *Plan) schemaDiff() (lines []string) {
	if p.Last.Views == nil {
		return nil
	}
	byView := map[string][]string{}
	for _, v := range p.tables {
		if e, there := p.Entries[v.name]; there {
			byView[v.name] = columnDiff(e.Columns, v.projection.Columns)
		} else {
			byView[v.name] = []string{": new"}
		}
	}
	for _, name := range p.Dropped {
		byView[name] = []string{": removed"}
	}
	for _, name := range slices.Sorted(maps.Keys(byView)) {
		for _, text := range byView[name] {
			lines = append(lines, name+text)
		}
	}
	return lines
}

// columnDiff returns lines such as ".price: double, was decimal(10,2)".
func columnDiff(before []catalog.Column, now []projection.Column) (lines []string) {
	for _, c := range now {
		i := slices.IndexFunc(before, func(b catalog.Column) bool { return b.Name == c.Name })
		switch {
		case i < 0:
			lines = append(lines, fmt.Sprintf(".%s: added, %s", c.Name, c.Type))
		case before[i].Type != c.Type:
			lines = append(lines, fmt.Sprintf(".%s: %s, was %s", c.Name, c.Type, before[i].Type))
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(now, func(c projection.Column) bool { return c.Name == b.Name }) {
			lines = append(lines, fmt.Sprintf(".%s: removed, was %s", b.Name, b.Type))
		}
	}
	return lines
}
