package projection

import (
	"fmt"
	"strings"

	"snaplake/functions/internal/manifest"
)

// typeMapping maps types of a database, as an export delivers them, to the type of a view's column.
type typeMapping struct {
	// types are the database's, by their names in information_schema's DATA_TYPE.
	types string
	// glueTypes are those that such a column has in the catalog, without digits.
	glueTypes string
	convert   conversion
	// reason is the remark in docs/types.md, if any.
	reason string
}

// anyOther stands for the types that no other mapping names.
const anyOther = "every other type"

const tooLong = "a decimal of more than 38 digits, which Athena does not have: it stays text"

// mysqlMappings follow the RDS guide, "Data conversion when exporting to an Amazon S3 bucket", for MySQL, MariaDB and Aurora MySQL. Where
// real exports differ from the guide, both forms are here.
var mysqlMappings = []typeMapping{
	{"tinyint, smallint, mediumint, int, integer, year", "int, smallint, tinyint", asCrawled,
		"TINYINT(1), alias BOOLEAN, stays a number: it can hold 2"},
	{"bigint, int, integer, mediumint", "bigint", asCrawled, "UNSIGNED INT and MEDIUMINT arrive as bigint"},
	{"bigint", "decimal", asCrawled, "BIGINT UNSIGNED, as decimal(20,0): its largest numbers exceed bigint"},
	{"decimal, numeric", "decimal", asCrawled, ""},
	{"decimal, numeric", "string", asCrawled, tooLong},
	{"float, double", "double", asCrawled, ""},
	{"float", "float", toDouble, "FLOAT is always double, as RDS documents"},
	{"bit", "binary", fromBits, "one bit is a boolean, 2 to 63 bits are a number; 64 bits stay bytes, since bigint is signed"},
	{"char", "binary", fromUTF8, "RDS documents CHAR without the annotation for text"},
	{"char, varchar, tinytext, text, mediumtext, longtext, enum, set", "string", asCrawled, ""},
	{"json", "string", asCrawled, "a view cannot have a json column; json_extract and similar functions read the text"},
	{"date", "string", toDate, "0000-00-00, 2026-00-00 and dates before the year 1 become NULL"},
	{"date", "date", asCrawled, ""},
	{"time", "string", asCrawled, "it ranges from -838 to 838 hours; Athena's time ends at 24"},
	{"datetime, timestamp", "timestamp", toMilliseconds,
		"the file has microseconds, which Athena rounds to milliseconds. A value that would round up to the year 10000 becomes NULL"},
	{"binary, varbinary, tinyblob, blob, mediumblob, longblob", "binary", asCrawled, ""},
	{"geometry, point, linestring, polygon, multipoint, multilinestring, multipolygon, geometrycollection, geomcollection",
		"binary, string", asCrawled, "the database's internal format"},
	{"uuid, inet4, inet6", "string, binary", asCrawled, "MariaDB only; RDS does not document how they are exported"},
}

// postgresMappings follow the same page for PostgreSQL and Aurora PostgreSQL. Most types arrive as the text that the database prints.
var postgresMappings = []typeMapping{
	{"smallint, integer, bigint", "smallint, int, bigint", asCrawled, ""},
	{"real", "float", asCrawled, ""},
	{"double precision", "double", asCrawled, ""},
	{"boolean", "boolean", asCrawled, ""},
	{"smallint, integer, bigint, real, double precision, boolean", "string", fromDomain, "a domain over the type; domains arrive as text"},
	{"numeric", "string", toDecimal,
		"decimal(p,s) if the export has the scale, else decimal(2p,p), which holds every number of p digits. It stays " +
			"text without a precision or above 38 digits. NaN becomes NULL"},
	{"bytea", "binary", asCrawled, ""},
	{"date", "string", toDate, "infinity, years BC and years after 9999 become NULL"},
	{"timestamp without time zone", "string", toTimestamp,
		"the precision is 3 or 6, like the column's. Infinity, years BC and years after 9999 become NULL"},
	{"timestamp with time zone", "string", toUTC, "the same instant in UTC; a view's column cannot have a time zone"},
	{"time without time zone, time with time zone", "string", asCrawled, "PostgreSQL has 24:00:00, and a view cannot have a time column"},
	{"interval", "string", asCrawled, "months, days and seconds in one value; Athena needs two types for them"},
	{`character varying, character, text, name, "char"`, "string", asCrawled, ""},
	{"money", "string", asCrawled, "printed with the currency symbol and the separators of the database's locale"},
	{"uuid", "string", asCrawled, "a view cannot have a uuid column; text compares and joins equally well"},
	{"json, jsonb", "string", asCrawled, "a view cannot have a json column; json_extract and similar functions read the text"},
	{"xml", "string", asCrawled, "Athena has no such type"},
	{"ARRAY", "string", asCrawled, "printed like {1,2,NULL}; the export does not include the element type"},
	{"USER-DEFINED", "string", asCrawled, "enums, composite types, and types of extensions such as hstore, citext and geometry"},
	{"bit, bit varying", "string", asCrawled, "printed as zeros and ones, of any length; from_base(c, 2) returns the number"},
	{"inet, cidr, macaddr, macaddr8", "string", asCrawled, "Athena's ipaddress has no netmask"},
	{"point, line, lseg, box, path, polygon, circle", "string", asCrawled,
		"printed like (1,2), which Athena's geospatial functions cannot read"},
	{"tsvector, tsquery", "string", asCrawled, "Athena has no such type"},
	{"int4range, int8range, numrange, daterange, tsrange, tstzrange", "string", asCrawled, "Athena has no such type"},
	{"pg_lsn, pg_snapshot, txid_snapshot", "string", asCrawled, "Athena has no such type"},
	{anyOther, "string", asCrawled, "multiranges, domains listed by their own name, and future types; all are documented to arrive as text"},
}

// mapType returns the expression and the SQL type that restore a column's type in the database. engine is RDS's name of it, and c is the
// quoted column.
//
// A column that arrived in a form that no mapping has stays as it is, with a warning.
func mapType(engine string, m manifest.Column, glueType, c string) (expression, sqlType, warning string) {
	known := false
	for _, mapping := range typeMappings(engine) {
		if (mapping.types == anyOther || lists(mapping.types, m.OriginalType)) && lists(mapping.glueTypes, baseOf(glueType)) {
			if mapping.reason == tooLong {
				warning = tooLong
			}
			expression, sqlType = mapping.convert(c, m, glueType)
			return expression, sqlType, warning
		}
		known = known || lists(mapping.types, m.OriginalType)
	}
	warning = fmt.Sprintf("%s arrived as %s and stays so", m.OriginalType, glueType)
	if !known {
		warning = "unknown type: " + warning
	}
	return c, sqlTypeOf(glueType), warning
}

// typeMappings returns those of an engine: mysql, mariadb, aurora-mysql, aurora, postgres, aurora-postgresql.
func typeMappings(engine string) []typeMapping {
	if strings.Contains(engine, "postgres") {
		return postgresMappings
	}
	return mysqlMappings
}

func lists(names, name string) bool {
	for n := range strings.SplitSeq(names, ", ") {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
