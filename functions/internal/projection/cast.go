package projection

import "strings"

// castGroups are the types that a column of a view may have. Trino casts between the types of a group, and between text and every
// group except bytes.
var castGroups = map[string]string{
	"boolean": "number", "tinyint": "number", "smallint": "number", "integer": "number", "bigint": "number",
	"real": "number", "double": "number", "decimal": "number",
	"date": "time", "timestamp": "time",
	"varchar": "text", "varbinary": "bytes",
}

// Cast converts an expression from one SQL type to another. A value that does not fit becomes NULL instead of failing the query. Cast
// reports false if Trino has no such cast.
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
	case a == "" || b == "" || a == "bytes" || b == "bytes":
		return "", false
	case a == b, a == "text", b == "text":
		return tryCast(expression, to), true
	}
	return "", false
}

func tryCast(expression, to string) string { return "TRY_CAST(" + expression + " AS " + to + ")" }

// textOf replaces invalid bytes by U+FFFD.
func textOf(c string) string { return "from_utf8(" + c + ")" }

// Text becomes a date or a timestamp only in the form that MySQL and PostgreSQL print. That excludes infinity, years BC and years with
// more than four digits: SQL engines disagree about them and clients cannot show them. The year 0000 is MySQL's zero date.

func dateOf(c string) string { return ifLike(c, "____-__-__", tryCast(c, "date")) }

// localTimestampOf reads a timestamp without an offset.
func localTimestampOf(c, to string) string { return ifLike(c, "____-__-__ __:__:__%", tryCast(c, to)) }

// utcTimestampOf reads a timestamp with or without an offset as UTC. PostgreSQL prints an offset without its minutes if they are zero,
// which Trino does not read.
func utcTimestampOf(c, to string) string {
	offset := "CASE WHEN " + c + " LIKE '%+__' OR " + c + " LIKE '%-__' THEN ':00'" +
		" WHEN " + c + " LIKE '%+__:__' OR " + c + " LIKE '%-__:__' THEN '' ELSE '+00:00' END"
	zoned := tryCast("concat("+c+", "+offset+")", strings.Replace(to, ")", ") with time zone", 1))
	return ifLike(c, "____-__-__ __:__:__%", "CAST("+zoned+" AT TIME ZONE 'UTC' AS "+to+")")
}

func ifLike(c, form, then string) string {
	return "CASE WHEN " + c + " LIKE '" + form + "' AND " + c + " >= '0001' THEN " + then + " END"
}
