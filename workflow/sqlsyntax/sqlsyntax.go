// Package sqlsyntax checks SQL by Trino's grammar, because Athena's engine version 3 is Trino. The parser is generated from the grammar
// (dt-sql-parser) and runs in Node.js, which the CDK needs as well.
package sqlsyntax

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// functions lists the functions of Trino 476 and those that only Athena has (SHOW FUNCTIONS; Trino documentation, "List of functions and
// operators"; Athena User Guide, "Athena engine version 3 functions"). Athena does not publish its Trino release: it might lack some of
// these functions, or have newer ones.
//
//go:embed functions.txt
var functions string

// IsFunction reports whether Trino or Athena has a function of this name, which is in lower case.
func IsFunction(name string) bool { return slices.Contains(strings.Fields(functions), name) }

// Problem is what Athena would reject in a statement.
type Problem struct {
	Line, Column int    // The position, starting at 1:1. As in Athena's messages, a column is a character.
	Text         string // Athena's error message.
	IsUncertain  bool   // Whether the problem is an unknown function or type. Athena could have it, for example because it is new.
}

// jsError matches the error in the output of Node.js, which also contains source code and a stack trace.
var jsError = regexp.MustCompile(`(?m)^\w*Error: .*`)

// Check returns the problems of each statement: the first syntax error, and the unknown functions and types. The parser is the path of
// dist/trino.cjs, which make build writes.
func Check(parser string, statements []string) (problems [][]Problem, err error) {
	if _, err := os.Stat(parser); err != nil {
		return nil, fmt.Errorf("the SQL parser is missing; run make build: %w", err)
	}
	in, err := json.Marshal(statements)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	node := exec.Command("node", parser)
	node.Stdin, node.Stderr = bytes.NewReader(in), &stderr
	out, err := node.Output()
	if err != nil {
		reason := cmp.Or(jsError.FindString(stderr.String()), err.Error())
		return nil, fmt.Errorf("run the SQL parser %s with Node.js 20 or newer: %s", parser, reason)
	}
	err = json.Unmarshal(out, &problems)
	if err == nil && len(problems) != len(statements) {
		err = fmt.Errorf("%d results for %d statements", len(problems), len(statements))
	}
	if err != nil {
		return nil, fmt.Errorf("read the output of node %s: %w", parser, err)
	}
	return problems, nil
}
