package athena

import (
	"regexp"
	"slices"
	"strings"

	"snaplake/workflow/sqlsyntax"
)

// expression consumes an expression. Conditions are also expressions.
func (p *parser) expression() {
	p.enter()
	defer p.leave()
	p.list(p.conjunction, "or")
}

func (p *parser) conjunction() { p.list(p.negation, "and") }

func (p *parser) negation() {
	for p.take("not") {
	}
	p.value()
	p.predicate()
}

// predicate consumes the optional comparison or test after a value, for example = 1, IS NULL or BETWEEN 1 AND 2.
func (p *parser) predicate() {
	if p.takeAny("=", "<>", "!=", "<", "<=", ">", ">=") {
		if t := p.peek(0); t.isAny("all", "some", "any") && p.peek(1).is("(") {
			p.unsupported(t, "comparisons with ALL, SOME and ANY")
		}
		p.value()
		return
	}
	if p.take("is") {
		p.take("not")
		if p.take("distinct", "from") {
			p.value()
			return
		}
		p.want("null")
		return
	}
	negated := p.take("not")
	switch {
	case p.take("between"):
		p.value()
		p.want("and")
		p.value()
	case p.next("in", "(") && p.opensQuery(p.at+1):
		p.at++
		p.subquery()
	case p.take("in"):
		p.arguments(p.expression)
	case p.take("like"):
		p.value()
		if p.take("escape") {
			p.value()
		}
	case negated:
		p.mismatch()
	}
}

func (p *parser) subquery() {
	p.want("(")
	p.queryWith()
	p.want(")")
}

// value consumes an expression whose operators have higher precedence than comparisons.
func (p *parser) value() { p.list(p.sum, "||") }

func (p *parser) sum() { p.list(p.product, "+", "-") }

// product replaces a division with a macro if the divisor could be zero, because DuckDB returns NULL for a division by zero.
func (p *parser) product() {
	first := p.at
	p.signed()
	for {
		operator := p.peek(0)
		if !p.takeAny("*", "/", "%") {
			return
		}
		divisor := p.peek(0)
		p.signed()
		if operator.is("*") || divisor.kind == number && strings.ContainsAny(divisor.text, "123456789") {
			continue
		}
		name := "athena_divide("
		if operator.is("%") {
			name = "athena_modulus("
		}
		p.replace(operator.start, operator.end, ",")
		p.wrap(first, name, ")")
	}
}

func (p *parser) signed() {
	for p.takeAny("-", "+") {
	}
	p.primary()
}

// primary consumes a value without operators.
func (p *parser) primary() {
	first := p.at
	p.unit()
	for p.next(".") && isIdentifier(p.peek(1)) {
		p.at++
		p.name()
		if p.next("(") {
			name := lower(p.query[p.tokens[first].start:p.peek(-1).end])
			p.fail(p.tokens[first], "FUNCTION_NOT_FOUND", "Function '%s' not registered", name)
		}
	}
	switch t := p.peek(0); {
	case t.is("["):
		p.unsupported(t, "subscripts")
	case p.next("at", "time", "zone") && !(p.peek(first-1-p.at).is("(") && p.peek(first-2-p.at).isAny("cast", "try_cast")):
		p.unsupported(t, "AT TIME ZONE outside a CAST to date or timestamp")
	}
}

// unit consumes a value without operators or field access.
func (p *parser) unit() {
	t, after := p.peek(0), p.peek(1)
	switch {
	case t.kind == number, t.kind == literal, t.isAny("null", "true", "false"):
		p.at++
	case t.is("x") && after.kind == literal && after.start == t.end:
		p.binaryLiteral()
	case t.is("u") && after.is("&"):
		p.unsupported(t, "Unicode string literals")
	case t.is("?"):
		p.unsupported(t, "execution parameters")
	case t.isAny("current_date", "current_timestamp"):
		p.at++
		text := "athena_now()"
		if t.is("current_date") {
			text = "CAST(athena_now() AS DATE)"
		}
		p.replace(t.start, t.end, text)
		if p.next("(") {
			p.unsupported(t, "a precision for "+lower(t.text))
		}
	case t.isAny("current_time", "current_user", "current_catalog", "current_schema", "current_path", "localtime", "localtimestamp"):
		p.unsupported(t, lower(t.text))
	case t.is("(") && p.opensQuery(p.at):
		p.subquery()
	case t.is("("):
		p.arguments(p.expression)
	case p.take("case"):
		p.caseWhen()
	case p.take("exists"):
		p.subquery()
	case t.isAny("cast", "try_cast"):
		p.cast()
	case t.isAny("array", "row") && after.isAny("[", "("), t.is("interval") && (after.kind == literal || after.isAny("+", "-")):
		p.unsupported(t, upper(t.text))
	case t.isAny("rollup", "cube") && after.is("("), t.is("grouping") && after.is("sets"):
		p.unsupported(t, "ROLLUP, CUBE and GROUPING SETS")
	case after.is("("):
		p.call()
	case t.is("double") && after.is("precision"), t.kind == word && isIdentifier(t) && after.kind == literal:
		p.typedLiteral()
	default:
		p.name()
		p.readsColumns = true
	}
}

// binaryLiteral consumes a binary literal, for example X'00'.
func (p *parser) binaryLiteral() {
	t, digits := p.peek(0), p.peek(1)
	text := strings.ReplaceAll(digits.text, " ", "")
	switch {
	case !hexadecimal.MatchString(text):
		p.fail(t, "SYNTAX_ERROR", "Binary literal can only contain hexadecimal digits")
	case len(text)%2 > 0:
		p.fail(t, "SYNTAX_ERROR", "Binary literal must contain an even number of digits")
	}
	p.at += 2
	p.replace(t.start, digits.end, "unhex('"+text+"')")
}

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]*$`)

func (p *parser) caseWhen() {
	if !p.next("when") {
		p.expression()
	}
	for ok := true; ok; ok = p.next("when") {
		p.want("when")
		p.expression()
		p.want("then")
		p.expression()
	}
	if p.take("else") {
		p.expression()
	}
	p.want("end")
}

// call consumes a function call. It replaces concat with ||, because DuckDB's concat ignores NULL.
func (p *parser) call() {
	t := p.peek(0)
	name := lower(t.text)
	switch {
	case slices.Contains(strings.Fields(supportedFunctions), name):
	case sqlsyntax.IsFunction(name):
		p.unsupported(t, "the function "+name)
	default:
		p.identifier()
		p.fail(t, "FUNCTION_NOT_FOUND", "Function '%s' not registered", name)
	}
	p.at++
	open := p.peek(0)
	p.want("(")
	if !p.next(")") {
		p.takeAny("distinct", "all")
		for more := true; more; {
			if !p.take("*") {
				p.expression()
			}
			comma := p.peek(0)
			if more = p.take(","); more && name == "concat" {
				p.replace(comma.start, comma.end, "||")
			}
		}
		if p.take("order", "by") {
			p.list(p.sortItem, ",")
		}
	}
	p.want(")")
	if name == "concat" {
		p.replace(t.start, open.end, "(")
	}
	p.filterAndOver()
}

// filterAndOver consumes the optional FILTER and OVER clauses of a function call.
func (p *parser) filterAndOver() {
	if p.take("filter", "(") {
		p.want("where")
		p.expression()
		p.want(")")
	}
	if t := p.peek(0); t.isAny("ignore", "respect") && p.peek(1).is("nulls") {
		p.unsupported(t, upper(t.text)+" NULLS")
	}
	if p.take("over") {
		p.window()
	}
}

func (p *parser) window() {
	if t := p.peek(0); !t.is("(") {
		p.unsupported(t, "WINDOW")
	}
	p.want("(")
	if p.take("partition", "by") {
		p.list(p.expression, ",")
	}
	if p.take("order", "by") {
		p.list(p.sortItem, ",")
	}
	if p.takeAny("range", "rows", "groups") {
		if p.take("between") {
			p.frameBound()
			p.want("and")
		}
		p.frameBound()
	}
	p.want(")")
}

func (p *parser) frameBound() {
	if p.take("current", "row") {
		return
	}
	if !p.take("unbounded") {
		p.expression()
	}
	if !p.takeAny("preceding", "following") {
		p.mismatch()
	}
}
