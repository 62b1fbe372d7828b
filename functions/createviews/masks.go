package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// requireKept finds views that cannot stay as they are: of tables that RDS skipped, because their export is gone; of these, and of what
// people made by hand, because they show what a rule hides by now.
func (p *plan) requireKept() {
	for _, name := range slices.Sorted(maps.Keys(p.entries)) {
		if p.viewOf[name] != nil || slices.Contains(p.goes, name) {
			continue
		}
		rules, export := p.madeWith(name)
		stays := p.stays[name] != "" || p.kept[name] != ""
		if stays && export == "" && len(p.entries[name].crawled) > 0 {
			p.problem("view %q stays as it is, since RDS skipped its table, but the export that it reads is gone: drop it", name)
			continue
		}
		_, views := p.over(p.entries[name])
		if len(views) == 0 {
			continue
		}
		before := workflow.Source{Columns: rules}
		var shown []string
		for _, c := range p.entries[name].columns {
			for _, view := range append(views, name) {
				for _, column := range []string{c.Name, strings.TrimPrefix(c.Name, "old_"), strings.TrimPrefix(c.Name, "new_")} { // of changes
					is, _ := p.source.Rule(view, column)
					if was, _ := before.Rule(view, column); is.HidesMore(was) && !slices.Contains(shown, c.Name) {
						shown = append(shown, c.Name)
					}
				}
			}
		}
		if len(shown) > 0 {
			advice := "Drop it, or make it again without them"
			if stays {
				advice = fmt.Sprintf("Make it again by an execution with exportId %s, or drop it", export)
			}
			p.problem("view %q stays as it is, and shows what columns hides: %s. %s", name, strings.Join(cutList(shown), ", "), advice)
		}
	}
}

// madeWith are the rules that a view was made with which stays as it is, and the export that it was made of. A view that people made by
// hand has none.
func (p *plan) madeWith(name string) (rules []workflow.ColumnRule, export string) {
	i := slices.IndexFunc(p.past.all, p.entries[name].isOf)
	if i < 0 {
		return nil, ""
	}
	if id := p.past.all[i].ID; p.stays[name] != "" || p.kept[name] != "" {
		rules = p.past.publications[id].Rules
	}
	return rules, p.past.all[i].ID.String()
}

// forgetRules takes the rules out of the publication of an export whose views are about to be made with others. Should this run stop in
// between, nobody can tell which view was made with which.
func (h *Handler) forgetRules(ctx context.Context, p *plan) error {
	before, there := p.past.publications[p.id]
	if !there || slices.Equal(before.Rules, p.source.Columns) {
		return nil
	}
	before.Rules = nil
	return lake.WritePublication(ctx, h.S3, h.Bucket, p.id, before)
}
