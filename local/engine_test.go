//go:build trino

package main

import (
	"cmp"
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
	"snaplake/workflow"
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

// equal runs the product twice against a database, and compares every value of every table with the values in its view, in both engines. It
// adds to the figure, and returns the exceptions that occurred.
func equal(t *testing.T, db server, all *figure) map[string]bool {
	root, layer := rootWith(t, userAssembly, userAssembly)
	tables := map[string]engineTable{}
	configure(t, layer, func(c *workflow.Config) {
		for _, table := range db.tables(t) {
			schema := cmp.Or(table.schema, db.name())
			view := c.Sources[0].ViewName(workflow.TableName{Database: db.name(), Schema: schema, Table: table.name})
			tables[view] = table
			c.Sources[0].History = append(c.Sources[0].History, view)
		}
	})
	out := runIn(t, root, "run", "--runs=2", fast, "--source", db.spec())
	if strings.Contains(out, "secret") {
		t.Errorf("the password was printed: %s", out)
	}
	met := map[string]bool{}
	e := openEngines(t, filepath.Join(root, defaultDir))
	views := e.views(t)
	for view := range views {
		answer := e.compare(t, view)
		if table, ok := tables[view]; ok && table.hasColumns(t, answer.Columns) {
			want := db.ask(t, "SELECT "+strings.Join(table.selected(), ", ")+" FROM "+db.quoted(table))
			compareRows(t, table, "the database", table.expected(want, met), "Trino", answer.Rows)
			for _, because := range table.without {
				met[because] = true
			}
		}
	}
	if want := 2*len(tables) + 1; len(views) != want {
		t.Errorf("%d views of %d tables, want %d, with history and freshness", len(views), len(tables), want)
	}
	all.add(t, e.figure)
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

// compareRows compares the rows of a table or a view in two engines, in any order.
func compareRows(t *testing.T, table engineTable, wanted string, want [][]*string, named string, got [][]*string) {
	t.Helper()
	theirs, ours := table.spelled(want), table.spelled(got)
	missing, strange := without(lines(theirs), lines(ours)), without(lines(ours), lines(theirs))
	if len(missing)+len(strange) == 0 {
		return
	}
	t.Errorf("%s: %s has %d rows, of which %s lacks %d; it has %d rows", table.name, wanted, len(theirs), named, len(missing), len(ours))
	for i, r := range table.readings {
		a, b := columnOf(theirs, i), columnOf(ours, i)
		if missing, strange := without(a, b), without(b, a); len(missing)+len(strange) > 0 {
			t.Errorf("%s.%s: only %s: %.300s\nonly %s: %.300s",
				table.name, r.column, wanted, strings.Join(missing, ", "), named, strings.Join(strange, ", "))
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
		t.Skipf("%s is not set; .ci/with-databases sets it", variable)
	}
	return server
}

// decimalType returns the name of Athena's decimal type.
func decimalType(precision, scale int) string { return fmt.Sprintf("decimal(%d,%d)", precision, scale) }

// requireLoaded skips the test if the query for its database returns no rows.
func requireLoaded(t *testing.T, db server, query string) {
	t.Helper()
	if len(db.ask(t, query)) == 0 {
		t.Skip("the database is not loaded; .ci/with-databases loads it from ../shared/data")
	}
}
