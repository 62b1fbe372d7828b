package athena

import (
	"context"
	"strings"
)

// refuseWhere returns an SQL expression that fails the query if the given condition is true, and otherwise has the given value. The
// parameter text is an SQL expression for the error message, which starts with Trino's error code.
func refuseWhere(condition, text, value string) string {
	return "CASE WHEN CASE WHEN " + condition + " THEN athena_refuse(" + text + ") ELSE false END THEN NULL ELSE " + value + " END"
}

// divisor returns an SQL expression for the divisor b. The expression fails if b is zero.
func divisor() string {
	return refuseWhere(`b = 0 AND a IS NOT NULL`, `'DIVISION_BY_ZERO: Division by zero'`, `b`)
}

// regexpReplace returns an SQL expression that replaces each match of the pattern p in s. After a match, DuckDB does not find an empty one.
func regexpReplace(by string) string {
	text := "NOT_SUPPORTED: " + unsupportedText("regular expressions that match an empty string")
	return refuseWhere(`regexp_matches('', p)`, quoteString(text), "system.main.regexp_replace(s, p, "+by+", 'g')")
}

// now is the name of the DuckDB variable that holds the time of the service's clock. DuckDB's own functions return the real time.
const now = "athena_now"

// macros returns the SQL that defines DuckDB's macros. The translation calls the macros whose names start with athena_. The other macros
// define functions that DuckDB lacks, or that have a different name or a different result in DuckDB.
func macros() string {
	return "CREATE MACRO " + strings.Join([]string{
		`athena_decimal_text(d) AS ` + decimalText("d"),
		`athena_milliseconds(t) AS date_trunc('millisecond', t + INTERVAL 500 MICROSECOND)`,
		`athena_now() AS CAST(getvariable('` + now + `') AS TIMESTAMP WITH TIME ZONE)`,
		`athena_equal(a, b) AS a = b AND (NOT isnan(a) OR b IS NULL)`,
		`athena_unequal(a, b) AS a <> b OR (isnan(a) AND isnan(b))`,
		`athena_less(a, b) AS a < b AND (NOT isnan(b) OR a IS NULL)`,
		`athena_at_most(a, b) AS a <= b AND (NOT isnan(b) OR a IS NULL)`,
		`athena_greater(a, b) AS a > b AND (NOT isnan(a) OR b IS NULL)`,
		`athena_at_least(a, b) AS a >= b AND (NOT isnan(a) OR b IS NULL)`,
		`athena_divide(a, b) AS a // ` + divisor(),
		`athena_modulus(a, b) AS a % ` + divisor(),
		`from_base(s, radix) AS athena_from_base(s, radix)`,
		`from_utf8(b) AS athena_from_utf8(b)`,
		`now() AS athena_now()`,
		`regexp_replace(s, p) AS ` + regexpReplace("''") + `, (s, p, r) AS ` + refuseWhere(`regexp_matches(r, '[$\\]')`,
			quoteString(`NOT_SUPPORTED: `+unsupportedText(`$ and \ in the replacement of regexp_replace`)),
			regexpReplace("r")),
		`upper(s) AS athena_upper(s)`,
		`sha256(b) AS unhex(system.main.sha256(CAST(b AS BLOB)))`,
		`substr(s, i) AS CASE WHEN i = 0 OR -i > len(s) THEN '' ELSE system.main.substr(s, i) END,
			(s, i, n) AS CASE WHEN i = 0 OR -i > len(s) OR n <= 0 THEN '' ELSE system.main.substr(s, i, n) END`,
		`to_hex(b) AS hex(CAST(b AS BLOB))`,
		`to_utf8(s) AS encode(s)`,
	}, "; CREATE MACRO ")
}

// setNow sets the time for a query that reads the clock.
func (s *session) setNow(ctx context.Context, query string) error {
	if !strings.Contains(query, "now(") {
		return nil
	}
	value := s.options.Clock.Now().UTC().Format("2006-01-02 15:04:05.000")
	return s.exec(ctx, "SET VARIABLE "+now+" = TIMESTAMPTZ '"+value+"+00'")
}
