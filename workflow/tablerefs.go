package workflow

import (
	"slices"
	"strings"
)

// Relation is a table or view as a query mentions it.
type Relation struct {
	// Database is "" where the name is not qualified. Both are in lower case.
	Database, Name string
	// At is where the mention begins in the query, and Length how many bytes its qualifier has, with the point and the blanks
	// after it: of "shop". in FROM "shop".orders. A name that is not qualified has none.
	At, Length int
	// hidden is true where WITH defines the same name, so that without its qualifier the mention would be of that.
	hidden bool
}

// Relations returns the tables and views that a query reads, in the order of their mentions: what stands where a relation
// stands, after FROM or JOIN. Names that the query defines itself (WITH) and what lies in other catalogs are left out. It reads
// no grammar, and may find one too many in what is no query of Athena's.
func Relations(query string) []Relation {
	r := reader{words: scan(query), scopes: []scope{{}}}
	for r.i < len(r.words) {
		r.read()
		r.i++
	}
	return r.found
}

// Unqualified is a query that names the relations of a database without it, in FROM orders and in the columns orders.total. All
// that stays keeps its place, so that places in the one are places in the other.
func Unqualified(query, database string) string {
	b := []byte(query)
	blank := func(from, to int) { copy(b[from:to], strings.Repeat(" ", to-from)) }
	names := map[string]bool{}
	for _, r := range Relations(query) {
		if r.Database == database && !r.hidden {
			names[r.Name] = true
			blank(r.At, r.At+r.Length)
		}
	}
	words := scan(query)
	for i := range words {
		isColumn := i+3 < len(words) && words[i].isName() && words[i].text == database && words[i+1].is(".") &&
			words[i+2].isName() && names[words[i+2].text] && words[i+3].is(".")
		first := i
		if i > 1 && words[i-1].is(".") {
			first, isColumn = i-2, isColumn && words[i-2].text == catalog && (i == 2 || !words[i-3].is("."))
		}
		if isColumn {
			blank(words[first].at, words[i+2].at)
		}
	}
	return string(b)
}

// catalog is the one of Glue's databases.
const catalog = "awsdatacatalog"

// reader goes through the words of a query.
type reader struct {
	words []word
	i     int
	// scopes, one for each parenthesis that is open, and the query's own.
	scopes []scope
	// expected is true where the next name is a relation.
	expected bool
	found    []Relation
}

type scope struct {
	// selects is true after SELECT: before it, FROM is not the one of a query, as in extract(day FROM ordered_at).
	selects bool
	// inFrom is true where a comma parts relations.
	inFrom bool
	// defined are the names of WITH.
	defined []string
	// recursive is true after WITH RECURSIVE, where a definition may read itself.
	recursive bool
	// defines is the name that the query of the scope is the definition of.
	defines string
}

// word returns the nth word from here, and a sign without text where there is none.
func (r *reader) word(n int) word {
	if i := r.i + n; i >= 0 && i < len(r.words) {
		return r.words[i]
	}
	return word{}
}

func (r *reader) read() {
	w, top := r.word(0), &r.scopes[len(r.scopes)-1]
	switch {
	case w.is("("):
		r.scopes = append(r.scopes, scope{inFrom: r.expected})
	case w.is(")"):
		r.close()
	case w.is(","):
		r.expected = top.inFrom
	case w.is("select"):
		top.selects, top.inFrom, r.expected = true, false, false
	case w.is("from") && top.selects && !r.word(-1).is("distinct"), w.is("join"):
		top.inFrom, r.expected = true, true
	case w.is("table"): // TABLE orders, and TABLE(orders) as an argument
		r.expected = true
	case w.is("recursive"):
		top.recursive = r.word(-1).is("with")
	case w.kind == isPlain && slices.Contains(ends, w.text):
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

// ends are the words after which no relations are listed any more.
var ends = []string{"where", "group", "having", "window", "order", "limit", "offset", "fetch", "union", "intersect", "except", "values"}

func (r *reader) close() {
	r.expected = false
	if len(r.scopes) == 1 {
		return // one parenthesis too many
	}
	last := len(r.scopes) - 1
	if name := r.scopes[last].defines; name != "" {
		r.scopes[last-1].defined = append(r.scopes[last-1].defined, name)
	}
	r.scopes = r.scopes[:last]
}

// definition reads what WITH defines, up to its parenthesis: name AS (, or name (column, column) AS (.
func (r *reader) definition() {
	n := 1
	if r.word(n).is("(") {
		for n++; r.word(n).isName() || r.word(n).is(","); n++ {
		}
		if !r.word(n).is(")") {
			return
		}
		n++
	}
	if !r.word(n).is("as") || !r.word(n+1).is("(") {
		return
	}
	defined := r.word(0).text
	if top := &r.scopes[len(r.scopes)-1]; top.recursive {
		top.defined = append(top.defined, defined)
	}
	r.scopes = append(r.scopes, scope{defines: defined})
	r.i += n + 1
}

// relation reads the name of one: orders, shop.orders or awsdatacatalog.shop.orders.
func (r *reader) relation() {
	r.expected = false
	parts := []word{r.word(0)}
	for r.word(1).is(".") && r.word(2).isName() {
		parts = append(parts, r.word(2))
		r.i += 2
	}
	n := len(parts)
	found := Relation{Name: parts[n-1].text, At: parts[0].at, Length: parts[n-1].at - parts[0].at}
	switch {
	case r.word(1).is("("), n > 3, n == 3 && parts[0].text != catalog: // a function, or another catalog's
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
