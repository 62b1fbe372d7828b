//go:build engine

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"snaplake/local/internal/athenaclient"
	"snaplake/local/internal/cloud"
	"snaplake/workflow"
	"snaplake/workflow/config"
)

// exceptions returns the reasons why the value in a view can differ from the value in the database.
func exceptions() map[string]string {
	return map[string]string{
		"zero date": "a date whose month or day is zero ('0000-00-00', '2026-00-00') is not valid, so it is NULL",
		"micros":    "MySQL timestamps are exported as timestamps, which Athena rounds to milliseconds",
		"NaN":       "Athena's decimals do not support NaN, so it is NULL",
		"scale":     "PostgreSQL 15 supports decimals whose scale is negative or exceeds the precision; such a number is rounded, or is NULL",
		"infinity":  "Athena's dates and timestamps do not support infinity, so it is NULL",
		"BC":        "a year before 1 cannot be written with four digits, so it is NULL",
		"late":      "a year after 9999 cannot be written with four digits, so it is NULL",
		"oid":       "RDS does not export columns of this type",
	}
}

// reading describes how an analyst reads a column, and how the database returns the values to compare with.
type reading struct {
	// column is the name in the view, and athena is the type.
	column, athena string
	// value is an SQL expression that returns the text that the analyst reads. because is an SQL expression that returns the key of the
	// exception if that text differs from the value in the database, and NULL if it does not.
	value, because string
}

// exact returns the reading of a column without exceptions.
func exact(column, athena, value string) reading {
	return reading{strings.ToLower(column), athena, value, "NULL"}
}

// engineTable is a table of a database, with the readings of its columns in order.
type engineTable struct {
	schema, name string
	readings     []reading
	// without holds the keys of the exceptions for columns that the view omits.
	without []string
}

// server is a database server with a database whose tables are compared with their views.
type server interface {
	// spec returns the value of --source.
	spec() string
	name() string
	tables(t *testing.T) []engineTable
	// quoted returns the quoted name of a table in the database's SQL.
	quoted(table engineTable) string
	// ask returns the rows of a query as text.
	ask(t *testing.T, query string) [][]*string
}

// equal runs the product against a database and compares every value of every table with the value in its view. It returns the exceptions
// that occurred.
func equal(t *testing.T, db server) map[string]bool {
	dir := t.TempDir()
	out := run(t, "run", fast, "--dir", dir, "--source", db.spec())
	if strings.Contains(out, "secret") {
		t.Errorf("the password was printed: %s", out)
	}
	config, err := config.Load("../workflow/pipeline.yaml")
	if err != nil {
		t.Fatal(err)
	}
	source := config.Sources[0]
	aws, views, err := cloud.OpenSaved(filepath.Join(dir, lakeFolder), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer aws.Close()
	lake := athenaclient.New(aws, views)

	met := map[string]bool{}
	compared := 0
	tables := db.tables(t)
	for _, table := range tables {
		schema := table.schema
		if schema == "" {
			schema = db.name()
		}
		view := source.ViewName(workflow.TableName{Database: db.name(), Schema: schema, Table: table.name})
		answer, err := lake.Query(t.Context(), `SELECT * FROM "`+view+`"`)
		if err != nil {
			t.Errorf("%s: %v", table.name, err)
			continue
		}
		if !table.hasColumns(t, answer.Columns) {
			continue
		}
		for _, because := range table.without {
			met[because] = true
		}
		want := db.ask(t, "SELECT "+strings.Join(table.selected(), ", ")+" FROM "+db.quoted(table))
		compareRows(t, table, table.expected(want, met), answer.Rows)
		compared += len(answer.Rows) * len(answer.Columns)
	}
	t.Logf("%s: %d tables, %d values compared", db.name(), len(tables), compared)
	if got := len(readReport(t, dir).Views); got < len(tables) {
		t.Errorf("%d views of %d tables", got, len(tables))
	}
	return met
}

// serveAndRun starts make serve for a database, waits for the notice about transactions, and runs the product.
func serveAndRun(t *testing.T, db server) {
	t.Helper()
	dir := t.TempDir()
	waitFor(t, command(t, "serve", fast, "--dir", dir, "--source", db.spec()), "until the export of the snapshot is complete")
	s := readServed(t, dir)
	if got := runExecution(t, s, fmt.Sprintf(`{"source": %q}`, s.Sources[0])); got.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("the run ended with status %s: %s", got.Status, aws.ToString(got.Cause))
	}
}

// selected returns the SELECT list for the database: for each column, the value and the reason why the view may differ.
func (e engineTable) selected() []string {
	var all []string
	for _, r := range e.readings {
		all = append(all, r.value, r.because)
	}
	return all
}

// expected returns the values in the result of the query, and records in met the exceptions that occurred.
func (e engineTable) expected(answer [][]*string, met map[string]bool) [][]*string {
	rows := make([][]*string, len(answer))
	for i, row := range answer {
		for j := range e.readings {
			rows[i] = append(rows[i], row[2*j])
			if because := row[2*j+1]; because != nil {
				met[*because] = true
			}
		}
	}
	return rows
}

// hasColumns reports whether a view has the columns and types of the readings.
func (e engineTable) hasColumns(t *testing.T, got []athenaclient.Column) bool {
	t.Helper()
	var want []athenaclient.Column
	for _, r := range e.readings {
		want = append(want, athenaclient.Column{Name: r.column, Type: r.athena})
	}
	if slices.Equal(got, want) {
		return true
	}
	t.Errorf("%s: the view has the columns\n%v, want\n%v", e.name, got, want)
	return false
}

// compareRows compares the rows of a table with the rows of its view, in any order.
func compareRows(t *testing.T, table engineTable, want, got [][]*string) {
	t.Helper()
	theirs, ours := table.spelled(want), table.spelled(got)
	missing, strange := without(lines(theirs), lines(ours)), without(lines(ours), lines(theirs))
	if len(missing)+len(strange) == 0 {
		return
	}
	t.Errorf("%s: %d rows in the database, of which %d are missing among the %d rows in the view",
		table.name, len(theirs), len(missing), len(ours))
	for i, r := range table.readings {
		a, b := columnOf(theirs, i), columnOf(ours, i)
		if missing, strange := without(a, b), without(b, a); len(missing)+len(strange) > 0 {
			t.Errorf("%s.%s: not in the view: %.300s\nonly in the view: %.300s",
				table.name, r.column, strings.Join(missing, ", "), strings.Join(strange, ", "))
		}
	}
}

// spelled returns the values in a normalized spelling.
func (e engineTable) spelled(rows [][]*string) [][]string {
	all := make([][]string, len(rows))
	for i, row := range rows {
		for j, v := range row {
			value := "NULL"
			if v != nil {
				value = spell(e.readings[j].athena, *v)
			}
			all[i] = append(all[i], value)
		}
	}
	return all
}

// spell normalizes the spelling of a value. Numbers with an exponent and bytes can be written in several ways.
func spell(athena, value string) string {
	bits := map[string]int{"float": 32, "double": 64}[athena]
	if f, err := strconv.ParseFloat(value, bits); bits != 0 && err == nil {
		return strconv.FormatFloat(f, 'g', -1, bits)
	}
	if athena == "varbinary" {
		return strings.ReplaceAll(value, " ", "")
	}
	return strconv.Quote(value)
}

// lines joins the values of each row into one string.
func lines(rows [][]string) []string {
	all := make([]string, len(rows))
	for i, row := range rows {
		all[i] = strings.Join(row, " | ")
	}
	return all
}

func columnOf(rows [][]string, i int) []string {
	all := make([]string, len(rows))
	for j, row := range rows {
		all[j] = row[i]
	}
	return all
}

// without returns the elements of a that are not in b. It counts duplicates.
func without(a, b []string) []string {
	counts := map[string]int{}
	for _, line := range b {
		counts[line]++
	}
	var left []string
	for _, line := range a {
		if counts[line]--; counts[line] < 0 {
			left = append(left, line)
		}
	}
	return left
}

// requireMet requires that exactly the exceptions with these keys occurred.
func requireMet(t *testing.T, met map[string]bool, keys ...string) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(met)) {
		if exceptions()[key] == "" || !slices.Contains(keys, key) {
			t.Errorf("exception %q occurred but is not listed", key)
		}
	}
	for _, key := range keys {
		if !met[key] {
			t.Errorf("exception %q (%s) did not occur; remove it", key, exceptions()[key])
		}
	}
}

// serverOf returns the value of an environment variable that a script in .ci sets.
func serverOf(t *testing.T, variable string) string {
	t.Helper()
	server := os.Getenv(variable)
	if server == "" {
		t.Fatalf("%s is not set; .ci/run sets it", variable)
	}
	return server
}

// decimalType returns the name of Athena's decimal type.
func decimalType(precision, scale int) string { return fmt.Sprintf("decimal(%d,%d)", precision, scale) }
