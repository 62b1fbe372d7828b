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

// countRows returns the queries that count rows. If a table has a check, they count its rows and those of its existing view.
func (p *Plan) countRows() []statement.Query {
	var queries []statement.Query
	for _, v := range p.tables {
		check, checked := p.Source.Checks[v.name]
		if checked && v.rows == nil {
			queries = append(queries, statement.Query{
				SQL:       "SELECT count(*) AS n " + v.projection.From(),
				Subject:   "the number of rows of " + v.name,
				Succeeded: func(r statement.Result) { v.rows = &r.Number },
				Rejected:  func(reason string) { p.problem("checks: Athena cannot count the rows of %s: %.800s", v.name, reason) },
			})
		}
		if check.MaxDropPercent != nil && p.Entries[v.name].IsView && !p.IsRollback() {
			queries = append(queries, statement.Query{
				SQL:       "SELECT count(*) AS n FROM " + projection.Quote(p.Source.Database()) + "." + projection.Quote(v.name),
				Subject:   "the number of rows of the existing view " + v.name,
				Succeeded: func(r statement.Result) { v.published = &r.Number },
				Rejected: func(reason string) {
					p.warn("checks: rows are not compared with the existing view %s, which cannot be read: %.160s", v.name, reason)
				},
			})
		}
	}
	return queries
}

// checkRows applies the source's checks to the row counts. The error is a [workflow.ChecksFailed].
func (p *Plan) checkRows() error {
	var failed []string
	for _, v := range p.tables {
		check, checked := p.Source.Checks[v.name]
		if !checked || v.rows == nil {
			continue
		}
		if *v.rows < check.MinRows {
			failed = append(failed, fmt.Sprintf("%s: %d rows; min_rows is %d", v.name, *v.rows, check.MinRows))
		}
		if v.published == nil {
			continue
		}
		if fewer := *v.published - *v.rows; fewer*100 > int64(*check.MaxDropPercent)**v.published {
			failed = append(failed, fmt.Sprintf("%s: %d rows, %.1f%% fewer than the %d published rows; max_drop_percent is %d",
				v.name, *v.rows, float64(fewer)/float64(*v.published)*100, *v.published, *check.MaxDropPercent))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return workflow.Errorf[workflow.ChecksFailed](
		"the views of source %q were not changed, because export %s failed these checks:\n%s",
		p.Source.Name, p.Export.ID, strings.Join(workflow.Summarize(failed, workflow.MaxListed), "\n"))
}

// checkKey adds a query that counts, for a table in an export, the key values that are NULL or occur in several rows.
func (p *Plan) checkKey(view string, export workflow.ExportID, key []string, t projection.Table) {
	if t.Crawled == "" {
		return
	}
	var columns []projection.Column
	var names, isNull []string
	for _, name := range key {
		c, _ := t.Find(name)
		columns = append(columns, c)
		names = append(names, projection.Quote(name))
		isNull = append(isNull, projection.Quote(name)+" IS NULL")
	}
	t.Columns = columns
	list := strings.Join(names, ", ")
	p.keyQueries = append(p.keyQueries, statement.Query{
		SQL: "SELECT count(*) AS n FROM (SELECT " + list + " FROM (\n" + t.Query() + "\n) GROUP BY " + list +
			" HAVING count(*) > 1 OR " + strings.Join(isNull, " OR ") + ")",
		Subject: fmt.Sprintf("the key of view %q", view),
		Succeeded: func(r statement.Result) {
			if r.Number > 0 {
				p.problem("changes: %s is not a unique key of view %q: %d values in export %s are NULL or duplicated",
					strings.Join(key, ", "), view, r.Number, export)
			}
		},
		Rejected: func(reason string) {
			p.problem("changes: Athena cannot check the key of view %q: %.800s", view, reason)
		},
	})
}

// dryRun returns queries that make Athena check the user-defined views. With LIMIT 0, Athena reads no data.
func (p *Plan) dryRun() []statement.Query {
	var queries []statement.Query
	failed := map[string]bool{}
	for _, v := range slices.Concat(p.Levels...) {
		if v.kind != exports.UserDefined {
			continue
		}
		sql, line := p.dryRunSQL(v)
		if len(sql) > statement.MaxBytes {
			p.warn("%s cannot be checked before the views change, because it reads views with too many columns", v.label)
			continue
		}
		queries = append(queries, statement.Query{
			SQL:     sql,
			Subject: v.Describe(p.Source.Database()),
			Succeeded: func(r statement.Result) {
				problems := invalidColumns(r.Columns)
				if _, problem := workflow.ValidateSelect(v.query()); problem != "" && len(problems) == 0 {
					problems = []string{problem} // Athena accepts some queries only as a subquery
				}
				for _, problem := range problems {
					p.problem("view %q (%s): %s", v.Name, v.label, problem)
					failed[v.Name] = true
				}
			},
			Rejected: func(reason string) {
				if !slices.ContainsFunc(v.Needs, func(name string) bool { return failed[name] }) { // otherwise, that view is the cause
					p.problem("%s: %s", v.Describe(p.Source.Database()), statement.Locate(statement.ShiftLines(reason, line), v.query()))
				}
				failed[v.Name] = true
			},
		})
	}
	return queries
}

// dryRunSQL returns a SELECT from a view's query. It begins with the definitions of the views that the view reads. linesBefore counts the
// lines before the view's query. Spaces replace the name of the source's database, so that the positions in Athena's errors are correct.
func (p *Plan) dryRunSQL(v *View) (sql string, linesBefore int) {
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

// invalidColumns returns a message for each missing or duplicate column name. Athena rejects views with such names.
func invalidColumns(columns []string) []string {
	var problems []string
	seen := map[string]bool{}
	for i, name := range columns {
		switch {
		case name == "_col"+strconv.Itoa(i):
			problems = append(problems, fmt.Sprintf("column %d has no name; add one with AS", i+1))
		case seen[name]:
			problems = append(problems, fmt.Sprintf("two columns have the name %q", name))
		}
		seen[name] = true
	}
	return problems
}
