package athena

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// informationSchema is the schema in DuckDB that contains Athena's information_schema. DuckDB already uses the name information_schema.
const informationSchema = "information schema"

// translated is a query that was translated into DuckDB's SQL.
type translated struct {
	// original is the statement that contains the query.
	original string
	// start is the byte offset of the query in original.
	start int
	// sql is the query in DuckDB's SQL.
	sql        string
	edits      []edit
	references []reference
	// isValues is true if the query begins with VALUES. The columns of such a query have no names.
	isValues bool
	// asks is true if the query depends on types that only DuckDB knows.
	asks bool
	// hasNull is true if the query contains a NULL without a type.
	hasNull bool
	// stored is true for the query of a view in the catalog.
	stored bool
	// prefix is the number of bytes that precede the query in the SQL sent to DuckDB.
	prefix int
}

// reference is the lower-case name of a table or a view in a query. Unspecified parts of the name are empty.
type reference struct {
	catalog, schema, table string
	// start is the byte offset of the name in the statement.
	start int
}

// edit replaces a part of the original query.
type edit struct {
	// start is the byte offset of the replaced part, and length is the number of its bytes. For an insertion, length is 0.
	start, length int
	text          string
	// closes is true for an insertion that belongs to the text before it, for example a closing parenthesis.
	closes bool
	// grown is the number of bytes that this edit and all edits before it add to the query.
	grown int
}

// translate translates the query that starts at byte offset start in a statement. Like Athena, it accepts only Trino's grammar; DuckDB
// accepts more. It edits the original text, so that the position of a DuckDB error can be mapped to a position in the original.
func translate(statement string, start int) (translated, error) {
	return translated{original: statement, start: start}.withTypes(nil, true)
}

// withTypes translates the query again, with the types of its operands as DuckDB recorded them. If asks is true, the result only asks
// DuckDB for the types: it accepts types that Athena rejects, and calls a function that records them.
func (q translated) withTypes(types map[int][]string, asks bool) (translated, error) {
	tokens, err := lex(q.original, q.start)
	if err != nil {
		return q, err
	}
	p := newParser(q.original, q.start, tokens)
	p.types, p.asks, p.stored = types, asks, q.stored
	p.grouped = slices.ContainsFunc(tokens, func(t token) bool { return t.is("group") })
	if err := p.parseQuery(); err != nil {
		return q, err
	}
	q.references, q.isValues = p.references, p.isValues
	q.asks, q.hasNull = p.asked, p.hasNull
	q.apply(p.query, p.edits)
	return q, nil
}

// apply applies the edits. At the same offset, closing insertions come first, inner before outer. Opening insertions follow, outer before
// inner. The parser records the edits of inner parts before the edits of outer parts.
func (q *translated) apply(query string, edits []edit) {
	var closing, opening, replacing []edit
	for _, e := range edits {
		switch {
		case e.closes:
			closing = append(closing, e)
		case e.length == 0:
			opening = append(opening, e)
		default:
			replacing = append(replacing, e)
		}
	}
	slices.Reverse(opening)
	q.edits = slices.Concat(closing, opening, replacing)
	slices.SortStableFunc(q.edits, func(a, b edit) int { return a.start - b.start })
	var out strings.Builder
	done, grown := 0, 0
	for i, e := range q.edits {
		out.WriteString(query[done:e.start] + e.text)
		done = e.start + e.length
		grown += len(e.text) - e.length
		q.edits[i].grown = grown
	}
	out.WriteString(query[done:])
	q.sql = out.String()
}

// offset maps a position in the SQL sent to DuckDB to an offset in the original statement.
func (q translated) offset(position int) int {
	position -= q.prefix
	grown := 0
	for _, e := range q.edits {
		if position < e.start+e.length+e.grown {
			position = min(position, e.start+e.length+grown) // inserted text has no position in the original
			break
		}
		grown = e.grown
	}
	return q.start + max(position-grown, 0)
}

var dottedName = regexp.MustCompile(`^(?:\w+|"(?:[^"]|"")*")(?:\s*\.\s*(?:\w+|"(?:[^"]|"")*"))*`)

// dotted returns the qualified name at a position in the SQL sent to DuckDB. If there is none at the position, it returns the given name.
func (q translated) dotted(position int, name string) string {
	position -= q.prefix
	if position < 0 || position > len(q.sql) {
		return name
	}
	return cmp.Or(strings.ReplaceAll(dottedName.FindString(q.sql[position:]), `"`, ""), name)
}

// quote returns a name as a quoted SQL identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteString returns a string as an SQL string literal.
func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// within returns a copy of q for SQL in which n bytes precede the query.
func (q translated) within(n int) translated {
	q.prefix = n
	return q
}
