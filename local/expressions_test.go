//go:build trino

package main

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"snaplake/local/internal/athenaclient"
)

const (
	expressionsFile = "testdata/expressions.sql"
	localDoc        = "../docs/local.md"
	// The table in localDoc is between these lines.
	differencesBegin = "<!-- The table is made by expressions_test.go. -->"
	differencesEnd   = "<!-- The end of the table. -->"
)

// differences gives the reason for each statement of expressionsFile whose answer differs.
var differences = map[string]string{
	"SELECT * FROM (VALUES 1) AS t(x) JOIN (VALUES '1') AS u(x) USING (x)":      usingReason,
	"SELECT * FROM (VALUES 1) AS t(x) LEFT JOIN (VALUES 1e0) AS u(x) USING (x)": usingReason,
	"SELECT * FROM (SELECT 1 AS a, 'x' AS a) AS t":                              renamedReason,
	"SELECT a FROM (SELECT 1 AS a, 'x' AS a) AS t":                              renamedReason,
}

const (
	usingReason   = "The types of the columns of USING are not compared."
	renamedReason = "DuckDB renames columns of a subquery that have the same name."
)

// TestExpressions_ReturnTheSameOnTrino runs the statements of expressionsFile in both engines. The default engine must return the
// same columns and values, or an error if Trino returns one. Otherwise, it must say that it does not support the statement, or the
// statement must be in the table of docs/local.md. With -update, the test writes the table.
func TestExpressions_ReturnTheSameOnTrino(t *testing.T) {
	e := openEngines(t, sampleLake(t))
	counts := map[string]int{}
	table := "| Query | Trino | Default engine | Reason |\n|---|---|---|---|\n"
	for _, sql := range expressions(t) {
		want, got := answerOf(e.trino.Query(t.Context(), sql)), answerOf(e.standard.Query(t.Context(), sql))
		outcome := compare(sql, want, got)
		counts[outcome]++
		reason, listed := differences[sql]
		switch {
		case listed && outcome != isDifferent:
			t.Errorf("%s: the engines no longer differ", sql)
		case outcome == isDifferent && !listed:
			t.Errorf("%s\n Trino   %s\n default %s", sql, want, got)
		case listed:
			cells := []string{"`" + sql + "`", want.String(), got.String(), reason}
			for i, c := range cells {
				cells[i] = strings.ReplaceAll(c, "|", `\|`)
			}
			table += "| " + strings.Join(cells, " | ") + " |\n"
		}
	}
	t.Logf("%d equal, %d rejected by both, %d refused by name, %d different",
		counts[isEqual], counts[isRejected], counts[isRefused], counts[isDifferent])
	checkTable(t, table)
}

// checkTable compares the table of differences in localDoc. With -update, it writes the table.
func checkTable(t *testing.T, table string) {
	t.Helper()
	text, err := os.ReadFile(localDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), differencesBegin+"\n\n")
	written, after, ok2 := strings.Cut(rest, "\n"+differencesEnd)
	switch {
	case !ok1 || !ok2:
		t.Fatalf("%s has no table of differences", localDoc)
	case *update:
		err = os.WriteFile(localDoc, []byte(before+differencesBegin+"\n\n"+table+"\n"+differencesEnd+after), 0o644)
	case written != table:
		t.Errorf("the table in %s is not current; run the test with -update:\n%s", localDoc, table)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The outcomes of a comparison.
const (
	isEqual     = "equal"
	isRejected  = "rejected by both"
	isRefused   = "refused by name"
	isDifferent = "different"
)

func compare(sql string, want, got answer) string {
	switch {
	case want.err != "" && got.err != "":
		return isRejected
	case strings.Contains(got.err, "the default engine of the local Athena does not support"):
		return isRefused
	case want.err != "" || got.err != "" || !slices.Equal(want.columns, got.columns):
		return isDifferent
	}
	if !strings.Contains(sql, "ORDER BY") {
		slices.Sort(want.rows)
		slices.Sort(got.rows)
	}
	if !slices.Equal(want.rows, got.rows) {
		return isDifferent
	}
	return isEqual
}

// expressions returns the statements of expressionsFile.
func expressions(t *testing.T) (statements []string) {
	t.Helper()
	text, err := os.ReadFile(expressionsFile)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "--") {
			statements = append(statements, line)
		}
	}
	return statements
}

// answer is the result of a statement. A column is its name and type, and a row its values as Athena prints them.
type answer struct {
	columns, rows []string
	err           string
}

func (a answer) String() string {
	return cmp.Or(a.err, strings.Join(a.columns, ", ")+"; "+strings.Join(a.rows, "; "))
}

func answerOf(r athenaclient.Result, err error) (a answer) {
	if err != nil {
		return answer{err: err.Error()}
	}
	for _, c := range r.Columns {
		a.columns = append(a.columns, c.Name+" "+c.Type)
	}
	for _, row := range r.Rows {
		var values []string
		for _, v := range row {
			values = append(values, cmp.Or(aws.ToString(v), map[bool]string{true: "NULL", false: "''"}[v == nil]))
		}
		a.rows = append(a.rows, strings.Join(values, " | "))
	}
	return a
}
