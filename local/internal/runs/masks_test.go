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

// ask is the first row of an answer, in one line.
func (w *world) ask(t *testing.T, query string) string {
	t.Helper()
	answer, err := w.views.analyst.Ask(t.Context(), query)
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

// refuses wants an execution to have failed before any view changed, with this text.
func (w *world) refuses(t *testing.T, arn, text string) {
	t.Helper()
	w.fails(t, arn, "ViewsFailed")
	failed, err := w.StepFunctions.DescribeExecution(arn)
	must(t, err)
	if cause := strings.ReplaceAll(failed.Cause, `\"`, `"`); !strings.Contains(cause, text) || !strings.Contains(cause, "stay as they are") {
		t.Errorf("the error does not say %s: %s", text, cause)
	}
}

// start starts an execution with the export of a run, or with the newest snapshot when it is 0.
func (w *world) start(t *testing.T, run int) (arn string) {
	t.Helper()
	lake, err := w.lake()
	must(t, err)
	i := slices.IndexFunc(lake.exports, func(id string) bool { return w.dayOf(id) == run })
	arn, err = w.StepFunctions.StartExecution(w.StateMachineARN, "", fmt.Sprintf(`{"source": %q, "exportId": %q}`, source, lake.exports[i]))
	must(t, err)
	return arn
}

func hidePlan(s *workflow.Source) {
	s.Columns = append(s.Columns, workflow.ColumnRule{View: "users", Column: "plan", As: workflow.Hide})
	s.AllowSkipped = append(slices.Clip(s.AllowSkipped), "shop.users")
}

// A new mask of a table that RDS skips fails the run, since the older view would show the column. An execution with the export that the
// view reads masks it, and then the run may keep it.
func TestMask_ReachesTheOlderViewOfASkippedTable(t *testing.T) {
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
	w.succeeded(t, w.start(t, 1))
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

// An execution with the newest export is how a mask is applied at once, and a typo in it changes no view.
func TestMask_WithATypoStopsAnExecutionWithTheNewestExport(t *testing.T) {
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
	w.succeeded(t, arn)
	if got := w.ask(t, "SELECT count(*), count(plan) FROM users"); got != "4 0" {
		t.Errorf("the plans are %s", got)
	}
}

// Going back past the renaming of a column would show it by its older name.
func TestMask_OfAColumnThatWasRenamedStopsGoingBack(t *testing.T) {
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
	w.refuses(t, arn, `columns: export billing-20261102-1705-0 has no users.name, and users.nickname may be the same under another name`)
	must(t, w.deployLayer(t.Context(), hide("name,nickname")))
	_, err = w.redrive(t.Context(), arn)
	must(t, err)
	w.succeeded(t, arn)
	if got := w.ask(t, "SELECT count(*), count(nickname) FROM users"); got != "4 0" {
		t.Errorf("the names are %s", got)
	}
}

// The hash of a value is the same in every export, whatever its type there.
func TestMask_HashesAValueAlikeWhenItsTypeChanges(t *testing.T) {
	t.Parallel()
	w := mustOpen(t, func(day int) []table {
		prices := table{Table: export.Table{Database: shopDatabase, Name: "prices", Columns: []export.Column{{Name: "price", Type: "decimal", Precision: 12, Scale: 2}}}, rows: [][]string{{"100.00"}, {"12.50"}}}
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
		t.Errorf("the hashes of three exports are %s, want 5 rows, 2 values, 3 times 100", got)
	}
}

func TestOwnViews_AreTakenOrRefusedBeforeAnyViewChanges(t *testing.T) {
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
	w.refuses(t, arn, `view "own" (views/billing/own.sql) reads "tmp_1", which is dropped, because the configuration no longer has it or export billing-20261103-1705-0 does not have its table`)
	for query, text := range map[string]string{
		"VALUES 1": `view "own" (views/billing/own.sql): VALUES does not name the columns`,
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
	w.succeeded(t, arn)
	if got := w.ask(t, "SELECT n FROM own"); got != "4" {
		t.Errorf("there are %s users", got)
	}
}
