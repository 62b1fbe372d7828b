package main

import (
	"fmt"

	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

// examination is how many rows views have.
type examination struct {
	// published are those of the views that are there now; one that cannot be read is not among them.
	published map[string]int64
}

// askRows counts the rows of the tables that have a check, and of what is published of them.
func (p *plan) askRows(e *examination) []statement.Query {
	e.published = map[string]int64{}
	var questions []statement.Query
	for _, v := range p.tables {
		check, checked := p.source.Checks[v.name]
		if !checked {
			continue
		}
		if v.rows == nil {
			questions = append(questions, statement.Query{
				SQL:       "SELECT count(*) AS n " + v.shape.From(),
				Succeeded: func(r statement.Result) { n := r.Number; v.rows = &n },
				Refused:   func(reason string) { p.problem("checks: the rows of %s cannot be counted: %s", v.name, reason) },
			})
		}
		if check.MaxDropPercent != nil && p.entries[v.name].isView && !p.goesBack() {
			questions = append(questions, statement.Query{
				SQL:       "SELECT count(*) AS n FROM " + projection.Quote(p.source.Database()) + "." + projection.Quote(v.name),
				Succeeded: func(r statement.Result) { e.published[v.name] = r.Number },
				Refused: func(reason string) {
					p.warnings = append(p.warnings, fmt.Sprintf("checks: the view %s that is there cannot be read, so that its rows are not compared: %.160s", v.name, reason))
				},
			})
		}
	}
	return questions
}

// check compares the rows with what the source demands of them.
func (p *plan) check(e examination) error {
	var broken []string
	for _, v := range p.tables {
		check, checked := p.source.Checks[v.name]
		if !checked || v.rows == nil {
			continue
		}
		if *v.rows < check.MinRows {
			broken = append(broken, fmt.Sprintf("%s: %d rows, and min_rows is %d", v.name, *v.rows, check.MinRows))
		}
		before, known := e.published[v.name]
		if fewer := before - *v.rows; known && fewer*100 > int64(*check.MaxDropPercent)*before {
			broken = append(broken, fmt.Sprintf("%s: %d rows, %.1f %% fewer than the %d that are published, and max_drop_percent is %d",
				v.name, *v.rows, float64(fewer)/float64(before)*100, before, *check.MaxDropPercent))
		}
	}
	if len(broken) == 0 {
		return nil
	}
	return workflow.Errorf[workflow.ChecksFailed](
		"the views of source %q stay as they are, since export %s does not pass its checks:\n%s\nSee what became of the rows in the database. If they are as they should be, change checks, make deploy, and redrive this execution",
		p.source.Name, p.export.ID, list(broken))
}
