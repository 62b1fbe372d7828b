package viewplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/inventory"
	"snaplake/workflow"
)

// requireHidden finds existing views that cannot stay as they are: views of skipped tables whose export is gone, and these and views of
// others if they show what a rule now hides.
func (p *Plan) requireHidden() {
	for _, name := range slices.Sorted(maps.Keys(p.Entries)) {
		if p.viewOf[name] != nil || slices.Contains(p.Dropped, name) {
			continue
		}
		e := p.Entries[name]
		rules, export := p.createdWith(name)
		if p.isKept(name) && export == "" && len(e.Crawled) > 0 {
			p.problem("view %q stays as it is, since RDS skipped its table, but the export that it reads is gone: drop it", name)
			continue
		}
		if shown := p.shownByRule(name, e, rules); len(shown) > 0 {
			advice := "Drop it, or recreate it without them"
			if p.isKept(name) {
				advice = fmt.Sprintf("Drop it, or recreate it by an execution with exportId %s", export)
			}
			p.problem("view %q stays as it is, and shows what columns hides: %s. %s", name, ShortList(shown), advice)
		}
	}
}

// shownByRule returns the columns of an existing view that a rule hides, more than the rules that the view was created with.
func (p *Plan) shownByRule(name string, e inventory.Entry, rules []workflow.ColumnRule) []string {
	views := p.viewsOf(e)
	if len(views) == 0 {
		return nil
	}
	before := workflow.Source{Columns: rules}
	var shown []string
	for _, c := range e.Columns {
		for _, view := range append(views, name) {
			for _, column := range []string{c.Name, strings.TrimPrefix(c.Name, "old_"), strings.TrimPrefix(c.Name, "new_")} { // of changes
				is, _ := p.Source.Rule(view, column)
				if was, _ := before.Rule(view, column); is.HidesMore(was) && !slices.Contains(shown, c.Name) {
					shown = append(shown, c.Name)
				}
			}
		}
	}
	return shown
}

// createdWith returns the rules that a kept view was created with, and the export that it reads. The rules of other views are unknown.
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
