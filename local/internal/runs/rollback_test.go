package runs

import (
	"os"
	"slices"
	"strings"
	"testing"

	"snaplake/workflow"
)

// startBack starts an execution that goes back to the export of a day.
func (w *world) startBack(t *testing.T, day int) (arn string) {
	t.Helper()
	lake, err := w.lake()
	must(t, err)
	i := slices.IndexFunc(lake.exports, func(id string) bool { return w.dayOf(id) == day })
	if i < 0 {
		t.Fatalf("there is no export of day %d, only %v", day, lake.exports)
	}
	w.mu.Lock()
	w.calls, w.invocations, w.published = nil, nil, lake.published
	w.mu.Unlock()
	w.views.goBack(day)
	arn, err = w.StepFunctions.StartExecution(w.StateMachineARN, "", `{"source": "`+source+`", "exportId": "`+lake.exports[i]+`"}`)
	must(t, err)
	return arn
}

// Going back to an earlier export takes no export and no crawl. The next run goes forward again.
func TestRun_GoesBackWithoutExportAndCrawl(t *testing.T) {
	t.Parallel()
	w, err := openWorld(t.Context(), 1, usual, keep)
	must(t, err)
	t.Cleanup(func() { must(t, w.close()) })
	back := w.startBack(t, keep-1)
	w.well(t, back, 1)
	for _, c := range w.calls {
		switch c.Operation {
		case "StartExportTask", "UpdateCrawler", "StartCrawler", "GetCrawler":
			t.Errorf("going back called %s", c.Operation)
		}
	}
	if want := []string{"findsnapshot", "startexport", "checkexport", "startcrawler", "createviews", "prune"}; !slices.Equal(w.invocations, want) {
		t.Errorf("going back took %v, not %v", w.invocations, want)
	}
	w.views.goBack(0)
	next, err := w.run(t.Context())
	must(t, err)
	w.well(t, next.ARN, 1)
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
	got := w.succeeded(t, execution.ARN)[0].Views.Changed
	want := []string{
		"orders.number: added, decimal(20,0)", "orders.user_id: bigint, was integer", "orders.id: removed, was decimal(20,0)", "tmp_0: new", "tmp_1: removed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says %q, not %q", got, want)
	}
	w.well(t, execution.ARN, 1)
}

// The history reads an export whose manifests somebody has deleted. No view changes, until that export is deleted whole.
func TestHistory_OverAnExportWithoutManifestsFailsBeforeAnyViewChanges(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, unskipped)
	w.remove(t, "export_tables_info_*")
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.fails(t, arn, "ViewsFailed")
	failed, err := w.StepFunctions.DescribeExecution(arn)
	must(t, err)
	for _, text := range []string{"history and changes views read export billing-20261102-1705-0", "delete its folder s3://", "redrive"} {
		if !strings.Contains(failed.Cause, text) {
			t.Errorf("the error does not say %s: %s", text, failed.Cause)
		}
	}
	w.showPrevious(t)
	must(t, os.RemoveAll(w.Store.Path(w.Bucket, workflow.ExportPrefix(source)+"billing-20261102-1705-0")))
	w.published = nil
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	w.views.wrong = nil // the views could not be read without the objects of that export
	w.well(t, arn, 1)
}

// A run whose checks fail publishes nothing. The next one compares with what was published before, and keeps that export.
func TestCreateViews_ComparesWithWhatWasPublishedAfterAFailedRun(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	two := func(s *workflow.Source) { s.Keep = 2 }
	must(t, w.deployLayer(t.Context(), two))
	published, err := w.run(t.Context())
	must(t, err)
	kept := w.succeeded(t, published.ARN)[0].Export.ID

	must(t, w.deployLayer(t.Context(), func(s *workflow.Source) { two(s); s.Checks = map[string]workflow.Check{"users": {MinRows: 500}} }))
	must(t, w.begin(t.Context()))
	w.fails(t, w.newest(), "ChecksFailed")

	must(t, w.deployLayer(t.Context(), two))
	next, err := w.run(t.Context())
	must(t, err)
	state := w.succeeded(t, next.ARN)[0]
	lake, err := w.lake()
	must(t, err)
	if !slices.Contains(lake.exports, kept) || !slices.Contains(lake.exports, state.Export.ID) {
		t.Errorf("of %s and %s there are %v", kept, state.Export.ID, lake.exports)
	}
	for query, want := range map[string]string{
		"SELECT count(DISTINCT snapshot_at) FROM users_history": "2",
		"SELECT count(*) > 0 FROM users_changes":                "true",
	} {
		answer, err := w.views.analyst.Ask(t.Context(), query)
		must(t, err)
		if got := *answer.Rows[0][0]; got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}
