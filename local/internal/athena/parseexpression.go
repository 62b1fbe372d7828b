package athena

import (
	"cmp"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// expression consumes an expression. Conditions are also expressions.
func (p *parser) expression() {
	p.enter()
	defer p.leave()
	p.conditions(p.conjunction, "or")
}

func (p *parser) conjunction() { p.conditions(p.negation, "and") }

// conditions consumes one or more conditions, which are separated by AND or OR.
func (p *parser) conditions(rule func(), operator string) {
	first := p.at
	rule()
	for p.next(operator) {
		p.condition(first)
		p.at++
		first = p.at
		rule()
		p.condition(first)
	}
}

func (p *parser) negation() {
	if !p.take("not") {
		first := p.at
		p.value()
		p.predicate(first)
		return
	}
	p.enter()
	defer p.leave()
	first := p.at
	p.negation()
	p.condition(first)
}

// predicate consumes the optional comparison or test after a value, for example = 1, IS NULL or BETWEEN 1 AND 2.
func (p *parser) predicate(first int) {
	operator := p.peek(0)
	isComparison := operator.isAny("=", "<>", "!=", "<", "<=", ">", ">=")
	switch t := p.peek(1); {
	case p.take("is", "null"), p.take("is", "not", "null"):
		p.static = "BOOLEAN"
		return
	case isComparison && t.isAny("all", "some", "any") && p.peek(2).is("("):
		p.unsupported(t, "comparisons with ALL, SOME and ANY")
	case !isComparison && !operator.isAny("is", "not", "between", "in", "like"):
		return
	}
	value := p.operand(first)
	if isComparison {
		p.at++
		p.comparison(operator, value, p.operandOf(p.value))
		return
	}
	if p.take("is") {
		p.take("not")
		p.want("distinct", "from")
		p.comparison(p.peek(-2), value, p.operandOf(p.value))
		return
	}
	negated := p.take("not")
	switch t := p.peek(0); {
	case p.take("between"):
		low := p.operandOf(p.value)
		p.want("and")
		p.noNaN(t, "BETWEEN", value, low, p.operandOf(p.value))
	case p.next("in", "(") && p.opensQuery(p.at+1):
		p.at++
		p.noNaN(t, "IN", value, p.subqueryOperand())
	case p.take("in"):
		operands := []operand{value}
		p.arguments(func() { operands = append(operands, p.operandOf(p.expression)) })
		p.noNaN(t, "IN", operands...)
	case p.take("like"):
		p.text(t, value)
		p.text(t, p.operandOf(p.value))
		if p.take("escape") {
			p.escape()
		}
	case negated:
		p.mismatch()
	}
	p.static = "BOOLEAN"
}

// operandOf consumes an operand with the given rule.
func (p *parser) operandOf(rule func()) operand {
	first := p.at
	rule()
	return p.operand(first)
}

// text requires that an operand is a varchar.
func (p *parser) text(at token, o operand) {
	if o.engine != "" && o.engine != "VARCHAR" && o.engine != unknown {
		p.mistyped(at, "%s requires varchar (actual: %s)", upper(at.text), trinoType(o.engine))
	}
}

// escape consumes the escape character of LIKE. DuckDB accepts it before any character.
func (p *parser) escape() {
	pattern, escape := p.peek(-2), p.peek(0)
	p.wantKind(literal)
	p.static = ""
	if pattern.kind != literal {
		p.unsupported(escape, "ESCAPE after a pattern that is not a string literal")
	}
	if utf8.RuneCountInString(escape.text) != 1 {
		p.fail(escape, "INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character")
	}
	rest := strings.NewReplacer(escape.text+escape.text, "", escape.text+"%", "", escape.text+"_", "").Replace(pattern.text)
	if strings.Contains(rest, escape.text) {
		p.fail(escape, "INVALID_FUNCTION_ARGUMENT", "Escape character must be followed by '%%', '_' or the escape character itself")
	}
}

func (p *parser) subquery() {
	p.want("(")
	p.queryWith()
	p.want(")")
	p.static = ""
}

// subqueryOperand consumes the subquery of IN.
func (p *parser) subqueryOperand() operand {
	o := operand{first: p.at}
	p.want("(")
	p.queryWith()
	if types := p.columns(o.first + 1); len(types) > 0 {
		o.engine = types[0]
	}
	p.want(")")
	o.end = p.at
	return o
}

// value consumes an expression whose operators have higher precedence than comparisons.
func (p *parser) value() {
	first, joins := p.at, false
	p.binary(p.sum, func(operator token, a, b operand) {
		for _, o := range []operand{a, b} {
			if o.engine == "BLOB" || o.engine == unknown {
				p.inexact(operator, trinoType(o.engine)+" as an operand of ||")
			}
			p.text(operator, o)
		}
		joins, p.static = true, "VARCHAR"
	}, "||")
	if joins {
		p.wrap(first, "CAST(", " AS VARCHAR)") // in DuckDB, the result of a constant NULL has no type
	}
}

func (p *parser) sum() { p.binary(p.product, p.arithmetic, "+", "-") }

func (p *parser) product() { p.binary(p.signed, p.arithmetic, "*", "/", "%") }

// maxOperators is the maximum number of equal operators in a row. DuckDB limits the depth of an expression.
const maxOperators = 500

// binary consumes one or more operands, which are separated by any of the operators, and translates each operation.
func (p *parser) binary(rule func(), translate func(operator token, a, b operand), operators ...string) {
	first := p.at
	rule()
	for n := 0; p.peek(0).isAny(operators...); n++ {
		if n == maxOperators {
			p.fail(p.peek(0), "SYNTAX_ERROR", "%s", tooLarge)
		}
		a := p.operand(first)
		operator := p.peek(0)
		p.at++
		translate(operator, a, p.operandOf(rule))
	}
}

func (p *parser) signed() {
	sign, first := p.peek(0), p.at
	if !p.takeAny("-", "+") {
		p.primary()
		return
	}
	p.enter()
	defer p.leave()
	number := p.operandOf(p.signed)
	switch {
	case number.engine != "" && !isNumber(number.engine), sign.is("+") && isDecimal(number.engine):
		p.mistyped(sign, "Unary '%s' operator cannot be applied to %s", sign.text, trinoType(number.engine))
	case sign.is("-") && p.at == first+2 && p.peek(-1).text == "2147483648":
		p.wrap(first, "CAST(", " AS INTEGER)")
		number.engine = "INTEGER"
	}
	p.static = cmp.Or(number.engine, pending)
}

// primary consumes a value without operators.
func (p *parser) primary() {
	first := p.at
	p.unit()
	for p.next(".") && isIdentifier(p.peek(1)) {
		p.at++
		p.static = ""
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
	p.static = ""
	switch {
	case t.kind == number:
		p.number()
	case t.kind == literal, t.isAny("null", "true", "false"):
		p.at++
		p.static = map[string]string{"null": unknown, "true": "BOOLEAN", "false": "BOOLEAN"}[lower(t.text)]
		if t.kind == literal {
			p.static = "VARCHAR"
		}
		p.hasNull = p.hasNull || p.static == unknown
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
		p.static = map[bool]string{true: "DATE", false: "TIMESTAMP WITH TIME ZONE"}[t.is("current_date")]
		if p.next("(") {
			p.unsupported(t, "a precision for "+lower(t.text))
		}
	case t.isAny("current_time", "current_user", "current_catalog", "current_schema", "current_path", "localtime", "localtimestamp"):
		p.unsupported(t, lower(t.text))
	case t.is("(") && p.opensQuery(p.at):
		p.subquery()
	case t.is("("):
		p.want("(")
		p.expression()
		if p.next(",") {
			p.unsupported(t, "rows")
		}
		p.want(")")
	case p.take("case"):
		p.caseWhen()
	case p.take("exists"):
		p.subquery()
		p.static = "BOOLEAN"
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
		if name := lower(p.name().text); !p.next(".") {
			p.uses[name] = append(p.uses[name], p.at-1)
		}
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
	p.static = "BLOB"
}

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]*$`)

// number consumes a number. In Trino, a number with a point is a decimal without leading zeros.
func (p *parser) number() {
	t := p.wantKind(number)
	whole, fraction, isDecimal := strings.Cut(strings.TrimLeft(t.text, "0"), ".")
	switch n, err := strconv.ParseInt(t.text, 10, 64); {
	case strings.ContainsAny(t.text, "eE"):
		p.static = "DOUBLE"
	case isDecimal:
		if len(whole+fraction) > 38 {
			p.fail(t, "SYNTAX_ERROR", "Invalid numeric literal: %s", t.text)
		}
		p.static = decimal(max(len(whole+fraction), 1), len(fraction))
		p.replace(t.start, t.end, "CAST('"+t.text+"' AS "+p.static+")")
	case err != nil && !(t.text == "9223372036854775808" && p.peek(-2).is("-")):
		p.fail(t, "SYNTAX_ERROR", "Invalid numeric literal: %s", t.text)
	case err != nil || n > math.MaxInt32:
		p.static = "BIGINT"
	default:
		p.static = "INTEGER"
	}
}

func (p *parser) caseWhen() {
	start := p.peek(-1)
	var tested, results []operand
	if !p.next("when") {
		tested = append(tested, p.operandOf(p.expression))
	}
	for ok := true; ok; ok = p.next("when") {
		p.want("when")
		if tested == nil {
			p.where()
		} else {
			tested = append(tested, p.operandOf(p.expression))
		}
		p.want("then")
		results = append(results, p.operandOf(p.expression))
	}
	if p.take("else") {
		results = append(results, p.operandOf(p.expression))
	}
	p.want("end")
	if tested != nil {
		p.noNaN(start, "CASE", tested...)
	}
	p.alternatives(start, results...)
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
