package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"snaplake/workflow"
)

const (
	// reasonLength in bytes keeps an error with many failures below the 32,768 that Step Functions takes as a cause, and
	// has room for a permission that is missing: who, which action, on which resource.
	reasonLength = 800
	// excerptLength in bytes is of the SQL beside a reason.
	excerptLength = 160
)

// list puts lines below each other.
func list(lines []string) string {
	return strings.Join(workflow.Summarize(lines, workflow.MaxListed), "\n")
}

// describe tells why a view was refused: its name, what it is made of, Athena's reason, and the line of the SQL that this is
// about.
func describe(database string, v *view, reason, sql string) string {
	return fmt.Sprintf("view %s.%s (%s): %s, in: %s",
		quote(database), quote(v.name), v.of, cut(reason, reasonLength), cut(excerpt(sql, reason), excerptLength))
}

var position = regexp.MustCompile(`\bline (\d+):(\d+)\b`)

// excerpt is the line of a statement that a reason points to ("line 3:8: ..."), or else the first.
func excerpt(sql, reason string) string {
	lines := strings.Split(sql, "\n")
	if m := position.FindStringSubmatch(reason); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			return strings.TrimSpace(lines[n-1])
		}
	}
	return lines[0]
}

func cut(s string, length int) string { return workflow.Truncate(s, length) }
