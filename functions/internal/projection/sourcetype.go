package projection

import (
	"regexp"
	"strconv"
	"strings"

	"snaplake/functions/internal/manifest"
)

// sourceType is the type of a column in its database.
type sourceType struct {
	// name is that of information_schema, without length, precision and sign: "decimal", "timestamp with time zone".
	name string
	// precision is the number of digits, or of a bit string's bits. It is 0 if the export does not tell.
	precision int
	// scale is nil if the export does not tell.
	scale *int
	// fraction is the number of digits of the seconds' fraction, 0 if the export does not tell or there is none.
	fraction int
}

var (
	parentheses = regexp.MustCompile(`\((.*)\)`)
	sign        = regexp.MustCompile(` (un)?signed\b| zerofill\b`)
)

// parseSourceType parses the type that a manifest has: "varchar", and also "bigint(20) unsigned" or "NUMERIC(12,2)" should RDS ever
// write that.
func parseSourceType(m manifest.Column) sourceType {
	s := strings.ToLower(strings.TrimSpace(m.OriginalType))
	t := sourceType{precision: m.NumPrecision, scale: m.NumScale, fraction: m.DateTimePrecision}
	if digits := parentheses.FindStringSubmatch(s); digits != nil {
		t.parseDigits(digits[1])
		s = parentheses.ReplaceAllString(s, "")
	}
	t.name = strings.Join(strings.Fields(sign.ReplaceAllString(s, "")), " ")
	return t
}

// parseDigits parses the parentheses of a type. What the manifest tells as numbers has precedence.
func (t *sourceType) parseDigits(s string) {
	first, second, both := strings.Cut(s, ",")
	n, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return // the values of an enum
	}
	if t.precision == 0 {
		t.precision = n
	}
	if t.fraction == 0 {
		t.fraction = n
	}
	if scale, err := strconv.Atoi(strings.TrimSpace(second)); both && err == nil && t.scale == nil {
		t.scale = &scale
	}
}

// baseOf returns a type without its digits.
func baseOf(sqlType string) string { return parentheses.ReplaceAllString(sqlType, "") }
