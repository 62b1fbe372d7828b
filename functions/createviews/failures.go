package main

import (
	"fmt"
	"strings"

	"snaplake/functions/internal/brief"
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
)

// list puts lines below each other.
func list(lines []string) string { return strings.Join(brief.List(lines), "\n") }

// describe tells why a view was refused: its name, what it is made of, Athena's reason, and the line of the SQL that this is
// about.
func describe(database string, v *view, reason, sql string) string {
	return fmt.Sprintf("view %s.%s (%s): %s", projection.Quote(database), projection.Quote(v.name), v.of, statement.Locate(reason, sql))
}
