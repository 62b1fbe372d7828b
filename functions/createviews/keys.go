package main

import "strings"

// askKeys looks for values of a key that several rows have, or that are NULL.
func (p *plan) askKeys() []question {
	var questions []question
	for _, k := range p.keys {
		if k.shape.crawled == "" {
			continue
		}
		var names, conditions []string
		s := shape{database: k.shape.database, crawled: k.shape.crawled}
		for _, name := range k.key {
			c, _ := k.shape.find(name)
			s.columns = append(s.columns, c)
			names = append(names, quote(name))
			conditions = append(conditions, quote(name)+" IS NULL")
		}
		questions = append(questions, question{
			sql: "SELECT count(*) AS n FROM (SELECT " + strings.Join(names, ", ") + " FROM (\n" + s.query() + "\n) GROUP BY " + strings.Join(names, ", ") +
				" HAVING count(*) > 1 OR " + strings.Join(conditions, " OR ") + ")",
			answered: func(a answer) {
				if n := a.n; n > 0 {
					p.problem("changes: %s is no key of view %q: in export %s %d of its values are NULL or belong to several rows", strings.Join(k.key, ", "), k.view, k.export, n)
				}
			},
			refused: func(reason string) { p.problem("changes: the key of view %q cannot be examined: %s", k.view, reason) },
		})
	}
	return questions
}
