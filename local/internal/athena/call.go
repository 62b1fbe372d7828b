package athena

import (
	"slices"
	"strconv"
	"strings"

	"snaplake/workflow/sqlsyntax"
)

// signatures describes the arguments of the supported functions. n is a number, i an integer, b a boolean, s a varchar, x a varbinary, m a
// date or timestamp, and * any value. Several letters form a choice. The arguments after ? are optional, and + repeats the last one. A ~
// shows that Trino has other signatures, too.
var signatures = map[string]string{
	"abs": "n", "avg": "n", "bool_and": "b", "bool_or": "b", "coalesce": "* * +", "concat": "~ s s +", "count": "? *", "count_if": "b",
	"date": "sm", "day": "m", "dense_rank": "", "first_value": "*", "from_base": "s i", "from_utf8": "~ x", "hour": "m", "lag": "* ? i *",
	"last_value": "*", "lead": "* ? i *", "length": "sx", "lower": "s", "max": "~ *", "min": "~ *", "minute": "m", "month": "m", "now": "",
	"nullif": "* *", "quarter": "m", "rank": "", "regexp_replace": "s s ? s", "round": "n ? i", "row_number": "", "second": "m", "sha256": "x",
	"substr": "~ s i ? i", "sum": "n", "to_hex": "x", "to_utf8": "s", "try": "*", "upper": "s", "year": "m",
}

// call consumes a function call.
func (p *parser) call() {
	t := p.peek(0)
	name := lower(t.text)
	signature, supported := signatures[name]
	switch {
	case !sqlsyntax.IsFunction(name):
		p.identifier()
		p.fail(t, "FUNCTION_NOT_FOUND", "Function '%s' not registered", name)
	case !supported:
		p.unsupported(t, "the function "+name)
	}
	c := call{name: name, first: p.at}
	p.at += 2
	if !p.next(")") && !p.take("*") {
		if d := p.peek(0); p.take("distinct") && slices.Contains([]string{"concat", "count_if", "date"}, name) {
			p.unsupported(d, "DISTINCT in "+name)
		}
		p.take("all")
		p.list(func() {
			c.commas = append(c.commas, p.peek(-1))
			c.arguments = append(c.arguments, p.operandOf(p.expression))
		}, ",")
		if p.take("order", "by") {
			p.list(p.sortItem, ",")
		}
	}
	c.close = p.at
	p.want(")")
	p.checkArguments(t, c, strings.Fields(signature))
	p.filterAndOver()
	p.static = ""
	p.translateCall(t, c)
}

// call is a function call. close is the index of the token that closes the arguments.
type call struct {
	name         string
	first, close int
	arguments    []operand
	// commas holds the token before each argument.
	commas []token
}

// checkArguments requires that the arguments match the function's signature.
func (p *parser) checkArguments(t token, c call, signature []string) {
	others := len(signature) > 0 && signature[0] == "~"
	if others {
		signature = signature[1:]
	}
	optional := false
	for _, a := range c.arguments {
		if len(signature) > 0 && signature[0] == "?" {
			optional, signature = true, signature[1:]
		}
		if len(signature) > 0 && signature[0] == "+" {
			continue
		}
		switch misfit := len(signature) == 0 || a.engine != "" && !accepts(signature[0], a.engine); {
		case misfit && a.engine == unknown:
			p.unsupported(t, "NULL as an argument of "+c.name)
		case misfit && others:
			p.inexact(t, "these arguments of the function "+c.name)
		case misfit:
			p.reject(t, "FUNCTION_NOT_FOUND", "Unexpected number or types of parameters for function %s", c.name)
		}
		signature = signature[min(1, len(signature)):]
	}
	if len(signature) > 0 && signature[0] != "?" && signature[0] != "+" && !optional {
		p.fail(t, "FUNCTION_NOT_FOUND", "Unexpected number or types of parameters for function %s", c.name)
	}
}

// accepts reports whether a letter of a signature stands for a DuckDB type.
func accepts(letters, engine string) bool {
	return strings.ContainsFunc(letters, func(letter rune) bool {
		switch letter {
		case 'n':
			return isNumber(engine)
		case 'i':
			return integerDigits[engine] > 0
		case 'm':
			return slices.Contains(moments, engine)
		case '*':
			return true
		}
		return engine == map[rune]string{'b': "BOOLEAN", 's': "VARCHAR", 'x': "BLOB"}[letter]
	})
}

// translateCall replaces a function whose result differs in DuckDB.
func (p *parser) translateCall(t token, c call) {
	if len(c.arguments) == 0 {
		return
	}
	engine, last := c.arguments[0].engine, c.arguments[len(c.arguments)-1]
	rename := func(head, tail string) {
		p.replace(t.start, p.tokens[c.arguments[0].first].start, head)
		p.edits = append(p.edits, edit{start: p.tokens[last.end-1].end, text: tail, closes: true})
	}
	switch c.name {
	case "count_if": // DuckDB's function returns NULL for no rows
		rename("count(CASE WHEN ", " THEN 1 END")
	case "date": // DuckDB replaces the function with a cast
		rename("athena_date(", "")
	case "concat": // DuckDB's function ignores NULL
		rename("CAST(", " AS VARCHAR")
		for _, comma := range c.commas[1:] {
			p.replace(comma.start, comma.end, "||")
		}
		p.static = "VARCHAR"
	case "coalesce":
		p.alternatives(t, c.arguments...)
	case "lag", "lead":
		p.offset(t, c.arguments)
	case "nullif":
		p.noNaN(t, "nullif", c.arguments...)
	case "max": // in DuckDB, NaN is the largest number, but max and min ignore it in Trino
		if isFloating(engine) {
			rename("(-min(-(", ")")
			p.wrap(c.close, "", ")")
		}
	case "round":
		p.round(t, c, engine)
	case "sum", "avg":
		p.total(t, c, engine)
	}
}

// offset requires that the offset of lag and lead is not negative, and that their default value has the type of the values.
func (p *parser) offset(t token, arguments []operand) {
	if len(arguments) > 1 && p.tokens[arguments[1].first].kind != number {
		p.unsupported(t, "an offset of "+t.text+" that is not a number")
	}
	if len(arguments) > 2 && arguments[2].engine != unknown && arguments[2].engine != arguments[0].engine {
		p.inexact(t, "a default value of "+t.text+" with another type")
	}
}

// round translates round, whose results have other types in DuckDB. The number of digits must be a literal, because DuckDB requires a constant
// for decimals, and rounds floating-point numbers before the point in another way.
func (p *parser) round(t token, c call, engine string) {
	if len(c.arguments) > 1 && (p.tokens[c.arguments[1].first].kind != number || c.arguments[1].end > c.arguments[1].first+1) {
		p.unsupported(t, "a number of digits of round that is not a literal")
	}
	if isDecimal(engine) {
		precision, scale := decimalOf(engine)
		engine = decimal(precision-scale+min(scale, 1), 0)
		if len(c.arguments) > 1 {
			engine = decimal(precision+1, scale)
		}
	}
	if engine != "" {
		p.wrap(c.first, "CAST(", " AS "+engine+")")
	}
}

// total translates sum and avg, whose results have other types in DuckDB.
func (p *parser) total(t token, c call, engine string) {
	switch {
	case c.name == "sum" && integerDigits[engine] > 0:
		p.wrap(c.first, "CAST(", " AS BIGINT)")
	case c.name == "sum" && isDecimal(engine): // DuckDB's sum may have 39 digits
		_, scale := decimalOf(engine)
		p.wrap(c.first, "CAST(CAST(", " AS VARCHAR) AS "+decimal(38, scale)+")")
	case engine == "FLOAT":
		p.wrap(c.first, "CAST(", " AS FLOAT)")
	case c.name == "avg" && isDecimal(engine):
		_, scale := decimalOf(engine)
		p.replace(t.start, t.end, "sum")
		count := "count" + p.rendered(c.first+1)
		p.wrap(c.first, "CAST(athena_decimal_divide(CAST(",
			" AS VARCHAR), CAST("+count+" AS VARCHAR), "+strconv.Itoa(scale)+", '/') AS "+engine+")")
	}
}

// filterAndOver consumes the optional FILTER and OVER clauses of a function call.
func (p *parser) filterAndOver() {
	if p.take("filter", "(") {
		p.want("where")
		p.where()
		p.want(")")
	}
	if t := p.peek(0); t.isAny("ignore", "respect") && p.peek(1).is("nulls") {
		p.unsupported(t, upper(t.text)+" NULLS")
	}
	if p.take("over") {
		p.window()
	}
}
