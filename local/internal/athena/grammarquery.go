package athena

// queryWith is a query with the queries that it names in front of it.
func (g *grammar) queryWith() {
	if g.take("with") {
		g.take("recursive")
		g.list(func() {
			g.name()
			g.columnAliases()
			g.want("as", "(")
			g.queryWith()
			g.want(")")
		})
	}
	g.queryNoWith()
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
	switch {
	case g.take("select"):
		g.querySpecification()
	case g.take("table"):
		g.qualifiedName()
	case g.take("values"):
		g.list(g.row)
	case g.take("("):
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

func (g *grammar) querySpecification() {
	g.takeAny("distinct", "all")
	g.list(g.selectItem)
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

func (g *grammar) selectItem() {
	if g.take("*") {
		return
	}
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
	}
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
		t := g.peek(0)
		g.qualifiedName()
		if g.next("(") {
			g.fail(t, "FUNCTION_NOT_FOUND", "Table function '%s' not registered", lower(t.text))
		}
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
