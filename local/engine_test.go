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
	"snaplake/local/internal/cloudformation"
	"snaplake/workflow"
)

// exceptions are the values that an analyst does not read as the database has them, and why.
func exceptions() map[string]string {
	return map[string]string{
		"zero date": "a date with a zero in it ('0000-00-00', '2026-00-00') is no day, so it is NULL",
		"micros":    "MySQL's timestamps arrive as timestamps, of which Athena reads the nearest millisecond",
		"NaN":       "Athena's decimals have no NaN, so it is NULL",
		"scale":     "PostgreSQL 15 has decimals with a negative scale, or one above the precision: such a number is rounded, or is NULL",
		"infinity":  "Athena's dates and timestamps have no infinity, so it is NULL",
		"BC":        "a year before 1 is not written in four digits, so it is NULL",
		"late":      "a year after 9999 is not written in four digits, so it is NULL",
		"oid":       "RDS does not export columns of this type",
	}
}

// reading is how an analyst reads a column, and what the database says of each of its values.
type reading struct {
	// column is the name in the view, and athena the type.
	column, athena string
	// value is the database's own SQL for the text that the analyst reads. because is that for the key of the exception when
	// this is not what the database holds, else for NULL.
	value, because string
}

// exact reads a column that has no exceptions.
func exact(column, athena, value string) reading {
	return reading{strings.ToLower(column), athena, value, "NULL"}
}

// engineTable is a table of a database with the readings of its columns, in their order.
type engineTable struct {
	schema, name string
	readings     []reading
	// without are the keys of the exceptions for columns that the view does not have.
	without []string
}

// database is one whose views are compared with it.
type database interface {
	// spec is what --source takes.
	spec() string
	name() string
	tables(t *testing.T) []engineTable
	// quoted is a name as its SQL has it.
	quoted(table engineTable) string
	// ask returns the rows of a query as text.
	ask(t *testing.T, query string) [][]*string
}

// equal runs the product over a database and compares every value of every table with what its view shows. It returns which exceptions
// were met.
func equal(t *testing.T, db database) map[string]bool {
	root, source := plainProject(t)
	c := command(t, "run", fast, "--dir", ".local", "--source", db.spec())
	c.Dir = root
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("the run over %s: %v\n%s", db.name(), err, out)
	}
	aws, views, err := cloud.OpenLake(filepath.Join(root, ".local", "lake"))
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
		answer, err := lake.Ask(t.Context(), `SELECT * FROM "`+source.ViewName(workflow.TableName{Database: db.name(), Schema: schema, Table: table.name})+`"`)
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
	if got := len(readReport(t, filepath.Join(root, ".local")).Views); got < len(tables) {
		t.Errorf("%d views of %d tables", got, len(tables))
	}
	return met
}

// serveAndRun serves a database, sees what is said of its transactions before there is one, and runs the product over it.
func serveAndRun(t *testing.T, db database) {
	t.Helper()
	root, _ := plainProject(t)
	c := command(t, "serve", fast, "--dir", ".local", "--source", db.spec())
	c.Dir = root
	waitFor(t, c, "until the snapshot's export is complete")
	s := readServed(t, filepath.Join(root, ".local"))
	if got := runExecution(t, s, `{"source": "shop"}`); got.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("the run ended %s: %s", got.Status, aws.ToString(got.Cause))
	}
}

// plainProject is a root of the project that is configured to have views of all tables, and nothing else. It returns the source
// as well.
func plainProject(t *testing.T) (root string, source workflow.Source) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	root = withViews(t, nil)
	stack, err := cloudformation.Load(filepath.Join(root, assemblyFolder))
	must(err)
	config, err := cloud.Configuration(stack)
	must(err)
	configured := config.Sources[0]
	source = workflow.Source{
		Name: configured.Name, Instance: configured.Instance, Cluster: configured.Cluster, Snapshots: configured.Snapshots,
		MaxSnapshotAge: configured.MaxSnapshotAge, Schedule: configured.Schedule, TimeZone: configured.TimeZone,
		ViewTemplate: "{table}", Keep: 1,
	}
	config.Sources = []workflow.Source{source}
	layers, err := filepath.Glob(filepath.Join(root, assemblyFolder, "*", "pipeline.json"))
	must(err)
	for _, layer := range layers { // those of former syntheses, too
		must(os.RemoveAll(filepath.Dir(layer)))
		must(workflow.WriteLayer(filepath.Dir(layer), config))
	}
	return root, source
}

// selected is what the database is asked for: of each column the value, and the reason why it is not as the database has it.
func (e engineTable) selected() []string {
	var all []string
	for _, r := range e.readings {
		all = append(all, r.value, r.because)
	}
	return all
}

// expected are the values out of the answer to selected.
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

// hasColumns tells whether a view has the columns of the readings, of their types.
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

// compareRows compares the rows of a table with those of its view, whatever their order.
func compareRows(t *testing.T, table engineTable, want, got [][]*string) {
	t.Helper()
	theirs, ours := table.spelled(want), table.spelled(got)
	missing, strange := without(lines(theirs), lines(ours)), without(lines(ours), lines(theirs))
	if len(missing)+len(strange) == 0 {
		return
	}
	t.Errorf("%s: of %d rows in the database, %d are not among the %d in the view", table.name, len(theirs), len(missing), len(ours))
	for i, r := range table.readings {
		a, b := columnOf(theirs, i), columnOf(ours, i)
		if missing, strange := without(a, b), without(b, a); len(missing)+len(strange) > 0 {
			t.Errorf("%s.%s: not in the view: %.300s\nonly in the view: %.300s", table.name, r.column, strings.Join(missing, ", "), strings.Join(strange, ", "))
		}
	}
}

// spelled are values in one spelling.
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

// spell writes a value as it can be compared: numbers with an exponent have many spellings, and bytes two.
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

// lines are rows that can be compared as a whole.
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

// without is what a has and b lacks. A line that one of them has more often counts as well.
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

// requireMet fails for an exception that no value needs.
func requireMet(t *testing.T, met map[string]bool, keys ...string) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(met)) {
		if exceptions()[key] == "" || !slices.Contains(keys, key) {
			t.Errorf("the exception %q is not listed", key)
		}
	}
	for _, key := range keys {
		if !met[key] {
			t.Errorf("no value needs the exception %q (%s); take it away", key, exceptions()[key])
		}
	}
}

// serverOf reads an environment variable that a script of .ci sets.
func serverOf(t *testing.T, variable string) string {
	t.Helper()
	server := os.Getenv(variable)
	if server == "" {
		t.Fatalf("%s is not set; .ci/run sets it", variable)
	}
	return server
}

// decimalType is Athena's.
func decimalType(precision, scale int) string { return fmt.Sprintf("decimal(%d,%d)", precision, scale) }
