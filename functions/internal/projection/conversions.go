package projection

import (
	"fmt"
	"strings"

	"snaplake/functions/internal/manifest"
)

// A conversion returns the expression and the SQL type of a view's column. c is the quoted column of the crawled table.
type conversion func(c string, m manifest.Column, glueType string) (expression, sqlType string)

func asCrawled(c string, _ manifest.Column, glueType string) (expression, sqlType string) {
	return c, sqlTypeOf(glueType)
}

// simple returns a conversion that depends only on the column's name.
func simple(sqlType string, convert func(c string) string) conversion {
	return func(c string, _ manifest.Column, _ string) (string, string) { return convert(c), sqlType }
}

// fromBits converts BIT. A value with an unexpected number of bytes becomes NULL.
func fromBits(c string, m manifest.Column, glueType string) (expression, sqlType string) {
	switch {
	case m.NumPrecision == 1:
		return "CASE " + c + " WHEN X'00' THEN false WHEN X'01' THEN true END", "boolean"
	case m.NumPrecision > 1 && m.NumPrecision < 64:
		return "TRY(from_base(to_hex(" + c + "), 16))", "bigint"
	}
	return asCrawled(c, m, glueType)
}

// toMilliseconds casts to the precision that Athena reads, milliseconds, because Redash requires fractional seconds. The
// last microseconds of the year 9999, a common value for "forever", become NULL, because they would be rounded up to the year 10000, which
// Redash cannot read. The condition prevents Athena from skipping files, so it is used only for columns that can contain such values.
func toMilliseconds(c string, m manifest.Column, _ string) (expression, sqlType string) {
	cast := "CAST(" + c + " AS timestamp(3))"
	if strings.EqualFold(m.OriginalType, "datetime") && m.DateTimePrecision > 3 {
		cast = when(c+" <= TIMESTAMP '9999-12-31 23:59:59.999'", cast)
	}
	return cast, "timestamp(3)"
}

// toTimestamp returns a conversion to the column's precision. The precision is never 0, because Redash requires fractional seconds.
func toTimestamp(convert func(c, to string) string) conversion {
	return func(c string, m manifest.Column, _ string) (expression, sqlType string) {
		to := "timestamp(6)"
		if m.DateTimePrecision > 0 && m.DateTimePrecision <= 3 {
			to = "timestamp(3)"
		}
		return convert(c, to), to
	}
}

// maxPrecision is the maximum precision of a decimal in Athena.
const maxPrecision = 38

// toDecimal casts to a decimal with the column's precision and scale. If the export does not include the scale, the decimal can hold any
// scale up to the precision. In PostgreSQL, the scale may be negative or larger than the precision.
func toDecimal(c string, m manifest.Column, glueType string) (expression, sqlType string) {
	whole, scale := m.NumPrecision, m.NumPrecision
	if m.NumScale != nil {
		whole, scale = max(m.NumPrecision-*m.NumScale, 0), max(*m.NumScale, 0)
	}
	if m.NumPrecision == 0 || whole+scale > maxPrecision {
		return asCrawled(c, m, glueType)
	}
	to := fmt.Sprintf("decimal(%d,%d)", whole+scale, scale)
	return tryCast(c, to), to
}

// fromDomain converts text to the underlying type of a domain.
func fromDomain(c string, m manifest.Column, _ string) (expression, sqlType string) {
	to := strings.TrimSuffix(strings.ToLower(m.OriginalType), " precision")
	return tryCast(c, to), to
}

// castGroups maps the types of views' columns to groups. Trino can cast within a group, and between text and every group except bytes.
var castGroups = map[string]string{
	"boolean": "number", "tinyint": "number", "smallint": "number", "integer": "number", "bigint": "number",
	"real": "number", "double": "number", "decimal": "number",
	"date": "time", "timestamp": "time",
	"varchar": "text", "varbinary": "bytes",
}

// Cast returns an expression that converts from one SQL type to another. A value that does not fit becomes NULL instead of failing the
// query. Cast reports false if Trino has no such cast.
func Cast(expression, from, to string) (string, bool) {
	a, b := castGroups[baseOf(from)], castGroups[baseOf(to)]
	switch {
	case from == to:
		return expression, true
	case a == "bytes" && b == "text":
		return textOf(expression), true
	case a == "text" && b == "bytes":
		return "to_utf8(" + expression + ")", true
	case a == "text" && to == "date":
		return "coalesce(" + dateOf(expression) + ", CAST(" + utcTimestampOf(expression, "timestamp(6)") + " AS date))", true
	case a == "text" && lists("tinyint, smallint, integer, bigint", to):
		return tryCast(tryCast(expression, "decimal(38,19)"), to), true
	case a == "text" && b == "time":
		return utcTimestampOf(expression, to), true
	case from == "double" && to == "real":
		return toReal(expression), true
	case from == "real" && to == "bigint": // Trino converts 1e19 and infinity to the largest bigint
		return tryCast(toDouble(expression), to), true
	case from == "boolean" && baseOf(to) == "decimal": // Trino converts true to decimal(2,2) as 1.00, which has too many digits
		return tryCast(tryCast(expression, "integer"), to), true
	case from == "timestamp(6)" && to == "timestamp(3)":
		return when(expression+" < TIMESTAMP '9999-12-31 23:59:59.999500'", tryCast(expression, to)), true
	case a == "" || b == "" || a == "bytes" || b == "bytes":
		return "", false
	case a == b, a == "text", b == "text":
		return tryCast(expression, to), true
	}
	return "", false
}

func toDouble(c string) string { return "CAST(" + c + " AS double)" }

// toReal casts a double. Trino converts numbers beyond the range of real to infinity.
func toReal(c string) string {
	return when("abs("+c+") < 3.4028235677973366E38 OR NOT abs("+c+") <= 1.7976931348623157E308", "CAST("+c+" AS real)")
}

func tryCast(expression, to string) string { return "TRY_CAST(" + expression + " AS " + to + ")" }

// textOf decodes UTF-8. Invalid bytes become U+FFFD.
func textOf(c string) string { return "from_utf8(" + c + ")" }

// Text is converted to a date or a timestamp only if it has the format that MySQL and PostgreSQL print. Infinity, years BC and years of
// more than four digits become NULL, because SQL engines disagree about them and clients cannot show them. MySQL's zero date, which is in
// the year 0000, also becomes NULL.

func dateOf(c string) string { return when(isLike(c, "____-__-__"), tryCast(c, "date")) }

// localTimestampOf parses a timestamp without an offset. The last fractions of a second of the year 9999 would be rounded up.
func localTimestampOf(c, to string) string {
	end := map[string]string{"timestamp(3)": "9995", "timestamp(6)": "9999995"}[to]
	return when(isLike(c, "____-__-__ __:__:__%")+" AND "+c+" < '9999-12-31 23:59:59."+end+"'", tryCast(c, to))
}

// utcTimestampOf parses a timestamp with or without an offset, and returns it in UTC. PostgreSQL prints no minutes in an offset if they are
// zero, but Trino requires them.
func utcTimestampOf(c, to string) string {
	offset := "CASE WHEN " + c + " LIKE '%+__' OR " + c + " LIKE '%-__' THEN ':00'" +
		" WHEN " + c + " LIKE '%+__:__' OR " + c + " LIKE '%-__:__' THEN '' ELSE '+00:00' END"
	zoned := tryCast("concat("+c+", "+offset+")", strings.Replace(to, ")", ") with time zone", 1))
	utc := "CAST(" + zoned + " AT TIME ZONE 'UTC' AS " + to + ")"
	// Only the offset and rounding can move a time beyond these years, and only from their first and their last day.
	return when(c+" LIKE '____-__-__ __:__:__%' AND ("+c+" BETWEEN '0001-01-02' AND '9999-12-31' OR year("+utc+") BETWEEN 1 AND 9999)", utc)
}

func isLike(c, form string) string { return c + " LIKE '" + form + "' AND " + c + " >= '0001'" }

func when(condition, then string) string { return "CASE WHEN " + condition + " THEN " + then + " END" }
