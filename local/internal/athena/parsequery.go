package athena

import "slices"

// queryWith consumes a query with an optional WITH clause.
func (p *parser) queryWith() {
	outer := p.withClause()
	p.queryNoWith()
	p.named = outer
}

// withClause consumes an optional WITH clause. It returns the names that were visible before the clause. Each query in the clause can
// refer to the queries before it in the clause.
func (p *parser) withClause() (outer []string) {
	outer = p.named
	if !p.take("with") {
		return outer
	}
	if t := p.peek(0); t.is("recursive") {
		p.unsupported(t, "WITH RECURSIVE")
	}
	p.list(func() {
		before := p.named
		all := append(slices.Clip(before), lower(p.name().text))
		p.columnAliases()
		p.want("as", "(")
		p.queryWith()
		p.want(")")
		p.named = all
	}, ",")
	return outer
}

// queryNoWith consumes a query without a WITH clause. Trino requires OFFSET before LIMIT; DuckDB accepts both orders.
func (p *parser) queryNoWith() {
	p.enter()
	outer := p.scope
	defer func() {
		p.scope = outer
		p.leave()
	}()
	p.queryTerm()
	only := p.selection
	if p.take("order", "by") {
		p.list(func() {
			first := p.at
			p.sortItem()
			p.sortsDistinct(only, first)
		}, ",")
	}
	if p.take("offset") {
		p.wantKind(number)
		p.takeAny("row", "rows")
	}
	if t := p.peek(0); t.is("fetch") {
		p.unsupported(t, "FETCH FIRST")
	}
	if p.take("limit") && !p.take("all") {
		p.wantKind(number)
	}
	p.hideAliases(only)
	p.selection = nil
}

// queryTerm consumes SELECTs combined by UNION, INTERSECT and EXCEPT, which have the same precedence in DuckDB and Trino.
func (p *parser) queryTerm() {
	first := p.at
	p.queryPrimary()
	var types [][]string
	for operator := p.peek(0); p.takeAny("union", "intersect", "except"); operator = p.peek(0) {
		if types == nil {
			p.at--
			types = append(types, p.branch(first))
			p.at++
		}
		p.takeAny("all", "distinct")
		first = p.at
		p.queryPrimary()
		types = append(types, p.branch(first))
		p.sameColumns(operator, types...)
	}
}

// branch ends a query that begins with the token first and is combined with others. It returns the types of its columns, or nil if they are
// not known.
func (p *parser) branch(first int) []string {
	p.hideAliases(p.selection)
	p.selection = nil
	if p.stored {
		return nil
	}
	return p.columns(first)
}

// sameColumns requires that the columns of combined queries can be coerced to common types.
func (p *parser) sameColumns(operator token, queries ...[]string) {
	common := slices.Clone(queries[0])
	for _, types := range queries[1:] {
		for i := range min(len(common), len(types)) {
			before := common[i]
			if common[i] = commonType(before, types[i]); common[i] == "" {
				p.mistyped(operator, "column %d in %s query has incompatible types: %s, %s",
					i+1, upper(operator.text), trinoType(before), trinoType(types[i]))
			}
		}
	}
}

func (p *parser) queryPrimary() {
	first := p.first
	p.first = false
	p.selection = nil
	switch t := p.peek(0); {
	case p.take("select"):
		p.querySpecification()
	case p.take("values"):
		p.isValues = p.isValues || first
		p.values()
	case p.take("("):
		p.first = first
		p.queryNoWith()
		p.want(")")
	case t.is("table"):
		p.unsupported(t, "TABLE as a query")
	default:
		p.mismatch()
	}
}

// values consumes the rows of VALUES.
func (p *parser) values() {
	begin := p.at
	var columns [][]operand
	p.list(func() {
		for i, o := range p.row() {
			if i == len(columns) {
				columns = append(columns, nil)
			}
			columns[i] = append(columns[i], o)
		}
	}, ",")
	for _, c := range columns {
		p.comparable(p.tokens[begin], c...)
	}
}

// row consumes a row of VALUES. It adds parentheses to a single value, because DuckDB requires them.
func (p *parser) row() (values []operand) {
	end := p.pairs[min(p.at, len(p.pairs)-1)] + 1
	if p.next("(") && !p.opensQuery(p.at) && (end >= len(p.tokens) || p.tokens[end].isAny(afterQuery...)) {
		p.arguments(func() { values = append(values, p.operandOf(p.expression)) })
		return values
	}
	value := p.operandOf(p.expression)
	p.wrap(value.first, "(", ")")
	return []operand{value}
}

// afterQuery lists the tokens that can follow a query in parentheses, or a row.
var afterQuery = []string{",", ")", "union", "intersect", "except", "order", "offset", "limit", "fetch"}

// arguments consumes one or more arguments in parentheses, separated by commas. It parses each argument with the given rule.
func (p *parser) arguments(rule func()) {
	p.want("(")
	p.list(rule, ",")
	p.want(")")
}

// querySpecification consumes the part of a query after SELECT.
func (p *parser) querySpecification() {
	p.scopes++
	p.scope = p.scopes
	s := &selection{first: p.at - 1, distinct: p.take("distinct")}
	p.take("all")
	p.list(func() { s.items = append(s.items, p.selectItem()) }, ",")
	if p.take("from") {
		p.list(p.relation, ",")
	}
	if p.take("where") {
		p.where()
	}
	if p.take("group", "by") {
		p.takeAny("distinct", "all")
		p.list(p.expression, ",")
	}
	if p.take("having") {
		p.where()
	}
	if t := p.peek(0); t.is("window") {
		p.unsupported(t, "WINDOW")
	}
	s.end = p.at
	p.selection = s
}

func (p *parser) selectItem() selectItem {
	first := p.at
	if p.take("*") {
		return selectItem{first: first, end: p.at}
	}
	p.expression()
	item := selectItem{first: first, end: p.at}
	if p.take(".", "*") { // expression does not consume the dot in t.*
		if t := p.peek(0); t.is("as") {
			p.unsupported(t, "column aliases after .*")
		}
		return selectItem{first: first, end: p.at}
	}
	if p.take("as") {
		item.alias = p.name()
		return item
	}
	switch t := p.peek(0); {
	case isIdentifier(t) && !t.isAny("window", "offset", "limit", "fetch"):
		p.replace(t.start, t.start, "AS ") // without AS, DuckDB accepts fewer words as aliases
		item.alias = p.name()
	case t.kind == backquoted || t.kind == digitWord:
		p.mismatch()
	case !isName(p.tokens[first:p.at]):
		p.edits = append(p.edits, edit{start: p.peek(-1).end, text: " AS " + quote(unnamed), closes: true})
	}
	return item
}

// unnamed is the DuckDB name for a result column that has no name in Trino.
const unnamed = "unnamed column"

// isName reports whether an expression is just a column name. The result column then has the same name.
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

func (p *parser) sortItem() {
	p.expression()
	p.takeAny("asc", "desc")
	if p.take("nulls") && !p.takeAny("first", "last") {
		p.mismatch()
	}
}

func (p *parser) relation() {
	p.enter()
	defer p.leave()
	p.aliasedRelation()
	for {
		switch t := p.peek(0); {
		case p.take("cross", "join"):
			p.aliasedRelation()
		case t.is("natural"):
			p.unsupported(t, "NATURAL JOIN")
		case t.isAny("join", "inner", "left", "right", "full"):
			if p.takeAny("left", "right", "full") {
				p.take("outer")
			} else {
				p.take("inner")
			}
			p.want("join")
			p.relation()
			p.joinCriteria()
		default:
			return
		}
	}
}

func (p *parser) joinCriteria() {
	if p.take("using") {
		p.arguments(func() { p.name() })
		return
	}
	p.want("on")
	p.where()
}

func (p *parser) aliasedRelation() {
	p.relationPrimary()
	if t := p.peek(0); t.isAny("match_recognize", "tablesample") {
		p.unsupported(t, upper(t.text))
	}
	if p.take("as") || isIdentifier(p.peek(0)) && !p.peek(0).isAny("window", "offset", "limit", "fetch") {
		p.name()
		p.columnAliases()
	}
}

func (p *parser) columnAliases() {
	if p.next("(") {
		p.arguments(func() {
			t := p.identifier()
			p.replace(t.start, t.end, quote(lower(t.text)))
		})
	}
}

func (p *parser) relationPrimary() {
	switch t := p.peek(0); {
	case t.isAny("unnest", "lateral", "table", "json_table") && p.peek(1).is("("):
		p.unsupported(t, upper(t.text)+" in FROM")
	case t.is("(") && p.opensQuery(p.at):
		p.subquery()
	case p.take("("):
		p.relation()
		p.want(")")
	default:
		p.table()
	}
}

// table consumes the name of a table, a view or a common table expression.
func (p *parser) table() {
	first := p.peek(0)
	r := p.qualifiedName()
	if p.next("(") {
		p.fail(first, "FUNCTION_NOT_FOUND", "Table function '%s' not registered", lower(first.text))
	}
	if r.schema != "" || !slices.Contains(p.named, r.table) {
		p.references = append(p.references, r)
	}
}

// opensQuery reports whether the parenthesis at i contains a query rather than an expression or a join.
func (p *parser) opensQuery(i int) bool {
	for i+1 < len(p.tokens) {
		inner := p.tokens[i+1]
		if inner.isAny("select", "with", "values", "table") {
			return true
		}
		end := p.pairs[i+1]
		if !inner.is("(") || end+1 >= len(p.tokens) || p.tokens[end+1].is(",") || !p.tokens[end+1].isAny(afterQuery...) {
			return false
		}
		i++
	}
	return false
}

// pairParentheses returns the content of the field pairs of a [parser].
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
