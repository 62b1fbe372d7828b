package fault

import (
	"fmt"
	"slices"
	"strings"
)

// Help describes the format of faults, and lists all targets and kinds.
func Help() string {
	var b strings.Builder
	b.WriteString(`--fault TARGET[:WHEN]=KIND injects a failure. The option can be repeated.

TARGET is what fails:
  rds.DescribeExportTasks   a call: service.Operation
  lambda.CheckExport        an invocation of a function
  export, crawl             an export task, a crawl
  view:users                the statement that creates the view "users"
  information_schema.columns  Athena's list of columns, as queries read it
WHEN selects the occurrences of the target that fail (by default, all of them):
  3     the third occurrence
  4-6   the fourth to the sixth occurrence
  10%   10% of the occurrences, chosen at random
If several faults match, the first one on the command line applies. Targets and kinds are not case-sensitive.

Examples:
  --fault rds.DescribeExportTasks:3=throttle
  --fault rds.StartExportTask:1-5=ExportTaskLimitReachedFault
  --fault glue.GetCrawler:10%=5xx
  --fault lambda.CheckExport:1=kill
  --fault export:1=failed
  --fault view:users:1=failed
`)
	section(&b, "Fault kinds for all calls", anyCall)
	section(&b, "Fault kinds that only some calls support", someCalls)
	b.WriteString("\nCalls, each with its additional kinds and documented error codes:\n")
	for _, o := range operations {
		line := fmt.Sprintf("  %-30s %s", o.name, strings.Join(names(slices.Concat(o.extra, o.codes)), ", "))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	section(&b, "Fault kinds for functions", invocations)
	b.WriteString("\nFunctions:\n  " + strings.Join(functions, "\n  ") + "\n")
	section(&b, "Fault kinds for exports", exports)
	section(&b, "Fault kinds for crawls", crawls)
	section(&b, "Fault kinds for views", views)
	section(&b, "Fault kinds for information_schema.columns", columns)
	return b.String()
}

func section(b *strings.Builder, title string, choices []choice) {
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, c := range choices {
		fmt.Fprintf(b, "  %-19s %s\n", c.kind, c.description)
	}
}
