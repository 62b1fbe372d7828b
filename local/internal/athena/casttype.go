package athena

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// castExpression translates a cast, a literal with a type, true, false, and the function date, which are casts in DuckDB's tree.
func (t *translator) castExpression(n node) (node, string) {
	x := child(n, "child")
	if at, ok := t.location(n); ok {
		return t.cast(x, t.index(at))
	}
	i := t.index(t.first(x))
	switch token := t.token(i); {
	case text(x, "class") == "CONSTANT" && token.isAny("true", "false"):
		return n, "BOOLEAN"
	case text(x, "class") == "CONSTANT" && token.kind == literal && !t.token(i-1).is("("):
		return t.typedLiteral(i)
	}
	for i > 0 && !(t.token(i).is("(") && t.token(i-1).is("date")) {
		i--
	}
	o := t.operand(n, "child")
	if !accepts("sm", o.engine) {
		t.fail(t.token(i-1).start, "FUNCTION_NOT_FOUND", "Unexpected number or types of parameters for function date")
	}
	return t.castTo(t.token(i-1).start, o.node, o.engine, sqlType{"date", "DATE"}, false)
}

// cast translates CAST(x AS type) or TRY_CAST(x AS type). The first token has the index i. DuckDB does not store a time zone with a value,
// so AT TIME ZONE is supported only in a cast to a type without a time zone.
func (t *translator) cast(x node, i int) (node, string) {
	at, try, end := t.token(i).start, t.token(i).is("try_cast"), t.pairs[i+1]
	as := end
	for !t.token(as).is("as") {
		as--
	}
	to := t.typeOf(at, t.tokens[as+1:end])
	isZoned, isMoment := strings.HasSuffix(to.kind, "zone"), slices.Contains(moments, to.engine)
	var o node
	var engine string
	switch zone := t.token(t.index(t.at(x))); {
	case text(x, "function_name") != "timezone" || !zone.is("at"):
		o, engine = t.expression(x)
	case !isMoment || isZoned:
		t.unsupported(zone.start, "AT TIME ZONE outside a CAST to date or timestamp")
	default:
		o, engine = t.atTimeZone(x, zone.start)
	}
	if isZoned && !t.token(end+1).is("at") { // DuckDB does not store the zone
		t.unsupported(at, "CAST to "+to.kind+" without AT TIME ZONE")
	}
	return t.castTo(at, o, engine, to, try)
}

// atTimeZone translates x AT TIME ZONE 'zone'.
func (t *translator) atTimeZone(n node, at int) (node, string) {
	children := list(n, "children")
	zone, _ := child(children[0].(node), "value")["value"].(string)
	switch location, ok := zoneOf(zone); {
	case !ok:
		t.fail(at, "INVALID_LITERAL", "'%s' is not a valid time zone", zone)
	case location.String() == "":
		t.unsupported(at, "an offset as the time zone of AT TIME ZONE")
	}
	o := t.elementOf(children, 1)
	if !slices.Contains(moments, o.engine) {
		t.mistyped(at, "Type of value must be a time or timestamp with or without time zone (actual %s)", trinoType(o.engine))
	}
	return callNode("timezone", stringNode(zone), o.convert("TIMESTAMP WITH TIME ZONE")), "TIMESTAMP"
}

// typedLiteral translates a type and a string, for example DATE '2026-11-21'. The string has the index i.
func (t *translator) typedLiteral(i int) (node, string) {
	kind, value := t.token(i-1), t.token(i).text
	name := lower(kind.text)
	plain, err := textToDate(value)
	engine, ok := "DATE", err == nil
	switch name {
	case "date":
	case "timestamp":
		var stamp timestamp
		stamp, ok = parseTimestamp(value)
		digits := len(stamp.fraction)
		if digits > 6 || digits%3 > 0 {
			t.unsupported(kind.start, fmt.Sprintf("the type timestamp(%d)", digits))
		}
		if stamp.zone != nil { // DuckDB does not store the zone
			t.unsupported(kind.start, "literals with a time zone")
		}
		engine, plain = timestampEngine(digits), stamp.text(digits)
	default:
		t.unsupported(kind.start, "literals of the type "+name)
	}
	if !ok {
		t.fail(kind.start, "INVALID_LITERAL", "'%s' is not a valid %s literal", value, upper(name))
	}
	return castNode(stringNode(plain), engine), engine
}

// timestampEngine returns DuckDB's type for a timestamp with the given precision.
func timestampEngine(precision int) string {
	return [...]string{"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP"}[(precision+2)/3]
}

// sqlType is a type in a query. kind is Trino's name, and engine is DuckDB's name.
type sqlType struct{ kind, engine string }

// unsupportedTypes lists the Athena types that the local Athena does not support.
var unsupportedTypes = strings.Fields("array char geometry hyperloglog interval ipaddress json map row time uuid")

// typeNames replaces other names of types by the names that Trino returns.
var typeNames = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^int$`), "integer"},
	{regexp.MustCompile(`^double precision$`), "double"},
	{regexp.MustCompile(`^(dec|numeric)\b`), "decimal"},
	{regexp.MustCompile(`^decimal$`), "decimal(38)"},
	{regexp.MustCompile(`^decimal\((\d+)\)$`), "decimal($1,0)"},
	{regexp.MustCompile(`^timestamp( |$)`), "timestamp(3)$1"},
	{regexp.MustCompile(` without time zone$`), ""},
}

// typeOf returns the type of a cast, whose tokens are given. at is the offset of the cast.
func (t *translator) typeOf(at int, tokens []token) sqlType {
	kind := ""
	for i, token := range tokens {
		if i > 0 && token.kind == word && !tokens[i-1].isAny("(", ",") {
			kind += " "
		}
		kind += lower(token.text)
	}
	for _, n := range typeNames {
		kind = n.from.ReplaceAllString(kind, n.to)
	}
	base := lower(tokens[0].text)
	known, ok := typeOf(kind)
	var p, s int
	switch {
	case scan(kind, "decimal(%d,%d)", &p, &s):
		ok = p >= 1 && p <= maxPrecision && s >= 0 && s <= p && kind == fmt.Sprintf("decimal(%d,%d)", p, s)
	case ok:
	case scan(kind, "timestamp(%d)", &p) && p <= 6 && strings.HasSuffix(kind, " with time zone"):
		return sqlType{kind, "TIMESTAMP WITH TIME ZONE"}
	case base == "varchar":
		t.unsupported(tokens[0].start, "a length for the type varchar")
	case slices.Contains(unsupportedTypes, base):
		t.unsupported(tokens[0].start, "the type "+base)
	case base == "timestamp" && p <= 12:
		t.unsupported(tokens[0].start, "the type "+kind)
	}
	if !ok {
		t.mistyped(at, "Unknown type: %s", kind)
	}
	return sqlType{kind, known.engine}
}

// castTo casts a value to a type as Trino does. DuckDB casts some types, and castText the others.
func (t *translator) castTo(at int, n node, from string, to sqlType, try bool) (node, string) {
	value, isLiteral := child(n, "value")["value"].(string)
	plain, err := castText(value, "VARCHAR", to.kind)
	out := castNode(n, to.engine)
	switch {
	case from == unknown, from == to.engine:
	case !castable(from, to.engine):
		t.mistyped(at, "Cannot cast %s to %s", trinoType(from), to.kind)
	case isLiteral && err == nil && slices.Contains(moments, to.engine): // a constant allows DuckDB to skip branches of a UNION
		out["child"] = stringNode(plain)
	case from == "VARCHAR" && to.engine == "BLOB":
		out = callNode("encode", n)
	case castsText(from, to.engine):
		text := castNode(n, "VARCHAR")
		if isFloating(from) {
			text = callNode(map[string]string{"DOUBLE": "athena_print_double", "FLOAT": "athena_print_real"}[from], n)
		}
		out["child"] = callNode("athena_text", text, stringNode(from), stringNode(to.kind), boolNode(try))
	case isDecimal(from) && to.engine == "VARCHAR":
		out = callNode("athena_decimal_text", n)
	case from == "TIMESTAMP" && to.engine == "TIMESTAMP_MS": // DuckDB rounds half a millisecond before 1970 down
		out["child"] = callNode("athena_milliseconds", n)
	default:
		out["try_cast"] = try
	}
	return out, to.engine
}

// castable reports whether Trino can cast a DuckDB type to another type.
func castable(from, to string) bool {
	isMoment := slices.Contains(moments, to)
	switch {
	case from == to, from == "VARCHAR":
		return true
	case from == "BLOB", to == "BLOB":
		return false
	case slices.Contains(moments, from):
		return isMoment || to == "VARCHAR"
	}
	return !isMoment // the type is a number or a boolean
}

// castsText reports whether castText casts a DuckDB type to another.
func castsText(from, to string) bool {
	switch {
	case to == "VARCHAR":
		return isFloating(from) || slices.Contains(moments, from)
	case integerDigits[to] > 0 && isFloating(from), to == "FLOAT" && from == "DOUBLE", isFloating(to) && isDecimal(from):
		return true
	}
	return from == "VARCHAR" || isDecimal(to)
}
