package main

import (
	"context"
	"fmt"
	"time"

	"snaplake/workflow"
)

// publish makes the views wave by wave, from the one on before which so many are made already. It returns how many are made then, and
// whether that is all: from the time until on it begins with none more, but for a few, so that each invocation gets on. A view is not
// tried when one that it reads failed. The error is a [workflow.Unavailable] when nothing but Athena itself was in the way, and else a
// [workflow.ViewsFailed].
// It stops when a newer run is there.
func (h *Handler) publish(ctx context.Context, database string, waves [][]*view, made int, until time.Time, newer *newerRun) (now int, all bool, err error) {
	p := publishing{database: database, made: made, all: true, failed: map[string]bool{}}
	begun := 0
	more := func() bool {
		begun++
		return !newer.isThere(ctx) && (until.IsZero() || h.Metrics.Now().Before(until) || p.made == made && begun <= inFlight)
	}
	skip := made
	for _, wave := range waves {
		p.total += len(wave)
		before := min(skip, len(wave))
		skip -= before
		if !p.all {
			continue
		}
		ready := p.ready(wave[before:])
		tried, refused, err := h.makeViews(ctx, database, ready, more)
		if err != nil {
			return 0, false, err
		}
		p.note(ready[:tried], refused)
		p.all = tried == len(ready)
	}
	return p.made, p.all, p.err()
}

// publishing is how far it is.
type publishing struct {
	database string
	// total is how many views there are, made how many are made.
	total, made int
	// all is false when views are left to another invocation.
	all bool
	// failed are the views that could not be made, lines what is to be said of them.
	failed map[string]bool
	lines  []string
	// lasting is how many failed for a reason that does not pass by itself.
	lasting int
}

// ready leaves out views that read one that failed.
func (p *publishing) ready(wave []*view) []*view {
	var ready []*view
	for _, v := range wave {
		if need := firstOf(v.needs, p.failed); need != "" {
			p.failed[v.name] = true
			p.lines = append(p.lines, fmt.Sprintf("view %s.%s (%s): not tried, since it reads %s", quote(p.database), quote(v.name), v.of, quote(need)))
			continue
		}
		ready = append(ready, v)
	}
	return ready
}

// note takes down what became of views that were tried.
func (p *publishing) note(tried []*view, refused map[string]*refusal) {
	for _, v := range tried {
		r := refused[v.name]
		if r == nil {
			p.made++
			continue
		}
		p.failed[v.name] = true
		p.lines = append(p.lines, describe(p.database, v, r.reason, v.statement(p.database)))
		if !r.passes {
			p.lasting++
		}
	}
}

// err is about the views that failed.
func (p *publishing) err() error {
	if len(p.lines) == 0 {
		return nil
	}
	others := "the others were"
	if !p.all {
		others = fmt.Sprintf("and %d were before the function handed over", p.made)
	}
	if p.lasting > 0 {
		return workflow.Errorf[workflow.ViewsFailed](
			"%d of %d views of database %q could not be made, %s:\n%s\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution",
			len(p.lines), p.total, p.database, others, list(p.lines))
	}
	return workflow.Errorf[workflow.Unavailable](
		"%d of %d views of database %q could not be made for reasons of Athena's own, %s:\n%s\nThis passes by itself: redrive when the retries were not enough",
		len(p.lines), p.total, p.database, others, list(p.lines))
}

func firstOf(names []string, in map[string]bool) string {
	for _, name := range names {
		if in[name] {
			return name
		}
	}
	return ""
}
