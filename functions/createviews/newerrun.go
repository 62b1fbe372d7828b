package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/lake"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

// Two runs of a source may publish at the same time. Athena and Glue replace a view whatever it reads, so the runs keep out of each
// other's way: each announces itself in its export's folder before it changes the first view, and looks at all views once it has written
// its publication. A run stops as soon as a newer snapshot's run has announced itself, and looks whether that one is published already. So
// one of the two sees what the older one did last, and the newest snapshot wins, whichever run is faster.

// newerRun watches for a run over a newer snapshot.
type newerRun struct {
	basis
	h *Handler
	// asked is how often [newerRun.isThere] was called since it had to look: it looks the first time, and then every statement.InFlight statements.
	asked int
	// found is true when there is one, and id its export.
	found bool
	id    workflow.ExportID
	err   error
}

// isThere reports whether a run over a newer snapshot has announced itself, or whether that cannot be told. A run that was started for a
// certain snapshot or export gives way to none.
func (n *newerRun) isThere(ctx context.Context) bool {
	n.asked++
	if n.goesBack() || n.found || n.err != nil || n.asked%statement.InFlight != 1 {
		return n.found || n.err != nil
	}
	var ids []workflow.ExportID
	if ids, n.err = lake.List(ctx, n.h.S3, n.h.Bucket, n.source.Name); n.err != nil {
		return true
	}
	for _, id := range ids {
		isNewer := id.SnapshotTime.After(n.basis.id.SnapshotTime)
		if !isNewer || id.SnapshotTime.After(n.h.Metrics.Now()) { // whoever may write to the bucket can write a time of the future
			continue
		}
		var announced bool
		if announced, n.err = lake.IsAnnounced(ctx, n.h.S3, n.h.Bucket, id); announced {
			n.found, n.id = true, id
		}
	}
	return n.found || n.err != nil
}

// warning says that the views are left to the newer run.
func (n *newerRun) warning() string {
	return fmt.Sprintf("export %s of a newer snapshot is being published, so the views are left to that run", n.id)
}

// requireOwnViews finds views that an older run has replaced, made or deleted while this one made its own, and those that were published
// before and that Glue's list did not show yet. The error is a [workflow.Unavailable], so that the state machine tries again, with a plan
// that knows of them.
func (h *Handler) requireOwnViews(ctx context.Context, p *plan, n *newerRun) error {
	left := make(map[string]bool, len(p.views))
	for _, v := range p.views {
		left[v.name] = true
	}
	err := h.eachTable(ctx, p.source.Database(), nil, func(t types.Table) {
		name, e := aws.ToString(t.Name), entry{crawled: crawledIn(t)}
		v := p.viewOf[name]
		_, known := p.entries[name]
		switch {
		case !catalog.IsView(t):
		case v == nil && !known && (p.past.last.Views[name] != "" || slices.ContainsFunc(p.past.all, e.isOf)):
			left[name] = true
		case v != nil && (v.kind == lake.Own || v.kind == lake.OfFreshness || e.reads(p.id.TablePrefix())):
			delete(left, name)
		}
	})
	n.asked = 0 // what was replaced says nothing when a newer run did it
	if err != nil || len(left) == 0 || n.isThere(ctx) {
		return err
	}
	return workflow.Errorf[workflow.Unavailable](
		"source %q has views that changed while this run made its own, by another run perhaps: %s. This passes by itself: redrive when the retries were not enough",
		p.source.Name, strings.Join(cutList(slices.Sorted(maps.Keys(left))), ", "))
}

// requireNewerViews finds views that this run has made since the newer one was published, which did not see them any more. The error is a
// [workflow.ViewsFailed].
func (h *Handler) requireNewerViews(ctx context.Context, p *plan, n *newerRun) error {
	if n.err != nil {
		return n.err
	}
	published, err := lake.Exists(ctx, h.S3, h.Bucket, n.id.Folder()+workflow.PublishedFile)
	if err != nil || !published {
		return err
	}
	var older []string
	err = h.eachTable(ctx, p.source.Database(), nil, func(t types.Table) {
		if e := (entry{crawled: crawledIn(t)}); catalog.IsView(t) && e.reads(p.id.TablePrefix()) && !e.reads(n.id.TablePrefix()) {
			older = append(older, aws.ToString(t.Name))
		}
	})
	if err != nil || len(older) == 0 {
		return err
	}
	slices.Sort(older)
	return workflow.Errorf[workflow.ViewsFailed](
		"export %s of a newer snapshot was published while this run made views, and these show older rows: %s. Do not redrive: start an execution with exportId %s",
		n.id, strings.Join(cutList(older), ", "), n.id)
}
