package main

import (
	"context"
	"fmt"

	"snaplake/workflow"
)

// publish makes the views wave by wave and returns how many there are. A view is not tried when one that it reads failed. The
// error is a [workflow.Unavailable] when nothing but Athena itself was in the way, and else a [workflow.ViewsFailed].
func (h *Handler) publish(ctx context.Context, database string, order [][]view) (int, error) {
	total, made, lasting := 0, 0, 0
	for _, wave := range order {
		total += len(wave)
	}
	failed := map[string]bool{}
	var lines []string
	for _, wave := range order {
		var ready []view
		for _, v := range wave {
			if need := firstOf(v.needs, failed); need != "" {
				failed[v.name] = true
				lines = append(lines, fmt.Sprintf("view %s.%s (%s): not tried, since it reads %s", quote(database), quote(v.name), v.of, quote(need)))
				continue
			}
			ready = append(ready, v)
		}
		refused, err := h.makeViews(ctx, database, ready)
		if err != nil {
			return 0, err
		}
		for _, v := range ready {
			r := refused[v.name]
			if r == nil {
				made++
				continue
			}
			failed[v.name] = true
			lines = append(lines, describe(database, v, r.reason, v.statement(database)))
			if !r.passes {
				lasting++
			}
		}
	}
	switch {
	case lasting > 0:
		return 0, workflow.Errorf[workflow.ViewsFailed](
			"%d of %d views of database %q could not be made, the others were:\n%s\nCorrect this (and make deploy, after a change of a view or of pipeline.yaml), then redrive this execution",
			len(lines), total, database, list(lines))
	case len(lines) > 0:
		return 0, workflow.Errorf[workflow.Unavailable](
			"%d of %d views of database %q could not be made for reasons of Athena's own, the others were:\n%s\nThis passes by itself: redrive when the retries were not enough",
			len(lines), total, database, list(lines))
	}
	return made, nil
}

func firstOf(names []string, in map[string]bool) string {
	for _, name := range names {
		if in[name] {
			return name
		}
	}
	return ""
}
