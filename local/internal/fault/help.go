package fault

import (
	"fmt"
	"slices"
	"strings"
)

// Help returns the grammar of faults, and a line for each target and kind.
func Help() string {
	var b strings.Builder
	b.WriteString(`--fault TARGET[:WHEN]=KIND injects a failure. It can be repeated.

TARGET is what fails:
  rds.DescribeExportTasks   a call: service.Operation
  lambda.CheckExport        an invocation of a function
  export, crawl             an export task, a crawl
  view:users                the statement that creates a view, by the view's name
WHEN selects occurrences, counted from the start. Without it, all fail:
  3     the third
  4-6   the fourth to the sixth
  10%   10 percent, at random
If several faults match, the first one given applies. Case does not matter.

Examples:
  --fault rds.DescribeExportTasks:3=throttle
  --fault rds.StartExportTask:1-5=ExportTaskLimitReachedFault
  --fault glue.GetCrawler:10%=5xx
  --fault lambda.CheckExport:1=kill
  --fault export:1=failed
  --fault view:users:1=failed
`)
	section(&b, "Any call", anyCall)
	section(&b, "Some calls", someCalls)
	b.WriteString("\nCalls, with their additional kinds and the error codes that AWS documents:\n")
	for _, o := range operations {
		fmt.Fprintf(&b, "  %s\n", strings.TrimRight(fmt.Sprintf("%-30s %s", o.name, joined(slices.Concat(o.extra, o.codes))), " "))
	}
	section(&b, "Functions", invocations)
	b.WriteString("\nNames of functions:\n")
	for _, name := range functions {
		fmt.Fprintf(&b, "  %s\n", name)
	}
	section(&b, "Exports", exports)
	section(&b, "Crawls", crawls)
	section(&b, "Views", views)
	return b.String()
}

func section(b *strings.Builder, title string, choices []choice) {
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, c := range choices {
		fmt.Fprintf(b, "  %-19s %s\n", c.kind, c.says)
	}
}

func joined(kinds []Kind) string {
	texts := make([]string, len(kinds))
	for i, k := range kinds {
		texts[i] = string(k)
	}
	return strings.Join(texts, ", ")
}
