package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// Two runs of a source may publish at the same time. Athena and Glue replace a view whatever it reads, so the runs keep out of each
// other's way: each announces itself in its export's folder before it changes the first view. A run stops as soon as a newer snapshot's
// run has announced itself, and one that is done makes those views again that an older one has replaced meanwhile. So the newest
// snapshot wins, whichever run is faster.

// newerRun watches for a run over a newer snapshot.
type newerRun struct {
	basis
	h *Handler
	// asked is how often [newerRun.isThere] was called since it had to look: it looks the first time, and then every inFlight statements.
	asked int
	// id is the newer run's export, "" as long as there is none.
	id  string
	err error
}

// isThere reports whether a run over a newer snapshot has announced itself, or whether that cannot be told. A run that was started for a
// certain snapshot or export gives way to none.
func (n *newerRun) isThere(ctx context.Context) bool {
	n.asked++
	if n.goesBack() || n.id != "" || n.err != nil || n.asked%inFlight != 1 {
		return n.id != "" || n.err != nil
	}
	var ids []workflow.ExportID
	if ids, n.err = lake.List(ctx, n.h.S3, n.h.Bucket, n.source.Name); n.err != nil {
		return true
	}
	for _, id := range ids {
		if !id.SnapshotTime.After(n.basis.id.SnapshotTime) {
			continue
		}
		var announced bool
		if announced, n.err = lake.IsAnnounced(ctx, n.h.S3, n.h.Bucket, id); announced {
			n.id = id.String()
		}
	}
	return n.id != "" || n.err != nil
}

// warning says that the views are left to the newer run.
func (n *newerRun) warning() string {
	return fmt.Sprintf("export %s of a newer snapshot is being published, so the views are left to that run", n.id)
}

// replaced are the views that do not read the export that they were made of, or that are gone.
func (h *Handler) replaced(ctx context.Context, p *plan) ([]string, error) {
	left := make(map[string]bool, len(p.views))
	for _, v := range p.views {
		left[v.name] = true
	}
	err := h.eachTable(ctx, p.source.Database(), nil, func(t types.Table) {
		v := p.viewOf[aws.ToString(t.Name)]
		if v == nil || !catalog.IsView(t) {
			return
		}
		if e := (entry{crawled: crawledIn(t)}); v.kind == lake.Own || v.kind == lake.OfFreshness || e.reads(p.id.TablePrefix()) {
			delete(left, v.name)
		}
	})
	return slices.Sorted(maps.Keys(left)), err
}

// publishAll makes the views that are left, and again when a run over an older snapshot has replaced some. It returns how many are made,
// and whether these are all.
func (h *Handler) publishAll(ctx context.Context, p *plan, made int, until time.Time, n *newerRun) (now int, all bool, err error) {
	const tries = 3
	for try := 1; ; try++ {
		now, all, err = h.publish(ctx, p.source.Database(), p.waves, made, until, n)
		n.asked = 0 // what was replaced says nothing when a newer run did it
		if err != nil || !all || n.isThere(ctx) {
			return now, all, err
		}
		replaced, err := h.replaced(ctx, p)
		if err != nil || len(replaced) == 0 {
			n.asked = 0 // before views are deleted, look again, whenever that was done last
			return now, all, err
		}
		if try == tries || p.goesBack() {
			return 0, false, workflow.Errorf[workflow.Unavailable](
				"another run of source %q replaces views at the same time: %s. Redrive once it is over", p.source.Name, strings.Join(cutList(replaced), ", "))
		}
		h.Log.WarnContext(ctx, "another run replaced views, making all again", "views", replaced)
		made = 0
	}
}
