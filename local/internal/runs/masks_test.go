package runs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"snaplake/local/internal/export"
	"snaplake/local/internal/stepfunctions"
	"snaplake/workflow"
)

// ask returns the first row of a query's result, in one line.
func (w *testEnv) ask(t *testing.T, query string) string {
	t.Helper()
	answer, err := w.views.analyst.Query(t.Context(), query)
	must(t, err)
	var row []string
	for _, value := range answer.Rows[0] {
		text := "NULL"
		if value != nil {
			text = *value
		}
		row = append(row, text)
	}
	return strings.Join(row, " ")
}

// refuses requires that an execution failed with this text before any view changed.
func (w *testEnv) refuses(t *testing.T, arn, text string) {
	t.Helper()
	w.requireFailure(t, arn, "ViewsFailed")
	failed, err := w.StepFunctions.DescribeExecution(arn)
	must(t, err)
	if cause := strings.ReplaceAll(failed.Cause, `\"`, `"`); !strings.Contains(cause, text) || !strings.Contains(cause, "were not changed") {
		t.Errorf("the error does not contain %s: %s", text, cause)
	}
}

// start starts an execution with the export of a day.
func (w *testEnv) start(t *testing.T, run int) (arn string) {
	t.Helper()
	stored, err := w.storedExports()
	must(t, err)
	i := slices.IndexFunc(stored.exports, func(id string) bool { return w.dayOf(id) == run })
	arn, err = w.StepFunctions.StartExecution(w.StateMachineARN, "", fmt.Sprintf(`{"source": %q, "exportId": %q}`, source, stored.exports[i]))
	must(t, err)
	return arn
}

func hidePlan(s *workflow.Source) {
	s.Columns = append(s.Columns, workflow.ColumnRule{View: "users", Column: "plan", As: workflow.Hide})
	s.AllowSkipped = append(slices.Clip(s.AllowSkipped), "shop.users")
}

// TestMask_ReachesOlderViewOfSkippedTable adds a mask to a table that RDS skips. The run fails, because the older view would still show
// the column. After an execution with the export that the view reads, the view is masked and the run can keep it.
func TestMask_ReachesOlderViewOfSkippedTable(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		tables := usual(day)
		for i := range tables {
			if t := &tables[i]; t.Name == "users" && day > 1 {
				t.Skipped = "it is too large"
			}
		}
		return tables
	})
	must(t, w.deployLayer(t.Context(), hidePlan))
	must(t, w.begin(t.Context()))
	skipped := w.newest()
	w.refuses(t, skipped, `view "users_changes" is not replaced, but shows columns that a rule hides: old_plan, new_plan. Drop the view, or start an execution with exportId billing-20261102-1705-0 to recreate it`)
	w.requireSuccess(t, w.start(t, 1))
	e, err := w.redrive(t.Context(), skipped)
	must(t, err)
	if e.Status != stepfunctions.Succeeded {
		t.Fatalf("%s: %s", e.Error, e.Cause)
	}
	for query, want := range map[string]string{
		"SELECT count(*), count(plan) FROM users":                    "4 0",
		"SELECT count(*), count(plan) FROM users_history":            "4 0",
		"SELECT count(old_plan), count(new_plan) FROM users_changes": "0 0",
		"SELECT count(DISTINCT export_id) FROM snaplake_freshness":   "2",
		"SELECT max(day) FROM orders":                                "2",
	} {
		if got := w.ask(t, query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
}

// TestMask_WithTypoChangesNoView misspells a masked column. The run fails. After the correction, an execution with the newest export masks
// the column.
func TestMask_WithTypoChangesNoView(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	must(t, w.deployLayer(t.Context(), func(s *workflow.Source) {
		s.Columns = append(s.Columns, workflow.ColumnRule{View: "users", Column: "plam", As: workflow.Hide})
	}))
	arn := w.start(t, 1)
	w.refuses(t, arn, `columns: view "users" has no column "plam", only id, name, plan, points, seen_at, email`)
	must(t, w.deployLayer(t.Context(), hidePlan))
	_, err := w.redrive(t.Context(), arn)
	must(t, err)
	w.requireSuccess(t, arn)
	if got := w.ask(t, "SELECT count(*), count(plan) FROM users"); got != "4 0" {
		t.Errorf("unexpected plans: %s", got)
	}
}

// TestMask_OfRenamedColumnStopsRollback rolls back to an export in which the masked column has its old name. The rollback must fail,
// because it would show the column.
func TestMask_OfRenamedColumnStopsRollback(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		tables := usual(day)
		for i := range tables {
			if t := &tables[i]; t.Name == "users" && day == 1 {
				t.Columns = slices.Clone(t.Columns)
				t.Columns[1].Name = "nickname"
			}
		}
		return tables
	})
	hide := func(column string) func(*workflow.Source) {
		return func(s *workflow.Source) {
			s.Columns = []workflow.ColumnRule{{View: "users", Column: column, As: workflow.Hide}}
		}
	}
	must(t, w.deployLayer(t.Context(), hide("name")))
	_, err := w.run(t.Context())
	must(t, err)
	arn := w.start(t, 1)
	w.refuses(t, arn, `columns: export billing-20261102-1705-0 has no users.name, and users.nickname may be the same column under another name`)
	must(t, w.deployLayer(t.Context(), hide("name,nickname")))
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	w.requireSuccess(t, arn)
	if got := w.ask(t, "SELECT count(*), count(nickname) FROM users"); got != "4 0" {
		t.Errorf("unexpected names: %s", got)
	}
}

// TestMask_HashesValueAlikeForAllTypes requires that a value has the same hash in every export, even if the column type changes.
func TestMask_HashesValueAlikeForAllTypes(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		prices := table{Table: export.Table{Database: shopDatabase, Name: "prices", Columns: []export.Column{
			{Name: "price", Type: "decimal", Precision: 12, Scale: 2},
		}}, rows: [][]string{{"100.00"}, {"12.50"}}}
		switch day {
		case 2:
			prices.Columns[0].Scale, prices.rows = 4, [][]string{{"100.0000"}, {"12.5000"}}
		case 3:
			prices.Columns[0] = export.Column{Name: "price", Type: "int", Precision: 10}
			prices.rows = [][]string{{"100"}}
		}
		prices.shown = prices.rows
		return append(usual(day), prices)
	})
	must(t, w.deployLayer(t.Context(), func(s *workflow.Source) {
		s.History = []string{"prices"}
		s.Columns = []workflow.ColumnRule{{View: "prices", Column: "price", As: workflow.SHA256}}
	}))
	for range 2 {
		_, err := w.run(t.Context())
		must(t, err)
	}
	const query = `SELECT count(*), count(DISTINCT price), count_if(price = lower(to_hex(sha256(to_utf8('100'))))) FROM prices_history`
	if got := w.ask(t, query); got != "5 2 3" {
		t.Errorf("got %s, want 5 rows with 2 hashes, of which 3 are the hash of 100", got)
	}
}

func TestUserDefinedViews_AreCheckedBeforeAnyViewChanges(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, usual)
	own := func(query string) func(*workflow.Source) {
		return func(s *workflow.Source) {
			s.Views = append(s.Views, workflow.View{Name: "own", SQL: query, File: "views/billing/own.sql"})
		}
	}
	must(t, w.deployLayer(t.Context(), own("SELECT max(day) AS day FROM tmp_1")))
	must(t, w.begin(t.Context()))
	arn := w.newest()
	w.refuses(t, arn, `view "own" (views/billing/own.sql) reads "tmp_1", which this run drops because it is no longer configured or export billing-20261103-1705-0 does not have its table`)
	for query, text := range map[string]string{
		"VALUES 1": `view "own" (views/billing/own.sql): column 1 has no name`,
		"SELECT * FROM (SELECT count(*) FROM users)": `view "own" (views/billing/own.sql): column 1 has no name`,
	} {
		must(t, w.deployLayer(t.Context(), own(query)))
		_, err := w.redrive(t.Context(), arn)
		must(t, err)
		w.refuses(t, arn, text)
	}
	w.showPrevious(t)
	must(t, w.deployLayer(t.Context(), own("SELECT count(awsdatacatalog.billing.users.id) AS n FROM awsdatacatalog.billing.users")))
	_, err := w.redrive(t.Context(), arn)
	must(t, err)
	w.requireSuccess(t, arn)
	if got := w.ask(t, "SELECT n FROM own"); got != "4" {
		t.Errorf("got %s users", got)
	}
}
