package viewplan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

// dryRun returns queries in which Athena analyses the user's views over the planned views. LIMIT 0 reads no data.
func (p *Plan) dryRun() []statement.Query {
	var queries []statement.Query
	failed := map[string]bool{}
	for _, v := range slices.Concat(p.Levels...) {
		if v.kind != exports.Own {
			continue
		}
		sql, line := p.dryRunSQL(v)
		if len(sql) > statement.MaxBytes {
			p.warn("%s: it reads views with too many columns for Athena to check it before they change", v.of)
			continue
		}
		queries = append(queries, statement.Query{
			SQL: sql,
			Succeeded: func(r statement.Result) {
				problems := misnamed(r.Columns)
				if _, problem := workflow.ValidateSelect(v.query()); problem != "" && len(problems) == 0 {
					problems = []string{problem} // Athena accepts more as a subquery than as a view
				}
				for _, problem := range problems {
					p.problem("view %q (%s): %s", v.Name, v.of, problem)
					failed[v.Name] = true
				}
			},
			Refused: func(reason string) {
				if !slices.ContainsFunc(v.Needs, func(name string) bool { return failed[name] }) { // or else that view is the cause
					p.problem("%s", v.DescribeFailure(p.Source.Database(), statement.ShiftLines(reason, line), v.query()))
				}
				failed[v.Name] = true
			},
		})
	}
	return queries
}

// dryRunSQL returns a query over a view's query, preceded by the definitions of the views that it reads, and the number of lines before the
// view's own first line. Names that are qualified by the source's database lose that and keep their position.
func (p *Plan) dryRunSQL(v *View) (sql string, line int) {
	var with []string
	defined := map[string]bool{}
	var define func(needs []string)
	define = func(needs []string) {
		for _, name := range needs {
			if o := p.viewOf[name]; !defined[name] {
				defined[name] = true
				define(o.Needs)
				with = append(with, projection.Quote(name)+" AS (\n"+workflow.StripDatabase(o.query(), p.Source.Database())+"\n)")
			}
		}
	}
	define(v.Needs)
	before := "SELECT * FROM (\n"
	if len(with) > 0 {
		before = "WITH " + strings.Join(with, ", ") + "\n" + before
	}
	return before + workflow.StripDatabase(v.query(), p.Source.Database()) + "\n) LIMIT 0", strings.Count(before, "\n")
}

// misnamed returns problems with the names of columns, which Athena refuses in a view.
func misnamed(columns []string) []string {
	var problems []string
	seen := map[string]bool{}
	for i, name := range columns {
		switch {
		case name == "_col"+strconv.Itoa(i):
			problems = append(problems, fmt.Sprintf("column %d has no name: add one with AS", i+1))
		case seen[name]:
			problems = append(problems, fmt.Sprintf("two columns have the name %q", name))
		}
		seen[name] = true
	}
	return problems
}
