//go:build trino

package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
	"snaplake/local/internal/trino"
	"snaplake/workflow"
)

// TestViews_AreTheSameOnTrino compares the local Athena's default engine, Trino, and the databases whose tables the views show: columns,
// types, values, and the number of rows that a predicate selects. .ci/with-databases starts the databases.
func TestViews_AreTheSameOnTrino(t *testing.T) {
	var all figure
	t.Run("sample", func(t *testing.T) {
		dir := t.TempDir()
		run(t, "run", "--runs=5", fast, "--dir", dir)
		e := openEngines(t, dir)
		for view := range e.views(t) {
			e.compare(t, view)
		}
		all.add(t, e.figure)
	})
	t.Run("MariaDB", func(t *testing.T) { compareMariaDB(t, &all) })
	t.Run("PostgreSQL", func(t *testing.T) { comparePostgreSQL(t, &all) })
	t.Logf("in total: %s", all)
}

// figure counts what was compared.
type figure struct{ views, columns, values, predicates int }

func (f figure) String() string {
	return fmt.Sprintf("%d views, %d columns, %d values, %d predicates", f.views, f.columns, f.values, f.predicates)
}

// add adds the figure of a database, and prints it.
func (f *figure) add(t *testing.T, of figure) {
	t.Logf("compared: %s", of)
	*f = figure{f.views + of.views, f.columns + of.columns, f.values + of.values, f.predicates + of.predicates}
}

// engines are a data lake's default engine and Trino.
type engines struct {
	standard, trino athenaclient.Client
	figure          figure
}

// sampleLake runs the sample once and returns the folder.
func sampleLake(t *testing.T) (dir string) {
	dir = t.TempDir()
	run(t, "run", fast, "--dir", dir)
	return dir
}

// openEngines opens the data lake of a run.
func openEngines(t *testing.T, dir string) *engines {
	t.Helper()
	installed, err := engineFlag{Engine: "trino"}.installed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	open := func(engine *trino.Installation) athenaclient.Client {
		local, database, err := cloud.OpenSaved(filepath.Join(dir, lakeFolder), engine, filepath.Join(dir, logFolder))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { local.Close() })
		return athenaclient.New(local, database)
	}
	return &engines{standard: open(nil), trino: open(installed)}
}

// views returns the names of the views, which must be the same in both engines.
func (e *engines) views(t *testing.T) map[string]bool {
	t.Helper()
	views := map[string]bool{}
	for _, row := range e.query(t, "SHOW VIEWS").Rows {
		views[*row[0]] = true
	}
	return views
}

// query requires that both engines return the same columns and rows, in any order, and returns them as Trino does.
func (e *engines) query(t *testing.T, sql string) athenaclient.Result {
	t.Helper()
	standard, err := e.standard.Query(t.Context(), sql)
	if err != nil {
		t.Errorf("default engine: %.100s: %v", sql, err)
	}
	answer, failed := e.trino.Query(t.Context(), sql)
	if failed != nil {
		t.Errorf("Trino: %.100s: %v", sql, failed)
	}
	if err != nil || failed != nil {
		return athenaclient.Result{}
	}
	if !slices.Equal(standard.Columns, answer.Columns) {
		t.Errorf("%.300s: the default engine returns the columns\n%v, Trino\n%v", sql, standard.Columns, answer.Columns)
		return athenaclient.Result{}
	}
	table := engineTable{name: fmt.Sprintf("%.100s", sql)}
	for _, c := range answer.Columns {
		table.readings = append(table.readings, reading{column: c.Name})
	}
	compareRows(t, table, "Trino", answer.Rows, "the default engine", standard.Rows)
	return answer
}

// compare compares a view in both engines. It returns the rows of the view.
func (e *engines) compare(t *testing.T, view string) athenaclient.Result {
	t.Helper()
	answer := e.query(t, `SELECT * FROM "`+view+`"`)
	e.describe(t, view, answer.Columns)
	e.figure.views++
	e.figure.columns += len(answer.Columns)
	e.figure.values += len(answer.Columns) * len(answer.Rows)
	var all []predicate
	for i, c := range answer.Columns {
		all = append(all, predicates(t, c, answer.Rows, i)...)
	}
	e.figure.predicates += len(all)
	for some := range slices.Chunk(all, 12) { // each part of a UNION has stages of its own, and Athena allows 150
		e.count(t, view, some)
	}
	if strings.HasSuffix(view, workflow.HistorySuffix) {
		e.prune(t, view, answer)
	}
	return answer
}

// describe requires that the catalog has the columns of a result.
func (e *engines) describe(t *testing.T, view string, columns []athenaclient.Column) {
	t.Helper()
	spellings := strings.NewReplacer("\ttimestamp(3)", "\ttimestamp", "\ttimestamp(6)", "\ttimestamp", "\treal", "\tfloat")
	var want []string
	for _, c := range columns {
		want = append(want, c.Name+"\t"+c.Type)
	}
	var got []string
	for _, row := range e.query(t, "DESCRIBE `"+view+"`").Rows {
		got = append(got, spellings.Replace(*row[0]))
	}
	if !slices.Equal(got, want) {
		t.Errorf("DESCRIBE %s: %q, want %q", view, got, want)
	}
}

// predicate is a condition on a column, and the number of rows for which it is true.
type predicate struct {
	condition string
	rows      int
}

// predicates returns conditions on the column i: that it is NULL, and that it is the last and the middle of its values, sorted as text.
func predicates(t *testing.T, column athenaclient.Column, rows [][]*string, i int) []predicate {
	counts, nulls := map[string]int{}, 0
	for _, row := range rows {
		switch {
		case row[i] == nil:
			nulls++
		case *row[i] == "-0.0": // equals 0.0
			counts["0.0"]++
		case *row[i] != "NaN" || column.Type == "varchar": // a number that is NaN does not equal itself
			counts[*row[i]]++
		}
	}
	name := `"` + column.Name + `"`
	all := []predicate{{name + " IS NULL", nulls}}
	values := slices.Sorted(maps.Keys(counts))
	if n := len(values); n > 0 {
		for _, v := range slices.Compact([]string{values[n/2], values[n-1]}) {
			all = append(all, predicate{name + " = " + literal(t, column.Type, v), counts[v]})
		}
	}
	return all
}

// literal returns a value of a result as a literal in SQL.
func literal(t *testing.T, kind, value string) string {
	quoted := "'" + strings.ReplaceAll(value, "'", "''") + "'"
	switch kind {
	case "varchar":
		return quoted
	case "varbinary":
		return "X'" + strings.ReplaceAll(value, " ", "") + "'"
	case "timestamp":
		return "TIMESTAMP " + quoted // a literal has the precision of its text
	case "float":
		kind = "real"
	}
	return "CAST(" + quoted + " AS " + kind + ")"
}

// count requires that each predicate selects its number of rows in both engines.
func (e *engines) count(t *testing.T, view string, all []predicate) {
	t.Helper()
	var parts []string
	want := map[string]int{}
	for i, p := range all {
		parts = append(parts, fmt.Sprintf(`SELECT %d AS i, count(*) AS n FROM "%s" WHERE %s`, i, view, p.condition))
		want[strconv.Itoa(i)] = p.rows
	}
	for _, row := range e.query(t, strings.Join(parts, "\nUNION ALL ")).Rows {
		if *row[1] != strconv.Itoa(want[*row[0]]) {
			i, _ := strconv.Atoi(*row[0]) // always a number
			t.Errorf("%s: Trino finds %s rows with %.300s, want %d", view, *row[1], all[i].condition, all[i].rows)
		}
	}
}

// prune requires that a query for one day of a history view reads fewer bytes than a query for all days, and returns that day's rows.
func (e *engines) prune(t *testing.T, view string, whole athenaclient.Result) {
	t.Helper()
	at := slices.IndexFunc(whole.Columns, func(c athenaclient.Column) bool { return c.Name == "snapshot_at" })
	if at < 0 || len(whole.Rows) == 0 {
		return
	}
	day := whole.Rows[len(whole.Rows)/2][at]
	got := e.query(t, fmt.Sprintf(`SELECT * FROM "%s" WHERE snapshot_at = timestamp '%s'`, view, *day))
	other := slices.DeleteFunc(slices.Clone(whole.Rows), func(row []*string) bool { return *row[at] != *day })
	if len(got.Rows) != len(other) || got.BytesRead >= whole.BytesRead {
		t.Errorf("%s at %s: %d of %d rows, %d of %d bytes", view, *day, len(got.Rows), len(other), got.BytesRead, whole.BytesRead)
	}
}
