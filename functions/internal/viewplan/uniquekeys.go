package main

import (
	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
	"strings"
)

// askKeys looks for values of a key that several rows have, or that are NULL.
func (p *plan) askKeys() []statement.Query {
	var questions []statement.Query
	for _, k := range p.keys {
		if k.shape.Crawled == "" {
			continue
		}
		var names, conditions []string
		s := projection.Table{Database: k.shape.Database, Crawled: k.shape.Crawled}
		for _, name := range k.key {
			c, _ := k.shape.Find(name)
			s.Columns = append(s.Columns, c)
			names = append(names, projection.Quote(name))
			conditions = append(conditions, projection.Quote(name)+" IS NULL")
		}
		questions = append(questions, statement.Query{
			SQL: "SELECT count(*) AS n FROM (SELECT " + strings.Join(names, ", ") + " FROM (\n" + s.Query() + "\n) GROUP BY " + strings.Join(names, ", ") +
				" HAVING count(*) > 1 OR " + strings.Join(conditions, " OR ") + ")",
			Succeeded: func(r statement.Result) {
				if n := r.Number; n > 0 {
					p.problem("changes: %s is no key of view %q: in export %s %d of its values are NULL or belong to several rows", strings.Join(k.key, ", "), k.view, k.export, n)
				}
			},
			Refused: func(reason string) { p.problem("changes: the key of view %q cannot be examined: %s", k.view, reason) },
		})
	}
	return questions
}
