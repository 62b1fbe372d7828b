package projection

import (
	"fmt"
	"strings"

	"snaplake/functions/internal/manifest"
)

// A conversion returns the expression of a view's column and its SQL type. c is the quoted column of the crawled table.
type conversion func(c string, m manifest.Column, glueType string) (expression, sqlType string)

func asCrawled(c string, _ manifest.Column, glueType string) (expression, sqlType string) {
	return c, sqlTypeOf(glueType)
}

func toDouble(c string, _ manifest.Column, _ string) (expression, sqlType string) {
	return "CAST(" + c + " AS double)", "double"
}

func fromUTF8(c string, _ manifest.Column, _ string) (expression, sqlType string) {
	return textOf(c), "varchar"
}

// fromBits returns NULL for an unexpected number of bytes.
func fromBits(c string, m manifest.Column, glueType string) (expression, sqlType string) {
	switch {
	case m.NumPrecision == 1:
		return "CASE " + c + " WHEN X'00' THEN false WHEN X'01' THEN true END", "boolean"
	case m.NumPrecision > 1 && m.NumPrecision < 64:
		return "TRY(from_base(to_hex(" + c + "), 16))", "bigint"
	}
	return asCrawled(c, m, glueType)
}

func toDate(c string, _ manifest.Column, _ string) (expression, sqlType string) {
	return dateOf(c), "date"
}

// toMilliseconds casts to the precision that Athena reads: Redash cannot read a timestamp without a fraction. The last microseconds of
// 9999, a common "forever", would be rounded to a year that Redash cannot read. Other columns get no condition, since Athena could not
// skip files by their bounds then.
func toMilliseconds(c string, m manifest.Column, _ string) (expression, sqlType string) {
	cast := "CAST(" + c + " AS timestamp(3))"
	if strings.EqualFold(m.OriginalType, "datetime") && m.DateTimePrecision > 3 {
		cast = "CASE WHEN " + c + " <= TIMESTAMP '9999-12-31 23:59:59.999' THEN " + cast + " END"
	}
	return cast, "timestamp(3)"
}

func toTimestamp(c string, m manifest.Column, _ string) (expression, sqlType string) {
	to := timestampType(m)
	return localTimestampOf(c, to), to
}

func toUTC(c string, m manifest.Column, _ string) (expression, sqlType string) {
	to := timestampType(m)
	return utcTimestampOf(c, to), to
}

// timestampType holds the digits of the column's seconds. It always has a fraction, without which Redash cannot read it.
func timestampType(m manifest.Column) string {
	if m.DateTimePrecision > 0 && m.DateTimePrecision <= 3 {
		return "timestamp(3)"
	}
	return "timestamp(6)"
}

// mostDigits is the precision of Athena's largest decimal.
const mostDigits = 38

// toDecimal uses the column's precision and scale. Without a scale in the export the decimal holds any scale from 0 to the precision.
// PostgreSQL's scale may be negative, or larger than the precision.
func toDecimal(c string, m manifest.Column, glueType string) (expression, sqlType string) {
	whole, scale := m.NumPrecision, m.NumPrecision
	if m.NumScale != nil {
		whole, scale = max(m.NumPrecision-*m.NumScale, 0), max(*m.NumScale, 0)
	}
	if m.NumPrecision == 0 || whole+scale > mostDigits {
		return asCrawled(c, m, glueType)
	}
	to := fmt.Sprintf("decimal(%d,%d)", whole+scale, scale)
	return tryCast(c, to), to
}

// fromDomain converts text to the type below a domain.
func fromDomain(c string, m manifest.Column, _ string) (expression, sqlType string) {
	to := strings.TrimSuffix(strings.ToLower(m.OriginalType), " precision")
	return tryCast(c, to), to
}
