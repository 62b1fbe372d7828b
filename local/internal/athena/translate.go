package athena

import (
	"slices"
	"strings"
)

// informationSchema is where the engine holds what a query calls information_schema: that name is DuckDB's own.
const informationSchema = "information schema"

// translated is a query in DuckDB's SQL.
type translated struct {
	// original is the statement that the query is a part of, and start where in it the query begins.
	original string
	start    int
	sql      string
	edits    []edit
	// references are the tables and views that it reads.
	references []reference
	// values is set when it begins with VALUES, whose columns have no names.
	values bool
	// prefix is how many bytes the engine is given in front of sql.
	prefix int
}

// reference is where a query names a table or a view: in lower case, with what qualifies it or "", at a byte of the statement.
type reference struct {
	catalog, schema, table string
	at                     int
}

// edit is a piece of the original query, from at on and length bytes long, that text stands for. An insertion has no length;
// one that closes belongs to what stands before it. grown is by how much all edits up to and with this one made the query longer.
type edit struct {
	at, length int
	text       string
	closes     bool
	grown      int
}

// translate rewrites the query that begins at start of a statement and goes to its end. It takes what Trino's grammar takes, and
// refuses everything else as Athena does; the engine would take more. The text is edited and not written anew, so that the
// engine's errors can be traced to their place in the original.
func translate(statement string, start int) (q translated, err error) {
	q = translated{original: statement, start: start}
	query := statement[start:]
	tokens, err := lex(query)
	if f, ok := err.(*failure); ok {
		return q, failAt(statement, start+f.offset, f.code, "%s", f.text)
	}
	g := grammar{statement: statement, start: start, query: query, tokens: tokens, pairs: pairParentheses(tokens)}
	if err := g.parse(); err != nil {
		return q, err
	}
	q.references, q.values = g.references, g.values
	q.apply(query, g.edits)
	return q, nil
}

// apply makes the edits. Of insertions at one place those that close come first, the inner before the outer, and then those that
// open, the outer before the inner: the grammar makes the edit of an inner part first.
func (q *translated) apply(query string, edits []edit) {
	rank := func(e edit) int {
		switch {
		case e.closes:
			return 0
		case e.length == 0:
			return 1
		}
		return 2
	}
	order := make([]int, len(edits))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := edits[i], edits[j]
		switch {
		case a.at != b.at:
			return a.at - b.at
		case rank(a) != rank(b):
			return rank(a) - rank(b)
		case rank(a) == 1:
			return j - i
		}
		return i - j
	})
	var out strings.Builder
	done, grown := 0, 0
	for _, i := range order {
		e := edits[i]
		out.WriteString(query[done:e.at] + e.text)
		done = e.at + e.length
		grown += len(e.text) - e.length
		e.grown = grown
		q.edits = append(q.edits, e)
	}
	out.WriteString(query[done:])
	q.sql = out.String()
}

// offset is the place in the original for one in the engine's text.
func (q translated) offset(position int) int {
	position -= q.prefix
	grown := 0
	for _, e := range q.edits {
		if position < e.at+e.length+e.grown {
			position = min(position, e.at+e.length+grown) // what was put in stands nowhere in the original
			break
		}
		grown = e.grown
	}
	return q.start + max(position-grown, 0)
}

// dotted is the name with its qualifiers at a place in the engine's text, or name when there is none.
func (q translated) dotted(position int, name string) string {
	position -= q.prefix
	if position < 0 || position > len(q.sql) {
		return name
	}
	tokens, err := lex(q.sql[position:])
	if err != nil {
		return name
	}
	var parts []string
	for i, t := range tokens {
		if i%2 == 0 && (t.kind == word || t.kind == quoted) {
			parts = append(parts, t.text)
			continue
		}
		if i%2 == 0 || !t.is(".") {
			break
		}
	}
	if len(parts) == 0 {
		return name
	}
	return strings.Join(parts, ".")
}

// quote writes an identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteString writes a string literal.
func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// within is q behind n bytes that the engine is given in front of it.
func (q translated) within(n int) translated {
	q.prefix = n
	return q
}
