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

const expressionsFile = "testdata/expressions.sql"

// TestExpressions_ReturnTheSameOnTrino runs the statements of expressionsFile in both engines. The default engine must return the
// same columns and values, or an error if Trino returns one. Otherwise, it must say that it does not support the statement.
func TestExpressions_ReturnTheSameOnTrino(t *testing.T) {
	e := openEngines(t, sampleLake(t))
	counts := map[string]int{}
	for _, sql := range expressions(t) {
		want, got := answerOf(e.trino.Query(t.Context(), sql)), answerOf(e.standard.Query(t.Context(), sql))
		outcome := compare(sql, want, got)
		counts[outcome]++
		if outcome == isDifferent {
			t.Errorf("%s\n Trino   %s\n default %s", sql, want, got)
		}
	}
	t.Logf("%d equal, %d rejected by both, %d refused by name, %d different",
		counts[isEqual], counts[isRejected], counts[isRefused], counts[isDifferent])
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
