package projection

import (
	"fmt"
	"regexp"
	"strings"
)

// sqlTypeOf returns Athena's SQL name of a Glue type.
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

// isKnownType reports whether a view can have a column of a type. No other text from the catalog gets into a statement.
func isKnownType(sqlType string) bool {
	return typeForm.MatchString(sqlType) && castGroups[baseOf(sqlType)] != ""
}

var decimalDigits = regexp.MustCompile(`decimal\((\d+), ?(\d+)\)`)

// glueTypeOf returns the Glue type that a crawler gives to a column of an exported type from the manifest: "int64", "binary (UTF8)",
// "int64 (TIMESTAMP_MICRO)", "int32 (DECIMAL(4,4))". It is "" if the manifest has none.
func glueTypeOf(exported string) string {
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

var parentheses = regexp.MustCompile(`\(.*\)`)

// baseOf returns a type without its digits.
func baseOf(sqlType string) string { return parentheses.ReplaceAllString(sqlType, "") }
