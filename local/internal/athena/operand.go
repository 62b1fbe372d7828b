package athena

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// operand is an expression whose type decides how the query is translated, or whether Athena rejects it.
type operand struct {
	// first and end delimit the tokens.
	first, end int
	// engine is the DuckDB type, or "" if DuckDB has not been asked yet.
	engine string
}

// pending stands for the type of an expression that follows from the types of its operands, which are not known yet.
const pending = "?"

// operand returns the expression from the token first to the last consumed token. If the expression itself does not show its type, DuckDB
// is asked: in a query that asks, the expression is wrapped in a macro that records its type.
func (p *parser) operand(first int) operand {
	o := operand{first, p.at, p.static}
	p.static = ""
	switch {
	case o.engine == pending:
		o.engine = ""
		return o
	case o.engine != "":
		return o
	}
	seen := len(p.ids)
	id := p.textID(first)
	if recorded := p.types[id]; len(recorded) > 0 {
		o.engine = recorded[0]
	}
	if p.asks && (len(p.ids) > seen || p.grouped) { // in a query with GROUP BY, equal expressions must remain equal
		p.asked = true
		p.wrap(first, "athena_typed(", ", "+strconv.Itoa(id)+")")
	}
	return o
}

// textID returns a number for the text from the token first to the last consumed token. Within a SELECT, equal expressions have the same
// number, because DuckDB compares the expressions of SELECT with those of GROUP BY.
func (p *parser) textID(first int) int {
	var key strings.Builder
	key.WriteString(strconv.Itoa(p.scope))
	for _, t := range p.tokens[first:p.at] {
		text := p.query[t.start:t.end]
		if t.kind == word {
			text = lower(text)
		}
		key.WriteString(" " + text)
	}
	if _, ok := p.ids[key.String()]; !ok {
		p.ids[key.String()] = first*(len(p.tokens)+1) + p.at
	}
	return p.ids[key.String()]
}

// firstToken returns the first token of the text with the given number.
func (p *parser) firstToken(id int) token { return p.tokens[id/(len(p.tokens)+1)] }

// columns returns the types of the columns of the query from the token first to the last consumed token, or nil if they are not known.
func (p *parser) columns(first int) []string {
	id := p.textID(first)
	if p.asks {
		p.asked = true
		p.wrap(first, "SELECT athena_typed(COLUMNS(*), "+strconv.Itoa(id)+") FROM (", ")")
	}
	return p.types[id]
}

// rendered returns the translated text from the token first to the last consumed token.
func (p *parser) rendered(first int) string {
	from, to := p.tokens[first].start, p.peek(-1).end
	var edits []edit
	for _, e := range p.edits {
		if e.start >= from && e.start+e.length <= to {
			e.start -= from
			edits = append(edits, e)
		}
	}
	var q translated
	q.apply(p.query[from:to], edits)
	return q.sql
}

// reject rejects the query because of its types, unless DuckDB must be asked again.
func (p *parser) reject(t token, code, format string, args ...any) {
	if !p.asks {
		p.fail(t, code, format, args...)
	}
}

// mistyped rejects the query because Athena does, too.
func (p *parser) mistyped(t token, format string, args ...any) {
	p.reject(t, "TYPE_MISMATCH", format, args...)
}

// inexact rejects a feature for types for which DuckDB's results differ.
func (p *parser) inexact(t token, feature string) {
	p.reject(t, "NOT_SUPPORTED", "%s", unsupportedText(feature))
}

// coerce casts an operand to a DuckDB type, unless it has that type.
func (p *parser) coerce(o operand, engine string) {
	if o.engine != engine {
		p.insert(o.first, o.end, "CAST(", " AS "+engine+")")
	}
}

// condition requires that the expression from the token first to the last consumed token is a boolean.
func (p *parser) condition(first int) {
	if o := p.operand(first); o.engine != "" && o.engine != "BOOLEAN" && o.engine != unknown {
		p.mistyped(p.tokens[first], "a condition must evaluate to a boolean (actual: %s)", trinoType(o.engine))
	}
	p.static = "BOOLEAN"
}

// where consumes an expression that must be a boolean.
func (p *parser) where() {
	first := p.at
	p.expression()
	p.condition(first)
}

// arithmetic translates an operation on two operands. Both have been consumed.
func (p *parser) arithmetic(operator token, a, b operand) {
	p.static = pending
	if a.engine == "" || b.engine == "" {
		return
	}
	common := commonType(a.engine, b.engine)
	switch {
	case operator.is("-") && slices.Contains(moments, common):
		p.inexact(operator, "the type interval")
	case !isNumber(common):
		p.mistyped(operator, "Cannot apply operator: %s %s %s", trinoType(a.engine), operator.text, trinoType(b.engine))
	case isDecimal(common):
		p.decimalArithmetic(operator.text, operator, a, b)
	case operator.isAny("/", "%") && !isFloating(common):
		p.calls(map[string]string{"/": "athena_divide", "%": "athena_modulus"}[operator.text], operator, common, a, b)
	default:
		p.coerce(a, common)
		p.coerce(b, common)
		p.static = common
	}
}

// calls replaces an operation on two operands by the call of a macro, whose arguments get the given type.
func (p *parser) calls(macro string, operator token, engine string, a, b operand) {
	p.coerce(a, engine)
	p.coerce(b, engine)
	p.replace(operator.start, operator.end, ",")
	p.wrap(a.first, macro+"(", ")")
	p.static = engine
}

// decimalArithmetic translates an operation on decimals. DuckDB computes sums and products exactly if their type is large enough.
func (p *parser) decimalArithmetic(name string, operator token, a, b operand) {
	result := decimalResult(name, a.engine, b.engine)
	before, after := "CAST(", " AS "+result+")"
	switch name {
	case "*":
		precision, scale := decimalOf(a.engine)
		p.coerce(a, decimal(max(precision, 19), scale))
		p.coerce(b, decimal(decimalOf(b.engine)))
	case "+", "-":
		p.coerce(a, result)
		p.coerce(b, result)
	default:
		_, scale := decimalOf(result)
		p.coerce(a, "VARCHAR")
		p.coerce(b, "VARCHAR")
		p.replace(operator.start, operator.end, ",")
		before, after = before+"athena_decimal_divide(", fmt.Sprintf(", %d, '%s')", scale, name)+after
	}
	p.wrap(a.first, before, after)
	p.static = result
}

// comparison translates the comparison of two operands. In Trino, NaN equals nothing; in DuckDB, it equals itself and exceeds every number.
func (p *parser) comparison(operator token, a, b operand) {
	defer func() { p.static = "BOOLEAN" }()
	common := commonType(a.engine, b.engine)
	switch {
	case operator.is("distinct"):
		p.comparable(operator, a, b)
	case p.asks: // DuckDB cannot compare all types
		p.replace(operator.start, operator.end, ",")
		p.wrap(a.first, "athena_both(", ")")
	case a.engine == "" || b.engine == "": // DuckDB ignores the query, for example because nothing reads it
	case common == "":
		p.mistyped(operator, "Cannot apply operator: %s %s %s", trinoType(a.engine), operator.text, trinoType(b.engine))
	case common == "TIMESTAMP WITH TIME ZONE" && a.engine != b.engine:
		p.coerce(a, common)
		p.coerce(b, common)
	case isFloating(common):
		p.calls("athena_"+map[string]string{
			"=": "equal", "<>": "unequal", "!=": "unequal", "<": "less", "<=": "at_most", ">": "greater", ">=": "at_least",
		}[operator.text], operator, common, a, b)
	}
}

// comparable returns the type to which Trino coerces operands in order to compare them, or "" if it is not known.
func (p *parser) comparable(at token, operands ...operand) string {
	common := unknown
	for _, o := range operands {
		if o.engine == "" {
			return ""
		}
		if common = commonType(common, o.engine); common == "" {
			p.mistyped(at, "Cannot find common type between %s and %s", trinoType(operands[0].engine), trinoType(o.engine))
			return ""
		}
	}
	return common
}

// alternatives translates the results of CASE or the arguments of coalesce, which all get the same type.
func (p *parser) alternatives(at token, operands ...operand) {
	common := p.comparable(at, operands...)
	p.static = cmp.Or(common, pending)
	for _, o := range operands {
		if common != "" && common != unknown {
			p.coerce(o, common)
		}
	}
}

// noNaN rejects operands that could be NaN where DuckDB compares them with others.
func (p *parser) noNaN(at token, what string, operands ...operand) {
	if !isFloating(p.comparable(at, operands...)) {
		return
	}
	for _, o := range operands[1:] {
		if o.end > o.first+1 || p.tokens[o.first].kind != number {
			p.inexact(at, what+" that compares double or real with other values than numbers")
		}
	}
}
