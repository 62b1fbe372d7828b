package athena

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// operand is a translated expression.
type operand struct {
	node node
	// engine is the DuckDB type.
	engine string
	// from is the expression before the translation, and isLiteral is true if it was a literal.
	from      node
	isLiteral bool
	// put replaces the expression in its parent.
	put func(node)
}

// convert casts an operand to a DuckDB type, unless it has that type.
func (o operand) convert(engine string) node {
	if o.engine == engine || engine == unknown {
		return o.node
	}
	out := castNode(o.node, engine)
	o.put(out)
	return out
}

// replace translates an expression. The function put replaces it in its parent.
func (t *translator) replace(n node, put func(node)) operand {
	o := operand{from: n, isLiteral: text(n, "class") == "CONSTANT", put: put}
	o.node, o.engine = t.expression(n)
	put(o.node)
	return o
}

// operand translates the expression that is a property of a node.
func (t *translator) operand(in node, key string) operand {
	return t.replace(child(in, key), func(n node) { in[key] = n })
}

// elementOf translates the expression with an index in a list.
func (t *translator) elementOf(in []any, i int) operand {
	return t.replace(in[i].(node), func(n node) { in[i] = n })
}

// operands translates the expressions in a list.
func (t *translator) operands(in []any) (all []operand) {
	for i := range in {
		all = append(all, t.elementOf(in, i))
	}
	return all
}

// expression translates an expression and returns its DuckDB type.
func (t *translator) expression(n node) (out node, engine string) {
	at := t.at(n)
	switch class := text(n, "class"); class {
	case "CONSTANT":
		return t.constant(n, t.index(at))
	case "COLUMN_REF":
		return t.column(n)
	case "CAST":
		return t.castExpression(n)
	case "FUNCTION", "WINDOW":
		return t.function(n, at)
	case "COMPARISON":
		return t.comparison(n, at)
	case "CONJUNCTION":
		for _, o := range t.operands(list(n, "children")) {
			t.boolean(o)
		}
	case "BETWEEN":
		t.noNaN(at, "BETWEEN", t.operand(n, "input"), t.operand(n, "lower"), t.operand(n, "upper"))
	case "CASE":
		var results []operand
		for _, c := range list(n, "case_checks") {
			t.condition(c.(node), "when_expr")
			results = append(results, t.operand(c.(node), "then_expr"))
		}
		return n, t.coerce(at, append(results, t.operand(n, "else_expr"))...)
	case "OPERATOR":
		return n, t.operator(n, at)
	case "SUBQUERY":
		return n, t.subquery(n, at)
	default:
		t.unsupported(at, lower(class)+" here")
	}
	return n, "BOOLEAN"
}

// condition translates an optional property of a node, which must be a boolean.
func (t *translator) condition(n node, key string) {
	if n[key] != nil {
		t.boolean(t.operand(n, key))
	}
}

// boolean requires that an operand is a boolean.
func (t *translator) boolean(o operand) {
	if o.engine != "BOOLEAN" && o.engine != unknown {
		t.mistyped(t.first(o.from), "a condition must evaluate to a boolean (actual: %s)", trinoType(o.engine))
	}
}

// mistyped rejects the query because of its types, as Athena does.
func (t *translator) mistyped(at int, format string, args ...any) {
	t.fail(at, "TYPE_MISMATCH", format, args...)
}

// constant translates a literal. i is the index of its first token.
func (t *translator) constant(n node, i int) (node, string) {
	switch id := text(child(child(n, "value"), "type"), "id"); {
	case id == "NULL":
		return n, unknown
	case id != "VARCHAR":
		return t.number(n, i)
	case t.token(i).is("x"): // a binary literal, for example X'00'
		return callNode("unhex", stringNode(strings.ReplaceAll(t.token(i+1).text, " ", ""))), "BLOB"
	}
	return n, "VARCHAR"
}

// number translates a number, whose sign or digits are the token with an index.
func (t *translator) number(n node, i int) (node, string) {
	sign := ""
	for ; t.token(i).kind != number; i++ {
		if t.token(i).is("-") {
			sign = map[string]string{"": "-", "-": ""}[sign]
		}
	}
	digits := t.token(i).text
	engine := numberType(sign + digits)
	if f, err := strconv.ParseFloat(digits, 64); err != nil && engine == "DOUBLE" {
		digits = javaFloat(f, 64)
	}
	if engine != "INTEGER" || sign+digits == strconv.Itoa(math.MinInt32) { // DuckDB writes 1e0 as 1.0
		n = castNode(stringNode(sign+digits), engine)
	}
	return n, engine
}

// numberType returns the DuckDB type for the type of a number in Trino, or "" if it has too many digits. A number with a point is a decimal
// without leading zeros.
func numberType(text string) string {
	whole, fraction, isDecimal := strings.Cut(strings.TrimLeft(text, "-0"), ".")
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case strings.ContainsAny(text, "eE"):
		return "DOUBLE"
	case isDecimal && len(whole+fraction) <= maxPrecision:
		return decimal(max(len(whole+fraction), 1), len(fraction))
	case isDecimal, err != nil:
		return ""
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return "INTEGER"
	}
	return "BIGINT"
}

// clocks lists Trino's functions without parentheses. They are columns in DuckDB's tree.
var clocks = strings.Fields("current_date current_timestamp current_time current_user current_catalog current_schema current_path " +
	"localtime localtimestamp")

// isClock reports whether the name of a column is a function without parentheses.
func (t *tree) isClock(n node) bool {
	token := t.token(t.index(t.at(n)))
	return len(list(n, "column_names")) == 1 && token.kind == word && slices.Contains(clocks, lower(token.text))
}

// column translates the name of a column. The name of the table prevents DuckDB from using an alias of the SELECT list.
func (t *translator) column(n node) (node, string) {
	path := list(n, "column_names")
	name := lower(path[0].(string))
	switch isClock := t.isClock(n); {
	case isClock && name == "current_date":
		return castNode(callNode("athena_now"), "DATE"), "DATE"
	case isClock && name == "current_timestamp":
		return callNode("athena_now"), "TIMESTAMP WITH TIME ZONE"
	case isClock:
		t.unsupported(t.at(n), name)
	}
	if len(path) == 1 && t.scope != nil { // in ORDER BY, the names of the SELECT list precede those of FROM
		if i := t.scope.item(name); i >= 0 {
			same := clone(t.scope.items[i].node).(node)
			same["alias"] = ""
			return same, t.scope.items[i].engine
		}
	}
	f := t.resolve(n)
	return f.node(), f.engine
}

// operator translates NOT, IS NULL, IN, COALESCE and TRY.
func (t *translator) operator(n node, at int) (engine string) {
	kind := text(n, "type")
	operands := t.operands(list(n, "children"))
	switch kind {
	case "OPERATOR_NOT":
		t.boolean(operands[0])
	case "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL":
	case "COMPARE_IN", "COMPARE_NOT_IN":
		t.noNaN(at, "IN", operands...)
	case "OPERATOR_COALESCE":
		if len(operands) < 2 {
			t.fail(at, "SYNTAX_ERROR", "The 'coalesce' function must have at least two arguments")
		}
		return t.coerce(at, operands...)
	case "OPERATOR_TRY":
		return operands[0].engine
	default:
		t.unsupported(at, lower(strings.TrimPrefix(kind, "OPERATOR_")))
	}
	return "BOOLEAN"
}

// subquery translates EXISTS, IN with a subquery, and a subquery that returns a value.
func (t *translator) subquery(n node, at int) string {
	var value operand
	if n["child"] != nil {
		value = t.operand(n, "child")
	}
	query := child(n, "subquery")
	columns := t.query(child(query, "node"))
	switch kind := text(n, "subquery_type"); {
	case kind == "EXISTS":
		return "BOOLEAN"
	case len(columns) != 1:
		t.fail(at, "NOT_SUPPORTED", "Multiple columns returned by subquery are not yet supported. Found %d", len(columns))
	case kind == "SCALAR":
		return columns[0].engine
	case kind != "ANY" || text(n, "comparison_type") != "COMPARE_EQUAL":
		t.unsupported(at, "this subquery")
	}
	common := t.noNaN(at, "IN", value, operand{engine: columns[0].engine, put: func(node) {}})
	query["node"] = withTypes(child(query, "node"), columns, []column{newColumn("", common)})
	return "BOOLEAN"
}

// coerce converts operands to the type to which Trino coerces them, and returns the type.
func (t *translator) coerce(at int, operands ...operand) string {
	common := unknown
	for _, o := range operands {
		before := common
		if common = commonType(common, o.engine); common == "" {
			t.mistyped(at, "Cannot find common type between %s and %s", trinoType(before), trinoType(o.engine))
		}
	}
	for _, o := range operands {
		o.convert(common)
	}
	return common
}

// noNaN is like coerce, but rejects operands that could be NaN, because DuckDB compares NaN in another way.
func (t *translator) noNaN(at int, what string, operands ...operand) string {
	common := t.coerce(at, operands...)
	for _, o := range operands[1:] {
		if isFloating(common) && !o.isLiteral {
			t.unsupported(at, what+" that compares double or real with other values than numbers")
		}
	}
	return common
}

// comparisons maps DuckDB's comparisons to Trino's operators, and to the macros for floating-point numbers and for the negation. In Trino,
// NaN equals nothing; in DuckDB, it equals itself and exceeds every number.
var comparisons = map[string]struct{ operator, macro, inverse string }{
	"COMPARE_EQUAL": {"=", "athena_equal", "athena_unequal"}, "COMPARE_NOTEQUAL": {"<>", "athena_unequal", "athena_equal"},
	"COMPARE_LESSTHAN": {"<", "athena_less", "athena_at_least"}, "COMPARE_GREATERTHAN": {">", "athena_greater", "athena_at_most"},
	"COMPARE_LESSTHANOREQUALTO":    {"<=", "athena_at_most", "athena_greater"},
	"COMPARE_GREATERTHANOREQUALTO": {">=", "athena_at_least", "athena_less"},
}

func (t *translator) comparison(n node, at int) (node, string) {
	nots := 0 // DuckDB's parser replaces NOT a < b by a >= b, which differs for NaN
	for i, left := t.index(at), t.first(n["left"]); t.token(i).start < left; i++ {
		if t.token(i).is("not") {
			nots++
		}
	}
	a, b := t.operand(n, "left"), t.operand(n, "right")
	c, isOrdered := comparisons[text(n, "type")]
	common := commonType(a.engine, b.engine)
	if isOrdered && common == "" {
		t.mistyped(at, "Cannot apply operator: %s %s %s", trinoType(a.engine), c.operator, trinoType(b.engine))
	}
	if !isOrdered || !isFloating(common) {
		t.coerce(at, a, b)
		return n, "BOOLEAN"
	}
	if nots%2 == 0 {
		return callNode(c.macro, a.convert(common), b.convert(common)), "BOOLEAN"
	}
	call := callNode(c.inverse, a.convert(common), b.convert(common))
	return expressionNode("OPERATOR", "OPERATOR_NOT", node{"children": []any{call}}), "BOOLEAN"
}

// arithmetic translates an operation on two numbers.
func (t *translator) arithmetic(n node, at int, operator string, a, b operand) (node, string) {
	common := commonType(a.engine, b.engine)
	switch {
	case operator == "-" && slices.Contains(moments, common):
		t.unsupported(at, "the type interval")
	case !isNumber(common):
		t.mistyped(at, "Cannot apply operator: %s %s %s", trinoType(a.engine), operator, trinoType(b.engine))
	case isDecimal(common):
		return decimalArithmetic(n, operator, a, b)
	case (operator == "/" || operator == "%") && !isFloating(common):
		macro := map[string]string{"/": "athena_divide", "%": "athena_modulus"}[operator]
		return callNode(macro, a.convert(common), b.convert(common)), common
	}
	return n, t.coerce(at, a, b)
}

// decimalArithmetic translates an operation on decimals. DuckDB computes sums and products exactly if their type is large enough.
func decimalArithmetic(n node, operator string, a, b operand) (node, string) {
	result := decimalResult(operator, a.engine, b.engine)
	precision, scale := decimalOf(a.engine)
	switch operator {
	case "*":
		a.convert(decimal(max(precision, 19), scale))
		b.convert(decimal(decimalOf(b.engine)))
	case "+", "-":
		a.convert(result)
		b.convert(result)
	default:
		n = divideNode(a.node, b.node, result, operator)
	}
	return castNode(n, result), result
}

// divideNode divides two decimals exactly.
func divideNode(a, b node, result, operator string) node {
	_, scale := decimalOf(result)
	return callNode("athena_decimal_divide", castNode(a, "VARCHAR"), castNode(b, "VARCHAR"), constant("INTEGER", scale), stringNode(operator))
}

// infix translates an operator that is a function in DuckDB.
func (t *translator) infix(n node, at int, name string) (node, string) {
	operands := t.operands(list(n, "children"))
	for _, o := range operands {
		isJoin := name == "||"
		switch is := trinoType(o.engine); {
		case !isJoin && !strings.ContainsAny(name, "~_"):
		case isJoin && (o.engine == "BLOB" || o.engine == unknown):
			t.unsupported(at, is+" as an operand of ||")
		case o.engine != "VARCHAR" && o.engine != unknown:
			t.mistyped(at, "%s requires varchar (actual: %s)", map[bool]string{true: "||", false: "LIKE"}[isJoin], is)
		}
	}
	switch {
	case name == "||":
		return castNode(n, "VARCHAR"), "VARCHAR" // in DuckDB, the result of a constant NULL has no type
	case strings.ContainsAny(name, "~_"):
		if len(operands) == 3 {
			t.escape(operands[1], operands[2])
		}
		return n, "BOOLEAN"
	case len(operands) == 2:
		return t.arithmetic(n, at, name, operands[0], operands[1])
	}
	o := operands[0]
	if !isNumber(o.engine) || name == "+" && isDecimal(o.engine) {
		t.mistyped(at, "Unary '%s' operator cannot be applied to %s", name, trinoType(o.engine))
	}
	return n, o.engine
}

// escape checks the escape character of LIKE. DuckDB accepts it before any character.
func (t *translator) escape(pattern, escape operand) {
	p, ok1 := child(pattern.node, "value")["value"].(string)
	e, ok2 := child(escape.node, "value")["value"].(string)
	at := t.first(escape.from)
	switch {
	case !ok1 || !ok2:
		t.unsupported(at, "ESCAPE after a pattern that is not a string literal")
	case utf8.RuneCountInString(e) != 1:
		t.fail(at, "INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character")
	case strings.Contains(strings.NewReplacer(e+e, "", e+"%", "", e+"_", "").Replace(p), e):
		t.fail(at, "INVALID_FUNCTION_ARGUMENT", "Escape character must be followed by '%%', '_' or the escape character itself")
	}
}
