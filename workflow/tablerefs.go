package workflow

import (
	"slices"
	"strings"
)

// TableRef is a reference to a table or view in a query.
type TableRef struct {
	// Database and Name are in lower case. Database is empty for an unqualified name.
	Database, Name string
	// At is the byte offset of the reference. Length is the number of bytes before the unqualified name, for example 7 in "shop".orders.
	At, Length int
	// hidden is true if WITH defines the same name, in which case the reference needs its qualifier.
	hidden bool
}

// TableRefs returns the references to tables and views in a query, in order of appearance. It omits names that the query defines with WITH
// and names in other catalogs. It does not parse the full grammar, so it may find wrong references in an invalid query.
func TableRefs(query string) []TableRef {
	r := reader{tokens: lex(query), scopes: []scope{{}}}
	for r.i < len(r.tokens) {
		r.read()
		r.i++
	}
	return r.found
}

// StripDatabase replaces a database's name in a query with spaces, both in FROM shop.orders and in columns such as shop.orders.total. The
// offsets in the query do not change.
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
			blank(tokens[first].begin, tokens[i+2].begin)
		}
	}
	return string(b)
}

// catalog is Athena's name for the Glue Data Catalog.
const catalog = "awsdatacatalog"

type reader struct {
	tokens []token
	i      int
	// scopes has one entry for the whole query and one for each open parenthesis.
	scopes []scope
	// isExpected is true if the next name should be a table or view.
	isExpected bool
	found      []TableRef
}

type scope struct {
	// selects is true after SELECT. Without SELECT, FROM does not begin a list of tables, for example in extract(day FROM ordered_at).
	selects bool
	// inFrom is true in a list of tables and views, where each comma is followed by another table or view.
	inFrom bool
	// defined lists the names that WITH defines.
	defined []string
	// recursive is true after WITH RECURSIVE, where a definition may refer to itself.
	recursive bool
	// name is the name that WITH gives to the query in this scope, if any.
	name string
}

// token returns the token n positions after the current one, or an empty token if there is none.
func (r *reader) token(n int) token {
	if i := r.i + n; i >= 0 && i < len(r.tokens) {
		return r.tokens[i]
	}
	return token{}
}

func (r *reader) read() {
	t, top := r.token(0), &r.scopes[len(r.scopes)-1]
	switch {
	case t.is("("):
		r.scopes = append(r.scopes, scope{inFrom: r.isExpected})
	case t.is(")"):
		r.close()
	case t.is(","):
		r.isExpected = top.inFrom
	case t.is("select"):
		top.selects, top.inFrom, r.isExpected = true, false, false
	case t.is("from") && top.selects && !r.token(-1).is("distinct"), t.is("join"):
		top.inFrom, r.isExpected = true, true
	case t.is("table"): // TABLE orders, and TABLE(orders) as an argument
		r.isExpected = true
	case t.is("recursive"):
		top.recursive = r.token(-1).is("with")
	case t.kind == plain && slices.Contains(listEnds, t.text), t.is("with") && r.isExpected: // WITH in parentheses
		top.inFrom, r.isExpected = false, false
	case t.is("lateral"):
	case t.isName() && r.isExpected:
		r.reference()
	case t.isName():
		r.definition()
	}
}

// listEnds lists the keywords that end a list of tables and views.
var listEnds = []string{"where", "group", "having", "window", "order", "limit", "offset", "fetch", "union", "intersect", "except", "values"}

func (r *reader) close() {
	r.isExpected = false
	if len(r.scopes) == 1 {
		return // an unmatched )
	}
	last := len(r.scopes) - 1
	if name := r.scopes[last].name; name != "" {
		r.scopes[last-1].defined = append(r.scopes[last-1].defined, name)
	}
	r.scopes = r.scopes[:last]
}

// definition parses the beginning of a definition in WITH: "name AS (" or "name (column, column) AS (".
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
	name := r.token(0).text
	if top := &r.scopes[len(r.scopes)-1]; top.recursive {
		top.defined = append(top.defined, name)
	}
	r.scopes = append(r.scopes, scope{name: name})
	r.i += n + 1
}

// reference parses the name of a table or view: orders, shop.orders or awsdatacatalog.shop.orders.
func (r *reader) reference() {
	r.isExpected = false
	parts := []token{r.token(0)}
	for r.token(1).is(".") && r.token(2).isName() {
		parts = append(parts, r.token(2))
		r.i += 2
	}
	n := len(parts)
	found := TableRef{Name: parts[n-1].text, At: parts[0].begin, Length: parts[n-1].begin - parts[0].begin}
	switch {
	case r.token(1).is("("), n > 3, n == 3 && parts[0].text != catalog: // a function, or a table in another catalog
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
