//go:build trino

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// postgresTypes returns a column of each type with the values that are most likely to cause errors: the smallest, the largest and unusual
// ones.
func postgresTypes() []typed {
	const times = "2026-11-21 17:05:12.123456"
	return []typed{
		{"i2", "smallint", []string{"-32768", "32767", "0"}},
		{"i4", "integer", []string{"-2147483648", "2147483647"}},
		{"i8", "bigint", []string{"-9223372036854775808", "9223372036854775807"}},
		{"i2s", "smallserial", []string{"1", "2", "3", "4", "5", "6", "7", "8"}},
		{"i4s", "serial", []string{"1", "2", "3", "4", "5", "6", "7", "8"}},
		{"i8s", "bigserial", []string{"1", "2", "3", "4", "5", "6", "7", "8"}},
		{"f4", "real", []string{"3.4028235e38", "-1e-45", "NaN", "infinity", "-infinity", "0.1", "1e7"}},
		{"f8", "double precision", []string{"1.7976931348623157e308", "5e-324", "NaN", "infinity", "-infinity", "0.1", "-0"}},
		{"n1", "numeric(1)", []string{"9", "-9"}},
		{"n12_2", "numeric(12,2)", []string{"9999999999.99", "-9999999999.99", "NaN", "0.05"}},
		{"n19", "numeric(19)", []string{"9999999999999999999", "-9999999999999999999"}},
		{"n19_19", "numeric(19,19)", []string{"0.9999999999999999999", "-0.0000000000000000001"}},
		{"n3_5", "numeric(3,5)", []string{"0.00125", "-0.00999"}},
		{"n3_2", "numeric(3,-2)", []string{"99900", "-100"}},
		{"n20_4", "numeric(20,4)", []string{"9999999999999999.9999", "NaN", "-1.5000"}},
		{"n1000", "numeric(1000,10)", []string{strings.Repeat("9", 990) + ".0123456789", "-1"}},
		{"n", "numeric", []string{"1e500", "-1e-500", "NaN", "infinity", "12345678901234567890.12345678901234567890", "1.50"}},
		{"cash", "money", []string{"-92233720368547758.08", "92233720368547758.07", "1234.5"}},
		{"flag", "boolean", []string{"true", "false"}},
		{"day", "date", []string{
			"4713-01-01 BC", "5874897-12-31", "infinity", "-infinity", "0001-01-01", "9999-12-31", "0044-03-15 BC", "10000-01-01",
		}},
		{"at", "timestamp", []string{
			"4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999", "infinity", "-infinity",
			"0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", times, "1582-10-10 01:02:03",
		}},
		{"at0", "timestamp(0)", []string{times, "infinity"}},
		{"at3", "timestamp(3)", []string{times, "0044-03-15 12:00:00 BC", "1969-12-31 23:59:59.999"}},
		{"atz", "timestamp with time zone", []string{
			"4713-01-01 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "infinity", "-infinity",
			times + "+09", times + "-03:30", "9999-12-31 23:59:59.999999-01", "0001-01-01 00:30:00+01",
		}},
		{"atz1", "timestamp(1) with time zone", []string{times + "+05:45", "1900-01-01 00:00:00+00"}},
		{"clock", "time", []string{"00:00:00", "24:00:00", "23:59:59.999999"}},
		{"clock0", "time(0)", []string{"24:00:00", "12:34:56"}},
		{"clockz", "time with time zone", []string{"00:00:00+15:59", "24:00:00-15:59", "12:34:56.789+09"}},
		{"span", "interval", []string{"-178000000 years", "178000000 years", "1 year 2 mons -3 days 04:05:06.789", "-00:00:00.000001", "0"}},
		{"spand", "interval day to second(2)", []string{"1 02:03:04.567", "-1 day"}},
		{"c5", "char(5)", []string{"ab", "", "日本語", "     "}},
		{"v3", "varchar(3)", []string{"", "abc", "日本語", "a  "}},
		{"t", "text", []string{"", " ", "line\nbreak\ttab\\n", `"quoted", 'single'`, "NULL", "🎌", "\u0001", strings.Repeat("x", 70000)}},
		{"internal", `"char"`, []string{"a", ""}},
		{"n64", "name", []string{"a name"}},
		{"b", "bytea", []string{`\x`, `\x00ff`, `\xdeadbeef`}},
		{"id", "uuid", []string{"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}},
		{"js", "json", []string{`{"b": 1, "a":  [1, null]}`, "null", `"日本"`}},
		{"jb", "jsonb", []string{`{"b": 1, "a": [1, null], "b": 2}`, "null", "1e3"}},
		{"doc", "xml", []string{"<a b='1'>x</a>", "<?xml version=\"1.0\"?><a/>"}},
		{"address", "inet", []string{"192.0.2.1/24", "::1", "10.0.0.1"}},
		{"net", "cidr", []string{"192.0.2.0/24", "2001:db8::/32"}},
		{"mac", "macaddr", []string{"08:00:2b:01:02:03"}},
		{"mac8", "macaddr8", []string{"08:00:2b:01:02:03:04:05"}},
		{"b1", "bit", []string{"1", "0"}},
		{"b3", "bit(3)", []string{"101", "000"}},
		{"bv", "bit varying(8)", []string{"", "10101010"}},
		{"dot", "point", []string{"(1.5,-2)", "(NaN,Infinity)"}},
		{"line", "line", []string{"{1,-1,0}"}},
		{"seg", "lseg", []string{"[(0,0),(1,1)]"}},
		{"box", "box", []string{"(1,1),(0,0)"}},
		{"way", "path", []string{"((0,0),(1,1))", "[(0,0),(1,1)]"}},
		{"area", "polygon", []string{"((0,0),(1,1),(1,0))"}},
		{"circle", "circle", []string{"<(0,0),1>"}},
		{"words", "tsvector", []string{"a:1 fat:2,4 cat:3"}},
		{"search", "tsquery", []string{"fat & (rat | cat)"}},
		{"lsn", "pg_lsn", []string{"16/B374D848"}},
		{"ints", "integer[]", []string{"{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[2:3]={7,8}"}},
		{"texts", "text[]", []string{`{"a,b","c \"d\"",NULL,"NULL",""}`, "{日本}"}},
		{"days", "date[]", []string{"{2026-11-21,infinity}"}},
		{"r4", "int4range", []string{"[1,10)", "empty", "(,5]"}},
		{"rt", "tstzrange", []string{"[2026-01-01 00:00:00+00,infinity)"}},
		{"mr", "int8multirange", []string{"{[1,3),[5,)}", "{}"}},
		{"feeling", "mood", []string{"sad", "it's ok"}},
		{"pair", "pair", []string{`(1,"a, b")`, "(,)"}},
		{"positive", "positive", []string{"1", "2147483647"}},
		{"due", "due", []string{"2026-11-21", "infinity"}},
		{"agreed", "agreed", []string{"true", "false"}},
		{"price", "price", []string{"12.50", "NaN"}},
		{"kind", "regclass", []string{"pg_class"}},
		{"o", "oid", []string{"4294967295"}},
		{"camelCase", "text", []string{"Camel"}},
		{"日本語の列", "text", []string{"日本語"}},
		{"größe", "numeric(5,2)", []string{"1.80"}},
		{"select", "integer", []string{"1"}},
		{"2nd", "integer", []string{"2"}},
	}
}

// typed is a column with its type, and some of its values as text.
type typed struct {
	column, kind string
	values       []string
}

// mariaDBTypes returns columns of the types whose extreme values do not occur in the sample databases.
func mariaDBTypes() []typed {
	days := []string{"0000-00-00", "2026-00-00", "2026-01-00", "0000-05-05", "0001-01-01", "9999-12-31", "1582-10-10"}
	return []typed{
		{"b1", "bit(1)", []string{"\x01", "\x00"}},
		{"b5", "bit(5)", []string{"\x1f", "\x00"}},
		{"b63", "bit(63)", []string{"\x7f\xff\xff\xff\xff\xff\xff\xff", "\x01"}},
		{"b64", "bit(64)", []string{"\xff\xff\xff\xff\xff\xff\xff\xff", "\x01"}},
		{"tiny1", "tinyint(1)", []string{"2", "-128"}},
		{"i2u", "smallint unsigned", []string{"65535"}},
		{"i8", "bigint", []string{"-9223372036854775808", "9223372036854775807"}},
		{"i8u", "bigint unsigned", []string{"18446744073709551615", "0"}},
		{"d1", "decimal(1,1)", []string{"0.9", "-0.1"}},
		{"d38", "decimal(38,38)", []string{"0." + strings.Repeat("9", 38), "-0." + strings.Repeat("0", 37) + "1"}},
		{"d65", "decimal(65,30)", []string{strings.Repeat("9", 35) + "." + strings.Repeat("9", 30), "-1"}},
		{"f", "float", []string{"3.40282e38", "-1e-37", "0.1", "16777216"}},
		{"dd", "double", []string{"1.7976931348623157e308", "2.2250738585072014e-308", "0.1"}},
		{"day", "date", days},
		{"at", "datetime", days},
		{"at6", "datetime(6)", []string{
			"9999-12-31 23:59:59.999499", "2026-01-00 01:02:03.5", "1969-12-31 23:59:59.999999", "0001-01-01 00:00:00.000001",
		}},
		{"ts", "timestamp NULL", []string{"0000-00-00 00:00:00", "2038-01-19 03:14:07", "1970-01-01 00:00:01"}},
		{"clock", "time(6)", []string{"-838:59:59.999999", "838:59:59.999999", "24:00:00", "-00:00:00.000001"}},
		{"y", "year", []string{"0", "1901", "2155"}},
		{"c5", "char(5)", []string{"ab  ", "", "日本語", "🎌"}},
		{"v", "varchar(20)", []string{"", "a  ", "line\nbreak\t\\", "'quoted'"}},
		{"b3", "binary(3)", []string{"a", "\x00\xff"}},
		{"e", "enum('a','b c','')", []string{"b c", "", "unknown"}},
		{"s", "set('a','b','c')", []string{"a,c", ""}},
		{"camelCase", "text", []string{"Camel"}},
		{"日本語の列", "text", []string{"日本語"}},
	}
}

// rowsOf returns the statements that fill a table. The n-th row has the n-th value of each column, or NULL. In the last row, every
// column that allows NULL is NULL. quote and literal return a name and a text in the database's SQL.
func rowsOf(table string, columns []typed, quote, literal func(string) string) (statements []string) {
	var names []string
	rows := 0
	for _, c := range columns {
		names = append(names, quote(c.column))
		rows = max(rows, len(c.values))
	}
	for i := range rows + 1 {
		var values []string
		for _, c := range columns {
			switch {
			case i < len(c.values):
				values = append(values, literal(c.values[i]))
			case strings.HasSuffix(c.kind, "serial"):
				values = append(values, "DEFAULT")
			default:
				values = append(values, "NULL")
			}
		}
		statements = append(statements, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(values, ", ")+")")
	}
	return statements
}

// declare returns the column list of a CREATE TABLE.
func declare(columns []typed, quote func(string) string) string {
	var all []string
	for _, c := range columns {
		all = append(all, quote(c.column)+" "+c.kind)
	}
	return " (" + strings.Join(all, ", ") + ")"
}

func createMariaDBTypes(t *testing.T, db mariaDB) {
	quote := func(name string) string { return "`" + name + "`" }
	literal := func(text string) string { return fmt.Sprintf("x'%x'", text) }
	statements := []string{
		"CREATE OR REPLACE DATABASE extremes CHARACTER SET utf8mb4",
		"CREATE TABLE extremes.extremes" + declare(mariaDBTypes(), quote),
	}
	for _, s := range append(statements, rowsOf("extremes.extremes", mariaDBTypes(), quote, literal)...) {
		db.execute(t, s)
	}
}

// createPostgresTypes creates a table of postgresTypes, and tables with unusual names, partitions or no rows.
func createPostgresTypes(t *testing.T, db postgreSQL) {
	db.execute(t, `
		CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
		CREATE TYPE pair AS (n integer, t text);
		CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
		CREATE DOMAIN due AS date;
		CREATE DOMAIN agreed AS boolean;
		CREATE DOMAIN price AS numeric(12,2);
		CREATE TABLE types`+declare(postgresTypes(), identifier))
	literal := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
	for _, s := range rowsOf("types", postgresTypes(), identifier, literal) {
		db.execute(t, s)
	}
	db.execute(t, `
		CREATE TABLE "CamelCase" ("Id" integer, "two words" text);
		ALTER TABLE "CamelCase" RENAME COLUMN "two words" TO "twoWords";
		INSERT INTO "CamelCase" VALUES (1, 'one'), (2, NULL), (2, NULL);
		CREATE TABLE nothing (id integer, at timestamp with time zone, d numeric(12,2));
		CREATE SCHEMA audit;
		CREATE TABLE audit.log (at timestamp with time zone, what jsonb) PARTITION BY RANGE (at);
		CREATE TABLE audit.log_2025 PARTITION OF audit.log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
		CREATE TABLE audit.log_rest PARTITION OF audit.log DEFAULT;
		INSERT INTO audit.log SELECT timestamptz '2025-12-31 23:00:00+00' + n * interval '1 hour', jsonb_build_object('n', n)
			FROM generate_series(1, 3000) AS n`)
}

// copySakila copies the tables of MariaDB's sakila to PostgreSQL, with the types that are usual in PostgreSQL.
func copySakila(t *testing.T, to postgreSQL) {
	requireLoaded(t, openMariaDB(t, "MARIADB", ""), "SHOW DATABASES LIKE 'sakila'")
	from := openMariaDB(t, "MARIADB", "sakila")
	for _, table := range from.tables(t) {
		copySakilaTable(t, from, to, table.name)
	}
}

func copySakilaTable(t *testing.T, from mariaDB, to postgreSQL, table string) {
	var declared, selected []string
	described := from.ask(t, `SELECT column_name, data_type, column_type, COALESCE(character_maximum_length, 0)
		FROM information_schema.columns WHERE table_schema = 'sakila' AND table_name = '`+table+`' ORDER BY ordinal_position`)
	for _, c := range described {
		name, kind, declaration := *c[0], *c[1], *c[2]
		theirs, value := sakilaType(kind, declaration, *c[3]), "`"+name+"`"
		switch {
		case kind == "enum":
			theirs = identifier(table + "_" + name)
			to.execute(t, "CREATE TYPE "+theirs+" AS "+declaration)
		case theirs == "bytea":
			value = `concat('\\x', hex(` + value + "))"
		case theirs == "text[]":
			value = "concat('{\"', replace(" + value + ", ',', '\",\"'), '\"}')"
		}
		declared = append(declared, identifier(name)+" "+theirs)
		selected = append(selected, value)
	}
	to.execute(t, "CREATE TABLE "+identifier(table)+" ("+strings.Join(declared, ", ")+")")
	var lines strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
	for _, row := range from.ask(t, "SELECT "+strings.Join(selected, ", ")+" FROM `"+table+"`") {
		fields := make([]string, len(row))
		for i, v := range row {
			fields[i] = `\N`
			if v != nil {
				fields[i] = escape.Replace(*v)
			}
		}
		lines.WriteString(strings.Join(fields, "\t") + "\n")
	}
	if _, err := to.CopyFrom(t.Context(), strings.NewReader(lines.String()), "COPY "+identifier(table)+" FROM STDIN"); err != nil {
		t.Fatalf("copy %s: %v", table, err)
	}
}

// sakilaType returns the PostgreSQL type for a MariaDB type.
func sakilaType(kind, declaration, length string) string {
	unsigned := strings.Contains(declaration, "unsigned")
	switch {
	case declaration == "tinyint(1)":
		return "boolean"
	case slices.Contains([]string{"tinyint", "year"}, kind), kind == "smallint" && !unsigned:
		return "smallint"
	case kind == "int" && unsigned:
		return "bigint"
	case slices.Contains([]string{"smallint", "mediumint", "int"}, kind):
		return "integer"
	case kind == "decimal":
		return strings.Replace(declaration, "decimal", "numeric", 1)
	case kind == "datetime":
		return "timestamp"
	case kind == "timestamp":
		return "timestamp with time zone"
	case kind == "char", kind == "varchar":
		return kind + "(" + length + ")"
	case kind == "text":
		return "text"
	case kind == "set":
		return "text[]"
	default:
		return "bytea"
	}
}
