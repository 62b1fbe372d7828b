package sqlsyntax

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const parser = "../../dist/trino.cjs"

// The positions and the first words of the errors are those of Trino 476.
func TestCheck_ReturnsErrorsOfTrino(t *testing.T) {
	tests := map[string]string{
		"SELECT `id` FROM users":                                          "1:8: backquoted identifiers are not supported; use double quotes to quote identifiers",
		"SELECT id AS 1st FROM users FORM":                                "1:14: identifiers must not start with a digit; surround the identifier with double quotes",
		"SELECT id::bigint FROM t":                                        "1:10: mismatched input ':'",
		"SELECT id FROM t WHERE id == 1":                                  "1:28: mismatched input '='",
		"SELECT id FROM t LIMIT 1 OFFSET 1":                               "1:26: mismatched input 'OFFSET'",
		"SELECT id FROM t GROUP id":                                       "1:24: mismatched input 'id'. Expecting: 'BY'",
		"SELECT id AS order FROM t":                                       "1:14: mismatched input 'order'",
		"SELECT a, b FROM t GROUP BY a WITH ROLLUP":                       "1:31: mismatched input 'WITH'",
		"SELECT 'open FROM t":                                             "1:8: mismatched input '''",
		"FROM t":                                                          "1:1: mismatched input 'FROM'",
		"SELECT 1 SELECT 2":                                               "1:10: mismatched input 'SELECT'",
		"-- nothing":                                                      "1:11: mismatched input '<EOF>'",
		"CREATE OR REPLACE VIEW v AS SELECT":                              "1:35: mismatched input '<EOF>'",
		"SELECT a\r\nFROM t\r\n\tWHERE\ta == 1":                           "3:11: mismatched input '='",
		"SELECT '日本', 'é😀' FROM t WHERE a == 1":                           "1:35: mismatched input '='",
		"SELECT " + strings.Repeat("NOT ", 20000) + "true":                "1:1: statement is too large (stack overflow while parsing)",
		"SELECT 1" + strings.Repeat(" + 1", 5000):                         "",
		"SELECT count(*), date_trunc('day', d)\nFROM (VALUES 1) AS t (d)": "",
	}
	testCheck(t, tests)
}

// Trino 476 accepts these statements. It is not known whether Athena does.
func TestCheck_RejectsSyntaxThatIsNewerThanTheGrammar(t *testing.T) {
	testCheck(t, map[string]string{
		"SELECT a FROM t UNION CORRESPONDING SELECT a FROM u": "1:23: mismatched input 'CORRESPONDING'",
		"SELECT [1, 2]":                "1:8: mismatched input '['",
		"SELECT execute FROM t":        "1:8: mismatched input 'execute'",
		"SELECT a FROM t GROUP BY ALL": "1:29: mismatched input '<EOF>'",
		"WITH SESSION a = 1 SELECT 1":  "1:14: mismatched input 'a'",
	})
}

// testCheck compares the problems of statements, separated by semicolons.
func testCheck(t *testing.T, tests map[string]string) {
	t.Helper()
	statements := slices.Collect(maps.Keys(tests))
	found, err := Check(parser, statements)
	if err != nil {
		t.Fatal(err)
	}
	for i, statement := range statements {
		var got []string
		for _, p := range found[i] {
			got = append(got, fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Text))
		}
		if got := strings.Join(got, "; "); got != tests[statement] {
			t.Errorf("%.60s\n got %q\nwant %q", statement, got, tests[statement])
		}
	}
}

func TestCheck_NamesFunctionsAndTypesThatAreNotListed(t *testing.T) {
	testCheck(t, map[string]string{
		"SELECT 1,\n  list_value(1, 2)":        "2:3: Function 'list_value' not registered",
		`SELECT "Row_Nunber"() OVER ()`:        "1:8: Function 'row_nunber' not registered",
		"SELECT strftime(d, '%Y') FROM t":      "1:8: Function 'strftime' not registered",
		"SELECT CAST(day AS datetime) FROM t":  "1:20: Unknown type: datetime",
		"SELECT CAST(x AS array(text)) FROM t": "1:24: Unknown type: text",
		"SELECT TRY_CAST(x AS string) FROM t":  "1:22: Unknown type: string",
		"SELECT datetime '2026-11-21'":         "1:8: Unknown type: datetime",
		"SELECT CAST(x AS row(a timestamp(3) with time zone, b map(varchar, double precision))), DATE '2026-11-21' FROM t": "",
		"SELECT COUNT(*), \"Sum\"(a), TRY(a / b), t_cdf(1, 2) FROM t":                                                      "",
	})
	found, err := Check(parser, []string{"SELECT foo(CAST(a AS bar)) FORM t x"})
	if err != nil {
		t.Fatal(err)
	}
	var uncertain []bool
	for _, p := range found[0] {
		uncertain = append(uncertain, p.IsUncertain)
	}
	if diff := cmp.Diff([]bool{false, true, true}, uncertain); diff != "" {
		t.Errorf("IsUncertain (-want +got):\n%s", diff)
	}
}

func TestFunctions_AreSorted(t *testing.T) {
	if names := strings.Fields(functions); !slices.IsSorted(names) || len(slices.Compact(names)) < len(names) {
		t.Error("functions.txt is not sorted, or contains a duplicate")
	}
}

func TestCheck_NamesReasonIfParserDoesNotRun(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct{ name, script, path, want string }{
		{"missing.cjs", "", os.Getenv("PATH"), "the SQL parser is missing; run make build: stat "},
		{"cut.cjs", "console.log(", os.Getenv("PATH"), "with Node.js 20 or newer: SyntaxError: "},
		{"crash.cjs", "throw new TypeError('x is not a function')", os.Getenv("PATH"), "with Node.js 20 or newer: TypeError: x is not a function"},
		{"killed.cjs", "process.kill(process.pid, 'SIGKILL')", os.Getenv("PATH"), "with Node.js 20 or newer: signal: killed"},
		{"silent.cjs", ";", os.Getenv("PATH"), "unexpected end of JSON input"},
		{"other.cjs", "console.log('[]')", os.Getenv("PATH"), "0 results for 1 statements"},
		{"node.cjs", ";", dir, `exec: "node": executable file not found in $PATH`},
	} {
		t.Setenv("PATH", test.path)
		file := filepath.Join(dir, test.name)
		if test.script != "" {
			if err := os.WriteFile(file, []byte(test.script), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Check(file, []string{"SELECT 1"})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", test.name, err, test.want)
		}
	}
}
