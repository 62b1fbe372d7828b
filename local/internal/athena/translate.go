package athena

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// informationSchema is DuckDB's schema for the information_schema of a query: DuckDB uses that name itself.
const informationSchema = "information schema"

// translated is a query in DuckDB's SQL.
type translated struct {
	// original is the statement that contains the query, and start the query's offset in it.
	original   string
	start      int
	sql        string
	edits      []edit
	references []reference
	// values is true if the query begins with VALUES, whose columns have no names.
	values bool
	// prefix is the number of bytes prepended to sql in the text sent to DuckDB.
	prefix int
}

// reference is the name of a table or a view in a query: in lower case, "" for what is not given. at is its offset in the statement.
type reference struct {
	catalog, schema, table string
	at                     int
}

// edit replaces length bytes of the original query at an offset with text. An insertion has no length; one that closes belongs to
// what precedes it. grown is the number of bytes that the query grew by, up to and including this edit.
type edit struct {
	at, length int
	text       string
	closes     bool
	grown      int
}

// translate rewrites the query from start to the end of a statement. It takes what Trino's grammar takes and refuses everything else
// as Athena does; DuckDB would take more. It edits the text, so that DuckDB's errors can be traced to their place in the original.
func translate(statement string, start int) (q translated, err error) {
	q = translated{original: statement, start: start}
	query := statement[start:]
	tokens, err := lex(query)
	if f, ok := err.(*failure); ok {
		return q, failAt(statement, start+f.offset, f.code, "%s", f.text)
	}
	p := newParser(statement, start, tokens)
	if err := p.parseQuery(); err != nil {
		return q, err
	}
	q.references, q.values = p.references, p.values
	q.apply(query, p.edits)
	return q, nil
}

// apply makes the edits. Of insertions at the same offset, those that close come first, inner before outer; then those that open,
// outer before inner. The parser makes the edit of an inner part first.
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
	slices.SortStableFunc(q.edits, func(a, b edit) int { return a.at - b.at })
	var out strings.Builder
	done, grown := 0, 0
	for i, e := range q.edits {
		out.WriteString(query[done:e.at] + e.text)
		done = e.at + e.length
		grown += len(e.text) - e.length
		q.edits[i].grown = grown
	}
	out.WriteString(query[done:])
	q.sql = out.String()
}

// offset returns the offset in the original for a position in DuckDB's text.
func (q translated) offset(position int) int {
	position -= q.prefix
	grown := 0
	for _, e := range q.edits {
		if position < e.at+e.length+e.grown {
			position = min(position, e.at+e.length+grown) // inserted text has no place in the original
			break
		}
		grown = e.grown
	}
	return q.start + max(position-grown, 0)
}

var dottedName = regexp.MustCompile(`^(?:\w+|"(?:[^"]|"")*")(?:\s*\.\s*(?:\w+|"(?:[^"]|"")*"))*`)

// dotted returns the qualified name at a position of DuckDB's text, or name if there is none.
func (q translated) dotted(position int, name string) string {
	position -= q.prefix
	if position < 0 || position > len(q.sql) {
		return name
	}
	return cmp.Or(strings.ReplaceAll(dottedName.FindString(q.sql[position:]), `"`, ""), name)
}

// quote returns an SQL identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteString returns an SQL string literal.
func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// within returns q after n more bytes that DuckDB gets before it.
func (q translated) within(n int) translated {
	q.prefix = n
	return q
}
