package athena

import "strings"

// informationSchema is where the engine holds what a query calls information_schema: that name is DuckDB's own.
const informationSchema = "information schema"

// translated is a query in DuckDB's SQL. Athena's dialect is so near to it that only words are replaced.
type translated struct {
	original, sql string
	edits         []edit
	// start is where the query begins in the original.
	start int
	// prefix is how many bytes the engine is given in front of sql.
	prefix int
}

// edit is a piece of the original that was replaced. at and length are in the original, grown is by how much all edits up to
// and with this one made the text longer.
type edit struct{ at, length, grown int }

// translate rewrites a query:
//
//	X'00'                          from_hex('00')
//	CAST(c AS timestamp)           CAST(c AS timestamp(3)), which is Athena's precision
//	timestamp(3) with time zone    timestamp with time zone
//	time(3)                        time
//	information_schema.tables      "information schema".tables
func translate(sql string) (translated, error) {
	tokens, err := lex(sql)
	if err != nil {
		return translated{}, err
	}
	q := translated{original: sql}
	var out strings.Builder
	done, grown := 0, 0
	replace := func(from, to int, text string) {
		out.WriteString(sql[done:from] + text)
		grown += len(text) - (to - from)
		q.edits = append(q.edits, edit{from, to - from, grown})
		done = to
	}
	at := func(i int) token {
		if i < 0 || i >= len(tokens) {
			return token{kind: symbol}
		}
		return tokens[i]
	}
	for i, t := range tokens {
		sized := at(i+1).is("(") && at(i+2).kind == number && at(i+3).is(")")
		switch {
		case t.is("x") && at(i+1).kind == literal && at(i+1).start == t.end:
			replace(t.start, t.end, "from_hex(")
			replace(at(i+1).end, at(i+1).end, ")")
		case t.is("timestamp") && sized && at(i+4).is("with"):
			replace(at(i+1).start, at(i+3).end, "")
		case t.is("time") && sized:
			replace(at(i+1).start, at(i+3).end, "")
		case t.is("timestamp") && at(i-1).is("as") && at(i+1).is(")"):
			replace(t.end, t.end, "(3)")
		case (t.is("information_schema") || t.kind == quoted && t.text == "information_schema") && at(i+1).is("."):
			replace(t.start, t.end, quote(informationSchema))
		}
	}
	out.WriteString(sql[done:])
	q.sql = out.String()
	return q, nil
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

// inside is q as a part of a longer statement, in which it begins at start: errors count from the statement's beginning.
func (q translated) inside(statement string, start int) translated {
	q.start = start
	q.original = statement
	return q
}

// within is q behind n bytes that the engine is given in front of it.
func (q translated) within(n int) translated {
	q.prefix = n
	return q
}
