package main

import (
	"fmt"
	"regexp"
	"strings"
)

// family is what an original type of MySQL, MariaDB or Aurora MySQL is, as far as a view cares.
type family int

const (
	unknown  family = iota // left as it was crawled: UUID and INET6 of MariaDB, and what is yet to come
	integer                // Parquet holds it exactly; never narrowed, since a manifest may not say UNSIGNED
	decimal                // a string when it has more than 38 digits
	floating               // FLOAT is exported as DOUBLE
	text                   // also TIME, which reaches from -838 to 838 hours and fits no type of Athena's
	binary                 // bits, bytes and geometry
	date                   // a string in Parquet
	datetime               // microseconds in Parquet, of which Athena reads the milliseconds
)

// familyOf takes the type as the manifest gives it: "bigint", "bigint(20) unsigned", "DATETIME".
func familyOf(original string) family {
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(original)), "(")
	word, _, _ = strings.Cut(word, " ")
	switch word {
	case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year":
		return integer
	case "decimal", "numeric":
		return decimal
	case "float", "double":
		return floating
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json", "time":
		return text
	case "bit", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob",
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		return binary
	case "date":
		return date
	case "datetime", "timestamp":
		return datetime
	}
	return unknown
}

// restore gives the expression and the type that bring a column of a MySQL table back from how it was crawled. c is the quoted
// column. ok is false when the column did not arrive as RDS documents it ("Data conversion when exporting to an Amazon S3
// bucket"); it is left as it is then.
func restore(f family, crawled, c string) (expression, sqlType string, ok bool) {
	is := func(glueTypes ...string) bool {
		for _, t := range glueTypes {
			if crawled == t || strings.HasPrefix(crawled, t+"(") {
				return true
			}
		}
		return false
	}
	switch f {
	case integer:
		ok = is("tinyint", "smallint", "int", "bigint", "decimal")
	case decimal:
		ok = is("decimal")
	case floating:
		if is("float") {
			return "CAST(" + c + " AS double)", "double", true
		}
		ok = is("double")
	case text:
		// CHAR has no text annotation in the Parquet files of most exports.
		if is("binary") {
			return "from_utf8(" + c + ")", "varchar", true
		}
		ok = is("string", "char", "varchar")
	case binary:
		ok = is("binary")
	case date:
		// MySQL stores dates that are none (2026-00-00); they become NULL and do not fail the query.
		if is("string") {
			return "TRY_CAST(NULLIF(" + c + ", '0000-00-00') AS date)", "date", true
		}
		ok = is("date")
	case datetime:
		// Redash cannot read a timestamp without fractions.
		if is("timestamp") {
			return "CAST(" + c + " AS timestamp(3))", "timestamp(3)", true
		}
	default:
		ok = true
	}
	return c, sqlTypeOf(crawled), ok
}

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
