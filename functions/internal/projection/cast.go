package main

import "strings"

// kinds are the types that a column of a view may have, by what Trino casts into each other: every type into those of its own
// kind, and all but bytes from text and into text.
var kinds = map[string]string{
	"boolean": "number", "tinyint": "number", "smallint": "number", "integer": "number", "bigint": "number",
	"real": "number", "double": "number", "decimal": "number",
	"date": "time", "timestamp": "time",
	"varchar": "text", "varbinary": "bytes",
}

// convert makes the expression of one SQL type another's. What does not fit gives NULL, and no query fails of it. It reports
// false when Trino has no such cast.
func convert(expression, from, to string) (string, bool) {
	a, b := kinds[baseOf(from)], kinds[baseOf(to)]
	switch {
	case from == to:
		return expression, true
	case a == "bytes" && b == "text":
		return textOf(expression), true
	case a == "text" && b == "bytes":
		return "to_utf8(" + expression + ")", true
	case a == "text" && to == "date":
		return "coalesce(" + dateOf(expression) + ", CAST(" + momentOf(expression, "timestamp(6)") + " AS date))", true
	case a == "text" && lists("tinyint, smallint, integer, bigint", to):
		return tryCast(tryCast(expression, "decimal(38,19)"), to), true
	case a == "text" && b == "time":
		return momentOf(expression, to), true
	case a == "" || b == "" || a == "bytes" || b == "bytes":
		return "", false
	case a == b, a == "text", b == "text":
		return tryCast(expression, to), true
	}
	return "", false
}

func tryCast(expression, to string) string { return "TRY_CAST(" + expression + " AS " + to + ")" }

// textOf reads bytes as UTF-8, with a sign in the place of what is none.
func textOf(c string) string { return "from_utf8(" + c + ")" }

// A text is taken for a date or a time only in the form that MySQL and PostgreSQL print. That leaves out infinity, the years BC
// and those of more than four digits, some of which one SQL engine takes for a date and another does not, and which no client
// can show. The year 0000 is the zero date of MySQL.

func dateOf(c string) string { return when(c, "____-__-__", tryCast(c, "date")) }

// localTimeOf reads a time without an offset.
func localTimeOf(c, to string) string { return when(c, "____-__-__ __:__:__%", tryCast(c, to)) }

// momentOf reads a time with or without an offset, as the time of UTC. PostgreSQL prints the offset without minutes where they
// are zero, which Trino does not read.
func momentOf(c, to string) string {
	offset := "CASE WHEN " + c + " LIKE '%+__' OR " + c + " LIKE '%-__' THEN ':00'" +
		" WHEN " + c + " LIKE '%+__:__' OR " + c + " LIKE '%-__:__' THEN '' ELSE '+00:00' END"
	zoned := tryCast("concat("+c+", "+offset+")", strings.Replace(to, ")", ") with time zone", 1))
	return when(c, "____-__-__ __:__:__%", "CAST("+zoned+" AT TIME ZONE 'UTC' AS "+to+")")
}

func when(c, form, then string) string {
	return "CASE WHEN " + c + " LIKE '" + form + "' AND " + c + " >= '0001' THEN " + then + " END"
}
