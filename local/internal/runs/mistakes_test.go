package runs

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"snaplake/workflow"
)

// deployLayer deploys a layer with a changed configuration to the functions.
func (w *testEnv) deployLayer(_ context.Context, change func(*workflow.Source)) error {
	config := w.config
	config.Sources = slices.Clone(config.Sources)
	config.Sources[0].Views = slices.Clone(config.Sources[0].Views)
	change(&config.Sources[0])
	dir, err := os.MkdirTemp(w.dir, "layer-")
	if err != nil {
		return err
	}
	if err := workflow.WriteLayer(dir, config); err != nil {
		return err
	}
	for _, name := range []string{"findsnapshot", "startexport", "checkexport", "startcrawler", "checkcrawler", "createviews", "prune"} {
		f, err := w.Lambda.Function(config.Name + "-" + name)
		if err != nil {
			return err
		}
		f.Layer = dir
		if err := w.Lambda.Create(f); err != nil {
			return err
		}
	}
	return nil
}

// TestRedrive_AfterCorrectingConfiguration requires that a run that fails because of the configuration changes no view and reports all
// mistakes at once. The user corrects them, deploys and redrives.
func TestRedrive_AfterCorrectingConfiguration(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	for name, test := range map[string]struct {
		mistake func(*workflow.Source)
		error   string
		says    []string
		exports int
	}{
		"invalid views": {
			mistake: func(s *workflow.Source) {
				s.Views[0].SQL = "SELEKT max(points) FROM plans"
				s.Views[1].SQL = "SELECT plan, sum(pints) AS points\nFROM users\nGROUP BY plan"
				s.Changes = map[string][]string{"users": {"plan"}}
			},
			error: "ViewsFailed", exports: 1,
			says: []string{
				`"most_points"`, "SELEKT", `"plans"`, "views/billing/plans.sql", "line 1:", "pints", "plan is not a unique key",
			},
		},
		"settings that do not fit the tables": {
			mistake: func(s *workflow.Source) {
				s.AllowGone = nil
				s.Columns = []workflow.ColumnRule{{View: "users", Column: "mail", As: workflow.SHA256}}
				s.Names = map[string]string{"shop.coupons": "orders"}
			},
			error: "ViewsFailed", exports: 1,
			says: []string{`"tmp_`, "allow_gone", "columns", `"users"`, `"mail"`, "shop.coupons", "shop.orders", "names"},
		},
		"missing table": {
			mistake: func(s *workflow.Source) { s.Tables = []string{"shop.coupons", "shop.orders", "shop.userz"} },
			error:   "ExportIncomplete", says: []string{"shop.userz"}, exports: 2,
		},
		"no snapshot of this kind": {
			mistake: func(s *workflow.Source) { s.Snapshots = workflow.SnapshotsManual },
			error:   "SnapshotNotFound", says: []string{"manual", "rds:billing-prod-"}, exports: 1,
		},
		"too few rows": {
			mistake: func(s *workflow.Source) { s.Checks = map[string]workflow.Check{"users": {MinRows: 5}} },
			error:   "ChecksFailed", says: []string{"users: 4 rows; min_rows is 5"}, exports: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			must(t, w.deployLayer(t.Context(), test.mistake))
			must(t, w.begin(t.Context()))
			arn := w.newest()
			w.requireFailure(t, arn, test.error)
			failed, err := w.StepFunctions.DescribeExecution(arn)
			must(t, err)
			for _, text := range test.says {
				if !strings.Contains(failed.Cause, text) && !strings.Contains(failed.Cause, strings.ReplaceAll(text, `"`, `\"`)) {
					t.Errorf("the error does not contain %s: %s", text, failed.Cause)
				}
			}
			w.showPrevious(t)
			must(t, w.deployLayer(t.Context(), func(*workflow.Source) {}))
			_, err = w.redrive(t.Context(), arn)
			must(t, err)
			w.requireHealthy(t, arn, test.exports)
		})
	}
}

// showPrevious requires that all views show the previous day.
func (w *testEnv) showPrevious(t *testing.T) {
	t.Helper()
	for _, wrong := range w.views.mismatches(t.Context(), w.shop.newest()-1) {
		t.Error(wrong)
	}
}

func TestChecks_KeepViewsWhenTableLosesRows(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		tables := usual(day)
		for i := range tables {
			if t := &tables[i]; t.Name == "users" && day == 2 {
				t.rows, t.shown = t.rows[:3], t.shown[:3]
			}
		}
		return tables
	})
	limited := func(percent int) func(*workflow.Source) {
		return func(s *workflow.Source) { s.Checks = map[string]workflow.Check{"users": {MaxDropPercent: &percent}} }
	}
	must(t, w.deployLayer(t.Context(), limited(20)))
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.requireFailure(t, arn, "ChecksFailed")
	failed, err := w.StepFunctions.DescribeExecution(arn)
	must(t, err)
	if want := "users: 3 rows, 25.0% fewer than the 4 published rows; max_drop_percent is 20"; !strings.Contains(failed.Cause, want) {
		t.Errorf("the error does not contain %s: %s", want, failed.Cause)
	}
	w.showPrevious(t)
	must(t, w.deployLayer(t.Context(), limited(25)))
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	w.requireHealthy(t, arn, 1)
}
