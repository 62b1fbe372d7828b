package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/statement"
	"snaplake/functions/internal/viewplan"
	"snaplake/workflow"
)

// publish creates and drops views according to the plan and writes the publication. It stops if a run with a newer snapshot is publishing.
func (h *Handler) publish(ctx context.Context, plan *viewplan.Plan, views workflow.Views, stopAt time.Time) (workflow.Views, error) {
	if err := exports.Announce(ctx, h.S3, h.Bucket, plan.ID); err != nil {
		return workflow.Views{}, err
	}
	if err := h.forgetRules(ctx, plan); err != nil {
		return workflow.Views{}, err
	}
	newer := newerRun{Plan: plan, h: h}
	created, all, err := h.createViews(ctx, plan, views.Published, stopAt, &newer)
	if err != nil {
		return workflow.Views{}, err
	}
	views.Published = created
	newer.calls = 0 // check again before views are dropped
	if newer.exists(ctx) {
		views.Status, views.Digest = workflow.Published, ""
		views.Warnings = append(views.Warnings,
			fmt.Sprintf("export %s of a newer snapshot is being published, by another run, which creates the remaining views", newer.id))
		return views, h.requireNewerViews(ctx, &newer)
	}
	if resumed := views.Status == workflow.Publishing; !resumed { // a resumed plan would compare with views of this run
		h.Log.InfoContext(ctx, "started publishing", "export", plan.Export.ID, "changed", plan.Changed, "warnings", plan.Warnings)
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

// forgetRules removes the column rules from an earlier publication of this export if they differ from the current ones. Otherwise, if the
// run stopped halfway, the publication would list rules that do not apply to all views.
func (h *Handler) forgetRules(ctx context.Context, plan *viewplan.Plan) error {
	before, there := plan.Publications[plan.ID]
	if !there || slices.Equal(before.Rules, plan.Source.Columns) {
		return nil
	}
	before.Rules = nil
	return exports.WritePublication(ctx, h.S3, h.Bucket, plan.ID, before)
}

// createViews creates the views level by level. It skips views that an earlier invocation created and views that read a failed view. It
// stops once stopAt has passed, but each invocation attempts at least a few views. It returns the number of views created so far, and
// whether all views were created. The error is a [workflow.Unavailable] if all failures are transient, otherwise a
// [workflow.ViewsFailed].
func (h *Handler) createViews(ctx context.Context, plan *viewplan.Plan, created int, stopAt time.Time, newer *newerRun) (
	now int, all bool, err error) {
	p := progress{database: plan.Source.Database(), created: created, failed: map[string]bool{}}
	started, skip := 0, created
	more := func() bool {
		started++
		hasTime := stopAt.IsZero() || h.Metrics.Now().Before(stopAt) || p.created == created && started <= statement.InFlight
		return !newer.exists(ctx) && hasTime
	}
	all = true
	for _, level := range plan.Levels {
		before := min(skip, len(level))
		skip -= before
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
		if all = tried == len(ready); !all {
			break
		}
	}
	return p.created, all, p.err(len(slices.Concat(plan.Levels...)))
}

// progress records which views were created and which failed.
type progress struct {
	database string
	created  int
	failed   map[string]bool
	// lines holds descriptions of the failed views.
	lines []string
	// isLasting is true if at least one failure is not transient.
	isLasting bool
}

// ready returns the views in a level, except those that read a failed view.
func (p *progress) ready(level []*viewplan.View) []*viewplan.View {
	var ready []*viewplan.View
	for _, v := range level {
		i := slices.IndexFunc(v.Needs, func(name string) bool { return p.failed[name] })
		if i < 0 {
			ready = append(ready, v)
			continue
		}
		p.failed[v.Name] = true
		p.lines = append(p.lines, fmt.Sprintf("%s: not created, because it reads the failed view %q", v.Describe(p.database), v.Needs[i]))
	}
	return ready
}

func (p *progress) record(tried []*viewplan.View, failures []*statement.Failure) {
	for i, v := range tried {
		f := failures[i]
		if f == nil {
			p.created++
			continue
		}
		p.failed[v.Name] = true
		p.lines = append(p.lines, v.Describe(p.database)+": "+statement.Locate(f.Reason, v.Statement(p.database)))
		p.isLasting = p.isLasting || !f.Transient
	}
}

func (p *progress) err(total int) error {
	if len(p.lines) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of %d views of database %q failed; %d were created:\n%s",
		len(p.lines), total, p.database, p.created, strings.Join(workflow.Summarize(p.lines, workflow.MaxListed), "\n"))
	if p.isLasting {
		return workflow.Errorf[workflow.ViewsFailed]("%s", text)
	}
	return workflow.Errorf[workflow.Unavailable]("%s", text)
}

// dropBatch is the maximum number of tables in a BatchDeleteTable request.
const dropBatch = 100

// dropViews drops views. The error is a [workflow.ViewsFailed] if Glue does not delete some of them.
func (h *Handler) dropViews(ctx context.Context, database string, names []string) error {
	var failures []string
	for batch := range slices.Chunk(names, dropBatch) {
		out, err := h.Glue.BatchDeleteTable(ctx, &glue.BatchDeleteTableInput{DatabaseName: &database, TablesToDelete: batch})
		if err != nil {
			return fmt.Errorf("drop views %s of database %q: %w", strings.Join(batch, ", "), database, err)
		}
		for _, e := range out.Errors {
			if d := e.ErrorDetail; d != nil && aws.ToString(d.ErrorCode) != "EntityNotFoundException" {
				failures = append(failures,
					fmt.Sprintf("view %q: %s: %s", aws.ToString(e.TableName), aws.ToString(d.ErrorCode), aws.ToString(d.ErrorMessage)))
			}
		}
	}
	if len(failures) > 0 {
		return workflow.Errorf[workflow.ViewsFailed](
			"the views of database %q were created, but %d old views could not be dropped:\n%s",
			database, len(failures), strings.Join(workflow.Summarize(failures, workflow.MaxListed), "\n"))
	}
	return nil
}
