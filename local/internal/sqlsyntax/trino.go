// Package sqlsyntax is for tests. It checks whether SQL conforms to Trino's grammar and uses only Athena's functions and types. Its parser
// is generated from Trino's grammar (dt-sql-parser) and is independent of the local Athena's parser.
package sqlsyntax

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

// Check fails the test for each statement that violates Trino's grammar, or that uses a function or type that Athena does not support.
// The keys of the map say where the statements come from, for example the name of a file or a view.
func Check(t testing.TB, statements map[string]string) {
	t.Helper()
	if len(statements) == 0 {
		t.Error("no statements to check")
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

// problem is an error in a statement. Lines and columns start at 1.
type problem struct {
	line, column int
	text         string
}

func (p problem) String() string { return fmt.Sprintf("line %d:%d: %s", p.line, p.column, p.text) }

// find returns the problems of each statement, under the statement's key. It omits statements without problems.
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

// parsed is the output of parse.mjs for one statement.
type parsed struct {
	Errors    []finding
	Functions []finding
	Types     []finding
}

// finding is a function, a type or a syntax error that parse.mjs found, with its position in the statement.
type finding struct {
	Line, Column  int
	Name, Message string
}

// problems returns the problems of a statement, with Athena's error messages where they are known.
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

// bare removes the quotes from the name of a function or type and converts it to lower case. Case and quotes do not matter in such names.
func bare(name string) string { return strings.ToLower(strings.Trim(name, `"`)) }

// types lists the types that Athena supports in queries, sorted (Athena User Guide, "Data types in Amazon Athena", column DML).
var types = []string{
	"array", "bigint", "boolean", "char", "date", "decimal", "double", "int", "integer", "interval", "ipaddress", "json", "map",
	"real", "row", "smallint", "time", "time with time zone", "timestamp", "timestamp with time zone", "tinyint", "uuid",
	"varbinary", "varchar",
}

// parse runs parse.mjs once for all statements, because starting Node.js takes most of the time.
func parse(t testing.TB, statements []string) ([]parsed, error) {
	script := filepath.Join(root(t), "dist", "trino.cjs")
	if _, err := os.Stat(script); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s does not exist; to build it, run make dist/trino.cjs", script)
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
		return nil, fmt.Errorf("read the output of node %s: %w", script, err)
	}
	if len(all) != len(statements) {
		return nil, fmt.Errorf("node %s printed results for %d of %d statements", script, len(all), len(statements))
	}
	return all, nil
}

// root returns the root folder of the project: the nearest parent folder that contains go.work.
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
			t.Fatalf("no go.work in %s or its parent folders", dir)
		}
	}
}
