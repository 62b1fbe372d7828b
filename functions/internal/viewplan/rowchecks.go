package viewplan

import (
	"fmt"
	"strings"

	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

// countRows returns queries that count the rows of tables with a check, and those of their existing views.
func (p *Plan) countRows() []statement.Query {
	var queries []statement.Query
	for _, v := range p.tables {
		check, checked := p.Source.Checks[v.name]
		if !checked {
			continue
		}
		if v.rows == nil {
			queries = append(queries, statement.Query{
				SQL:       "SELECT count(*) AS n " + v.projection.From(),
				Succeeded: func(r statement.Result) { v.rows = &r.Number },
				Refused:   func(reason string) { p.problem("checks: Athena cannot count the rows of %s: %.800s", v.name, reason) },
			})
		}
		if check.MaxDropPercent != nil && p.Entries[v.name].IsView && !p.IsRollback() {
			queries = append(queries, statement.Query{
				SQL:       "SELECT count(*) AS n FROM " + projection.Quote(p.Source.Database()) + "." + projection.Quote(v.name),
				Succeeded: func(r statement.Result) { p.published[v.name] = r.Number },
				Refused: func(reason string) {
					p.warn("checks: rows are not compared with the existing view %s, which cannot be read: %.160s", v.name, reason)
				},
			})
		}
	}
	return queries
}

// checkRows compares the numbers of rows with the source's checks. The error is a [workflow.ChecksFailed].
func (p *Plan) checkRows() error {
	var failed []string
	for _, v := range p.tables {
		check, checked := p.Source.Checks[v.name]
		if !checked || v.rows == nil {
			continue
		}
		if *v.rows < check.MinRows {
			failed = append(failed, fmt.Sprintf("%s: %d rows, less than min_rows %d", v.name, *v.rows, check.MinRows))
		}
		before, known := p.published[v.name]
		if fewer := before - *v.rows; known && fewer*100 > int64(*check.MaxDropPercent)*before {
			failed = append(failed, fmt.Sprintf("%s: %d rows, %.1f %% fewer than the published %d, more than max_drop_percent %d",
				v.name, *v.rows, float64(fewer)/float64(before)*100, before, *check.MaxDropPercent))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return workflow.Errorf[workflow.ChecksFailed](
		"the views of source %q stay as they are, since export %s fails its checks:\n%s\n"+
			"If the rows are right in the database, change checks, deploy and redrive",
		p.Source.Name, p.Export.ID, strings.Join(workflow.Summarize(failed, workflow.MaxListed), "\n"))
}
