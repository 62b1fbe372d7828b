package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// findGone decides on the views that were made before and are not made tonight. One of a table goes only if the source says so;
// history, changes and views of the user's own go, since the configuration has them no more. Views of other people are none of
// ours.
func (p *plan) findGone() {
	made := map[string]bool{}
	for _, v := range p.views {
		made[v.name] = true
	}
	for name := range p.stays {
		made[name] = true
	}
	for name := range p.broken {
		made[name] = true
	}
	for name := range p.kept {
		made[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(p.past.last.Views)) {
		e, there := p.entries[name]
		kind := p.past.last.Views[name]
		if made[name] || !there || !e.isView { // should Glue's list be late, requireOwnViews sees the view
			continue
		}
		switch _, views := p.over(e); {
		case (kind == lake.OfTable || slices.Contains(views, name)) && !p.mayGo(name):
			p.problem("view %q: its table is not in the export any more; it was dropped or renamed in the database, or the source's tables leave it out. List the view under allow_gone to remove it", name)
		case p.isOurs(name, kind, e):
			p.goes = append(p.goes, name)
		default:
			p.warnings = append(p.warnings, fmt.Sprintf("view %q: published before, but not deleted, since it reads nothing of this source: drop it if it is not needed", name))
		}
		made[name] = true
	}
	p.findStray(made)
}

// isOurs reports whether Glue shows that the stack made a view: of a table, when it reads a crawled table of the source or stands for an
// empty one; of the user's own, also when it reads another view. Of a view that Glue shows, a publication alone is not believed: whoever
// may write to the bucket can write one.
func (p *plan) isOurs(name string, kind lake.Kind, e entry) bool {
	_, views := p.over(e)
	return len(views) > 0 || kind == lake.OfFreshness && strings.HasPrefix(name, workflow.FreshnessView) ||
		slices.ContainsFunc(e.crawled, func(word string) bool { return word == workflow.TablePrefixOf(word) }) ||
		kind == lake.Own && slices.ContainsFunc(e.views, func(other string) bool { return p.entries[other].isView && other != name })
}

// findStray is for views that no account tells of and that read an export of this source: somebody made them, or the account of the
// run that did is lost.
func (p *plan) findStray(made map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(p.entries)) {
		if made[name] {
			continue
		}
		switch _, views := p.over(p.entries[name]); {
		case len(views) == 0:
		case p.allowsGone(name):
			p.goes = append(p.goes, name)
		default:
			p.warnings = append(p.warnings, fmt.Sprintf("view %q is of no table of tonight's, and reads an export that is kept for it: drop it, or list it under allow_gone", name))
		}
	}
}

// requireWhatIsRead finds views of the user's own that read a view which goes. Athena would make them, and they would fail afterwards.
func (p *plan) requireWhatIsRead() {
	for _, v := range p.views {
		for _, name := range v.needs {
			if v.kind != lake.Own || !slices.Contains(p.goes, name) {
				continue
			}
			why := "the configuration does not have it any more"
			table := strings.TrimSuffix(strings.TrimSuffix(name, workflow.HistorySuffix), workflow.ChangesSuffix)
			if p.past.last.Views[name] != lake.Own && p.tableOf[table] == nil {
				why = fmt.Sprintf("export %s does not have its table", p.export.ID)
			}
			p.problem("view %q (%s) reads %q, which goes, since %s: read something else, or delete the file", v.name, v.of, name, why)
		}
	}
}

// viewsAtATime is as many as BatchDeleteTable takes.
const viewsAtATime = 100

// deleteViews deletes views. The error is a [workflow.ViewsFailed] about those that Glue does not let go.
func (h *Handler) deleteViews(ctx context.Context, database string, names []string) error {
	var failures []string
	for names := range slices.Chunk(names, viewsAtATime) {
		out, err := h.Glue.BatchDeleteTable(ctx, &glue.BatchDeleteTableInput{DatabaseName: &database, TablesToDelete: names})
		if err != nil {
			return fmt.Errorf("delete views %s of database %q: %w", strings.Join(names, ", "), database, err)
		}
		for _, e := range out.Errors {
			if d := e.ErrorDetail; d != nil && aws.ToString(d.ErrorCode) != "EntityNotFoundException" {
				failures = append(failures, fmt.Sprintf("view %q: %s: %s", aws.ToString(e.TableName), aws.ToString(d.ErrorCode), aws.ToString(d.ErrorMessage)))
			}
		}
	}
	if len(failures) > 0 {
		return workflow.Errorf[workflow.ViewsFailed](
			"the views of database %q are made, and %d that are needed no more could not be deleted:\n%s\nRedrive this execution to try again", database, len(failures), list(failures))
	}
	return nil
}
