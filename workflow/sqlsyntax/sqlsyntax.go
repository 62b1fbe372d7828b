// Package sqlsyntax checks the syntax of SQL by Trino's grammar, because Athena's engine version 3 is Trino. The parser is generated from
// the grammar (dt-sql-parser) and runs in Node.js, which the CDK needs as well.
package sqlsyntax

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"snaplake/workflow"
)

// Problem is what Athena would reject in a statement.
type Problem struct {
	Line, Column int    // The position, starting at 1:1. As in Athena's messages, a column is a character.
	Text         string // Athena's error message.
	// IsUncertain is true for a function or type that is not listed: Athena could have it, for example because it is new.
	IsUncertain bool
}

// Check returns the problems of each statement: at most one syntax error, and all unknown functions and types. The parser is the path of
// dist/trino.cjs, which make build writes.
func Check(parser string, statements []string) ([][]Problem, error) {
	if _, err := os.Stat(parser); err != nil {
		return nil, fmt.Errorf("the SQL parser is missing; run make build: %w", err)
	}
	in, err := json.Marshal(statements)
	if err != nil {
		return nil, err
	}
	var stdout, stderr bytes.Buffer
	node := exec.Command("node", parser)
	node.Stdin, node.Stdout, node.Stderr = bytes.NewReader(in), &stdout, &stderr
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("run the SQL parser with Node.js 20 or newer: node %s: %w%s", parser, err, thrown(stderr.String()))
	}
	var parsed []statement
	if err := json.Unmarshal(stdout.Bytes(), &parsed); err != nil {
		return nil, fmt.Errorf("read the output of node %s: %w", parser, err)
	}
	if len(parsed) != len(statements) {
		return nil, fmt.Errorf("node %s parsed %d of %d statements", parser, len(parsed), len(statements))
	}
	problems := make([][]Problem, len(parsed))
	for i, s := range parsed {
		problems[i] = s.problems()
	}
	return problems, nil
}

// thrown returns the JavaScript error in the output of Node.js, which also contains source code and a stack trace.
func thrown(stderr string) string {
	if e := regexp.MustCompile(`(?m)^\w*Error.*`).FindString(stderr); e != "" {
		return ": " + e
	}
	return ""
}

// statement is the output of parse.mjs for one statement.
type statement struct {
	Error            *finding
	Functions, Types []finding
}

type finding struct {
	Line, Column  int
	Name, Message string
}

func (s statement) problems() []Problem {
	var found []Problem
	if e := s.Error; e != nil {
		found = append(found, Problem{Line: e.Line, Column: e.Column, Text: e.Message})
	}
	for _, f := range s.Functions {
		found = append(found, f.check("Function '%s' not registered", functions)...)
	}
	for _, t := range s.Types {
		found = append(found, t.check("Unknown type: %s", types)...)
	}
	return found
}

// check returns a problem if the name is not in the list. Case and quotation marks do not matter in the names of functions and types.
func (f finding) check(format, list string) []Problem {
	name := strings.ToLower(strings.Trim(f.Name, `"`))
	names := strings.Fields(list)
	if slices.Contains(names, name) {
		return nil
	}
	text := fmt.Sprintf(format, name)
	if similar := workflow.Closest(names, name); similar != "" {
		text += " (did you mean " + similar + "?)"
	}
	return []Problem{{Line: f.Line, Column: f.Column, Text: text, IsUncertain: true}}
}
