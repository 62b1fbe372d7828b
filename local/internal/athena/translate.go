package athena

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// unnamed is the DuckDB name for a column that has no name in Trino.
const unnamed = "unnamed column"

// translated is a query that was translated into DuckDB's SQL.
type translated struct {
	*tree
	// duckDB is the query in DuckDB's SQL.
	duckDB string
	// columns holds the columns of the result. The name of an unnamed column is "".
	columns []column
}

// reference is the lower-case name of a table or a view in a query. Unspecified parts of the name are empty.
type reference struct {
	catalog, schema, table string
	// fail returns an error at the position of the name.
	fail func(code, format string, args ...any) error
}

// translator changes the syntax tree of a query so that DuckDB returns the results of Trino. It resolves the names of columns and derives
// the types of all expressions. It rejects what it does not know.
type translator struct {
	*tree
	// define defines a table or a view in DuckDB and returns its columns and its name.
	define func(r reference) ([]column, name, error)
	// named holds the columns of the WITH queries that are visible, by lower-case name.
	named map[string][]column
	scope *scope
	// unaliased is the number of subqueries in FROM without an alias.
	unaliased int
}

// scope holds the columns that an expression can use.
type scope struct {
	outer  *scope
	fields []field
	// items holds the elements of the SELECT list that ORDER BY can name.
	items []item
}

// field is a column of a table in FROM. path is the name of the table: its alias, or its catalog, database and name.
type field struct {
	column
	path []string
	// qualified is true for a column that needs the name of its table, because USING merged it with another column.
	qualified bool
}

// item is a column of a SELECT list.
type item struct {
	column
	node node
}

// translate translates a query.
func (t *tree) translate(ctx context.Context, db querier, define func(reference) ([]column, name, error)) (q translated, err error) {
	defer catch(&err)
	tr := &translator{tree: t, define: define, named: map[string][]column{}}
	columns := tr.query(t.root)
	sql, err := t.deparse(ctx, db)
	return translated{t, sql, columns}, err
}

func newColumn(name, engine string) column { return column{name, engine, trinoType(engine)} }

// query translates a query and returns its columns.
func (t *translator) query(n node) (columns []column) {
	outer, named := t.scope, t.named
	defer func() { t.scope, t.named = outer, named }()
	for _, e := range list(child(n, "cte_map"), "map") {
		value := child(e.(node), "value")
		columns := t.renamed(n, t.query(child(child(value, "query"), "node")), list(value, "aliases"))
		t.named = maps.Clone(t.named)
		t.named[lower(text(e.(node), "key"))] = columns
	}
	if text(n, "type") == "SET_OPERATION_NODE" {
		columns = t.combination(n)
	} else {
		columns = t.selection(n)
	}
	distinct := false
	for _, m := range list(n, "modifiers") {
		t.requireEmpty(m.(node), "DISTINCT ON", "distinct_on_targets")
		distinct = distinct || text(m.(node), "type") == "DISTINCT_MODIFIER"
		for _, o := range list(m.(node), "orders") {
			t.sorted(o.(node), distinct, text(n, "type") != "SELECT_NODE")
		}
		for _, key := range []string{"limit", "offset"} {
			if e := child(m.(node), key); e != nil && (text(e, "class") != "CONSTANT" || text(m.(node), "type") != "LIMIT_MODIFIER") {
				t.mismatch(t.index(t.first(e)))
			}
		}
	}
	return columns
}

// sorted translates an element of ORDER BY. The name of a column of the SELECT list becomes the number of the column.
func (t *translator) sorted(order node, distinct, combined bool) {
	if text(child(order, "expression"), "class") == "CONSTANT" {
		return
	}
	if path := list(child(order, "expression"), "column_names"); len(path) == 1 {
		if i := t.scope.item(path[0].(string)); i >= 0 {
			order["expression"] = constant("INTEGER", i+1)
			return
		}
	}
	if combined {
		t.unsupported(t.first(order), "ORDER BY with an expression after UNION, INTERSECT or EXCEPT")
	}
	key := keyOf(t.operand(order, "expression").node)
	if distinct && !slices.ContainsFunc(t.scope.items, func(i item) bool { return keyOf(i.node) == key }) {
		t.fail(t.start, "EXPRESSION_NOT_IN_DISTINCT", "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
	}
}

// keyOf returns a text that is equal for equal expressions.
func keyOf(n node) string {
	same := clone(n).(node)
	same["alias"] = ""
	b, _ := json.Marshal(same) // cannot fail for a tree that comes from JSON
	return string(b)
}

// item returns the index of the column of the SELECT list with a name, or -1.
func (s *scope) item(name string) int {
	return slices.IndexFunc(s.items, func(i item) bool { return strings.EqualFold(i.name, name) })
}

// renamed returns columns with the names of a list of column aliases, if there are any.
func (t *translator) renamed(n node, columns []column, aliases []any) []column {
	if len(aliases) > 0 && len(aliases) != len(columns) {
		const format = "Column alias list has %d entries but the relation has %d columns"
		t.fail(t.at(n), "MISMATCHED_COLUMN_ALIASES", format, len(aliases), len(columns))
	}
	columns = slices.Clone(columns)
	for i, alias := range aliases {
		columns[i].name = lower(alias.(string))
	}
	return columns
}

// selection translates a SELECT without its ORDER BY and LIMIT.
func (t *translator) selection(n node) (columns []column) {
	t.scope = &scope{outer: t.scope, fields: t.relation(child(n, "from_table"))}
	t.requireEmpty(n, "this SELECT", "qualify", "sample")
	if len(list(n, "group_sets")) > 1 || text(n, "aggregate_handling") != "STANDARD_HANDLING" {
		t.unsupported(t.at(n), groupingSets)
	}
	var items []item
	var selected []any
	for _, v := range list(n, "select_list") {
		e := v.(node)
		if text(e, "class") == "STAR" {
			all := t.star(e)
			items, selected = append(items, all...), append(selected, t.expand(e, all)...)
			continue
		}
		name := text(e, "alias")
		if path := list(e, "column_names"); name == "" && path != nil && !t.isClock(e) {
			name = t.resolve(e).name
		}
		selected = append(selected, e)
		o := t.elementOf(selected, len(selected)-1)
		o.node["alias"] = cmp.Or(name, unnamed)
		items = append(items, item{newColumn(name, o.engine), o.node})
	}
	n["select_list"] = selected
	t.condition(n, "where_clause")
	t.operands(list(n, "group_expressions"))
	t.condition(n, "having")
	t.scope.items = items
	for _, i := range items {
		columns = append(columns, i.column)
	}
	return columns
}

// star returns the columns for * or t.* in a SELECT list.
func (t *translator) star(n node) (items []item) {
	t.requireEmpty(n, "this form of *", "exclude_list", "replace_list", "rename_list", "qualified_exclude_list", "columns", "expr", "alias")
	table := lower(text(n, "relation_name"))
	for _, f := range t.scope.fields {
		if table == "" && !f.qualified || table != "" && len(f.path) > 0 && f.path[len(f.path)-1] == table {
			items = append(items, item{f.column, f.node()})
		}
	}
	if len(items) == 0 {
		t.fail(t.at(n), "COLUMN_NOT_FOUND", "SELECT * not allowed in queries without FROM clause")
	}
	return items
}

// expand returns the columns for *, if their order differs in DuckDB. In Trino, the columns of USING come first.
func (t *translator) expand(n node, items []item) (all []any) {
	if !slices.ContainsFunc(t.scope.fields, func(f field) bool { return f.qualified }) {
		return []any{n}
	}
	seen := map[string]bool{}
	for _, i := range items {
		if key := keyOf(i.node); i.name == "" || seen[key] {
			t.unsupported(t.at(n), "* for USING and columns with the same name or without a name")
		} else {
			seen[key] = true
		}
		all = append(all, i.node)
	}
	return all
}

// node returns the node that names a field.
func (f field) node() node {
	if len(f.path) == 0 {
		return columnNode(f.name)
	}
	return columnNode(f.path[len(f.path)-1], f.name)
}

// combination translates queries that are combined by UNION, INTERSECT or EXCEPT.
func (t *translator) combination(n node) []column {
	left, right := t.query(child(n, "left")), t.query(child(n, "right"))
	i := t.index(t.first(child(n, "right")))
	for i > 0 && !t.token(i).isAny("union", "intersect", "except") {
		i--
	}
	operator, at := upper(t.token(i).text), t.token(i).start
	if len(left) != len(right) {
		t.mistyped(at, "%s query has different number of fields: %d, %d", operator, len(left), len(right))
	}
	t.scope = &scope{outer: t.scope}
	var out []column
	for i, l := range left {
		common := commonType(l.engine, right[i].engine)
		if common == "" {
			t.mistyped(at, "column %d in %s query has incompatible types: %s, %s", i+1, operator, l.kind, right[i].kind)
		}
		out = append(out, newColumn(l.name, common))
		t.scope.items = append(t.scope.items, item{out[i], columnNode(l.name)})
	}
	n["left"], n["right"] = withTypes(child(n, "left"), left, out), withTypes(child(n, "right"), right, out)
	return out
}

// withTypes converts the columns of a query to the types of the given columns.
func withTypes(n node, have, want []column) node {
	if slices.EqualFunc(have, want, func(a, b column) bool { return a.engine == b.engine }) {
		return n
	}
	var items, names []any
	for i, c := range want {
		name := "c" + strconv.Itoa(i)
		value := castNode(columnNode(name), c.engine)
		value["alias"] = cmp.Or(c.name, unnamed)
		items, names = append(items, value), append(names, name)
	}
	return selectNode(items, n, names)
}

// relation translates a table in FROM and returns its columns.
func (t *translator) relation(n node) []field {
	t.requireEmpty(n, "this table in FROM", "sample", "at_clause")
	switch text(n, "type") {
	case "EMPTY":
		return nil
	case "BASE_TABLE":
		return t.table(n)
	case "SUBQUERY":
		columns := t.query(child(child(n, "subquery"), "node"))
		if text(n, "alias") == "" {
			t.unaliased++
			n["alias"] = "subquery " + strconv.Itoa(t.unaliased)
		}
		return fieldsOf(t.renamed(n, columns, list(n, "column_name_alias")), lower(text(n, "alias")))
	case "EXPRESSION_LIST":
		return fieldsOf(t.values(n), lower(text(n, "alias")))
	case "JOIN":
		return t.join(n)
	case "TABLE_FUNCTION":
		function := child(n, "function")
		t.fail(t.at(function), "FUNCTION_NOT_FOUND", "Table function '%s' not registered", text(function, "function_name"))
	}
	t.unsupported(t.at(n), "this table in FROM")
	return nil
}

func fieldsOf(columns []column, path ...string) (fields []field) {
	for _, c := range columns {
		fields = append(fields, field{column: c, path: path})
	}
	return fields
}

// table translates the name of a table, a view or a WITH query.
func (t *translator) table(n node) []field {
	at := t.at(n)
	r := reference{lower(text(n, "catalog_name")), lower(text(n, "schema_name")), lower(text(n, "table_name")), nil}
	r.fail = func(code, format string, args ...any) error { return failAt(t.sql, at, code, format, args...) }
	path := []string{r.table}
	columns, isNamed := t.named[r.table]
	if r.schema != "" || !isNamed {
		var in name
		var err error
		if columns, in, err = t.define(r); err != nil {
			panic(refusal{err})
		}
		n["catalog_name"], n["schema_name"], n["table_name"] = "", "main", in.view()
		path = []string{catalogName, in.database, in.table}
	}
	if alias := lower(text(n, "alias")); alias != "" {
		path = []string{alias}
	}
	n["alias"] = path[len(path)-1]
	return fieldsOf(t.renamed(n, columns, list(n, "column_name_alias")), path...)
}

// values translates the rows of VALUES.
func (t *translator) values(n node) (columns []column) {
	var byColumn [][]operand
	at := t.first(n)
	for _, row := range list(n, "values") {
		values := t.operands(row.([]any))
		if byColumn == nil {
			byColumn = make([][]operand, len(values))
		}
		if len(values) != len(byColumn) {
			t.mistyped(at, "Values rows have mismatched types")
		}
		for i, v := range values {
			byColumn[i] = append(byColumn[i], v)
		}
	}
	for _, operands := range byColumn {
		columns = append(columns, newColumn("", t.coerce(at, operands...)))
	}
	return columns
}

// join translates a join.
func (t *translator) join(n node) []field {
	kind, side := text(n, "ref_type"), text(n, "join_type")
	if kind != "CROSS" && kind != "REGULAR" || !slices.Contains([]string{"INNER", "LEFT", "RIGHT", "OUTER", "FULL"}, side) {
		t.unsupported(t.at(n), cmp.Or(strings.Replace(kind, "REGULAR", side, 1), side)+" JOIN")
	}
	left, right := t.relation(child(n, "left")), t.relation(child(n, "right"))
	using := list(n, "using_columns")
	fields := slices.Concat(left, right)
	switch {
	case kind == "CROSS": // DuckDB writes it as a comma, which has another precedence
		n["ref_type"], n["condition"] = "REGULAR", boolNode(true)
	case len(using) == 0:
		outer := t.scope
		t.scope = &scope{outer: outer, fields: fields}
		t.condition(n, "condition")
		t.scope = outer
	default:
		var merged []field
		for _, c := range using {
			l, r := t.merge(n, fields[:len(left)], c.(string)), t.merge(n, fields[len(left):], c.(string))
			if commonType(l.engine, r.engine) == "" {
				t.mistyped(t.at(n), "Cannot apply operator: %s = %s", l.kind, r.kind)
			}
			if l.engine != r.engine {
				t.unsupported(t.at(n), "USING with columns of different types")
			}
			merged = append(merged, field{column: l.column})
		}
		return append(merged, fields...)
	}
	return fields
}

// merge returns the field that USING names, and hides it.
func (t *translator) merge(n node, fields []field, name string) (out field) {
	i := slices.IndexFunc(fields, func(f field) bool { return strings.EqualFold(f.name, name) && !f.qualified })
	if i < 0 {
		t.fail(t.at(n), "COLUMN_NOT_FOUND", "Column '%s' is missing from a side of join", name)
	}
	fields[i].qualified = true
	return fields[i]
}

// resolve returns the field that a node names.
func (t *translator) resolve(n node) field {
	var path []string
	for _, p := range list(n, "column_names") {
		path = append(path, lower(p.(string)))
	}
	table, name := path[:len(path)-1], path[len(path)-1]
	for s := t.scope; s != nil; s = s.outer {
		var found []field
		for _, f := range s.fields {
			from := len(f.path) - len(table)
			if lower(f.name) == name && from >= 0 && slices.Equal(f.path[from:], table) && !(f.qualified && len(table) == 0) {
				found = append(found, f)
			}
		}
		if len(found) > 1 {
			t.fail(t.at(n), "AMBIGUOUS_NAME", "Column '%s' is ambiguous", strings.Join(path, "."))
		}
		if len(found) == 1 {
			return found[0]
		}
	}
	t.fail(t.at(n), "COLUMN_NOT_FOUND", "Column '%s' cannot be resolved", strings.Join(path, "."))
	return field{}
}
