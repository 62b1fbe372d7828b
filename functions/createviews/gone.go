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
		switch {
		case made[name], there && !e.isView:
		case p.past.last.Views[name] != lake.OfTable, p.mayGo(name):
			p.goes = append(p.goes, name) // also where the catalog does not show it, which may be late
		case there:
			p.problem("view %q: its table is not in the export any more; it was dropped or renamed in the database, or the source's tables leave it out. List the view under allow_gone to remove it", name)
		}
		made[name] = true
	}
	p.findStray(made)
}

// findStray is for views that no account tells of and that read an export of this source: somebody made them, or the account of the
// night that did is lost.
func (p *plan) findStray(made map[string]bool) {
	exports := strings.TrimSuffix(p.root, p.export.ID+"/")
	ours := map[string]bool{}
	for location, t := range p.crawled {
		ours[t.name] = strings.HasPrefix(location, exports)
	}
	for _, name := range slices.Sorted(maps.Keys(p.entries)) {
		e := p.entries[name]
		switch {
		case made[name], !e.isView, !slices.ContainsFunc(e.crawled, func(word string) bool { return ours[word] }):
		case p.mayGo(name):
			p.goes = append(p.goes, name)
		default:
			p.warnings = append(p.warnings, fmt.Sprintf("view %q is of no table of tonight's, and reads an export that is kept for it: drop it, or list it under allow_gone", name))
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
