package athena

import (
	"context"
	"regexp"
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

// macros returns a map from macro names to DuckDB definitions. The parser inserts calls to the macros whose names start with athena_. The
// other macros define functions that DuckDB lacks, or that have a different name or a different result in DuckDB.
func macros() map[string]string {
	all := map[string]string{}
	for _, m := range append(castMacros(),
		`athena_decimal(x, kind, try, place) AS athena_text(athena_print(x), system.main.typeof(x), kind, try, place)`,
		`athena_print(v) AS CASE system.main.typeof(v) WHEN 'DOUBLE' THEN athena_print_double(TRY_CAST(v AS DOUBLE)) `+
			`WHEN 'FLOAT' THEN athena_print_real(TRY_CAST(v AS FLOAT)) ELSE CAST(v AS VARCHAR) END`,
		`athena_varbinary(x) AS CASE WHEN system.main.typeof(x) = 'BLOB' THEN CAST(x AS BLOB) ELSE encode(CAST(x AS VARCHAR)) END`,
		`athena_at_timezone(t, zone) AS CAST(t AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE zone`,
		`athena_now() AS getvariable('`+now+`')`,
		`athena_typed(x, id) AS list_transform([x], lambda v: CASE WHEN athena_record(id, system.main.typeof(v)) THEN v END)[1]`,
		`athena_both(a, b) AS (a IS NULL) = (b IS NULL)`,
		`athena_equal(a, b) AS a = b AND (NOT isnan(a) OR b IS NULL)`,
		`athena_unequal(a, b) AS a <> b OR (isnan(a) AND isnan(b))`,
		`athena_less(a, b) AS a < b AND (NOT isnan(b) OR a IS NULL)`,
		`athena_at_most(a, b) AS a <= b AND (NOT isnan(b) OR a IS NULL)`,
		`athena_greater(a, b) AS a > b AND (NOT isnan(a) OR b IS NULL)`,
		`athena_at_least(a, b) AS a >= b AND (NOT isnan(a) OR b IS NULL)`,
		`athena_divide(a, b) AS a // `+divisor(),
		`athena_modulus(a, b) AS a % `+divisor(),
		`athena_date(x) AS athena_cast_date(x, 'date', '')`,
		`from_base(s, radix) AS athena_from_base(s, radix)`,
		`from_utf8(b) AS athena_from_utf8(b)`,
		`length(x) AS CASE WHEN system.main.typeof(x) = 'BLOB' THEN octet_length(CAST(x AS BLOB)) ELSE len(CAST(x AS VARCHAR)) END`,
		`now() AS athena_now()`,
		`regexp_replace(s, p) AS `+regexpReplace("''")+`, (s, p, r) AS `+refuseWhere(`regexp_matches(r, '[$\\]')`,
			quoteString(`NOT_SUPPORTED: `+unsupportedText(`$ and \ in the replacement of regexp_replace`)),
			regexpReplace("r")),
		`upper(s) AS athena_upper(s)`,
		`sha256(b) AS unhex(system.main.sha256(CAST(b AS BLOB)))`,
		`substr(s, i) AS CASE WHEN i = 0 OR -i > len(s) THEN '' ELSE system.main.substr(s, i) END,
			(s, i, n) AS CASE WHEN i = 0 OR -i > len(s) OR n <= 0 THEN '' ELSE system.main.substr(s, i, n) END`,
		`to_hex(b) AS hex(CAST(b AS BLOB))`,
		`to_utf8(s) AS encode(s)`,
	) {
		name, _, _ := strings.Cut(m, "(")
		all[name] = m
	}
	return all
}

// defineMacros defines the macros that a query calls. Defining all macros would take longer than most queries.
func (s *session) defineMacros(ctx context.Context, query string) error {
	if strings.Contains(query, "now(") {
		value := s.options.Clock.Now().UTC().Format("2006-01-02 15:04:05.000")
		if err := s.exec(ctx, "SET VARIABLE "+now+" = TIMESTAMPTZ '"+value+"+00'"); err != nil {
			return err
		}
	}
	var missing []string
	s.needMacros(query, &missing)
	if len(missing) == 0 {
		return nil
	}
	return s.exec(ctx, "BEGIN; "+strings.Join(missing, "; ")+"; COMMIT") // one transaction is faster than one for each macro
}

// needMacros finds the undefined macros that an SQL text calls and appends their definitions. Each macro follows the macros that it calls.
func (s *session) needMacros(text string, missing *[]string) {
	for _, call := range calls.FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(call[1])
		if definition, open := s.macros[name]; open {
			delete(s.macros, name)
			s.needMacros(definition, missing)
			*missing = append(*missing, "CREATE MACRO memory.main."+definition)
		}
	}
}

var calls = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)\s*\(`)
