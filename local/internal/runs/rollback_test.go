package runs

import (
	"os"
	"slices"
	"strings"
	"testing"

	"snaplake/workflow"
)

// startRollback starts an execution that rolls back to the export of a day.
func (w *testEnv) startRollback(t *testing.T, day int) (arn string) {
	t.Helper()
	stored, err := w.storedExports()
	must(t, err)
	i := slices.IndexFunc(stored.exports, func(id string) bool { return w.dayOf(id) == day })
	if i < 0 {
		t.Fatalf("no export of day %d among %v", day, stored.exports)
	}
	w.mu.Lock()
	w.calls, w.invocations, w.published = nil, nil, stored.published
	w.mu.Unlock()
	w.views.rollBack(day)
	arn, err = w.StepFunctions.StartExecution(w.StateMachineARN, "", `{"source": "`+source+`", "exportId": "`+stored.exports[i]+`"}`)
	must(t, err)
	return arn
}

// TestRun_RollsBackWithoutExportAndCrawl rolls back to an earlier export, without an export or a crawl. The next run uses the newest
// snapshot again.
func TestRun_RollsBackWithoutExportAndCrawl(t *testing.T) {
	t.Parallel()
	w, err := openEnv(t.Context(), 1, usual, keep)
	must(t, err)
	t.Cleanup(func() { must(t, w.close()) })
	back := w.startRollback(t, keep-1)
	w.requireHealthy(t, back, 1)
	for _, c := range w.calls {
		switch c.Operation {
		case "StartExportTask", "UpdateCrawler", "StartCrawler", "GetCrawler":
			t.Errorf("the rollback called %s", c.Operation)
		}
	}
	want := []string{"findsnapshot", "startexport", "checkexport", "startcrawler", "createviews", "prune"}
	if !slices.Equal(w.invocations, want) {
		t.Errorf("the rollback invoked %v, want %v", w.invocations, want)
	}
	w.views.rollBack(0)
	next, err := w.run(t.Context())
	must(t, err)
	w.requireHealthy(t, next.ARN, 1)
}

func TestRun_ReportsSchemaChanges(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		tables := usual(day)
		for i := range tables {
			if t := &tables[i]; t.Name == "orders" && day == 2 {
				t.Columns[0].Name = "number"
				t.Columns[1].Type, t.Columns[1].Precision = "bigint", 19
			}
		}
		return tables
	})
	execution, err := w.run(t.Context())
	must(t, err)
	got := w.requireSuccess(t, execution.ARN)[0].Views.Changed
	want := []string{
		"orders.number: added, decimal(20,0)", "orders.user_id: bigint, was integer", "orders.id: removed, was decimal(20,0)",
		"tmp_0: new", "tmp_1: removed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	w.requireHealthy(t, execution.ARN, 1)
}

// TestHistory_FailsForExportWithoutManifests deletes the manifests of an export that a history view reads. No view changes until the rest
// of that export is deleted, too.
func TestHistory_FailsForExportWithoutManifests(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, unskipped)
	w.remove(t, "export_tables_info_*")
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.requireFailure(t, arn, "ViewsFailed")
	failed, err := w.StepFunctions.DescribeExecution(arn)
	must(t, err)
	for _, text := range []string{"history and changes views read export billing-20261102-1705-0", "delete its folder s3://"} {
		if !strings.Contains(failed.Cause, text) {
			t.Errorf("the error does not contain %s: %s", text, failed.Cause)
		}
	}
	w.showPrevious(t)
	must(t, os.RemoveAll(w.Store.Path(w.Bucket, workflow.ExportPrefix(source)+"billing-20261102-1705-0")))
	w.published = nil
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	w.views.wrong = nil // ignores views that could not be read without the objects of that export
	w.requireHealthy(t, arn, 1)
}

// TestCreateViews_ComparesWithPublishedExport runs after a run whose checks failed. The new run compares with the last published export,
// and keeps it.
func TestCreateViews_ComparesWithPublishedExport(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	two := func(s *workflow.Source) { s.Keep = 2 }
	must(t, w.deployLayer(t.Context(), two))
	published, err := w.run(t.Context())
	must(t, err)
	kept := w.requireSuccess(t, published.ARN)[0].Export.ID

	must(t, w.deployLayer(t.Context(), func(s *workflow.Source) { two(s); s.Checks = map[string]workflow.Check{"users": {MinRows: 500}} }))
	must(t, w.begin(t.Context()))
	w.requireFailure(t, w.newest(), "ChecksFailed")

	must(t, w.deployLayer(t.Context(), two))
	next, err := w.run(t.Context())
	must(t, err)
	state := w.requireSuccess(t, next.ARN)[0]
	stored, err := w.storedExports()
	must(t, err)
	if !slices.Contains(stored.exports, kept) || !slices.Contains(stored.exports, state.Export.ID) {
		t.Errorf("want %s and %s among the exports %v", kept, state.Export.ID, stored.exports)
	}
	for query, want := range map[string]string{
		"SELECT count(DISTINCT snapshot_at) FROM users_history": "2",
		"SELECT count(*) > 0 FROM users_changes":                "true",
	} {
		answer, err := w.views.analyst.Query(t.Context(), query)
		must(t, err)
		if got := *answer.Rows[0][0]; got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
