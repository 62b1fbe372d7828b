package athena

import (
	"cmp"
	"slices"
	"strings"

	"snaplake/workflow/sqlsyntax"
)

// signatures describes the arguments of the supported functions. n is a number, i an integer, b a boolean, s a varchar, x a varbinary, m a
// date or timestamp, and * any value. Several letters form a choice. The arguments after ? are optional. A ~ shows that Trino has other
// signatures, too. The DuckDB type of the result follows a colon; without one, the result has the type of the first argument.
var signatures = map[string]string{
	"abs": "n", "avg": "n : DOUBLE", "bool_and": "b", "bool_or": "b", "coalesce": "*",
	"concat": "~ s s ?" + strings.Repeat(" s", 125) + ": VARCHAR", "count": "? * : BIGINT",
	"count_if": "b : BIGINT", "date": "sm : DATE", "day": "m : BIGINT", "dense_rank": ": BIGINT", "first_value": "*",
	"from_base": "s i : BIGINT", "from_utf8": "~ x : VARCHAR", "hour": "m : BIGINT", "lag": "* ? i *", "last_value": "*", "lead": "* ? i *",
	"length": "sx : BIGINT", "lower": "s", "max": "~ *", "min": "~ *", "minute": "m : BIGINT", "month": "m : BIGINT",
	"now": ": TIMESTAMP WITH TIME ZONE", "nullif": "* *", "quarter": "m : BIGINT", "rank": ": BIGINT", "regexp_replace": "s s ? s",
	"round": "n ? i", "row_number": ": BIGINT", "second": "m : BIGINT", "sha256": "x", "substr": "~ s i ? i", "sum": "n",
	"to_hex": "x : VARCHAR", "to_utf8": "s : BLOB", "try": "*", "upper": "s", "year": "m : BIGINT",
}

// infixes lists the operators that are functions in DuckDB.
var infixes = strings.Fields("~~ !~~ like_escape not_like_escape || + - * / %")

// function translates a function call. Some operators are functions in DuckDB, too.
func (t *translator) function(n node, at int) (node, string) {
	i := t.index(at)
	token, name := t.token(i), text(n, "function_name")
	called := lower(token.text)
	switch {
	case slices.Contains(infixes, name) && (n["is_operator"] == true || token.isAny("like", "not")):
		return t.infix(n, at, name)
	case name == "timezone" && token.is("at"):
		t.unsupported(at, "AT TIME ZONE outside a CAST to date or timestamp")
	case name == "row":
		t.unsupported(at, "rows")
	case t.token(i + 1).is("."):
		for !t.token(i).is("(") {
			i++
		}
		called = lower(t.sql[at:t.token(i).start])
		fallthrough
	case !sqlsyntax.IsFunction(called):
		t.fail(at, "FUNCTION_NOT_FOUND", "Function '%s' not registered", called)
	case signatures[called] == "" || name != called && name != "count_star":
		t.unsupported(at, "the function "+called)
	}
	arguments := t.operands(list(n, "children"))
	for _, key := range []string{"offset_expr", "default_expr"} {
		if n[key] != nil {
			arguments = append(arguments, t.operand(n, key))
		}
	}
	if n["distinct"] == true && slices.Contains([]string{"concat", "count_if"}, called) {
		t.unsupported(at, "DISTINCT in "+called)
	}
	signature, engine, _ := strings.Cut(signatures[called], ":")
	t.checkArguments(at, called, arguments, strings.Fields(signature))
	t.clauses(n)
	n["schema"], n["catalog"] = "", ""
	if len(arguments) == 0 {
		return n, strings.TrimSpace(engine)
	}
	return t.call(n, cmp.Or(strings.TrimSpace(engine), arguments[0].engine), at, called, arguments)
}

// clauses translates ORDER BY, FILTER and OVER of a function call.
func (t *translator) clauses(n node) {
	t.condition(n, "filter")
	t.condition(n, "filter_expr")
	t.operands(list(n, "partitions"))
	for _, o := range slices.Concat(list(n, "orders"), list(n, "arg_orders"), list(child(n, "order_bys"), "orders")) {
		t.operand(o.(node), "expression")
	}
	for _, key := range []string{"start_expr", "end_expr"} {
		if n[key] != nil {
			t.operand(n, key)
		}
	}
	if exclude := text(n, "exclude_clause"); exclude != "" && exclude != "NO_OTHER" || n["ignore_nulls"] == true {
		t.unsupported(t.at(n), "this window")
	}
}

// checkArguments requires that the arguments match the function's signature.
func (t *translator) checkArguments(at int, name string, arguments []operand, signature []string) {
	hasOthers, required := len(signature) > 0 && signature[0] == "~", len(signature)
	if i := slices.Index(signature, "?"); i >= 0 {
		required = i
	}
	if hasOthers {
		required--
	}
	signature = slices.DeleteFunc(signature, func(s string) bool { return s == "~" || s == "?" })
	for i, a := range arguments {
		switch misfit := i >= len(signature) || !accepts(signature[i], a.engine); {
		case misfit && a.engine == unknown:
			t.unsupported(at, "NULL as an argument of "+name)
		case misfit && hasOthers:
			t.unsupported(at, "these arguments of the function "+name)
		case misfit:
			required = len(arguments) + 1
		}
	}
	if len(arguments) < required {
		t.fail(at, "FUNCTION_NOT_FOUND", "Unexpected number or types of parameters for function %s", name)
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

// call changes the call of a function whose result or type differs in DuckDB. engine is the type of the result in Trino.
func (t *translator) call(n node, engine string, at int, name string, arguments []operand) (node, string) {
	first := arguments[0]
	_, scale := decimalOf(first.engine)
	switch isFloat := isFloating(first.engine); {
	case name == "count_if": // DuckDB's function returns NULL for no rows
		n["function_name"] = "count"
		first.put(callNode("nullif", first.node, boolNode(false)))
	case name == "concat": // DuckDB's function ignores NULL
		n = first.node
		for _, a := range arguments[1:] {
			n = callNode("||", n, a.node)
		}
		n = castNode(n, engine) // in DuckDB, the result of a constant NULL has no type
	case name == "lag", name == "lead":
		t.checkOffset(at, name, arguments)
	case name == "length" && first.engine == "BLOB":
		n["function_name"] = "octet_length"
	case name == "nullif":
		if common := commonType(first.engine, arguments[1].engine); common == "" || isFloating(common) {
			t.noNaN(at, name, arguments...)
		}
	case name == "max" && isFloat: // in DuckDB, NaN is the largest number, but max and min ignore it in Trino
		n["function_name"] = "min"
		first.put(callNode("-", first.node))
		n = callNode("-", n)
	case name == "round":
		engine = t.round(at, arguments)
		n = castNode(n, engine)
	case name == "sum" && isDecimal(engine): // DuckDB's sum may have 39 digits
		engine = decimal(38, scale)
		n = castNode(castNode(n, "VARCHAR"), engine)
	case name == "avg" && isDecimal(first.engine):
		engine = first.engine
		count := clone(n).(node)
		count["function_name"], n["function_name"] = "count", "sum"
		n = castNode(divideNode(n, count, engine, "/"), engine)
	case name == "sum" && !isFloat:
		engine = "BIGINT"
		n = castNode(n, engine)
	case first.engine == "FLOAT" && (name == "sum" || name == "avg"):
		engine = first.engine
		n = castNode(n, engine)
	}
	return n, engine
}

// isDigits reports whether an operand is a number without a sign.
func (t *translator) isDigits(o operand) bool {
	return o.isLiteral && t.token(t.index(t.first(o.from))).kind == number
}

// checkOffset requires that the offset of lag and lead is not negative, and that their default value has the type of the values.
func (t *translator) checkOffset(at int, name string, arguments []operand) {
	if len(arguments) > 1 && !t.isDigits(arguments[1]) {
		t.unsupported(at, "an offset of "+name+" that is not a number")
	}
	if len(arguments) > 2 && arguments[2].engine != unknown && arguments[2].engine != arguments[0].engine {
		t.unsupported(at, "a default value of "+name+" with another type")
	}
}

// round returns the type of round in Trino. The number of digits must be a literal, because DuckDB requires a constant for decimals, and
// rounds floating-point numbers before the point in another way.
func (t *translator) round(at int, arguments []operand) string {
	if len(arguments) > 1 && !t.isDigits(arguments[1]) {
		t.unsupported(at, "a number of digits of round that is not a literal")
	}
	engine := arguments[0].engine
	precision, scale := decimalOf(engine)
	switch {
	case !isDecimal(engine):
		return engine
	case len(arguments) > 1:
		return decimal(precision+1, scale)
	}
	return decimal(precision-scale+min(scale, 1), 0)
}
