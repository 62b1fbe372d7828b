package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snaplake/workflow/sqlsyntax"
)

// checkGrammar fails the test for each statement that violates Trino's grammar, or that uses a function or type that Athena does not have.
// The keys of the map say where the statements come from, for example the name of a file or a view.
func checkGrammar(t *testing.T, statements map[string]string) {
	t.Helper()
	if len(statements) == 0 {
		t.Error("no statements to check")
	}
	sources := slices.Sorted(maps.Keys(statements))
	var all []string
	for _, s := range sources {
		all = append(all, statements[s])
	}
	found, err := sqlsyntax.Check("../dist/trino.cjs", all)
	if err != nil {
		t.Fatal(err)
	}
	for i, problems := range found {
		lines := strings.Split(all[i], "\n")
		for _, p := range problems {
			t.Errorf("%s: line %d:%d: %s\n%s", sources[i], p.Line, p.Column, p.Text, lines[p.Line-1])
		}
	}
}

// files reads the files that match the patterns, which are relative to the project's root folder.
func files(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join("..", pattern))
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
			found[strings.TrimPrefix(name, "../")] = string(b)
		}
	}
	return found
}

func TestGrammar_AcceptsStatementsOfCreateViews(t *testing.T) {
	checkGrammar(t, files(t, "functions/createviews/testdata/*.sql", "functions/internal/projection/testdata/*.sql"))
}

func TestGrammar_AcceptsUserDefinedViews(t *testing.T) {
	checkGrammar(t, files(t, "local/sample/views/*/*.sql", "local/testdata/views/*/*.sql"))
}

func TestGrammar_AcceptsExamplesInDocuments(t *testing.T) {
	all := map[string]string{}
	for name, text := range files(t, "README.md", "docs/*.md", "workflow/views/README.md") {
		for from, statement := range examples(name, text) {
			all[from] = statement
		}
	}
	checkGrammar(t, all)
}

var (
	// queryExample matches `go run ./local query "SELECT ..."` and captures the statement.
	queryExample = regexp.MustCompile(`\blocal query "((?:[^"\\]|\\.)*)"`)
	// begins matches the first line of a statement in a fenced block.
	begins = regexp.MustCompile(`(?i)^(SELECT|WITH|CREATE\s+(OR\s+REPLACE\s+)?VIEW)\b`)
	// beginsIndented matches the first line of a statement in an indented block. Lines with deeper indentation are command output.
	beginsIndented = regexp.MustCompile(`(?i)^    (SELECT|WITH|CREATE\s+(OR\s+REPLACE\s+)?VIEW)\b`)
)

// examples returns the SQL statements in a Markdown text, keyed by file name and line. They are the arguments of `local query` commands
// and the statements in code blocks, which are fenced or indented by four spaces. In a code block, a statement starts at a line with
// SELECT, WITH or CREATE VIEW, and ends at a semicolon or an empty line.
func examples(name, markdown string) map[string]string {
	found := map[string]string{}
	add := func(line int, statement string) { found[fmt.Sprintf("%s:%d", name, line)] = statement }
	for _, at := range queryExample.FindAllStringSubmatchIndex(markdown, -1) {
		line := strings.Count(markdown[:at[0]], "\n") + 1
		add(line, strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(markdown[at[2]:at[3]]))
	}
	var open []string
	begin, fenced := 0, false
	for i, line := range append(strings.Split(markdown, "\n"), "") {
		fence := strings.HasPrefix(line, "```")
		if fence {
			fenced = !fenced
		}
		over := fence || strings.TrimSpace(line) == "" || !fenced && !strings.HasPrefix(line, "    ")
		switch {
		case open == nil && (fenced && begins.MatchString(line) || !fenced && beginsIndented.MatchString(line)):
			begin, open = i+1, []string{line}
		case open != nil && !over:
			open = append(open, line)
		}
		if open != nil && (over || strings.HasSuffix(strings.TrimSpace(line), ";")) {
			add(begin, strings.Join(open, "\n"))
			open = nil
		}
	}
	return found
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
