package main

import (
	"context"
	"fmt"
	"time"

	"snaplake/workflow"
)

// publish makes the views wave by wave, from the one on before which so many are made already. It returns how many are made then, and
// whether that is all: after half of the function's time it begins with none more, but for a few, so that each invocation gets on. A
// view is not tried when one that it reads failed. The error is a [workflow.Unavailable] when nothing but Athena itself was in the way,
// and else a [workflow.ViewsFailed].
func (h *Handler) publish(ctx context.Context, database string, waves [][]*view, made int, half time.Time) (now int, all bool, err error) {
	h.pace.forget()
	begun := 0
	more := func() bool {
		begun++
		return half.IsZero() || h.Metrics.Now().Before(half) || now == made && begun <= inFlight
	}
	now = made
	total, skip, lasting := 0, made, 0
	for _, wave := range waves {
		total += len(wave)
	}
	all = true
	failed := map[string]bool{}
	var lines []string
	for _, wave := range waves {
		before := min(skip, len(wave))
		wave, skip = wave[before:], skip-before
		var ready []*view
		for _, v := range wave {
			if need := firstOf(v.needs, failed); need != "" {
				failed[v.name] = true
				lines = append(lines, fmt.Sprintf("view %s.%s (%s): not tried, since it reads %s", quote(database), quote(v.name), v.of, quote(need)))
				continue
			}
			ready = append(ready, v)
		}
		tried, refused, err := h.makeViews(ctx, database, ready, more)
		if err != nil {
			return 0, false, err
		}
		for _, v := range ready[:tried] {
			r := refused[v.name]
			if r == nil {
				now++
				continue
			}
			failed[v.name] = true
			lines = append(lines, describe(database, v, r.reason, v.statement(database)))
			if !r.passes {
				lasting++
			}
		}
		if all = tried == len(ready); !all {
			break
		}
	}
	others := "the others were"
	if !all {
		others = fmt.Sprintf("and %d were before half of the function's time was over", now)
	}
	switch {
	case lasting > 0:
		return 0, false, workflow.Errorf[workflow.ViewsFailed](
			"%d of %d views of database %q could not be made, %s:\n%s\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution",
			len(lines), total, database, others, list(lines))
	case len(lines) > 0:
		return 0, false, workflow.Errorf[workflow.Unavailable](
			"%d of %d views of database %q could not be made for reasons of Athena's own, %s:\n%s\nThis passes by itself: redrive when the retries were not enough",
			len(lines), total, database, others, list(lines))
	}
	return now, all, nil
}

func firstOf(names []string, in map[string]bool) string {
	for _, name := range names {
		if in[name] {
			return name
		}
	}
	return ""
}
