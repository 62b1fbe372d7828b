package runs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/s3"
	"snaplake/workflow"
)

// storedExports describes the exports of the source in the bucket.
type storedExports struct {
	objects []s3.Object
	// exports lists the IDs of the exports.
	exports []string
	// published lists the days of the published exports, newest first. A day occurs twice if two of its exports were published.
	published []int
}

// storedExports lists the exports in the bucket.
func (w *testEnv) storedExports() (storedExports, error) {
	var l storedExports
	prefix := workflow.ExportPrefix(source)
	var err error
	if l.objects, err = w.Store.List(w.Bucket, prefix); err != nil {
		return l, err
	}
	for _, o := range l.objects {
		id, name, _ := strings.Cut(strings.TrimPrefix(o.Key, prefix), "/")
		if !slices.Contains(l.exports, id) {
			l.exports = append(l.exports, id)
		}
		if name == "published.json" {
			l.published = append(l.published, w.dayOf(id))
		}
	}
	slices.Sort(l.published)
	slices.Reverse(l.published)
	return l, nil
}

// dayOf returns the day of an export.
func (w *testEnv) dayOf(export string) int {
	id, _ := workflow.ParseExportID(export)
	return w.shop.dayOf(id.SnapshotTime)
}

// isAwaited reports whether a Prune that started at this time must keep an export because a run may still publish it.
func (w *testEnv) isAwaited(ctx context.Context, l storedExports, export string, began time.Time) bool {
	task, err := w.rds().DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{ExportTaskIdentifier: &export})
	return err == nil && task.ExportTasks[0].TaskEndTime != nil && !slices.Contains(l.published, w.dayOf(export)) &&
		began.Sub(*task.ExportTasks[0].TaskEndTime) < workflow.LongestRun
}

// isReadOfSkipped reports whether the view of a table that RDS skipped on this day reads the export.
func (w *testEnv) isReadOfSkipped(export string, day int) bool {
	id, _ := workflow.ParseExportID(export)
	w.views.mu.Lock()
	defer w.views.mu.Unlock()
	return slices.ContainsFunc([]string{"audit", auditHistory}, func(view string) bool {
		return w.shop.skips(view, day) && strings.Contains(w.views.seen[view], id.TablePrefix())
	})
}

// below returns the objects in a folder, given by its location.
func (w *testEnv) below(l storedExports, location string) []s3.Object {
	var objects []s3.Object
	prefix := strings.TrimPrefix(location, "s3://"+w.Bucket+"/")
	for _, o := range l.objects {
		if strings.HasPrefix(o.Key, prefix) {
			objects = append(objects, o)
		}
	}
	return objects
}

// leftovers returns what remains of expired exports after an execution that started at this time.
func (w *testEnv) leftovers(ctx context.Context, published string, began time.Time) []string {
	var wrong []string
	stored, err := w.storedExports()
	if err != nil {
		return []string{err.Error()}
	}
	kept := slices.DeleteFunc(slices.Clone(stored.exports), func(id string) bool {
		return w.isAwaited(ctx, stored, id, began) || id != published && w.isReadOfSkipped(id, w.dayOf(published))
	})
	if len(kept) > keep || !slices.Contains(kept, published) {
		wrong = append(wrong, fmt.Sprintf("the bucket has the exports %v, but keep is %d", kept, keep))
	}
	tables, err := w.Glue.Tables(ctx, crawledDatabase)
	if err != nil {
		return append(wrong, err.Error())
	}
	for _, t := range tables {
		below, ours := strings.CutPrefix(t.StorageDescriptor.Location, "s3://"+w.Bucket+"/"+workflow.ExportPrefix(source))
		id, _, _ := strings.Cut(below, "/")
		if ours && !slices.Contains(stored.exports, id) {
			wrong = append(wrong, fmt.Sprintf("table %s belongs to export %s, which was deleted", t.Name, id))
		}
	}
	for _, view := range w.shop.viewsOf(w.dayOf(published)) {
		if n, err := w.versions(ctx, view); err != nil || n > 2 {
			wrong = append(wrong, fmt.Sprintf("view %s has %d versions (%v)", view, n, err))
		}
	}
	return wrong
}
