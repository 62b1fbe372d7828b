package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/statement"
	"snaplake/functions/internal/viewplan"
	"snaplake/workflow"
)

// publish changes the views: it creates those of the plan, drops those that the plan drops, and writes the publication. It stops if a run
// over a newer snapshot publishes.
func (h *Handler) publish(ctx context.Context, plan *viewplan.Plan, views workflow.Views, until time.Time) (workflow.Views, error) {
	if err := exports.Announce(ctx, h.S3, h.Bucket, plan.ID); err != nil {
		return workflow.Views{}, err
	}
	if err := h.forgetRules(ctx, plan); err != nil {
		return workflow.Views{}, err
	}
	newer := newerRun{Plan: plan, h: h}
	created, all, err := h.createViews(ctx, plan, views.Published, until, &newer)
	if err != nil {
		return workflow.Views{}, err
	}
	views.Published = created
	newer.asked = 0 // ask again before views are dropped
	if newer.exists(ctx) {
		views.Status, views.Digest = workflow.Published, ""
		views.Warnings = append(views.Warnings, newer.warning())
		return views, h.requireNewerViews(ctx, &newer)
	}
	if resumed := views.Status == workflow.Publishing; !resumed { // a resumed plan compares with views that this run created
		h.Log.InfoContext(ctx, "began to publish", "export", plan.Export.ID, "changed", plan.Changed, "warnings", plan.Warnings)
		views.Warnings, views.Changed = workflow.SummarizeForState(plan.Warnings), workflow.SummarizeForState(plan.Changed)
	}
	h.Log.InfoContext(ctx, "created views", "export", plan.Export.ID, "views", created, "all", all)
	if !all {
		views.Status, views.Digest = workflow.Publishing, plan.Digest()
		return views, nil
	}
	views.Status, views.Digest = workflow.Published, ""
	if err := h.dropViews(ctx, views.Database, plan.Dropped); err != nil {
		return workflow.Views{}, err
	}
	if err := exports.WritePublication(ctx, h.S3, h.Bucket, plan.ID, plan.Publication()); err != nil {
		return workflow.Views{}, err
	}
	return views, h.requireOwnViews(ctx, &newer)
}

// forgetRules removes the rules from the publication of an export whose views are about to be created with others. If the run stops in
// between, it is unknown which view was created with which rules.
func (h *Handler) forgetRules(ctx context.Context, plan *viewplan.Plan) error {
	before, there := plan.Publications[plan.ID]
	if !there || slices.Equal(before.Rules, plan.Source.Columns) {
		return nil
	}
	before.Rules = nil
	return exports.WritePublication(ctx, h.S3, h.Bucket, plan.ID, before)
}

// createViews creates the views level by level, after the first ones that an earlier call created. It returns how many there are then, and
// whether that is all: from the time until on it begins no further view, except a few so that each call makes progress. It does not try
// views that read a failed one. The error is a [workflow.Unavailable] if all failures are transient, or else a [workflow.ViewsFailed].
func (h *Handler) createViews(ctx context.Context, plan *viewplan.Plan, created int, until time.Time, newer *newerRun) (
	now int, all bool, err error) {
	p := progress{database: plan.Source.Database(), created: created, all: true, failed: map[string]bool{}}
	begun := 0
	more := func() bool {
		begun++
		hasTime := until.IsZero() || h.Metrics.Now().Before(until) || p.created == created && begun <= statement.InFlight
		return !newer.exists(ctx) && hasTime
	}
	skip := created
	for _, level := range plan.Levels {
		p.total += len(level)
		before := min(skip, len(level))
		skip -= before
		if !p.all {
			continue
		}
		ready := p.ready(level[before:])
		tried, failures, err := statement.Batch(ctx, len(ready), more, func(ctx context.Context, i int) error {
			if _, err := h.Athena.Run(ctx, p.database, ready[i].Statement(p.database)); err != nil {
				return fmt.Errorf("create view %q: %w", ready[i].Name, err)
			}
			return nil
		})
		if err != nil {
			return 0, false, err
		}
		p.record(ready[:tried], failures)
		p.all = tried == len(ready)
	}
	return p.created, p.all, p.err()
}

// progress is that of creating views.
type progress struct {
	database       string
	total, created int
	// all is false if views are left to another call.
	all bool
	// failed are the views that could not be created, lines describe them, and lasting is the number of failures that are not transient.
	failed  map[string]bool
	lines   []string
	lasting int
}

// ready returns the views of a level that read no failed one.
func (p *progress) ready(level []*viewplan.View) []*viewplan.View {
	var ready []*viewplan.View
	for _, v := range level {
		i := slices.IndexFunc(v.Needs, func(name string) bool { return p.failed[name] })
		if i < 0 {
			ready = append(ready, v)
			continue
		}
		p.failed[v.Name] = true
		p.lines = append(p.lines, fmt.Sprintf("%s: not tried, since it reads %q", v.Describe(p.database), v.Needs[i]))
	}
	return ready
}

// record records the results of views that were tried.
func (p *progress) record(tried []*viewplan.View, failures []*statement.Failure) {
	for i, v := range tried {
		f := failures[i]
		if f == nil {
			p.created++
			continue
		}
		p.failed[v.Name] = true
		p.lines = append(p.lines, v.DescribeFailure(p.database, f.Reason, v.Statement(p.database)))
		if !f.Transient {
			p.lasting++
		}
	}
}

// err returns an error about the failed views, or nil.
func (p *progress) err() error {
	if len(p.lines) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of %d views of database %q failed, %d were created:\n%s\n",
		len(p.lines), p.total, p.database, p.created, strings.Join(workflow.Summarize(p.lines, workflow.MaxListed), "\n"))
	if p.lasting > 0 {
		return workflow.Errorf[workflow.ViewsFailed]("%sCorrect this, deploy if views or pipeline.yaml changed, then redrive", text)
	}
	return workflow.Errorf[workflow.Unavailable]("%sThis is usually transient: redrive if the retries did not help", text)
}
