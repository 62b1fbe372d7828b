package athena

import (
	"regexp"
	"strings"
)

// primary is a value without an operator.
func (g *grammar) primary() {
	first := g.at
	g.unit()
	for {
		bracket := g.peek(0)
		switch {
		case g.take("["):
			g.value()
			end := g.peek(0)
			g.want("]")
			g.replace(bracket.start, bracket.end, ",")
			g.replace(end.start, end.end, "")
			g.wrap(first, "athena_subscript(", ")")
		case g.next(".") && isIdentifier(g.peek(1)):
			g.at++
			g.name()
			if t := g.peek(0); t.is("(") {
				g.fail(g.tokens[first], "FUNCTION_NOT_FOUND", "Function '%s' not registered", lower(g.query[g.tokens[first].start:g.peek(-1).end]))
			}
		default:
			return
		}
	}
}

// unit is a value without an index or a field.
func (g *grammar) unit() {
	t, after := g.peek(0), g.peek(1)
	switch {
	case t.kind == number, t.kind == literal:
		g.at++
	case t.is("x") && after.kind == literal && after.start == t.end:
		g.binaryLiteral()
	case t.is("u") && after.is("&"):
		g.lacks(t, "Unicode string literals")
	case t.is("?"):
		g.lacks(t, "execution parameters")
	case t.isAny("null", "true", "false", "current_date", "current_timestamp", "localtime", "localtimestamp"):
		g.at++
		if g.next("(") {
			g.lacks(t, "a precision for "+lower(t.text))
		}
	case t.isAny("current_time", "current_user", "current_catalog", "current_schema", "current_path"):
		g.lacks(t, lower(t.text))
	case t.is("("):
		g.parenthesis()
	case after.is("(") || t.isAny("case", "exists", "array", "interval"):
		g.special()
	case t.is("double") && after.is("precision"), t.kind == word && isIdentifier(t) && after.kind == literal:
		g.typedLiteral()
	case isIdentifier(t) && after.is("->"):
		g.replace(t.start, t.start, "lambda ")
		g.name()
		g.lambdaBody()
	default:
		g.name()
	}
}

// binaryLiteral is X'00'.
func (g *grammar) binaryLiteral() {
	t, digits := g.peek(0), g.peek(1)
	text := strings.Map(func(r rune) rune {
		if r == ' ' {
			return -1
		}
		return r
	}, digits.text)
	switch {
	case !hexadecimal.MatchString(text):
		g.fail(t, "SYNTAX_ERROR", "Binary literal can only contain hexadecimal digits")
	case len(text)%2 > 0:
		g.fail(t, "SYNTAX_ERROR", "Binary literal must contain an even number of digits")
	}
	g.at += 2
	g.replace(t.start, digits.end, "from_hex('"+text+"')")
}

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]*$`)

// parenthesis is a query, a row, a lambda's parameters or an expression.
func (g *grammar) parenthesis() {
	t := g.peek(0)
	if g.opensQuery(g.at) {
		g.subquery()
		return
	}
	if end := g.closing(g.at); end+1 < len(g.tokens) && g.tokens[end+1].is("->") {
		g.replace(t.start, t.end, "lambda ")
		g.at++
		if g.next(")") {
			g.lacks(t, "functions without a parameter")
		}
		g.list(func() { g.name() })
		g.replace(g.peek(0).start, g.peek(0).end, "")
		g.want(")")
		g.lambdaBody()
		return
	}
	g.arguments(g.expression)
}

func (g *grammar) lambdaBody() {
	arrow := g.peek(0)
	g.want("->")
	g.replace(arrow.start, arrow.end, ":")
	g.expression()
}

// special is what has a form of its own.
func (g *grammar) special() {
	t := g.peek(0)
	switch {
	case g.take("case"):
		g.caseWhen()
	case t.is("exists"):
		g.at++
		g.subquery()
	case t.is("interval"):
		g.interval()
	case t.is("cast"):
		g.cast("athena_cast_", "CAST")
	case t.is("try_cast"):
		g.cast("athena_try_", "TRY_CAST")
	case g.take("array", "["):
		g.expressions("]")
	case t.is("array"):
		g.at++
		g.mismatch()
	case g.take("position", "("):
		g.value()
		g.want("in")
		g.value()
		g.want(")")
	case t.is("extract"):
		g.extract()
	case t.is("trim"):
		g.trim()
	case t.is("substring"):
		g.substring()
	case t.is("listagg"):
		g.listagg()
	case g.take("grouping"):
		g.arguments(func() { g.expression() })
	case g.take("row", "("):
		g.expressions(")")
	case t.isAny("json_array", "json_exists", "json_object", "json_query", "json_table", "json_value", "normalize"):
		g.lacks(t, lower(t.text))
	default:
		g.call()
	}
}

func (g *grammar) caseWhen() {
	if !g.next("when") {
		g.expression()
	}
	for ok := true; ok; ok = g.next("when") {
		g.want("when")
		g.expression()
		g.want("then")
		g.expression()
	}
	if g.take("else") {
		g.expression()
	}
	g.want("end")
}

// interval is INTERVAL '1' DAY.
func (g *grammar) interval() {
	first := g.at
	t := g.peek(0)
	g.at++
	sign := g.peek(0)
	if g.takeAny("+", "-") {
		g.replace(sign.start, sign.end, "")
		if sign.is("-") {
			defer func() { g.wrap(first, "(-", ")") }()
		}
	}
	g.wantKind(literal)
	if !g.takeAny("year", "month", "day", "hour", "minute", "second") {
		g.mismatch()
	}
	if g.next("to") {
		g.lacks(t, "intervals of several fields")
	}
}

// extract is EXTRACT(YEAR FROM x). The engine has other names for some fields, and counts the days of a week from Sunday, 0.
func (g *grammar) extract() {
	t := g.peek(0)
	g.at++
	g.want("(")
	field := g.identifier()
	name := lower(field.text)
	switch name {
	case "day_of_week", "dow":
		name = "isodow"
	case "day_of_month":
		name = "day"
	case "day_of_year":
		name = "doy"
	case "year_of_week", "yow":
		name = "isoyear"
	case "year", "quarter", "month", "week", "day", "doy", "hour", "minute", "second":
	case "timezone_hour", "timezone_minute":
		g.lacks(field, name)
	default:
		g.fail(t, "SYNTAX_ERROR", "Invalid EXTRACT field: %s", field.text)
	}
	g.replace(field.start, field.end, name)
	g.want("from")
	from := g.at
	g.value()
	g.wallClock(from, g.at)
	g.want(")")
}

// trim is TRIM([LEADING | TRAILING | BOTH] [characters FROM] text), or with a comma before the characters.
func (g *grammar) trim() {
	g.at++
	g.want("(")
	if g.takeAny("leading", "trailing", "both") && g.take("from") {
		g.value()
		g.want(")")
		return
	}
	g.value()
	if g.takeAny("from", ",") {
		g.value()
	}
	g.want(")")
}

// substring is SUBSTRING(text FROM 1 FOR 2), written as a function of three arguments, or that function itself.
func (g *grammar) substring() {
	g.at++
	g.want("(")
	g.expression()
	for _, separator := range [...]string{"from", "for"} {
		if t := g.peek(0); g.takeAny(separator, ",") {
			g.replace(t.start, t.end, ",")
			g.expression()
		}
	}
	g.want(")")
}

// listagg is LISTAGG(x, ',') WITHIN GROUP (ORDER BY y). The engine has the order behind the arguments.
func (g *grammar) listagg() {
	g.at++
	g.want("(")
	g.takeAny("distinct", "all")
	g.expression()
	if g.take(",") {
		g.wantKind(literal)
	}
	if t := g.peek(0); g.take("on", "overflow") {
		g.lacks(t, "ON OVERFLOW")
	}
	end := g.peek(0)
	g.want(")", "within", "group")
	open := g.peek(0)
	g.want("(")
	g.replace(end.start, open.end, " ")
	g.want("order", "by")
	g.list(g.sortItem)
	g.want(")")
	g.filterAndOver(end)
}
