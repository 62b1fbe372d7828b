package athena

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// tree is a query as DuckDB's parser sees it: JSON, of which only what is needed here is looked at.
type tree struct{ root map[string]any }

// reference is where a query names a table.
type reference struct {
	catalog, schema, table string
	// position in the query, in bytes.
	position int
	// function is set for a function in the place of a table.
	function bool
}

// parse checks the syntax.
func (s *session) parse(ctx context.Context, q translated) (tree, error) {
	var text string
	row := s.conn.QueryRowContext(ctx, "SELECT json_serialize_sql("+quoteString(q.sql)+")::VARCHAR")
	if err := row.Scan(&text); err != nil {
		return tree{}, fmt.Errorf("parse the query: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber() // a place that is not known is a number too large for an int
	var t tree
	if err := d.Decode(&t.root); err != nil {
		return tree{}, fmt.Errorf("parse the query: %w", err)
	}
	if t.root["error"] == true {
		return tree{}, q.syntaxError(t.root)
	}
	return t, nil
}

// syntaxError reads what json_serialize_sql gives in the place of a tree.
func (q translated) syntaxError(answer map[string]any) error {
	message, _ := answer["error_message"].(string)
	text, _ := answer["position"].(string)
	if m := nearToken.FindStringSubmatch(message); m != nil {
		message = "mismatched input '" + m[1] + "'"
	}
	message = strings.Replace(message, "syntax error at end of input", "mismatched input '<EOF>'", 1)
	var position int
	if _, err := fmt.Sscan(text, &position); err != nil {
		return &failure{code: "SYNTAX_ERROR", text: message}
	}
	return syntaxError(q.original, q.offset(position), message)
}

// rewrite makes SQL of a tree again.
func (s *session) rewrite(ctx context.Context, t tree) (string, error) {
	b, err := json.Marshal(t.root)
	if err != nil {
		return "", err
	}
	var text string
	row := s.conn.QueryRowContext(ctx, "SELECT json_deserialize_sql("+quoteString(string(b))+"::JSON)")
	if err := row.Scan(&text); err != nil {
		return "", fmt.Errorf("write the query: %w", err)
	}
	return text, nil
}

// references lists the tables that the query reads, without those that it defines itself with WITH.
func (t tree) references() []reference {
	var found []reference
	walk(t.root, nil, &found)
	return found
}

// walk goes through a part of a tree. with are the names that WITH has defined for it.
func walk(part any, with map[string]bool, found *[]reference) {
	switch part := part.(type) {
	case []any:
		for _, p := range part {
			walk(p, with, found)
		}
	case map[string]any:
		switch part["type"] {
		case "BASE_TABLE":
			r := reference{catalog: text(part["catalog_name"]), schema: text(part["schema_name"]), table: text(part["table_name"]), position: place(part)}
			if r.schema != "" || !with[strings.ToLower(r.table)] {
				*found = append(*found, r)
			}
		case "TABLE_FUNCTION":
			function, _ := part["function"].(map[string]any)
			if n := text(function["function_name"]); n != "unnest" {
				*found = append(*found, reference{table: n, position: place(part), function: true})
			}
		case "RECURSIVE_CTE_NODE":
			with = also(with, text(part["cte_name"]))
		}
		with = walkWith(part["cte_map"], with, found)
		for key, p := range part {
			if key != "cte_map" {
				walk(p, with, found)
			}
		}
	}
}

// walkWith goes through a WITH, of which each query sees those before it, and returns what the main query sees.
func walkWith(part any, with map[string]bool, found *[]reference) map[string]bool {
	cteMap, _ := part.(map[string]any)
	entries, _ := cteMap["map"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		walk(entry["value"], with, found)
		with = also(with, text(entry["key"]))
	}
	return with
}

func also(with map[string]bool, name string) map[string]bool {
	more := maps.Clone(with)
	if more == nil {
		more = map[string]bool{}
	}
	more[strings.ToLower(name)] = true
	return more
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// place is where a part stands in the query, or 0.
func place(part map[string]any) int {
	n, _ := part["query_location"].(json.Number)
	at, err := n.Int64()
	if err != nil {
		return 0
	}
	return int(at)
}

// isValues tells whether the query is VALUES, whose columns DuckDB names.
func (t tree) isValues() bool {
	from, _ := t.first()["from_table"].(map[string]any)
	return from["type"] == "EXPRESSION_LIST" && from["alias"] == "valueslist"
}

// first is the query that names the columns of the result: of a UNION the first.
func (t tree) first() map[string]any {
	statements, _ := t.root["statements"].([]any)
	if len(statements) != 1 {
		return nil
	}
	statement, _ := statements[0].(map[string]any)
	node, _ := statement["node"].(map[string]any)
	for node["type"] == "SET_OPERATION_NODE" {
		node, _ = node["left"].(map[string]any)
	}
	return node
}

// nameColumns gives the columns of the result that have no name the name [unnamed], and tells whether there is one.
func (t tree) nameColumns() bool {
	columns, _ := t.first()["select_list"].([]any)
	found := false
	for _, c := range columns {
		column, _ := c.(map[string]any)
		class := text(column["class"])
		if text(column["alias"]) == "" && class != "COLUMN_REF" && class != "STAR" {
			column["alias"] = unnamed
			found = true
		}
	}
	return found
}
