package sqlsyntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files reads the files that match the patterns, which are relative to the project's root folder.
func files(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	top := root(t)
	found := map[string]string{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil {
			t.Fatal(err)
		}
		if len(names) == 0 {
			t.Errorf("no file matches %s", pattern)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found[strings.TrimPrefix(name, top+"/")] = string(b)
		}
	}
	return found
}

func TestCheck_AcceptsStatementsOfCreateViews(t *testing.T) {
	Check(t, files(t, "functions/createviews/testdata/*.sql", "functions/internal/projection/testdata/*.sql"))
}

func TestCheck_AcceptsUserDefinedViews(t *testing.T) {
	Check(t, files(t, "local/sample/views/*/*.sql", "local/testdata/views/*/*.sql"))
}

func TestCheck_AcceptsExamplesInDocuments(t *testing.T) {
	all := map[string]string{}
	for name, text := range files(t, "README.md", "docs/*.md", "workflow/views/README.md") {
		for from, statement := range examples(name, text) {
			all[from] = statement
		}
	}
	Check(t, all)
}

func TestFind_ReturnsErrorsOfTrinoAndAthena(t *testing.T) {
	tests := map[string]string{
		"SELECT `id` FROM users":               "line 1:8: backquoted identifiers are not supported; use double quotes to quote identifiers",
		"SELECT id AS 1st FROM users":          "line 1:14: identifiers must not start with a digit; surround the identifier with double quotes",
		"SELECT 1,\n  list_value(1, 2)":        "line 2:3: Function 'list_value' not registered",
		`SELECT "List_Value"(1)`:               "line 1:8: Function 'list_value' not registered",
		"SELECT CAST(day AS datetime) FROM t":  "line 1:20: Unknown type: datetime",
		"SELECT CAST(x AS array(text)) FROM t": "line 1:24: Unknown type: text",
		"SELECT TRY_CAST(x AS string) FROM t":  "line 1:22: Unknown type: string",
		"SELECT datetime '2026-11-21'":         "line 1:8: Unknown type: datetime",
		"SELECT id::bigint FROM t":             "line 1:10: ':' is not valid at this position",
		"SELECT id FROM t WHERE id == 1":       "line 1:28: '=' is not valid at this position",
		"SELECT id FROM t LIMIT 1 OFFSET 1":    "line 1:26: 'OFFSET' is not valid at this position",
		"SELECT id FROM t GROUP BY ALL":        "line 1:30: Statement is incomplete",
		"SELECT id AS order FROM t": "line 1:14: 'order' is not valid at this position; " +
			"line 1:20: 'FROM' is not valid at this position",
		"FROM t":                             "line 1:1: 'FROM' is not valid at this position",
		"SELECT 1 SELECT 2":                  "line 1:10: only one statement is allowed",
		"-- nothing":                         "line 1:11: no statement",
		"CREATE OR REPLACE VIEW v AS SELECT": "line 1:35: Statement is incomplete",
		"SELECT count(*), date_trunc('day', d)\nFROM (SELECT CAST('2026-11-21' AS timestamp(3)) AS d)": "",
	}
	statements := map[string]string{}
	for s := range tests {
		statements[s] = s
	}
	found, err := find(t, statements)
	if err != nil {
		t.Fatal(err)
	}
	for statement, want := range tests {
		var texts []string
		for _, p := range found[statement] {
			texts = append(texts, p.String())
		}
		if got := strings.Join(texts, "; "); got != want {
			t.Errorf("%s\n got %q\nwant %q", statement, got, want)
		}
	}
}

func TestExamples_FindsStatementsInCodeBlocks(t *testing.T) {
	text := strings.Join([]string{
		"SELECT no FROM text",
		"",
		"    SELECT a",
		"    FROM t",
		"",
		"    a table of its output",
		"",
		"    go run ./local query \"SELECT \\\"b\\\"",
		"      FROM t\"",
		"    b",
		"",
		"        SELECT no FROM output",
		"```sql",
		"WITH c AS (SELECT 1)",
		"  SELECT * FROM c;",
		"1 row",
		"```",
		"    SELECT d",
	}, "\n")
	got := examples("x.md", text)
	want := map[string]string{
		"x.md:3":  "    SELECT a\n    FROM t",
		"x.md:8":  "SELECT \"b\"\n      FROM t",
		"x.md:14": "WITH c AS (SELECT 1)\n  SELECT * FROM c;",
		"x.md:18": "    SELECT d",
	}
	for from, statement := range want {
		if got[from] != statement {
			t.Errorf("%s: got %q, want %q", from, got[from], statement)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d examples, want %d: %q", len(got), len(want), got)
	}
}
