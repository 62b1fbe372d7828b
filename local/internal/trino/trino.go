// Package trino checks SQL against Trino's grammar and Athena's functions and types, by means that have nothing to do with how
// the local AWS runs it. It is for tests.
package trino

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"snaplake/local/internal/athena"
)

// Check fails the test for each statement that Trino's grammar does not take, or that uses a function or type that Athena has
// not. The keys say where a statement is from: a file, or a view's name.
func Check(t testing.TB, statements map[string]string) {
	t.Helper()
	if len(statements) == 0 {
		t.Error("there are no statements to check")
		return
	}
	found, err := find(t, statements)
	if err != nil {
		t.Error(err)
	}
	for _, from := range slices.Sorted(maps.Keys(found)) {
		lines := strings.Split(statements[from], "\n")
		for _, p := range found[from] {
			t.Errorf("%s: %s\n%s", from, p, lines[p.line-1])
		}
	}
}

// problem is what is wrong at a place, which counts from 1.
type problem struct {
	line, column int
	text         string
}

func (p problem) String() string { return fmt.Sprintf("line %d:%d: %s", p.line, p.column, p.text) }

// find says what is wrong with each statement; one that is right is not in the answer.
func find(t testing.TB, statements map[string]string) (map[string][]problem, error) {
	from := slices.Sorted(maps.Keys(statements))
	var in []string
	for _, f := range from {
		in = append(in, statements[f])
	}
	all, err := parse(t, in)
	if err != nil {
		return nil, err
	}
	found := map[string][]problem{}
	for i, p := range all {
		if problems := p.problems(); problems != nil {
			found[from[i]] = problems
		}
	}
	return found, nil
}

// parsed is what parse.mjs finds in a statement.
type parsed struct {
	Errors    []mention
	Functions []mention
	Types     []mention
}

// mention is a name at a place, or a message about it.
type mention struct {
	Line, Column  int
	Name, Message string
}

// problems says what is wrong, in Athena's words where those are known.
func (p parsed) problems() []problem {
	var found []problem
	for _, e := range p.Errors {
		found = append(found, problem{e.Line, e.Column, e.Message})
	}
	for _, f := range p.Functions {
		if name := bare(f.Name); !slices.Contains(athena.AthenaFunctions, name) {
			found = append(found, problem{f.Line, f.Column, "Function '" + name + "' not registered"})
		}
	}
	for _, y := range p.Types {
		if name := bare(y.Name); !slices.Contains(types, name) {
			found = append(found, problem{y.Line, y.Column, "Unknown type: " + name})
		}
	}
	return found
}

// bare is a name as it is compared: names of functions and types are the same in upper case, and in quotes.
func bare(name string) string { return strings.ToLower(strings.Trim(name, `"`)) }

// types are those of Athena's queries, sorted (Athena User Guide, "Data types in Amazon Athena", the column DML).
var types = []string{
	"array", "bigint", "boolean", "char", "date", "decimal", "double", "int", "integer", "interval", "ipaddress", "json", "map",
	"real", "row", "smallint", "time", "time with time zone", "timestamp", "timestamp with time zone", "tinyint", "uuid",
	"varbinary", "varchar",
}

// parse runs parse.mjs once for all statements, since most of its time it takes to begin.
func parse(t testing.TB, statements []string) ([]parsed, error) {
	script := filepath.Join(root(t), "dist", "trino.cjs")
	if _, err := os.Stat(script); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist: make dist/trino.cjs makes it", script)
	}
	in, err := json.Marshal(statements)
	if err != nil {
		return nil, err
	}
	var stdout, stderr bytes.Buffer
	node := exec.CommandContext(t.Context(), "node", script)
	node.Stdin, node.Stdout, node.Stderr = bytes.NewReader(in), &stdout, &stderr
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("node %s: %w\n%s", script, err, stderr.Bytes())
	}
	var all []parsed
	if err := json.Unmarshal(stdout.Bytes(), &all); err != nil {
		return nil, fmt.Errorf("read the answer of node %s: %w", script, err)
	}
	if len(all) != len(statements) {
		return nil, fmt.Errorf("node %s answered for %d of %d statements", script, len(all), len(statements))
	}
	return all, nil
}

// root is the project's folder: the one with go.work, above that of the test.
func root(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.work")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			t.Fatalf("there is no go.work in %s or above it", dir)
		}
	}
}
