package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snaplake/functions/internal/lake"
	"snaplake/workflow"
)

// tryOwn has Athena analyse the user's views, with tonight's definitions of the views that they read. A query with LIMIT 0 reads
// no data.
func (p *plan) tryOwn() []question {
	var questions []question
	failed := map[string]bool{}
	for _, v := range slices.Concat(p.waves...) {
		if v.kind != lake.Own {
			continue
		}
		sql, line := p.trial(v)
		if len(sql) > statementBytes {
			p.warnings = append(p.warnings, fmt.Sprintf("%s: it reads views of so many columns that Athena could not try it before they changed", v.of))
			continue
		}
		questions = append(questions, question{
			sql: sql,
			answered: func(a answer) {
				wrongs := misnamed(a.columns)
				if _, problem := workflow.ValidateSelect(v.query()); problem != "" && len(wrongs) == 0 {
					wrongs = []string{problem} // Athena may take more as a subquery than as a view
				}
				for _, wrong := range wrongs {
					p.problem("view %q (%s): %s", v.name, v.of, wrong)
					failed[v.name] = true
				}
			},
			refused: func(reason string) {
				if firstOf(v.needs, failed) == "" { // else it is that view's fault, of which it is said
					reason = shift(reason, line)
					p.problem("%s", describe(p.source.Database(), v, reason, v.query()))
				}
				failed[v.name] = true
			},
		})
	}
	return questions
}

// trial is a query over a view's own, with the views that it reads defined in front of it; line is how many lines come before
// its own first one. Names that are qualified by the source's own database lose that, and keep their place.
func (p *plan) trial(v *view) (sql string, line int) {
	var with []string
	defined := map[string]bool{}
	var define func(needs []string)
	define = func(needs []string) {
		for _, name := range needs {
			if o := p.viewOf[name]; !defined[name] {
				defined[name] = true
				define(o.needs)
				with = append(with, quote(name)+" AS (\n"+workflow.Unqualified(o.query(), p.source.Database())+"\n)")
			}
		}
	}
	define(v.needs)
	before := "SELECT * FROM (\n"
	if len(with) > 0 {
		before = "WITH " + strings.Join(with, ", ") + "\n" + before
	}
	return before + workflow.Unqualified(v.query(), p.source.Database()) + "\n) LIMIT 0", strings.Count(before, "\n")
}

// misnamed are the columns that have no name, or one that another has. Athena makes no view of them.
func misnamed(columns []string) []string {
	var wrong []string
	seen := map[string]bool{}
	for i, name := range columns {
		switch {
		case name == "_col"+strconv.Itoa(i):
			wrong = append(wrong, fmt.Sprintf("column %d has no name: give it one with AS", i+1))
		case seen[name]:
			wrong = append(wrong, fmt.Sprintf("two columns are named %q", name))
		}
		seen[name] = true
	}
	return wrong
}

// shift is a reason of Athena's with line numbers that count from a later line.
func shift(reason string, lines int) string {
	return position.ReplaceAllStringFunc(reason, func(at string) string {
		m := position.FindStringSubmatch(at)
		n, err := strconv.Atoi(m[1])
		if err != nil || n <= lines {
			return at
		}
		return "line " + strconv.Itoa(n-lines) + ":" + m[2]
	})
}
