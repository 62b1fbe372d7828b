package projection

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"snaplake/functions/internal/manifest"
)

// typeMapping gives the conversion for database types that RDS exports in the same form.
type typeMapping struct {
	// types lists names from DATA_TYPE in information_schema.
	types string
	// glueTypes lists the Glue types of the exported columns, without parameters.
	glueTypes string
	convert   conversion
	// remark is shown in docs/types.md.
	remark string
}

// anyOther matches the types that no other mapping lists.
const anyOther = "every other type"

const tooLong = "a decimal with more than 38 digits, which Athena does not support; it stays text"

// mysqlMappings follows the RDS guide, "Data conversion when exporting to an Amazon S3 bucket", for MySQL, MariaDB and Aurora MySQL. Where
// real exports differ from the guide, it contains both forms.
var mysqlMappings = []typeMapping{
	{"tinyint, smallint, mediumint, int, integer, year", "int, smallint, tinyint", asCrawled,
		"TINYINT(1), also called BOOLEAN, remains a number, because it can hold values such as 2"},
	{"bigint, int, integer, mediumint", "bigint", asCrawled, "UNSIGNED INT and MEDIUMINT are exported as bigint"},
	{"bigint", "decimal", asCrawled, "BIGINT UNSIGNED is exported as decimal(20,0), because its largest values exceed the range of bigint"},
	{"decimal, numeric", "decimal", asCrawled, ""},
	{"decimal, numeric", "string", asCrawled, tooLong},
	{"float, double", "double", asCrawled, ""},
	{"float", "float", simple("double", toDouble), "cast to double, the type that RDS documents for FLOAT"},
	{"bit", "binary", fromBits, "one bit becomes a boolean, and 2 to 63 bits become a number; 64 bits stay bytes, since bigint is signed"},
	{"char", "binary", simple("varchar", textOf), "RDS documents CHAR as binary, without the UTF8 annotation"},
	{"char, varchar, tinytext, text, mediumtext, longtext, enum, set", "string", asCrawled, ""},
	{"json", "string", asCrawled, "a view cannot have a json column; json_extract and similar functions read the text"},
	{"date", "string", simple("date", dateOf), "0000-00-00, 2026-00-00 and dates before the year 1 become NULL"},
	{"date", "date", asCrawled, ""},
	{"time", "string", asCrawled, "TIME ranges from -838 to 838 hours; Athena's time ends at 24 hours"},
	{"datetime, timestamp", "timestamp", toMilliseconds,
		"the file has microseconds, which Athena rounds to milliseconds. A value that would round up to the year 10000 becomes NULL"},
	{"binary, varbinary, tinyblob, blob, mediumblob, longblob", "binary", asCrawled, ""},
	{"geometry, point, linestring, polygon, multipoint, multilinestring, multipolygon, geometrycollection, geomcollection",
		"binary, string", asCrawled, "in the database's internal format"},
	{"uuid, inet4, inet6", "string, binary", asCrawled, "MariaDB only; RDS does not document how they are exported"},
}

// postgresMappings follows the same section of the RDS guide for PostgreSQL and Aurora PostgreSQL. Most types are exported as text.
var postgresMappings = []typeMapping{
	{"smallint, integer, bigint", "smallint, int, bigint", asCrawled, ""},
	{"real", "float", asCrawled, ""},
	{"double precision", "double", asCrawled, ""},
	{"boolean", "boolean", asCrawled, ""},
	{"smallint, integer, bigint, real, double precision, boolean", "string", fromDomain,
		"a domain based on the type; domains are exported as text"},
	{"numeric", "string", toDecimal,
		"decimal(p,s) if the export includes the scale, otherwise decimal(2p,p), which holds every number of p digits. A " +
			"value stays text if the column has no precision or needs more than 38 digits. NaN becomes NULL"},
	{"bytea", "binary", asCrawled, ""},
	{"date", "string", simple("date", dateOf), "infinity, years BC and years after 9999 become NULL"},
	{"timestamp without time zone", "string", toTimestamp(localTimestampOf),
		"the precision is 3 or 6, depending on the column. Infinity, years BC and years after 9999 become NULL"},
	{"timestamp with time zone", "string", toTimestamp(utcTimestampOf), "the same instant in UTC; a view's column cannot have a time zone"},
	{"time without time zone, time with time zone", "string", asCrawled, "PostgreSQL allows 24:00:00, and a view cannot have a time column"},
	{"interval", "string", asCrawled, "months, days and seconds in one value; Athena needs two types for them"},
	{`character varying, character, text, name, "char"`, "string", asCrawled, ""},
	{"money", "string", asCrawled, "text with the currency symbol and the separators of the database's locale"},
	{"uuid", "string", asCrawled, "a view cannot have a uuid column; text compares and joins equally well"},
	{"json, jsonb", "string", asCrawled, "a view cannot have a json column; json_extract and similar functions read the text"},
	{"xml", "string", asCrawled, "Athena has no such type"},
	{"ARRAY", "string", asCrawled, "text such as {1,2,NULL}; the export does not include the element type"},
	{"USER-DEFINED", "string", asCrawled, "enums, composite types, and types of extensions such as hstore, citext and geometry"},
	{"bit, bit varying", "string", asCrawled, "a string of zeros and ones, of any length; from_base(c, 2) converts it to a number"},
	{"inet, cidr, macaddr, macaddr8", "string", asCrawled, "Athena's ipaddress has no netmask"},
	{"point, line, lseg, box, path, polygon, circle", "string", asCrawled,
		"text such as (1,2), which Athena's geospatial functions cannot read"},
	{"tsvector, tsquery", "string", asCrawled, "Athena has no such type"},
	{"int4range, int8range, numrange, daterange, tsrange, tstzrange", "string", asCrawled, "Athena has no such type"},
	{"pg_lsn, pg_snapshot, txid_snapshot", "string", asCrawled, "Athena has no such type"},
	{anyOther, "string", asCrawled,
		"multiranges, domains listed by their own name, and future types; RDS documents that all of them are exported as text"},
}

// mapType returns the expression and the SQL type of a view's column. They restore the type in the database. c is the quoted column.
// If a column was exported in an unexpected form, it is not converted, and there is a warning.
func mapType(engine string, m manifest.Column, glueType, c string) (expression, sqlType, warning string) {
	known := false
	for _, mapping := range typeMappings(engine) {
		isListed := lists(mapping.types, m.OriginalType)
		known = known || isListed
		if !isListed && mapping.types != anyOther || !lists(mapping.glueTypes, baseOf(glueType)) {
			continue
		}
		if mapping.remark == tooLong {
			warning = tooLong
		}
		expression, sqlType = mapping.convert(c, m, glueType)
		return expression, sqlType, warning
	}
	warning = fmt.Sprintf("%s was exported as %s and is not converted", m.OriginalType, glueType)
	if !known {
		warning = "unknown type: " + warning
	}
	return c, sqlTypeOf(glueType), warning
}

// typeMappings returns the mappings for an engine: mysql, mariadb, aurora-mysql, aurora, postgres, aurora-postgresql.
func typeMappings(engine string) []typeMapping {
	if strings.Contains(engine, "postgres") {
		return postgresMappings
	}
	return mysqlMappings
}

func lists(names, name string) bool {
	return slices.ContainsFunc(strings.Split(names, ", "), func(n string) bool { return strings.EqualFold(n, name) })
}

// sqlNames maps Glue types to Athena's SQL types, where the names differ.
var sqlNames = map[string]string{
	"string": "varchar", "binary": "varbinary", "int": "integer", "float": "real", "timestamp": "timestamp(3)",
}

func sqlTypeOf(glueType string) string { return cmp.Or(sqlNames[glueType], glueType) }

var typeForm = regexp.MustCompile(`^[a-z]+(\(\d+(,\d+)?\))?$`)

// isKnownType reports whether a view can have a column of this type. This check keeps other text out of statements.
func isKnownType(sqlType string) bool {
	return typeForm.MatchString(sqlType) && castGroups[baseOf(sqlType)] != ""
}

var decimalDigits = regexp.MustCompile(`decimal\((\d+), ?(\d+)\)`)

// exportedTypes maps substrings of the exported types in manifests to Glue types. The first match is used.
var exportedTypes = [][2]string{
	{"timestamp", "timestamp"}, {"utf8", "string"}, {"string", "string"}, {"int_16", "smallint"}, {"int(16", "smallint"}, {"int32", "int"},
	{"int64", "bigint"}, {"double", "double"}, {"float", "float"}, {"boolean", "boolean"}, {"binary", "binary"}, {"byte_array", "binary"},
}

// glueTypeOf returns the Glue type that a crawler assigns to an exported type, for example "int64", "binary (UTF8)",
// "int64 (TIMESTAMP_MICRO)" or "int32 (DECIMAL(4,4))". It returns "" for an unknown type.
func glueTypeOf(exported string) string {
	exported = strings.ToLower(exported)
	if digits := decimalDigits.FindStringSubmatch(exported); digits != nil {
		return fmt.Sprintf("decimal(%s,%s)", digits[1], digits[2])
	}
	for _, t := range exportedTypes {
		if strings.Contains(exported, t[0]) {
			return t[1]
		}
	}
	return ""
}

var parentheses = regexp.MustCompile(`\(.*\)`)

// baseOf returns a type without its parameters.
func baseOf(sqlType string) string { return parentheses.ReplaceAllString(sqlType, "") }
