package athena

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// column is a column of a result or a view.
type column struct {
	name string
	// engine is DuckDB's type, kind Trino's: "TIMESTAMP_MS" and "timestamp(3)".
	engine, kind string
}

// engineTypes are DuckDB's types with Trino's. A type of Trino becomes the first of several.
var engineTypes = [...]struct{ engine, kind string }{
	{"BOOLEAN", "boolean"},
	{"TINYINT", "tinyint"},
	{"SMALLINT", "smallint"},
	{"INTEGER", "integer"},
	{"BIGINT", "bigint"},
	{"HUGEINT", "bigint"}, // the sum of integers, which is a bigint in Trino
	{"FLOAT", "real"},
	{"DOUBLE", "double"},
	{"VARCHAR", "varchar"},
	{"BLOB", "varbinary"},
	{"DATE", "date"},
	{"TIMESTAMP_S", "timestamp(0)"},
	{"TIMESTAMP_MS", "timestamp(3)"},
	{"TIMESTAMP", "timestamp(6)"},
	{"TIMESTAMP WITH TIME ZONE", "timestamp(3) with time zone"},
}

// trinoType returns Trino's name for a type of DuckDB.
func trinoType(engine string) string {
	for _, t := range engineTypes {
		if t.engine == engine {
			return t.kind
		}
	}
	if strings.HasPrefix(engine, "DECIMAL(") {
		return strings.ToLower(engine)
	}
	return "varchar"
}

// engineType returns DuckDB's name for a type of Trino. It reports false if the local Athena does not have the type.
func engineType(kind string) (string, bool) {
	for _, t := range engineTypes {
		if t.kind == kind {
			return t.engine, true
		}
	}
	if strings.HasPrefix(kind, "decimal(") {
		return strings.ToUpper(kind), true
	}
	return "", false
}

// hiveEngineType returns DuckDB's type for a column of a table in the catalog. Athena reads timestamps in milliseconds.
func hiveEngineType(hive string) (string, bool) {
	switch hive = strings.ToLower(hive); hive {
	case "int":
		return "INTEGER", true
	case "float":
		return "FLOAT", true
	case "string":
		return "VARCHAR", true
	case "binary":
		return "BLOB", true
	case "timestamp":
		return "TIMESTAMP_MS", true
	case "boolean", "tinyint", "smallint", "integer", "bigint", "double", "date":
		return strings.ToUpper(hive), true
	}
	if strings.HasPrefix(hive, "decimal(") {
		return strings.ToUpper(hive), true
	}
	return "", false
}

// hiveType returns the type of a view's column in the catalog.
func hiveType(kind string) string {
	base, _, _ := strings.Cut(kind, "(")
	switch base {
	case "integer":
		return "int"
	case "real":
		return "float"
	case "varbinary":
		return "binary"
	case "varchar":
		return "string"
	case "decimal":
		return kind
	}
	return base
}

// apiType returns GetQueryResults' description of a type.
func apiType(kind string) (name string, precision, scale int) {
	base, rest, _ := strings.Cut(kind, "(")
	switch base {
	case "tinyint":
		return base, 3, 0
	case "smallint":
		return base, 5, 0
	case "integer":
		return base, 10, 0
	case "bigint":
		return base, 19, 0
	case "real":
		return "float", 17, 0
	case "double":
		return base, 17, 0
	case "varchar":
		return base, 2147483647, 0
	case "varbinary":
		return base, 1073741824, 0
	case "timestamp":
		if strings.HasSuffix(kind, "zone") {
			return "timestamp with time zone", 3, 0
		}
		return base, 3, 0
	case "decimal":
		p, s, _ := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
		precision, _ = strconv.Atoi(p) // DuckDB made the text
		scale, _ = strconv.Atoi(s)
		return base, precision, scale
	}
	return base, 0, 0
}

// coercible reports whether Trino takes a value of one type for another without a cast.
func coercible(from, to string) bool {
	if from == to {
		return true
	}
	numbers := []string{"tinyint", "smallint", "integer", "bigint", "real", "double"}
	rank := func(kind string) int { return slices.Index(numbers, kind) }
	var p1, s1, p2, s2 int
	fromDecimal := scan(from, "decimal(%d,%d)", &p1, &s1)
	toDecimal := scan(to, "decimal(%d,%d)", &p2, &s2)
	switch {
	case rank(from) >= 0 && rank(to) >= 0:
		return rank(from) < rank(to)
	case fromDecimal && toDecimal:
		return p2-s2 >= p1-s1 && s2 >= s1
	case fromDecimal:
		return to == "real" || to == "double"
	case scan(from, "timestamp(%d)", &p1) && scan(to, "timestamp(%d)", &p2):
		return p1 <= p2
	}
	return from == "date" && scan(to, "timestamp(%d)", &p2)
}

// scan reports whether fmt.Sscanf reads all values.
func scan(text, format string, into ...any) bool {
	n, err := fmt.Sscanf(text, format, into...)
	return err == nil && n == len(into)
}
