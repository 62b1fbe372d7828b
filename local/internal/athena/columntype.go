package athena

import (
	"fmt"
	"strconv"
	"strings"
)

// column is a column of a result or a view.
type column struct {
	name string
	// engine is DuckDB's type, kind is Trino's: "TIMESTAMP_MS" and "timestamp(3)".
	engine, kind string
}

// engineTypes are the pairs of DuckDB's and Trino's names. Where several of DuckDB's are one of Trino's, the first is the
// one that Trino's becomes.
var engineTypes = [...]struct{ engine, kind string }{
	{"BOOLEAN", "boolean"},
	{"TINYINT", "tinyint"},
	{"SMALLINT", "smallint"},
	{"UTINYINT", "smallint"},
	{"INTEGER", "integer"},
	{"USMALLINT", "integer"},
	{"BIGINT", "bigint"},
	{"UINTEGER", "bigint"},
	{"HUGEINT", "bigint"}, // what sum() of integers gives; in Trino it is bigint
	{"UHUGEINT", "bigint"},
	{"UBIGINT", "decimal(20,0)"},
	{"FLOAT", "real"},
	{"DOUBLE", "double"},
	{"VARCHAR", "varchar"},
	{"BLOB", "varbinary"},
	{"DATE", "date"},
	{"TIME", "time(6)"},
	{"TIMESTAMP_S", "timestamp(0)"},
	{"TIMESTAMP_MS", "timestamp(3)"},
	{"TIMESTAMP", "timestamp(6)"},
	{"TIMESTAMP_NS", "timestamp(9)"},
	{"TIMESTAMP WITH TIME ZONE", "timestamp(3) with time zone"},
	{"JSON", "json"},
	{"UUID", "uuid"},
	{"INTERVAL", "interval day to second"},
}

// trinoType is Trino's name for a type of DuckDB.
func trinoType(engine string) string {
	for _, t := range engineTypes {
		if t.engine == engine {
			return t.kind
		}
	}
	switch {
	case strings.HasSuffix(engine, "[]"):
		return "array(" + trinoType(strings.TrimSuffix(engine, "[]")) + ")"
	case strings.HasPrefix(engine, "DECIMAL("):
		return strings.ToLower(engine)
	case strings.HasPrefix(engine, "MAP("):
		return "map"
	case strings.HasPrefix(engine, "STRUCT("):
		return "row"
	}
	return "varchar"
}

// engineType is DuckDB's name for a type of Trino. It reports false for one that the local AWS does not have.
func engineType(kind string) (string, bool) {
	for _, t := range engineTypes {
		if t.kind == kind && t.engine != "UBIGINT" {
			return t.engine, true
		}
	}
	if strings.HasPrefix(kind, "decimal(") {
		return strings.ToUpper(kind), true
	}
	if strings.HasPrefix(kind, "varchar(") || strings.HasPrefix(kind, "char(") {
		return "VARCHAR", true
	}
	if strings.HasPrefix(kind, "timestamp(") && !strings.HasSuffix(kind, "zone") {
		return strings.ToUpper(kind), true
	}
	return "", false
}

// hiveEngineType is DuckDB's type for a column of a table in the catalog. Athena reads timestamps in milliseconds.
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
	if strings.HasPrefix(hive, "decimal(") || strings.HasPrefix(hive, "varchar(") || strings.HasPrefix(hive, "char(") {
		return engineType(hive)
	}
	return "", false
}

// hiveType is the type of a view's column in the catalog. Hive knows fewer types than Trino: what it lacks is a string.
func hiveType(kind string) string {
	base, _, _ := strings.Cut(kind, "(")
	switch base {
	case "integer":
		return "int"
	case "real":
		return "float"
	case "varbinary":
		return "binary"
	case "timestamp":
		if strings.HasSuffix(kind, "zone") {
			return "string"
		}
		return "timestamp"
	case "decimal":
		return kind
	case "boolean", "tinyint", "smallint", "bigint", "double", "date":
		return base
	}
	return "string"
}

// apiType is how GetQueryResults describes a type.
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
	case "time":
		return base, 3, 0
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

// coercible tells whether Trino takes a value of one type for another without a cast.
func coercible(from, to string) bool {
	if from == to {
		return true
	}
	integers := []string{"tinyint", "smallint", "integer", "bigint", "real", "double"}
	rank := func(kind string) int {
		for i, t := range integers {
			if t == kind {
				return i
			}
		}
		return -1
	}
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
	case from == "date":
		return scan(to, "timestamp(%d)", &p2)
	}
	return strings.HasPrefix(from, "varchar") && to == "varchar"
}

func scan(text, format string, into ...any) bool {
	n, err := fmt.Sscanf(text, format, into...)
	return err == nil && n == len(into)
}
