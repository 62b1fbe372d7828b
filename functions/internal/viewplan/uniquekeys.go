package viewplan

import (
	"strings"

	"snaplake/functions/internal/projection"
	"snaplake/functions/internal/statement"
)

// uniqueKey is the key of a table in an export, which must be unique.
type uniqueKey struct {
	view, export string
	key          []string
	projection   projection.Table
}

// checkKeys returns queries that count the key values with several rows or with NULL.
func (p *Plan) checkKeys() []statement.Query {
	var queries []statement.Query
	for _, k := range p.uniqueKeys {
		if k.projection.Crawled == "" {
			continue
		}
		var names, isNull []string
		t := k.projection
		t.Columns = nil
		for _, name := range k.key {
			c, _ := k.projection.Find(name)
			t.Columns = append(t.Columns, c)
			names = append(names, projection.Quote(name))
			isNull = append(isNull, projection.Quote(name)+" IS NULL")
		}
		list := strings.Join(names, ", ")
		queries = append(queries, statement.Query{
			SQL: "SELECT count(*) AS n FROM (SELECT " + list + " FROM (\n" + t.Query() + "\n) GROUP BY " + list +
				" HAVING count(*) > 1 OR " + strings.Join(isNull, " OR ") + ")",
			Succeeded: func(r statement.Result) {
				if r.Number > 0 {
					p.problem("changes: %s is not a unique key of view %q: %d values in export %s are NULL or duplicated",
						strings.Join(k.key, ", "), k.view, r.Number, k.export)
				}
			},
			Refused: func(reason string) {
				p.problem("changes: Athena cannot check the key of view %q: %.800s", k.view, reason)
			},
		})
	}
	return queries
}
