package athena

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sqlType is a type in a query. kind is Trino's name, and engine is DuckDB's name, or "" if Athena does not support the type.
type sqlType struct{ kind, engine string }

// unsupportedTypes lists the Athena types that the local Athena does not support.
var unsupportedTypes = strings.Fields("array char geometry hyperloglog interval ipaddress json map row time uuid")

func (p *parser) typeName() sqlType {
	t := p.peek(0)
	if slices.Contains(unsupportedTypes, lower(t.text)) {
		p.unsupported(t, "the type "+lower(t.text))
	}
	var out sqlType
	switch {
	case p.take("double", "precision"):
		out = sqlType{"double", "DOUBLE"}
	case p.take("timestamp"):
		out = p.timestampType()
	default:
		out = p.plainType()
	}
	if t := p.peek(0); t.is("array") {
		p.unsupported(t, "the type array")
	}
	return out
}

// timestampType consumes the rest of a timestamp type after the word TIMESTAMP. The default precision is 3 (milliseconds).
func (p *parser) timestampType() sqlType {
	t := p.peek(-1)
	precision := 3
	if p.take("(") {
		var err error
		digits := p.wantKind(number)
		if precision, err = strconv.Atoi(digits.text); err != nil || precision > 12 {
			p.fail(t, "TYPE_NOT_FOUND", "Unknown type: timestamp(%s)", digits.text)
		}
		p.want(")")
	}
	if precision > 6 {
		p.unsupported(t, fmt.Sprintf("the type timestamp(%d)", precision))
	}
	if p.take("with", "time", "zone") {
		return sqlType{fmt.Sprintf("timestamp(%d) with time zone", precision), "TIMESTAMP WITH TIME ZONE"}
	}
	p.take("without", "time", "zone")
	return sqlType{fmt.Sprintf("timestamp(%d)", precision), timestampEngine(precision)}
}

// timestampEngine returns DuckDB's type for a timestamp with the given precision.
func timestampEngine(precision int) string {
	switch {
	case precision == 0:
		return "TIMESTAMP_S"
	case precision <= 3:
		return "TIMESTAMP_MS"
	}
	return "TIMESTAMP"
}

// plainType consumes a type whose name is one word, with or without parameters.
func (p *parser) plainType() sqlType {
	t := p.identifier()
	name := lower(t.text)
	var parameters []int
	if p.take("(") {
		p.list(func() {
			n, err := strconv.Atoi(p.wantKind(number).text)
			if err != nil {
				n = -1
			}
			parameters = append(parameters, n)
		})
		p.want(")")
	}
	switch {
	case name == "int" && parameters == nil:
		name = "integer"
	case name == "dec", name == "decimal", name == "numeric":
		return decimalType(append(parameters, 38, 0), len(parameters))
	case name == "varchar" && len(parameters) == 1:
		p.unsupported(t, "a length for the type varchar")
	case len(parameters) > 0:
		name += "(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(parameters), " ", ","), "[]") + ")"
	}
	engine, _ := engineType(name)
	return sqlType{name, engine}
}

// decimalType returns the type DECIMAL(p, s). The first n parameters come from the query; the others are defaults.
func decimalType(parameters []int, n int) sqlType {
	p, s := parameters[0], parameters[1]
	if n == 1 {
		s = 0
	}
	kind := fmt.Sprintf("decimal(%d,%d)", p, s)
	if n > 2 || p < 1 || p > 38 || s < 0 || s > p {
		return sqlType{kind, ""}
	}
	return sqlType{kind, strings.ToUpper(kind)}
}

// cast consumes CAST(x AS type) or TRY_CAST(x AS type). prefix is the first part of the macro's name. engine is CAST or TRY_CAST.
func (p *parser) cast(prefix, engine string) {
	t, open := p.peek(0), p.peek(1)
	p.at++
	p.want("(")
	from := p.at
	p.expression()
	zone := p.peek(0)
	zoned := p.atTimeZone(from)
	as, until := p.peek(0), p.at
	p.want("as")
	to := p.typeName()
	moment := to.kind == "date" || strings.HasPrefix(to.kind, "timestamp")
	switch {
	case to.engine == "":
		p.fail(t, "TYPE_NOT_FOUND", "Unknown type: %s", to.kind)
	case zoned && (!moment || strings.HasSuffix(to.kind, "zone")):
		p.unsupported(zone, "AT TIME ZONE outside a CAST to date or timestamp")
	}
	end := p.peek(0)
	p.want(")")
	if only := p.tokens[from]; until == from+1 {
		if only.is("null") { // a typed NULL needs no macro; the view of an empty table contains many of them
			p.replace(as.end, end.start, " "+to.engine)
			return
		}
		// The cast is evaluated here, because a constant allows DuckDB to skip branches of a UNION.
		if text, err := castText(only.text, "VARCHAR", to.kind); err == nil && only.kind == literal && moment {
			p.replace(t.start, end.end, "CAST("+quoteString(text)+" AS "+to.engine+")")
			return
		}
	}
	head, tail := castForm(to, prefix, engine, failAt(p.statement, p.start+t.start, "", "").place)
	p.replace(t.start, open.end, head)
	p.replace(as.start, end.end, tail)
}

// atTimeZone consumes an optional AT TIME ZONE after the argument of a cast, and reports whether it was present. The parameter from is the
// index of the argument's first token. DuckDB does not store a time zone with a value, so AT TIME ZONE is supported only in a cast to a
// type without a time zone.
func (p *parser) atTimeZone(from int) bool {
	at := p.peek(0)
	if !p.take("at", "time", "zone") {
		return false
	}
	zone := p.wantKind(literal)
	switch name, ok := zoneOf(zone.text); {
	case !ok:
		p.fail(at, "INVALID_LITERAL", "'%s' is not a valid time zone", zone.text)
	case name.String() == "":
		p.unsupported(zone, "an offset as the time zone of AT TIME ZONE")
	}
	p.replace(at.start, zone.start, ",")
	p.wrap(from, "athena_at_timezone(", ")")
	return true
}

// typedLiteral consumes a type and a string, for example DATE '2026-11-21'.
func (p *parser) typedLiteral() {
	t := p.peek(0)
	p.at++
	p.take("precision")
	value := p.wantKind(literal)
	name, text, engine, ok := lower(t.text), value.text, "DATE", true
	switch name {
	case "timestamp":
		var stamp timestamp
		if stamp, ok = parseTimestamp(text); ok {
			digits := min(stamp.digits, 6)
			if stamp.digits > digits {
				p.unsupported(t, fmt.Sprintf("the type timestamp(%d)", stamp.digits))
			}
			engine, text = timestampEngine(digits), stamp.text(digits)
			if stamp.zone != nil {
				engine = "TIMESTAMP WITH TIME ZONE"
			}
		}
	case "date":
		plain, err := textToDate(text)
		text, ok = plain, err == nil
	default:
		p.unsupported(t, "literals of the type "+name)
	}
	if !ok {
		p.fail(t, "INVALID_LITERAL", "'%s' is not a valid %s literal", value.text, upper(name))
	}
	p.replace(t.start, value.end, "CAST("+quoteString(text)+" AS "+engine+")")
}
