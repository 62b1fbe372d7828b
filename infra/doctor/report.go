package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"snaplake/workflow"
)

// report prints the findings as a table with a summary below it. It returns true if there are no problems.
func report(out io.Writer, config workflow.Config, findings []finding) bool {
	fmt.Fprintf(out, "Stack %s in account %s, %s\n\n", config.Name, config.Account, config.Region)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	problems := 0
	for _, f := range findings {
		if f.level == problem {
			problems++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.level, f.subject, f.text)
	}
	table.Flush()
	if problems > 0 {
		fmt.Fprintf(out, "\nProblems found: %d.\n", problems)
		return false
	}
	fmt.Fprintln(out, "\nNo problems found.")
	return true
}
