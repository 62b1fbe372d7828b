package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"snaplake/workflow"
)

// write prints the findings as a table, with a sentence below it, and tells whether all is well.
func write(out io.Writer, config workflow.Config, lines []line) bool {
	fmt.Fprintf(out, "Stack %s in account %s, %s\n\n", config.Name, config.Account, config.Region)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	faults := 0
	for _, l := range lines {
		if l.kind == fault {
			faults++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", l.kind, l.part, l.text)
	}
	table.Flush()
	switch faults {
	case 0:
		fmt.Fprintln(out, "\nNothing is wrong.")
	case 1:
		fmt.Fprintln(out, "\n1 thing is wrong.")
	default:
		fmt.Fprintf(out, "\n%d things are wrong.\n", faults)
	}
	return faults == 0
}
