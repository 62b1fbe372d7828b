package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// typeNames are the types that a column can have (Athena guide, "Data types in Amazon Athena"). A timestamp has the precision of MySQL
// or PostgreSQL.
var typeNames = []string{
	"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal(p,s)",
	"varchar", "varbinary", "date", "timestamp(3)", "timestamp(6)",
}

// otherNames are names of these types elsewhere.
var otherNames = map[string]string{
	"bool": "boolean", "int": "integer", "int64": "bigint", "float": "double", "numeric": "decimal(p,s)", "decimal": "decimal(p,s)",
	"string": "varchar", "text": "varchar", "char": "varchar", "blob": "varbinary", "binary": "varbinary", "bytea": "varbinary",
	"datetime": "timestamp(3)", "timestamp": "timestamp(3)",
}

var decimal = regexp.MustCompile(`^decimal\((\d{1,2}),(\d{1,2})\)$`)

// typeName returns a type in the form that the functions expect. It reports false if a column cannot have it.
func typeName(written string) (string, bool) {
	t := strings.ToLower(strings.ReplaceAll(written, " ", ""))
	if m := decimal.FindStringSubmatch(t); m != nil {
		digits, _ := strconv.Atoi(m[1])
		scale, _ := strconv.Atoi(m[2])
		return fmt.Sprintf("decimal(%d,%d)", digits, scale), digits >= 1 && digits <= 38 && scale <= digits
	}
	return t, t != "decimal(p,s)" && slices.Contains(typeNames, t)
}
