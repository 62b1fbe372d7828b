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
	t := p.identifier()
	kind := lower(t.text)
	parameters := p.typeParameters()
	switch {
	case slices.Contains(unsupportedTypes, kind):
		p.unsupported(t, "the type "+kind)
	case p.peek(0).is("array"):
		p.unsupported(p.peek(0), "the type array")
	case kind == "varchar" && len(parameters) == 1:
		p.unsupported(t, "a length for the type varchar")
	case kind == "timestamp" && len(parameters) < 2:
		return p.timestampType(t, append(parameters, 3)[0])
	case kind == "dec", kind == "decimal", kind == "numeric":
		return decimalType(parameters)
	case kind == "double":
		p.take("precision")
	case kind == "int":
		kind = "integer"
	}
	if len(parameters) > 0 {
		return sqlType{kind + strings.NewReplacer("[", "(", " ", ",", "]", ")").Replace(fmt.Sprint(parameters)), ""}
	}
	known, _ := typeOf(kind)
	return sqlType{kind, known.engine}
}

// typeParameters consumes the optional parameters of a type. A parameter that is not an integer is -1.
func (p *parser) typeParameters() (parameters []int) {
	if p.next("(") {
		p.arguments(func() {
			n, err := strconv.Atoi(p.wantKind(number).text)
			if err != nil {
				n = -1
			}
			parameters = append(parameters, n)
		})
	}
	return parameters
}

// timestampType consumes the rest of a timestamp type after its precision.
func (p *parser) timestampType(t token, precision int) sqlType {
	kind := fmt.Sprintf("timestamp(%d)", precision)
	switch {
	case precision < 0 || precision > 12:
		return sqlType{kind, ""}
	case p.take("with", "time", "zone") && precision <= 6:
		return sqlType{kind + " with time zone", "TIMESTAMP WITH TIME ZONE"}
	case precision%3 > 0 || precision > 6:
		p.unsupported(t, "the type "+kind)
	}
	p.take("without", "time", "zone")
	return sqlType{kind, timestampEngine(precision)}
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

// decimalType returns the type DECIMAL(p, s). By default, p is 38 and s is 0.
func decimalType(parameters []int) sqlType {
	p, s := 38, 0
	switch len(parameters) {
	case 2:
		p, s = parameters[0], parameters[1]
	case 1:
		p = parameters[0]
	}
	kind := fmt.Sprintf("decimal(%d,%d)", p, s)
	if len(parameters) > 2 || p < 1 || p > 38 || s < 0 || s > p {
		return sqlType{kind, ""}
	}
	return sqlType{kind, upper(kind)}
}

// cast consumes CAST(x AS type) or TRY_CAST(x AS type).
func (p *parser) cast() {
	t, open := p.peek(0), p.peek(1)
	first, from, hasNull := p.at, p.at+2, p.hasNull
	p.at++
	p.want("(")
	p.expression()
	zone := p.peek(0)
	zoned := p.atTimeZone(from)
	as, until := p.peek(0), p.at
	p.want("as")
	to := p.typeName()
	moment := to.kind == "date" || strings.HasPrefix(to.kind, "timestamp")
	switch {
	case to.engine == "":
		p.fail(t, "TYPE_MISMATCH", "Unknown type: %s", to.kind)
	case zoned && (!moment || strings.HasSuffix(to.kind, "zone")):
		p.unsupported(zone, "AT TIME ZONE outside a CAST to date or timestamp")
	}
	end := p.peek(0)
	p.want(")")
	p.static = to.engine
	if strings.HasSuffix(to.kind, "zone") && !p.next("at", "time", "zone") { // DuckDB does not store the zone
		p.unsupported(t, "CAST to "+to.kind+" without AT TIME ZONE")
	}
	if only := p.tokens[from]; until == from+1 {
		if only.is("null") { // a typed NULL needs no macro; the view of an empty table contains many of them
			p.replace(as.end, end.start, " "+to.engine)
			p.hasNull = hasNull
			return
		}
		// The cast is evaluated here, because a constant allows DuckDB to skip branches of a UNION.
		if text, err := castText(only.text, "VARCHAR", to.kind); err == nil && only.kind == literal && moment {
			p.replace(t.start, end.end, "CAST("+quoteString(text)+" AS "+to.engine+")")
			return
		}
	}
	same := p.firstToken(p.textID(first))
	head, tail := castForm(to, upper(t.text), failAt(p.statement, p.start+same.start, "", "").place)
	if p.asks { // only the type matters, and the macros for casts contain their operands several times
		head, tail = "CAST(CAST((", ") IS NULL AS VARCHAR) AS "+to.engine+")"
	}
	p.replace(t.start, open.end, head)
	p.replace(as.start, end.end, tail)
}

// atTimeZone consumes an optional AT TIME ZONE after the argument of a cast, whose first token has the index from. DuckDB does not store a
// time zone with a value, so AT TIME ZONE is supported only in a cast to a type without a time zone.
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
			digits := len(stamp.fraction)
			if digits > 6 || digits%3 > 0 {
				p.unsupported(t, fmt.Sprintf("the type timestamp(%d)", digits))
			}
			if stamp.zone != nil { // DuckDB does not store the zone
				p.unsupported(t, "literals with a time zone")
			}
			engine, text = timestampEngine(digits), stamp.text(digits)
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
	p.static = engine
}
