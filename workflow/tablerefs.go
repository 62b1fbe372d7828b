package workflow

import (
	"slices"
	"strings"
)

// TableRef is a reference to a table or view in a query.
type TableRef struct {
	// Database is "" for an unqualified name. Both are in lower case.
	Database, Name string
	// At is the offset of the reference, and Length the number of bytes of its qualifier with the dot and the blanks after it: of "shop". in
	// FROM "shop".orders. It is 0 for an unqualified name.
	At, Length int
	// hidden is true if WITH defines the same name: without its qualifier, the reference would be to that.
	hidden bool
}

// TableRefs returns the references to tables and views in a query, in their order: the names after FROM or JOIN. It omits names that the
// query defines (WITH) and other catalogs. It does not parse the grammar, so it may find too many in an invalid query.
func TableRefs(query string) []TableRef {
	r := reader{tokens: lex(query), scopes: []scope{{}}}
	for r.i < len(r.tokens) {
		r.read()
		r.i++
	}
	return r.found
}

// StripDatabase returns the query with a database's name replaced by blanks: in FROM shop.orders, and in columns like shop.orders.total. All
// offsets stay the same.
func StripDatabase(query, database string) string {
	b := []byte(query)
	blank := func(from, to int) { copy(b[from:to], strings.Repeat(" ", to-from)) }
	names := map[string]bool{}
	for _, r := range TableRefs(query) {
		if r.Database == database && !r.hidden {
			names[r.Name] = true
			blank(r.At, r.At+r.Length)
		}
	}
	tokens := lex(query)
	for i := range tokens {
		isColumn := i+3 < len(tokens) && tokens[i].isName() && tokens[i].text == database && tokens[i+1].is(".") &&
			tokens[i+2].isName() && names[tokens[i+2].text] && tokens[i+3].is(".")
		first := i
		if i > 1 && tokens[i-1].is(".") {
			first, isColumn = i-2, isColumn && tokens[i-2].text == catalog && (i == 2 || !tokens[i-3].is("."))
		}
		if isColumn {
			blank(tokens[first].at, tokens[i+2].at)
		}
	}
	return string(b)
}

// catalog is the name of the Glue Data Catalog in Athena.
const catalog = "awsdatacatalog"

// reader goes through the tokens of a query.
type reader struct {
	tokens []token
	i      int
	// scopes are the query's own and one for each open parenthesis.
	scopes []scope
	// expected is true if the next name is a relation.
	expected bool
	found    []TableRef
}

type scope struct {
	// selects is true after SELECT. A FROM before it is not that of a query, for example in extract(day FROM ordered_at).
	selects bool
	// inFrom is true if a comma separates relations.
	inFrom bool
	// defined has the names that WITH defines.
	defined []string
	// recursive is true after WITH RECURSIVE: a definition may read itself.
	recursive bool
	// defines is the name that the scope's query defines.
	defines string
}

// token returns the nth token from here, or a symbol without text if there is none.
func (r *reader) token(n int) token {
	if i := r.i + n; i >= 0 && i < len(r.tokens) {
		return r.tokens[i]
	}
	return token{}
}

func (r *reader) read() {
	w, top := r.token(0), &r.scopes[len(r.scopes)-1]
	switch {
	case w.is("("):
		r.scopes = append(r.scopes, scope{inFrom: r.expected})
	case w.is(")"):
		r.close()
	case w.is(","):
		r.expected = top.inFrom
	case w.is("select"):
		top.selects, top.inFrom, r.expected = true, false, false
	case w.is("from") && top.selects && !r.token(-1).is("distinct"), w.is("join"):
		top.inFrom, r.expected = true, true
	case w.is("table"): // TABLE orders, and TABLE(orders) as an argument
		r.expected = true
	case w.is("recursive"):
		top.recursive = r.token(-1).is("with")
	case w.kind == plain && slices.Contains(ends, w.text):
		top.inFrom, r.expected = false, false
	case w.is("with") && r.expected: // of a query in parentheses
		top.inFrom, r.expected = false, false
	case w.is("lateral"):
	case w.isName() && r.expected:
		r.relation()
	case w.isName():
		r.definition()
	}
}

// ends are the keywords that end a list of relations.
var ends = []string{"where", "group", "having", "window", "order", "limit", "offset", "fetch", "union", "intersect", "except", "values"}

func (r *reader) close() {
	r.expected = false
	if len(r.scopes) == 1 {
		return // an unmatched parenthesis
	}
	last := len(r.scopes) - 1
	if name := r.scopes[last].defines; name != "" {
		r.scopes[last-1].defined = append(r.scopes[last-1].defined, name)
	}
	r.scopes = r.scopes[:last]
}

// definition reads the beginning of a definition in WITH: name AS (, or name (column, column) AS (.
func (r *reader) definition() {
	n := 1
	if r.token(n).is("(") {
		for n++; r.token(n).isName() || r.token(n).is(","); n++ {
		}
		if !r.token(n).is(")") {
			return
		}
		n++
	}
	if !r.token(n).is("as") || !r.token(n+1).is("(") {
		return
	}
	defined := r.token(0).text
	if top := &r.scopes[len(r.scopes)-1]; top.recursive {
		top.defined = append(top.defined, defined)
	}
	r.scopes = append(r.scopes, scope{defines: defined})
	r.i += n + 1
}

// relation reads the name of a relation: orders, shop.orders or awsdatacatalog.shop.orders.
func (r *reader) relation() {
	r.expected = false
	parts := []token{r.token(0)}
	for r.token(1).is(".") && r.token(2).isName() {
		parts = append(parts, r.token(2))
		r.i += 2
	}
	n := len(parts)
	found := TableRef{Name: parts[n-1].text, At: parts[0].at, Length: parts[n-1].at - parts[0].at}
	switch {
	case r.token(1).is("("), n > 3, n == 3 && parts[0].text != catalog: // a function, or another catalog's
		return
	case n > 1:
		found.Database, found.hidden = parts[n-2].text, r.isDefined(found.Name)
	case r.isDefined(found.Name):
		return
	}
	r.found = append(r.found, found)
}

func (r *reader) isDefined(name string) bool {
	return slices.ContainsFunc(r.scopes, func(s scope) bool { return slices.Contains(s.defined, name) })
}
