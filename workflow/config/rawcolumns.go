package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"snaplake/workflow"
)

// oneOrMore is a list, or the one entry that it would have. What is neither is left empty: the schema says so.
type oneOrMore struct {
	entries []string
	isList  bool
}

// UnmarshalJSON never fails.
func (l *oneOrMore) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil && one != "" {
		l.entries = []string{one}
		return nil
	}
	l.isList = true
	_ = json.Unmarshal(b, &l.entries)
	return nil
}

// path is where the ith entry stands.
func (l oneOrMore) path(i int, above ...string) []string {
	if l.isList {
		return append(slices.Clone(above), fmt.Sprint(i))
	}
	return above
}

// rawExclude is the setting exclude: columns by their views, or a list of VIEW.COLUMN.
type rawExclude struct {
	byView  map[string]oneOrMore
	columns []string
}

// UnmarshalJSON never fails.
func (e *rawExclude) UnmarshalJSON(b []byte) error {
	_ = json.Unmarshal(b, &e.byView)
	_ = json.Unmarshal(b, &e.columns)
	return nil
}

// placedRule is a rule with the path of keys to it, from the source on.
type placedRule struct {
	workflow.ColumnRule
	path []string
}

// rules are those of columns, exclude and mask, in this order.
func (s rawSource) rules() []placedRule {
	var rules []placedRule
	add := func(view, column, as string, path ...string) {
		column = strings.ReplaceAll(column, ", ", ",") // RDS skips a table of whose columns one has a comma or a blank in its name
		rules = append(rules, placedRule{workflow.ColumnRule{Setting: path[0], View: view, Column: column, As: as}, path})
	}
	for _, key := range slices.Sorted(maps.Keys(s.Columns)) {
		view, column := splitColumn(key)
		as := s.Columns[key]
		if t, ok := typeName(as); ok {
			as = t
		}
		add(view, column, as, "columns", key)
	}
	for _, view := range slices.Sorted(maps.Keys(s.Exclude.byView)) {
		columns := s.Exclude.byView[view]
		for i, column := range columns.entries {
			if column != "" { // the schema has said so
				add(view, column, workflow.Drop, columns.path(i, "exclude", view)...)
			}
		}
	}
	for i, key := range s.Exclude.columns {
		if view, column := splitColumn(key); key != "" {
			add(view, column, workflow.Drop, "exclude", fmt.Sprint(i))
		}
	}
	for _, view := range slices.Sorted(maps.Keys(s.Mask)) {
		for _, column := range slices.Sorted(maps.Keys(s.Mask[view])) {
			add(view, column, s.Mask[view][column], "mask", view, column)
		}
	}
	return rules
}

// splitColumn parts VIEW.COLUMN. A view has no point in its name. Without a point, all is taken for a column.
func splitColumn(key string) (view, column string) {
	view, column, ok := strings.Cut(key, ".")
	if !ok {
		return "", key
	}
	return view, column
}

// typeNames are the types that a column can be given (Athena guide, "Data types in Amazon Athena"); decimal takes its digits,
// and those after the point. A timestamp has the precision of MySQL's or of PostgreSQL's.
var typeNames = []string{
	"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(p,s)",
	"varchar", "varbinary", "date", "timestamp(3)", "timestamp(6)",
}

// otherNames are what those types are called elsewhere.
var otherNames = map[string]string{
	"bool": "boolean", "int": "integer", "int64": "bigint", "float": "double", "numeric": "decimal(p,s)", "decimal": "decimal(p,s)",
	"string": "varchar", "text": "varchar", "char": "varchar", "blob": "varbinary", "binary": "varbinary", "bytea": "varbinary",
	"datetime": "timestamp(3)", "timestamp": "timestamp(3)",
}

var decimal = regexp.MustCompile(`^decimal\((\d{1,2}),(\d{1,2})\)$`)

// typeName is a type as the rest of the pipeline writes it; false when it is none of those that a column can be given.
func typeName(written string) (string, bool) {
	t := strings.ToLower(strings.ReplaceAll(written, " ", ""))
	if m := decimal.FindStringSubmatch(t); m != nil {
		digits, _ := strconv.Atoi(m[1])
		scale, _ := strconv.Atoi(m[2])
		return fmt.Sprintf("decimal(%d,%d)", digits, scale), digits >= 1 && digits <= 38 && scale <= digits
	}
	return t, t != "decimal(p,s)" && slices.Contains(typeNames, t)
}
