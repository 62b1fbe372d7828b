package athena

import "slices"

// queryWith is a query with the queries that it names in front of it.
func (g *grammar) queryWith() {
	outer := g.with()
	g.queryNoWith()
	g.named = outer
}

// with takes the queries in front of a query, each of which sees those before it, and with RECURSIVE itself. It returns the names
// that could be seen before.
func (g *grammar) with() (outer []string) {
	outer = g.named
	if !g.take("with") {
		return outer
	}
	recursive := g.take("recursive")
	g.list(func() {
		before := g.named
		all := append(slices.Clip(before), lower(g.name().text))
		if recursive {
			g.named = all
		}
		g.columnAliases()
		g.want("as", "(")
		g.queryWith()
		g.want(")")
		g.named = all
	})
	return outer
}

// queryNoWith has its OFFSET before its LIMIT; the engine takes both orders.
func (g *grammar) queryNoWith() {
	g.enter()
	defer g.leave()
	g.queryTerm()
	if g.take("order", "by") {
		g.list(g.sortItem)
	}
	if g.take("offset") {
		g.wantKind(number)
		g.takeAny("row", "rows")
	}
	switch {
	case g.take("limit", "all"):
	case g.take("limit"):
		g.wantKind(number)
	case g.take("fetch"):
		if !g.takeAny("first", "next") {
			g.mismatch()
		}
		if g.peek(0).kind == number {
			g.at++
		}
		if !g.takeAny("row", "rows") {
			g.mismatch()
		}
		if g.next("with", "ties") {
			g.lacks(g.peek(0), "FETCH FIRST ... WITH TIES")
		}
		g.want("only")
	}
}

// queryTerm is one SELECT, or more of them with UNION, INTERSECT and EXCEPT. Which binds closer is the engine's matter: it is the
// same there.
func (g *grammar) queryTerm() {
	g.queryPrimary()
	for g.takeAny("union", "intersect", "except") {
		g.takeAny("all", "distinct")
		g.queryPrimary()
	}
}

func (g *grammar) queryPrimary() {
	first := g.first
	g.first = false
	switch {
	case g.take("select"):
		g.querySpecification(first)
	case g.take("table"):
		g.table()
	case g.take("values"):
		g.values = g.values || first
		g.list(g.row)
	case g.take("("):
		g.first = first
		g.queryNoWith()
		g.want(")")
	default:
		g.mismatch()
	}
}

// row is a row of VALUES. The engine wants parentheses around a single value, and none of Trino's ROW before them.
func (g *grammar) row() {
	first := g.at
	if g.next("row", "(") {
		g.at++
		g.remove(first)
		g.arguments(g.expression)
		return
	}
	g.expression()
	if !g.tokens[first].is("(") || g.closing(first) != g.at-1 {
		g.wrap(first, "(", ")")
	}
}

// arguments takes a list in parentheses that has something in it.
func (g *grammar) arguments(rule func()) {
	g.want("(")
	g.list(rule)
	g.want(")")
}

// querySpecification is what follows SELECT. The first one of a query names the columns of its result.
func (g *grammar) querySpecification(first bool) {
	g.takeAny("distinct", "all")
	g.list(func() { g.selectItem(first) })
	if g.take("from") {
		g.list(g.relation)
	}
	if g.take("where") {
		g.expression()
	}
	if g.take("group", "by") {
		g.groupBy()
	}
	if g.take("having") {
		g.expression()
	}
	if g.take("window") {
		g.list(func() {
			g.name()
			g.want("as", "(")
			g.windowSpecification()
			g.want(")")
		})
	}
}

func (g *grammar) selectItem(first bool) {
	if g.take("*") {
		return
	}
	begin := g.at
	g.expression()
	if g.take(".", "*") { // of a name: expression leaves it
		if g.next("as") {
			g.lacks(g.peek(0), "column names after .*")
		}
		return
	}
	if g.take("as") {
		g.name()
		return
	}
	switch t := g.peek(0); {
	case isIdentifier(t) && !t.isAny("window", "offset", "limit", "fetch"):
		g.replace(t.start, t.start, "AS ") // without it the engine takes fewer words
		g.name()
	case t.kind == backquoted || t.kind == digitWord:
		g.mismatch()
	case !isName(g.tokens[begin:g.at]):
		g.edits = append(g.edits, edit{at: g.peek(-1).end, text: " AS " + quote(unnamed), closes: true})
	}
}

// unnamed is what the engine calls a column of the result that has no name.
const unnamed = "no name of its own"

// isName tells whether an expression is the name of a column, which is then its own.
func isName(expression []token) bool {
	for len(expression) > 2 && expression[0].is("(") && expression[len(expression)-1].is(")") {
		expression = expression[1 : len(expression)-1]
	}
	for i, t := range expression {
		if dot := i%2 == 1; dot != t.is(".") || !dot && i == 0 && !isIdentifier(t) {
			return false
		}
	}
	return true
}

func (g *grammar) sortItem() {
	g.expression()
	g.takeAny("asc", "desc")
	if g.take("nulls") && !g.takeAny("first", "last") {
		g.mismatch()
	}
}

func (g *grammar) groupBy() {
	g.takeAny("distinct", "all")
	g.list(func() {
		switch {
		case g.takeAny("rollup", "cube"):
			g.want("(")
			g.expressions(")")
		case g.take("grouping", "sets"):
			g.arguments(g.groupingSet)
		default:
			g.groupingSet()
		}
	})
}

func (g *grammar) groupingSet() {
	if g.take("(", ")") {
		return
	}
	g.expression()
}

// expressions takes none or more expressions, and the symbol that ends them.
func (g *grammar) expressions(end string) {
	if g.take(end) {
		return
	}
	g.list(g.expression)
	g.want(end)
}

func (g *grammar) relation() {
	g.enter()
	defer g.leave()
	g.sampledRelation()
	for {
		switch {
		case g.take("cross", "join"):
			g.sampledRelation()
		case g.take("natural"):
			g.joinType()
			g.sampledRelation()
		case g.peek(0).isAny("join", "inner", "left", "right", "full"):
			g.joinType()
			g.relation()
			g.joinCriteria()
		default:
			return
		}
	}
}

func (g *grammar) joinType() {
	if g.takeAny("left", "right", "full") {
		g.take("outer")
	} else {
		g.take("inner")
	}
	g.want("join")
}

func (g *grammar) joinCriteria() {
	if g.take("using") {
		g.arguments(func() { g.name() })
		return
	}
	g.want("on")
	g.expression()
}

func (g *grammar) sampledRelation() {
	g.relationPrimary()
	if t := g.peek(0); t.isAny("match_recognize") {
		g.lacks(t, "MATCH_RECOGNIZE")
	}
	if g.take("as") || isIdentifier(g.peek(0)) && !g.peek(0).isAny("window", "offset", "limit", "fetch", "tablesample") {
		g.name()
		g.columnAliases()
	}
	if g.take("tablesample") {
		if !g.takeAny("bernoulli", "system") {
			g.mismatch()
		}
		g.want("(")
		percentage := g.wantKind(number)
		g.replace(percentage.end, percentage.end, "%")
		g.want(")")
	}
}

func (g *grammar) columnAliases() {
	if g.next("(") {
		g.arguments(func() { g.name() })
	}
}

func (g *grammar) relationPrimary() {
	switch {
	case g.next("unnest"):
		t := g.peek(0)
		g.at++
		g.want("(")
		g.expression()
		if g.next(",") {
			g.lacks(t, "UNNEST of several arrays")
		}
		g.want(")")
		g.take("with", "ordinality")
	case g.take("lateral", "("):
		g.queryWith()
		g.want(")")
	case g.next("table", "("):
		g.lacks(g.peek(0), "table functions")
	case g.next("(") && g.opensQuery(g.at):
		g.at++
		g.queryWith()
		g.want(")")
	case g.take("("):
		g.relation()
		g.want(")")
	default:
		g.table()
	}
}

// table is the name of a table or a view, with its qualifiers, or one that WITH has given to a query.
func (g *grammar) table() {
	first := g.peek(0)
	r := reference{at: g.start + first.start}
	for {
		t := g.name()
		r.catalog, r.schema, r.table = r.schema, r.table, lower(t.text)
		if !g.take(".") {
			break
		}
		if r.table == "information_schema" {
			r.table = informationSchema
		}
	}
	if g.next("(") {
		g.fail(first, "FUNCTION_NOT_FOUND", "Table function '%s' not registered", lower(first.text))
	}
	if r.schema != "" || !slices.Contains(g.named, r.table) {
		g.references = append(g.references, r)
	}
}

// opensQuery tells whether the parenthesis at i has a query in it, and not an expression or a join.
func (g *grammar) opensQuery(i int) bool {
	for i+1 < len(g.tokens) {
		inner := g.tokens[i+1]
		if inner.isAny("select", "with", "values", "table") {
			return true
		}
		end := g.closing(i + 1)
		if !inner.is("(") || end+1 >= len(g.tokens) || !g.tokens[end+1].isAny(")", "union", "intersect", "except", "order", "offset", "limit", "fetch") {
			return false
		}
		i++
	}
	return false
}

// closing is the token that closes the parenthesis at i, or the one behind the last; i itself if it is none.
func (g *grammar) closing(i int) int { return g.pairs[i] }

// pairParentheses tells for each token which one closes it.
func pairParentheses(tokens []token) []int {
	pairs := make([]int, len(tokens))
	var open []int
	for i, t := range tokens {
		pairs[i] = i
		switch {
		case t.is("("):
			pairs[i] = len(tokens)
			open = append(open, i)
		case t.is(")") && len(open) > 0:
			pairs[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	return pairs
}
