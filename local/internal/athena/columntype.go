package athena

import (
	"fmt"
	"strings"
)

type column struct {
	name string
	// engine is the DuckDB type, for example "TIMESTAMP_MS".
	engine string
	// kind is the Trino type, for example "timestamp(3)".
	kind string
}

// columnType is a type with its names in DuckDB, in Trino, and in the catalog. precision is the value that GetQueryResults returns.
type columnType struct {
	engine, kind, hive string
	precision          int
}

// columnTypes lists the supported types, except decimals. If a Trino type or a catalog type has several DuckDB types, the first is used.
var columnTypes = []columnType{
	{"BOOLEAN", "boolean", "boolean", 0},
	{"TINYINT", "tinyint", "tinyint", 3},
	{"SMALLINT", "smallint", "smallint", 5},
	{"INTEGER", "integer", "int", 10},
	{"BIGINT", "bigint", "bigint", 19},
	{"FLOAT", "real", "float", 17},
	{"DOUBLE", "double", "double", 17},
	{"VARCHAR", "varchar", "string", 2147483647},
	{"BLOB", "varbinary", "binary", 1073741824},
	{"DATE", "date", "date", 0},
	{"TIMESTAMP_MS", "timestamp(3)", "timestamp", 3}, // Athena reads timestamps with millisecond precision
	{"TIMESTAMP_S", "timestamp(0)", "timestamp", 3},
	{"TIMESTAMP", "timestamp(6)", "timestamp", 3},
	{"TIMESTAMP WITH TIME ZONE", "timestamp(3) with time zone", "", 3},
}

// findType returns the type with the given name. The function name selects which of a type's names is compared.
func findType(name func(columnType) string, is string) (columnType, bool) {
	for _, t := range columnTypes {
		if name(t) == is {
			return t, true
		}
	}
	if decimal := lower(is); strings.HasPrefix(decimal, "decimal(") {
		return columnType{engine: upper(is), kind: decimal, hive: decimal}, true
	}
	return columnType{}, false
}

// trinoType returns Trino's name for a DuckDB type.
func trinoType(engine string) string {
	if t, ok := findType(func(t columnType) string { return t.engine }, engine); ok {
		return t.kind
	}
	return "unknown"
}

// typeOf returns the type with the given Trino name. It reports false if the local Athena does not support the type.
func typeOf(kind string) (columnType, bool) {
	return findType(func(t columnType) string { return t.kind }, kind)
}

// hiveTypeOf returns the type of a table column in the catalog. It reports false if the local Athena does not support the type.
func hiveTypeOf(hive string) (columnType, bool) {
	return findType(func(t columnType) string { return t.hive }, lower(hive))
}

// apiType returns the type name, precision and scale that GetQueryResults reports for a Trino type.
func apiType(kind string) (name string, precision, scale int) {
	if scan(kind, "decimal(%d,%d)", &precision, &scale) {
		return "decimal", precision, scale
	}
	if scan(kind, "varchar(%d)", &precision) {
		return "varchar", precision, 0
	}
	name, _, _ = strings.Cut(kind, "(")
	switch {
	case kind == "real":
		name = "float"
	case strings.HasSuffix(kind, "zone"):
		name += " with time zone"
	}
	t, _ := typeOf(kind)
	return name, t.precision, 0
}

// coercible reports whether Trino converts a value from one type to another without an explicit cast.
func coercible(from, to string) bool {
	a, _ := typeOf(from)
	b, known := typeOf(to)
	return from == to || known && commonType(a.engine, b.engine) == b.engine
}

// scan parses text with fmt.Sscanf and reports whether all values were parsed.
func scan(text, format string, into ...any) bool {
	n, err := fmt.Sscanf(text, format, into...)
	return err == nil && n == len(into)
}
