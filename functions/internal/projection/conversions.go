package main

import (
	"fmt"
	"strings"
)

// mostDigits is the precision of Athena's largest decimal.
const mostDigits = 38

func asCrawled(c string, _ original, crawled string) (expression, sqlType, warning string) {
	return c, sqlTypeOf(crawled), ""
}

func longDecimal(c string, _ original, crawled string) (expression, sqlType, warning string) {
	return c, sqlTypeOf(crawled), tooLong
}

func toDouble(c string, _ original, _ string) (expression, sqlType, warning string) {
	return "CAST(" + c + " AS double)", "double", ""
}

func fromUTF8(c string, _ original, _ string) (expression, sqlType, warning string) {
	return textOf(c), "varchar", ""
}

// fromBits gives NULL for bytes that are not as many as they should be.
func fromBits(c string, o original, crawled string) (expression, sqlType, warning string) {
	switch {
	case o.precision == 1:
		return "CASE " + c + " WHEN X'00' THEN false WHEN X'01' THEN true END", "boolean", ""
	case o.precision > 1 && o.precision < 64:
		return "TRY(from_base(to_hex(" + c + "), 16))", "bigint", ""
	}
	return asCrawled(c, o, crawled)
}

func toDate(c string, _ original, _ string) (expression, sqlType, warning string) {
	return dateOf(c), "date", ""
}

// toMilliseconds is what Athena reads anyway. It is said in the view because Redash cannot read a timestamp without fractions. The
// last microseconds of 9999, which some take for for ever, are rounded to a year that Redash cannot read either. Other columns
// need no condition, which would keep Athena from skipping files by their bounds.
func toMilliseconds(c string, o original, _ string) (expression, sqlType, warning string) {
	cast := "CAST(" + c + " AS timestamp(3))"
	if o.name == "datetime" && o.fraction > 3 {
		cast = "CASE WHEN " + c + " <= TIMESTAMP '9999-12-31 23:59:59.999' THEN " + cast + " END"
	}
	return cast, "timestamp(3)", ""
}

func toTimestamp(c string, o original, _ string) (expression, sqlType, warning string) {
	t := timestampType(o)
	return localTimeOf(c, t), t, ""
}

func toUTC(c string, o original, _ string) (expression, sqlType, warning string) {
	t := timestampType(o)
	return momentOf(c, t), t, ""
}

// timestampType holds the digits of the column's seconds. There is none without any: Redash cannot read it.
func timestampType(o original) string {
	if o.fraction > 0 && o.fraction <= 3 {
		return "timestamp(3)"
	}
	return "timestamp(6)"
}

// toDecimal takes the precision and the scale of the column. Where the export does not say the scale, any from 0 to the
// precision finds room. PostgreSQL's scale may be negative, or larger than the precision.
func toDecimal(c string, o original, crawled string) (expression, sqlType, warning string) {
	whole, scale := o.precision, o.precision
	if o.scale != nil {
		whole, scale = max(o.precision-*o.scale, 0), max(*o.scale, 0)
	}
	if o.precision == 0 || whole+scale > mostDigits {
		return asCrawled(c, o, crawled)
	}
	t := fmt.Sprintf("decimal(%d,%d)", whole+scale, scale)
	return tryCast(c, t), t, ""
}

// fromDomain makes what the type under the domain is, when the text is one.
func fromDomain(c string, o original, _ string) (expression, sqlType, warning string) {
	t := strings.TrimSuffix(o.name, " precision")
	return tryCast(c, t), t, ""
}
