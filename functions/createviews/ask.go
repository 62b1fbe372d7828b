package main

import (
	"context"
	"slices"
)

// examine asks Athena what the plan alone cannot know: whether the rows pass the source's checks, whether keys are unique, and
// whether it takes the user's SQL. The latter two are known where a plan is gone on with. The error is a [workflow.ViewsFailed] or a
// [workflow.ChecksFailed].
func (h *Handler) examine(ctx context.Context, p *plan, goesOn bool) error {
	var e examination
	questions := p.askRows(&e)
	if !goesOn {
		questions = slices.Concat(questions, p.askKeys(), p.tryOwn())
	}
	if err := h.Athena.RunQueries(ctx, p.source.Database(), questions); err != nil {
		return err
	}
	if err := p.failed(); err != nil {
		return err
	}
	return p.check(e)
}
