package athena

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snaplake/workflow/sqlsyntax"
)

// tree is the syntax tree of a query, as DuckDB's function json_serialize_sql returns it.
type tree struct {
	source
	// start is the offset of the query in the statement.
	start int
	// inserted holds the offsets in DuckDB's text of the characters that the query does not contain, in ascending order.
	inserted []int
	root     node
}

// querier is a connection to DuckDB, or a pool of connections.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// parseTree parses the query that starts at a byte offset in a statement. It rejects most syntax that DuckDB accepts but Trino does not.
func parseTree(ctx context.Context, db querier, statement string, start int) (t *tree, err error) {
	defer catch(&err)
	t = &tree{start: start}
	if t.source, err = lex(statement, start); err != nil {
		return nil, err
	}
	for i := range t.tokens {
		t.check(i)
	}
	text := t.text()
	runes := []rune(text)
	const serialize = "SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS VARCHAR)"
	if err := db.QueryRowContext(ctx, serialize, text).Scan(&text); err != nil {
		return nil, err
	}
	var out struct {
		Statements []struct{ Node node }
		Message    string `json:"error_message"`
		Position   string
	}
	d := json.NewDecoder(strings.NewReader(strings.ReplaceAll(text, ":Infinity", ":null"))) // Infinity is not valid JSON
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("read the syntax tree of a query: %w", err)
	}
	switch at, err := strconv.Atoi(out.Position); {
	case len(out.Statements) == 1:
		t.root = out.Statements[0].Node
	case strings.HasSuffix(out.Message, "end of input"):
		t.mismatch(len(t.tokens))
	case err == nil && strings.HasPrefix(out.Message, "syntax error"):
		t.mismatch(t.index(t.offset(len(string(runes[:at])))))
	case strings.HasPrefix(out.Message, "Max expression depth"):
		t.fail(start, "SYNTAX_ERROR", "%s", tooLarge)
	default:
		t.unsupported(start, "this query ("+out.Message+")")
	}
	return t, nil
}

// deparse returns the tree's SQL.
func (t *tree) deparse(ctx context.Context, db querier) (query string, err error) {
	b, err := json.Marshal(node{"error": false, "statements": []any{node{"node": t.root, "named_param_map": []any{}}}})
	if err != nil {
		return "", err
	}
	if err := db.QueryRowContext(ctx, "SELECT json_deserialize_sql(CAST(? AS JSON))", string(b)).Scan(&query); err != nil {
		return "", fmt.Errorf("convert a syntax tree to SQL: %w", err)
	}
	return query, nil
}

// mismatch rejects the query, because the grammar does not allow the token with an index. If the token is in an argument of a function that
// the translation does not support, Trino's grammar may allow it.
func (t *tree) mismatch(i int) {
	for j := min(i, len(t.tokens)) - 1; j > 0; j-- {
		name := lower(t.tokens[j-1].text)
		if open, closed := t.pairs[j]; closed && open < j {
			j = open
		} else if t.tokens[j].is("(") && signatures[name] == "" && sqlsyntax.IsFunction(name) {
			t.unsupported(t.tokens[j-1].start, "the function "+name)
		}
	}
	if t.token(i).is("*") && t.token(i-1).is(".") {
		t.unsupported(t.token(i).start, "* after the name of a database")
	}
	t.source.mismatch(i)
}

// index returns the index of the first token that does not end before an offset.
func (t *tree) index(at int) int {
	i, _ := slices.BinarySearchFunc(t.tokens, at, func(token token, at int) int { return token.end - 1 - at })
	return i
}

// endsOperand reports whether the token with an index can be the last one of an expression.
func (t *tree) endsOperand(i int) bool {
	token := t.token(i)
	return token.kind == literal || token.kind == number || isIdentifier(token) ||
		token.isAny(")", "end", "null", "true", "false", "current_date")
}

// unsupportedSyntax maps one or two tokens, with ' for a string, to a feature that the translation does not support.
var unsupportedSyntax = map[string]string{
	"recursive": "WITH RECURSIVE", "fetch first": "FETCH FIRST", "fetch next": "FETCH FIRST", "array [": "ARRAY", "interval '": "INTERVAL",
	"interval +": "INTERVAL", "interval -": "INTERVAL", "rollup (": groupingSets, "cube (": groupingSets, "grouping sets": groupingSets,
	"unnest (": "UNNEST in FROM", "lateral (": "LATERAL in FROM", "table (": "TABLE in FROM", "json_table (": "JSON_TABLE in FROM",
	"table": "TABLE as a query", "tablesample bernoulli": "TABLESAMPLE", "tablesample system": "TABLESAMPLE", "u &": "Unicode string literals",
	"?": "execution parameters", "row (": "ROW", "ignore nulls": "IGNORE NULLS", "respect nulls": "RESPECT NULLS",
	"match_recognize (": "MATCH_RECOGNIZE",
}

const groupingSets = "ROLLUP, CUBE and GROUPING SETS"

// check rejects the token with an index if Trino's grammar does not allow it there, although DuckDB's grammar does, or if the translation
// does not support it.
func (t *tree) check(i int) {
	token, before, after := t.tokens[i], t.token(i-1), t.token(i+1)
	isComparison := before.isAny("=", "<>", "!=", "<", "<=", ">", ">=")
	switch {
	case token.kind == backquoted, token.kind == digitWord,
		token.kind == literal && (t.endsOperand(i-1) && before.kind != word || before.is("as")),
		token.kind == literal && before.end == token.start && before.kind == word && !before.is("x"),
		token.is("[") && !t.endsOperand(i-1),
		token.kind == symbol && !strings.Contains("( ) , . = <> != < <= > >= + - * / % || & [ ?", token.text),
		token.kind == word && !isIdentifier(token) && before.is("as"),
		before.is("select") && token.isAny("from", "where", "group", "having", "order", "union", "intersect", "except"),
		token.is("from") && before.isAny("(", ",", ""), token.is("on") && before.is("distinct"),
		token.isAny("exclude", "replace", "rename") && before.is("*") && after.is("(") && !t.endsOperand(i-2),
		token.is("offset") && t.token(i-2).is("limit"), token.is("by") && before.isAny("union", "all", "distinct", "except", "intersect"),
		before.is(",") && token.isAny(")", "from", "where", "group", "having", "order", "limit", "union", "intersect", "except"):
		t.mismatch(i)
	case token.kind == word && !isIdentifier(token) && before.is("."):
		t.mismatch(i - 1)
	case token.is("all") && before.is("by") && t.token(i-2).is("group"), token.isAny(",", "select") && i+1 == len(t.tokens),
		token.is("is") && !after.isAny("not", "null", "distinct"):
		t.mismatch(i + 1)
	case token.is("is") && after.is("not") && !t.token(i+2).isAny("null", "distinct"):
		t.mismatch(i + 2)
	case token.is("["):
		t.unsupported(token.start, "subscripts")
	case token.is("x") && after.kind == literal && after.start == token.end:
		t.checkBinary(token.start, strings.ReplaceAll(after.text, " ", ""))
	case token.kind == number && numberType(token.text) == "" && !(before.is("-") && numberType("-"+token.text) != ""):
		t.fail(token.start, "SYNTAX_ERROR", "Invalid numeric literal: %s", token.text)
	case token.is("ifnull") && after.is("("): // DuckDB replaces it with COALESCE
		t.fail(token.start, "FUNCTION_NOT_FOUND", "Function 'ifnull' not registered")
	case token.isAny("all", "some", "any") && after.is("(") && isComparison:
		t.unsupported(token.start, "comparisons with ALL, SOME and ANY")
	}
	next := lower(after.text)
	if after.kind == literal {
		next = "'"
	}
	if token.kind != word && token.kind != symbol {
		return
	}
	for _, syntax := range []string{lower(token.text), lower(token.text) + " " + next} {
		if feature := unsupportedSyntax[syntax]; feature != "" {
			t.unsupported(token.start, feature)
		}
	}
}

// checkBinary rejects a binary literal with the given digits if they are not valid.
func (t *tree) checkBinary(at int, digits string) {
	switch {
	case strings.Trim(digits, "0123456789ABCDEFabcdef") != "":
		t.fail(at, "SYNTAX_ERROR", "Binary literal can only contain hexadecimal digits")
	case len(digits)%2 > 0:
		t.fail(at, "SYNTAX_ERROR", "Binary literal must contain an even number of digits")
	}
}

// text returns the query in the form in which DuckDB's parser accepts it: without comments, with quotes around names that are keywords only
// in DuckDB, and with parentheses around rows of VALUES that consist of one value.
func (t *tree) text() string {
	opens, closes := t.singleValues()
	var b strings.Builder
	insert := func(text string, ok bool) {
		if ok {
			t.inserted = append(t.inserted, b.Len())
			b.WriteString(text)
		}
	}
	end := 0
	for i, token := range t.tokens {
		b.WriteString(strings.Repeat(" ", token.start-end))
		isName := t.isName(i)
		insert("(", opens[i])
		insert(" ", token.start == end && token.kind == symbol && t.token(i-1).kind == symbol) // DuckDB would read one operator
		insert(`"`, isName)
		b.WriteString(t.sql[token.start:token.end])
		insert(`"`, isName)
		insert(")", closes[i])
		end = token.end
	}
	return b.String()
}

// offset maps an offset in DuckDB's text to an offset in the statement.
func (t *tree) offset(at int) int {
	n, _ := slices.BinarySearch(t.inserted, at)
	return at - n
}

// duckKeywords lists the words that are keywords in DuckDB but not in Trino.
var duckKeywords = strings.Fields("analyse analyze anti asof asymmetric authorization binary both check collate collation column columns " +
	"concurrently default deferrable do foreign freeze generated glob ilike initially isnull lambda leading national none notnull only " +
	"overlaps pivot pivot_longer pivot_wider placing positional primary qualify references returning sample semi setof show similar " +
	"struct summarize symmetric to trailing treat unique unpack unpivot variadic verbose")

// isName reports whether a word is a name in Trino, but could be a keyword in DuckDB.
func (t *tree) isName(i int) bool {
	token, after := t.tokens[i], t.token(i+1)
	switch {
	case token.kind != word:
		return false
	case slices.Contains(duckKeywords, lower(token.text)), token.is("all") && t.token(i-1).is("by"), token.is("at") && !after.is("time"):
		return true
	}
	// DuckDB accepts fewer words as aliases without AS.
	return t.endsOperand(i-1) && isIdentifier(token) && after.isAny("", ",", ")", "from", "union", "intersect", "except", "order", "limit") &&
		!token.isAny("asc", "desc", "preceding", "following", "row", "rows", "zone", "precision", "all")
}

// singleValues returns the indexes of the tokens at which the rows of VALUES begin and end that consist of one value without parentheses.
func (t *tree) singleValues() (opens, closes map[int]bool) {
	opens, closes = map[int]bool{}, map[int]bool{}
	for i := range t.tokens {
		for more := t.tokens[i].is("values"); more; more = t.token(i).is(",") {
			first := i + 1
			for i = first; !t.token(i).isAny("", ",", ")", "union", "intersect", "except", "order", "offset", "limit", "fetch"); i++ {
				i = max(i, t.pairs[i])
			}
			if i > first && (t.pairs[first] != i-1 || t.token(first+1).isAny("select", "with", "values")) {
				opens[first], closes[i-1] = true, true
			}
		}
	}
	return opens, closes
}

// node is a node of a syntax tree, or a part of one.
type node = map[string]any

func text(n node, key string) string {
	s, _ := n[key].(string)
	return s
}

func child(n node, key string) node {
	p, _ := n[key].(node)
	return p
}

func list(n node, key string) []any {
	p, _ := n[key].([]any)
	return p
}

// location returns the offset of a node in the statement. Some nodes have none.
func (t *tree) location(n node) (at int, ok bool) {
	number, _ := n["query_location"].(json.Number)
	at, err := strconv.Atoi(string(number)) // fails for a node without location
	return t.offset(at), err == nil
}

// at returns the offset of a node in the statement, or of the first of its parts that has an offset.
func (t *tree) at(n node) int {
	if at, ok := t.location(n); ok {
		return at
	}
	return t.first(n)
}

// first returns the lowest offset of a node or its parts.
func (t *tree) first(v any) int {
	low := len(t.sql)
	switch v := v.(type) {
	case node:
		if at, ok := t.location(v); ok {
			low = at
		}
		for _, p := range v {
			low = min(low, t.first(p))
		}
	case []any:
		for _, p := range v {
			low = min(low, t.first(p))
		}
	}
	return low
}

// requireEmpty rejects a feature that sets one of the given properties of a node.
func (t *tree) requireEmpty(n node, feature string, keys ...string) {
	for _, key := range keys {
		if n[key] == true || text(n, key) != "" || len(list(n, key))+len(child(n, key)) > 0 {
			t.unsupported(t.at(n), feature)
		}
	}
}

// clone copies a node without its location.
func clone(v any) any {
	switch v := v.(type) {
	case node:
		out := node{}
		for key, p := range v {
			out[key] = clone(p)
		}
		if _, ok := out["query_location"]; ok {
			out["query_location"] = noLocation
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, p := range v {
			out[i] = clone(p)
		}
		return out
	}
	return v
}

// noLocation is DuckDB's value for a node without location.
const noLocation = json.Number("18446744073709551615")

// expressionNode returns a node without location.
func expressionNode(class, kind string, properties node) node {
	properties["class"], properties["type"], properties["alias"] = class, kind, ""
	properties["query_location"] = noLocation
	return properties
}

func constant(id string, value any) node {
	return expressionNode("CONSTANT", "VALUE_CONSTANT", node{
		"value": node{"type": node{"id": id, "type_info": nil}, "is_null": false, "value": value},
	})
}

func stringNode(s string) node { return constant("VARCHAR", s) }

func boolNode(b bool) node { return castNode(stringNode(strconv.FormatBool(b)), "BOOLEAN") }

func callNode(function string, arguments ...node) node {
	children := []any{}
	for _, a := range arguments {
		children = append(children, a)
	}
	return expressionNode("FUNCTION", "FUNCTION", node{
		"function_name": function, "schema": "", "catalog": "", "children": children, "filter": nil, "distinct": false, "export_state": false,
		"order_bys": node{"type": "ORDER_MODIFIER", "orders": []any{}}, "is_operator": function == "||" || function == "-",
	})
}

// castNode casts a node to a DuckDB type.
func castNode(n node, engine string) node {
	info := any(nil)
	if isDecimal(engine) {
		precision, scale := decimalOf(engine)
		info = node{"type": "DECIMAL_TYPE_INFO", "alias": "", "extension_info": nil, "width": precision, "scale": scale}
	}
	return expressionNode("CAST", "OPERATOR_CAST", node{
		"child": n, "cast_type": node{"id": withoutParameters(engine), "type_info": info}, "try_cast": false,
	})
}

func columnNode(path ...string) node {
	return expressionNode("COLUMN_REF", "COLUMN_REF", node{"column_names": path})
}

// selectNode selects expressions from a query, whose columns get the given names.
func selectNode(items []any, from node, names []any) node {
	table := expressionNode("", "SUBQUERY", node{
		"sample": nil, "subquery": node{"node": from, "named_param_map": []any{}}, "column_name_alias": names,
	})
	table["alias"] = "q"
	return node{
		"type": "SELECT_NODE", "modifiers": []any{}, "cte_map": node{"map": []any{}}, "select_list": items, "from_table": table,
		"where_clause": nil, "group_expressions": []any{}, "group_sets": []any{}, "aggregate_handling": "STANDARD_HANDLING", "having": nil,
		"sample": nil, "qualify": nil,
	}
}

// quote returns a name as a quoted SQL identifier.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// quoteString returns a string as an SQL string literal.
func quoteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
