package main

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"snaplake/workflow"
)

// question is a query whose answer decides whether the views may change.
type question struct {
	sql string
	// answered is given what Athena answers, and refused the reason why it does not.
	answered func(answer)
	refused  func(reason string)
}

// examine asks Athena what the plan alone cannot know: whether the rows pass the source's checks, whether keys are unique, and
// whether it takes the user's SQL. The latter two are known where a plan is gone on with. The error is a [workflow.ViewsFailed] or a
// [workflow.ChecksFailed].
func (h *Handler) examine(ctx context.Context, p *plan, goesOn bool) error {
	var e examination
	questions := p.askRows(&e)
	if !goesOn {
		questions = slices.Concat(questions, p.askKeys(), p.tryOwn())
	}
	if err := h.ask(ctx, p.source.Database(), questions); err != nil {
		return err
	}
	if err := p.failed(); err != nil {
		return err
	}
	return p.check(e)
}

// ask puts questions to Athena, several at a time, and hands out what it says, one after the other. The error is of Athena's own.
func (h *Handler) ask(ctx context.Context, database string, questions []question) error {
	answers, errs := make([]answer, len(questions)), make([]error, len(questions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for i, q := range questions {
		group.Go(func() error {
			answers[i], errs[i] = h.answer(ctx, database, q.sql)
			if _, isRefusal := errs[i].(*refusal); isRefusal {
				return nil
			}
			return errs[i]
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("ask Athena about database %q: %w", database, err)
	}
	for i, q := range questions {
		switch r, isRefusal := errs[i].(*refusal); {
		case !isRefusal:
			q.answered(answers[i])
		case r.passes:
			return workflow.Errorf[workflow.Unavailable](
				"the views of database %q stay as they are: Athena cannot answer %s: %s\nThis passes by itself: redrive when the retries were not enough",
				database, cut(q.sql, excerptLength), cut(r.reason, reasonLength))
		default:
			q.refused(r.reason)
		}
	}
	return nil
}
