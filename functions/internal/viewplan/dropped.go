package viewplan

import (
	"maps"
	"slices"
	"strings"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/inventory"
	"snaplake/workflow"
)

// findDropped decides on the published views that the plan does not create. The view of a table is dropped only if the source allows it.
// A history, a changes view or a view of the user's own is dropped, since the configuration no longer has it. Views of others stay.
func (p *Plan) findDropped() {
	decided := map[string]bool{}
	maps.Copy(decided, p.failed)
	for name := range p.viewOf {
		decided[name] = true
	}
	for name := range p.kept {
		decided[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(p.Last.Views)) {
		e := p.Entries[name]
		if decided[name] || !e.IsView { // should Glue not list it yet, the run finds it at its end
			continue
		}
		decided[name] = true
		kind := p.Last.Views[name]
		switch {
		case (kind == exports.OfTable || slices.Contains(p.viewsOf(e), name)) && !p.IsRollback() && !p.allowsGone(name):
			p.problem("view %q: the export no longer has its table, which was dropped, renamed or left out of tables. "+
				"To drop the view, list it under allow_gone", name)
		case p.isOurs(name, kind, e):
			p.Dropped = append(p.Dropped, name)
		default:
			p.warn("view %q: published before, but not deleted, since it reads nothing of this source: drop it if it is not needed", name)
		}
	}
	p.findUnpublished(decided)
}

// isOurs reports whether Glue shows that Snaplake created a view: it reads crawled tables of the source or shows an empty one; a view of
// the user's own may also read another view. A publication alone is no proof, since any writer of the bucket can forge one.
func (p *Plan) isOurs(name string, kind exports.Kind, e inventory.Entry) bool {
	readsView := func(other string) bool { return p.Entries[other].IsView && other != name }
	return len(p.tablesOf(e)) > 0 || kind == exports.OfFreshness && strings.HasPrefix(name, workflow.FreshnessView) ||
		slices.ContainsFunc(e.Crawled, func(word string) bool { return word == workflow.TablePrefixOf(word) }) ||
		kind == exports.Own && slices.ContainsFunc(e.Views, readsView)
}

// findUnpublished finds views over exports of this source that no publication lists: a user created them, or the publication is lost.
func (p *Plan) findUnpublished(decided map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(p.Entries)) {
		switch {
		case decided[name], len(p.tablesOf(p.Entries[name])) == 0:
		case p.allowsGone(name):
			p.Dropped = append(p.Dropped, name)
		default:
			p.warn("view %q was not published, and the export that it reads is kept for it: drop it, or list it under allow_gone", name)
		}
	}
}

// requireNeeds finds views of the user's own that read a dropped view. Athena would create them, but every query would fail.
func (p *Plan) requireNeeds() {
	for _, v := range p.views {
		for _, name := range v.Needs {
			if v.kind != exports.Own || !slices.Contains(p.Dropped, name) {
				continue
			}
			why := "the configuration no longer has it"
			table := strings.TrimSuffix(strings.TrimSuffix(name, workflow.HistorySuffix), workflow.ChangesSuffix)
			if p.Last.Views[name] != exports.Own && p.tableOf[table] == nil {
				why = "export " + p.Export.ID + " does not have its table"
			}
			p.problem("view %q (%s) reads %q, which is dropped, since %s: change the query, or delete the file", v.Name, v.of, name, why)
		}
	}
}
