package main

import (
	"fmt"
	"strings"

	"snaplake/functions/internal/manifest"
)

// restoration is how columns of some types of a database come back from how they were crawled.
type restoration struct {
	// types are the database's, by the names that information_schema's DATA_TYPE has for them.
	types string
	// crawled are the types of Glue's that such a column arrives with, without their digits.
	crawled string
	// view makes the view's column.
	view rule
	// why gives the reason where it is not obvious.
	why string
}

// rule gives the expression and the type of a view's column, and a warning where there is something odd about it. c is the
// quoted column.
type rule func(c string, o original, crawled string) (expression, sqlType, warning string)

// anyOther stands for the types that the others do not name.
const anyOther = "every other type"

const tooLong = "a decimal of more than 38 digits, which Athena does not have: it stays text"

// ofMySQL follows the RDS guide, "Data conversion when exporting to an Amazon S3 bucket", for MySQL, MariaDB and Aurora MySQL.
// Where real exports were seen to differ from it, both forms are here.
var ofMySQL = [...]restoration{
	{"tinyint, smallint, mediumint, int, integer, year", "int, smallint, tinyint", asCrawled,
		"TINYINT(1), which BOOLEAN is, stays a number: it holds 2 as well"},
	{"bigint, int, integer, mediumint", "bigint", asCrawled, "INT and MEDIUMINT arrive so when they are UNSIGNED"},
	{"bigint", "decimal", asCrawled, "BIGINT UNSIGNED, as decimal(20,0): its largest numbers are no bigint"},
	{"decimal, numeric", "decimal", asCrawled, ""},
	{"decimal, numeric", "string", longDecimal, tooLong},
	{"float, double", "double", asCrawled, ""},
	{"float", "float", toDouble, "FLOAT is double everywhere, as RDS documents it"},
	{"bit", "binary", fromBits, "one bit is true or false, up to 63 are a number; 64 stay bytes, since bigint has a sign"},
	{"char", "binary", fromUTF8, "RDS documents CHAR without the mark that makes it text"},
	{"char, varchar, tinytext, text, mediumtext, longtext, enum, set", "string", asCrawled, ""},
	{"json", "string", asCrawled, "no column of a view can be json; json_extract and its like read the text"},
	{"date", "string", toDate, "0000-00-00 and 2026-00-00 are no dates and give NULL, as does what lies before the year 1"},
	{"date", "date", asCrawled, ""},
	{"time", "string", asCrawled, "it reaches from -838 to 838 hours, and a time of Athena's ends at 24"},
	{"datetime, timestamp", "timestamp", toMilliseconds, "the file has microseconds, which Athena rounds to milliseconds. What would be rounded up to the year 10000 gives NULL"},
	{"binary, varbinary, tinyblob, blob, mediumblob, longblob", "binary", asCrawled, ""},
	{"geometry, point, linestring, polygon, multipoint, multilinestring, multipolygon, geometrycollection, geomcollection", "binary, string", asCrawled,
		"as the database stores it"},
	{"uuid, inet4, inet6", "string, binary", asCrawled, "MariaDB's own; RDS does not document how they are exported"},
}

// ofPostgreSQL follows the same page of the guide for PostgreSQL and Aurora PostgreSQL. Most types arrive as the text that the
// database prints.
var ofPostgreSQL = [...]restoration{
	{"smallint, integer, bigint", "smallint, int, bigint", asCrawled, ""},
	{"real", "float", asCrawled, ""},
	{"double precision", "double", asCrawled, ""},
	{"boolean", "boolean", asCrawled, ""},
	{"smallint, integer, bigint, real, double precision, boolean", "string", fromDomain, "a domain over the type: domains arrive as text"},
	{"numeric", "string", toDecimal, "decimal(p,s) where the export says the scale, else decimal(2p,p), which holds every number of p digits. It stays text without a precision and where these are more than 38 digits. NaN gives NULL"},
	{"bytea", "binary", asCrawled, ""},
	{"date", "string", toDate, "infinity, years BC and years beyond 9999 give NULL"},
	{"timestamp without time zone", "string", toTimestamp, "the precision is the column's, 3 or 6. Infinity, years BC and years beyond 9999 give NULL"},
	{"timestamp with time zone", "string", toUTC, "the same moment in UTC, without a zone: no column of a view can have one"},
	{"time without time zone, time with time zone", "string", asCrawled, "24:00:00 is a time of PostgreSQL's, and no column of a view can be a time"},
	{"interval", "string", asCrawled, "months, days and seconds in one, for which Athena needs two types"},
	{`character varying, character, text, name, "char"`, "string", asCrawled, ""},
	{"money", "string", asCrawled, "printed with the currency sign and the separators of the database's locale"},
	{"uuid", "string", asCrawled, "no column of a view can be a uuid; the text compares and joins as well"},
	{"json, jsonb", "string", asCrawled, "no column of a view can be json; json_extract and its like read the text"},
	{"xml", "string", asCrawled, "Athena has no such type"},
	{"ARRAY", "string", asCrawled, "printed like {1,2,NULL}; the export does not say of what it is an array"},
	{"USER-DEFINED", "string", asCrawled, "enums, composites, and the types of extensions, such as hstore, citext and geometry"},
	{"bit, bit varying", "string", asCrawled, "printed as zeros and ones, of any length; from_base(c, 2) gives the number"},
	{"inet, cidr, macaddr, macaddr8", "string", asCrawled, "Athena's ipaddress has no network mask"},
	{"point, line, lseg, box, path, polygon, circle", "string", asCrawled, "printed like (1,2), which no geospatial function of Athena's reads"},
	{"tsvector, tsquery", "string", asCrawled, "Athena has no such type"},
	{"int4range, int8range, numrange, daterange, tsrange, tstzrange", "string", asCrawled, "Athena has no such type"},
	{"pg_lsn, pg_snapshot, txid_snapshot", "string", asCrawled, "Athena has no such type"},
	{anyOther, "string", asCrawled, "multiranges, domains that go by their own name, and what is yet to come: all of it is documented to arrive as text"},
}

// typeOf gives the expression and the type of a view's column that bring back a column of a database from how it was crawled.
// engine is as RDS names it, crawled the type of Glue's, and c the quoted column.
//
// A column that did not arrive as the tables above have it is left as it is, and warning says so.
func typeOf(engine string, m manifest.Column, crawled, c string) (expression, sqlType, warning string) {
	o, known := originalOf(m), false
	for _, r := range restorations(engine) {
		if r.isOf(o.name) && lists(r.crawled, baseOf(crawled)) {
			return r.view(c, o, crawled)
		}
		known = known || lists(r.types, o.name)
	}
	if !known {
		return c, sqlTypeOf(crawled), fmt.Sprintf("Snaplake does not know %s, which arrived as %s and stays so", m.OriginalType, crawled)
	}
	return c, sqlTypeOf(crawled), fmt.Sprintf("%s arrived as %s and stays so", m.OriginalType, crawled)
}

// restorations takes an engine as RDS names it: mysql, mariadb, aurora-mysql, aurora, postgres, aurora-postgresql.
func restorations(engine string) []restoration {
	if strings.Contains(engine, "postgres") {
		return ofPostgreSQL[:]
	}
	return ofMySQL[:]
}

func (r restoration) isOf(name string) bool { return r.types == anyOther || lists(r.types, name) }

func lists(names, name string) bool {
	for n := range strings.SplitSeq(names, ", ") {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// baseOf is a type without its digits.
func baseOf(sqlType string) string { return inParentheses.ReplaceAllString(sqlType, "") }
