package main

import (
	"fmt"
	"regexp"
	"strings"
)

// sqlTypeOf is Athena's name in a SELECT of a type of Glue's.
func sqlTypeOf(glueType string) string {
	switch glueType {
	case "string":
		return "varchar"
	case "binary":
		return "varbinary"
	case "int":
		return "integer"
	case "float":
		return "real"
	case "timestamp":
		return "timestamp(3)"
	}
	return glueType
}

var typeForm = regexp.MustCompile(`^[a-z]+(\(\d+(,\d+)?\))?$`)

// isKnownType reports whether a type is one of [kinds]. Nothing else of what the catalog calls a type goes into a statement.
func isKnownType(sqlType string) bool {
	return typeForm.MatchString(sqlType) && kinds[baseOf(sqlType)] != ""
}

var decimalDigits = regexp.MustCompile(`decimal\((\d+), ?(\d+)\)`)

// crawledAs is the Glue type that a crawler gives to a column of the exported type that a manifest names: "int64",
// "binary (UTF8)", "int64 (TIMESTAMP_MICRO)", "int32 (DECIMAL(4,4))". It is "" when the manifest names none.
func crawledAs(exported string) string {
	s := strings.ToLower(exported)
	digits := decimalDigits.FindStringSubmatch(s)
	has := func(part string) bool { return strings.Contains(s, part) }
	switch {
	case digits != nil:
		return fmt.Sprintf("decimal(%s,%s)", digits[1], digits[2])
	case has("timestamp"):
		return "timestamp"
	case has("utf8"), has("string"):
		return "string"
	case has("int_16"), has("int(16"):
		return "smallint"
	case has("int32"):
		return "int"
	case has("int64"):
		return "bigint"
	case has("double"):
		return "double"
	case has("float"):
		return "float"
	case has("boolean"):
		return "boolean"
	case has("binary"), has("byte_array"):
		return "binary"
	}
	return ""
}
