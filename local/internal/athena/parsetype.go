package athena

import (
	"fmt"
	"strconv"
	"strings"
)

// sqlType is a type that a query names: as Trino and as the engine call it. engine is "" for a type that Athena does not have.
type sqlType struct{ kind, engine string }

// typeName is the name of a type.
func (g *grammar) typeName() sqlType {
	g.enter()
	defer g.leave()
	t := g.peek(0)
	var out sqlType
	switch {
	case g.take("array", "("):
		out = arrayOf(g.typeName())
		g.want(")")
	case g.take("map", "("):
		out = g.mapType()
	case g.take("row", "("):
		out = g.rowType()
	case g.take("double", "precision"):
		out = sqlType{"double", "DOUBLE"}
	case g.takeAny("timestamp", "time"):
		out = g.timeType(lower(t.text))
	case t.is("interval"):
		g.lacks(t, "casts to INTERVAL")
	case t.isAny("ipaddress", "geometry", "hyperloglog"):
		g.lacks(t, "the type "+lower(t.text))
	default:
		out = g.plainType()
	}
	for g.take("array") {
		out = arrayOf(out)
	}
	return out
}

func arrayOf(t sqlType) sqlType {
	if t.engine == "" {
		return t
	}
	return sqlType{"array(" + t.kind + ")", t.engine + "[]"}
}

func (g *grammar) mapType() sqlType {
	key := g.typeName()
	g.want(",")
	value := g.typeName()
	g.want(")")
	switch {
	case key.engine == "":
		return key
	case value.engine == "":
		return value
	}
	return sqlType{"map(" + key.kind + ", " + value.kind + ")", "MAP(" + key.engine + ", " + value.engine + ")"}
}

func (g *grammar) rowType() sqlType {
	var kinds, engines []string
	var unknown *sqlType
	g.list(func() {
		name := "field" + strconv.Itoa(len(kinds))
		kind := ""
		if after := g.peek(1); isIdentifier(g.peek(0)) && !after.isAny("(", ",", ")", "with", "without", "precision", "array") {
			name = g.identifier().text
			kind = name + " "
		}
		t := g.typeName()
		if t.engine == "" {
			unknown = &t
		}
		kinds = append(kinds, kind+t.kind)
		engines = append(engines, quote(name)+" "+t.engine)
	})
	g.want(")")
	if unknown != nil {
		return *unknown
	}
	return sqlType{"row(" + strings.Join(kinds, ", ") + ")", "STRUCT(" + strings.Join(engines, ", ") + ")"}
}

// timeType is TIMESTAMP or TIME with what may follow. Without a precision it is milliseconds.
func (g *grammar) timeType(base string) sqlType {
	t := g.peek(-1)
	precision := 3
	if g.take("(") {
		var err error
		digits := g.wantKind(number)
		if precision, err = strconv.Atoi(digits.text); err != nil || precision > 12 {
			g.fail(t, "TYPE_NOT_FOUND", "Unknown type: %s(%s)", base, digits.text)
		}
		g.want(")")
	}
	zone := g.take("with", "time", "zone")
	if !zone {
		g.take("without", "time", "zone")
	}
	switch {
	case precision > 9, base == "time" && (zone || precision > 6), base == "timestamp" && zone && precision > 6:
		g.lacks(t, fmt.Sprintf("the type %s(%d)%s", base, precision, map[bool]string{true: " with time zone"}[zone]))
	case zone:
		return sqlType{fmt.Sprintf("timestamp(%d) with time zone", precision), "TIMESTAMP WITH TIME ZONE"}
	case base == "time":
		return sqlType{fmt.Sprintf("time(%d)", precision), "TIME"}
	}
	return sqlType{fmt.Sprintf("timestamp(%d)", precision), timestampEngine(precision)}
}

// timestampEngine is the engine's type for timestamps of so many digits.
func timestampEngine(precision int) string {
	switch {
	case precision == 0:
		return "TIMESTAMP_S"
	case precision <= 3:
		return "TIMESTAMP_MS"
	case precision <= 6:
		return "TIMESTAMP"
	}
	return "TIMESTAMP_NS"
}

// plainType is a type of one word, with parameters or not.
func (g *grammar) plainType() sqlType {
	name := lower(g.identifier().text)
	var parameters []int
	if g.take("(") {
		g.list(func() {
			n, err := strconv.Atoi(g.wantKind(number).text)
			if err != nil {
				n = -1
			}
			parameters = append(parameters, n)
		})
		g.want(")")
	}
	kind := name
	if len(parameters) > 0 {
		kind += "(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(parameters), " ", ","), "[]") + ")"
	}
	switch {
	case name == "int" && parameters == nil:
		kind = "integer"
	case name == "dec", name == "decimal", name == "numeric":
		return decimalType(append(parameters, 38, 0), len(parameters))
	case name == "varchar" && len(parameters) == 1, name == "char" && len(parameters) == 1:
		return sqlType{kind, "VARCHAR"}
	case name == "char" && parameters == nil:
		return sqlType{"char(1)", "VARCHAR"}
	}
	engine, _ := engineType(kind)
	return sqlType{kind, engine}
}

// decimalType is DECIMAL(p, s) of which n parameters were given. Without any it is DECIMAL(38, 0), with one a whole number.
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

// cast is CAST(x AS type) and TRY_CAST. macro is how the names of the macros begin that do it as Trino does, engine the cast that the
// engine has.
func (g *grammar) cast(macro, engine string) {
	t, open := g.peek(0), g.peek(1)
	g.at += 2
	from := g.at
	g.expression()
	as, until := g.peek(0), g.at
	g.want("as")
	to := g.typeName()
	if to.engine == "" {
		g.fail(t, "TYPE_NOT_FOUND", "Unknown type: %s", to.kind)
	}
	if to.kind == "date" || strings.HasPrefix(to.kind, "time") && !strings.HasSuffix(to.kind, "zone") {
		g.wallClock(from, until)
	}
	end := g.peek(0)
	g.want(")")
	if only := g.tokens[from]; only.is("null") && until == from+1 {
		g.replace(as.end, end.start, " "+to.engine) // a NULL of that type, of which a view of an empty table has many
		return
	}
	if only := g.tokens[from]; only.kind == literal && until == from+1 && (to.kind == "date" || strings.HasPrefix(to.kind, "timestamp")) {
		if text, err := castText(only.text, "VARCHAR", to.kind); err == nil { // of a constant the engine knows which branches of a UNION to skip
			g.replace(t.start, end.end, "CAST("+quoteString(text)+" AS "+to.engine+")")
			return
		}
	}
	head, tail := castForm(to, macro, engine, failAt(g.statement, g.start+t.start, "", "").at)
	g.replace(t.start, open.end, head)
	g.replace(as.start, end.end, tail)
}

// typedLiteral is a type before a string: DATE '2026-11-21'.
func (g *grammar) typedLiteral() {
	t := g.peek(0)
	g.at++
	if t.is("double") {
		g.take("precision")
	}
	value := g.wantKind(literal)
	invalid := func(name string) {
		g.fail(t, "INVALID_LITERAL", "'%s' is not a valid %s literal", value.text, strings.ToUpper(name))
	}
	engine := ""
	text := value.text
	switch name := lower(t.text); name {
	case "timestamp":
		stamp, ok := parseTimestamp(text)
		if !ok {
			invalid(name)
		}
		engine, text = timestampEngine(stamp.digits), stamp.text(stamp.digits)
		if stamp.zone != nil {
			engine = "TIMESTAMP WITH TIME ZONE"
		}
	case "date", "time", "decimal":
		kind := map[string]string{"date": "date", "time": "time(6)", "decimal": "decimal(38," + strconv.Itoa(digitsAfterPoint(text)) + ")"}[name]
		plain, err := castText(text, "VARCHAR", kind)
		if err != nil {
			invalid(name)
		}
		engine, text = strings.ToUpper(name), plain
		if name == "decimal" {
			g.replace(t.start, value.end, plain)
			return
		}
	default:
		to, ok := engineType(map[bool]string{true: "integer", false: name}[name == "int"])
		if !ok {
			g.fail(t, "TYPE_NOT_FOUND", "Unknown type: %s", t.text)
		}
		head, tail := castForm(sqlType{name, to}, "athena_cast_", "CAST", failAt(g.statement, g.start+t.start, "", "").at)
		g.replace(t.start, value.end, head+quoteString(text)+tail)
		return
	}
	g.replace(t.start, value.end, "CAST("+quoteString(text)+" AS "+engine+")")
}

func digitsAfterPoint(number string) int {
	_, digits, _ := strings.Cut(number, ".")
	return len(digits)
}
