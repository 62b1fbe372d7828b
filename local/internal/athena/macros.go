package athena

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// Functions of Trino that the engine has not, or has under another name or with another result, become macros: functions that it
// replaces by what they are made of. Those that it has as they are need no entry. The names that begin with athena_ are those of
// what the grammar writes, and of functions in Go. An aggregate cannot be a macro: see forms.

// refusedWhere makes the query fail where condition holds, and is otherwise value. Trino's code comes first in text. The type of the
// result is that of value: NULL has none of its own.
func refusedWhere(condition, text, value string) string {
	return "CASE WHEN CASE WHEN " + condition + " THEN athena_refuse(" + text + ") ELSE false END THEN NULL ELSE " + value + " END"
}

// byZero holds for a division by zero that is an error: one without floating point numbers.
const byZero = `b = 0 AND a IS NOT NULL AND system.main.typeof(a) NOT IN ('DOUBLE', 'FLOAT') AND system.main.typeof(b) NOT IN ('DOUBLE', 'FLOAT')`

// operatorMacros are what operators and casts become.
var operatorMacros = [...]string{
	`athena_decimal(x, kind, try, place) AS athena_text(CAST(x AS VARCHAR), system.main.typeof(x), kind, try, place)`,
	`athena_varbinary(x) AS CASE WHEN system.main.typeof(x) = 'BLOB' THEN CAST(x AS BLOB) ELSE encode(CAST(x AS VARCHAR)) END`,
	`athena_at_timezone(t, zone) AS CAST(t AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE zone`,
	`athena_minus(a, b) AS athena_plus(a, -b)`,
	`athena_divide(a, b) AS a / ` + refusedWhere(byZero, `'DIVISION_BY_ZERO: Division by zero'`, `b`),
	`athena_modulus(a, b) AS a % ` + refusedWhere(byZero, `'DIVISION_BY_ZERO: Division by zero'`, `b`),
	`athena_subscript(a, i) AS ` + refusedWhere(
		`system.main.typeof(a) LIKE '%[]' AND TRY_CAST(i AS BIGINT) NOT BETWEEN 1 AND json_array_length(to_json(a))`,
		`'INVALID_FUNCTION_ARGUMENT: ' || CASE WHEN TRY_CAST(i AS BIGINT) = 0 THEN 'SQL array indices start at 1'
			WHEN TRY_CAST(i AS BIGINT) < 0 THEN 'Array subscript is negative: ' || i
			ELSE 'Array subscript must be less than or equal to array length: ' || i || ' > ' || json_array_length(to_json(a)) END`,
		`a[i]`),
	`athena_greatest(list) AS CASE WHEN list_count(list) = len(list) THEN list_max(list) END`,
	`athena_least(list) AS CASE WHEN list_count(list) = len(list) THEN list_min(list) END`,
}

var functionMacros = [...]string{
	// Texts and varbinaries.
	`length(x) AS CASE WHEN system.main.typeof(x) = 'BLOB' THEN octet_length(CAST(x AS BLOB)) ELSE len(CAST(x AS VARCHAR)) END`,
	`from_utf8(b) AS decode(b, 'replace')`,
	`to_utf8(s) AS encode(s)`,
	`codepoint(s) AS unicode(s)`,
	`lpad(s, n, p) AS athena_lpad(s, n, p)`,
	`rpad(s, n, p) AS athena_rpad(s, n, p)`,
	`replace(s, a) AS system.main.replace(s, a, ''), (s, a, b) AS system.main.replace(s, a, b)`,
	`split(s, d) AS string_split(s, d)`,
	`split_part(s, d, i) AS ` + refusedWhere(`i < 1`, `'INVALID_FUNCTION_ARGUMENT: Index must be greater than zero'`, `string_split(s, d)[i]`),
	`substr(s, i) AS CASE WHEN i = 0 OR -i > len(s) THEN '' ELSE system.main.substr(s, i) END,
		(s, i, n) AS CASE WHEN i = 0 OR -i > len(s) OR n <= 0 THEN '' ELSE system.main.substr(s, i, n) END`,
	`substring(s, i) AS substr(s, i), (s, i, n) AS substr(s, i, n)`,
	`strpos(s, part) AS system.main.strpos(s, part)`,
	`to_hex(b) AS hex(CAST(b AS BLOB))`,
	`from_hex(s) AS unhex(s)`,
	`to_base64(b) AS system.main.to_base64(CAST(b AS BLOB))`,
	`from_base64(s) AS athena_from_base64(s)`,
	`from_base64url(s) AS athena_from_base64url(s)`,
	`to_base64url(b) AS athena_to_base64url(b)`,
	`from_big_endian_64(b) AS athena_from_big_endian_64(b)`,
	`to_big_endian_64(n) AS athena_to_big_endian_64(n)`,
	`md5(b) AS athena_md5(b)`,
	`sha1(b) AS athena_sha1(b)`,
	`sha256(b) AS athena_sha256(b)`,
	`sha512(b) AS athena_sha512(b)`,
	`hmac_md5(b, k) AS athena_hmac_md5(b, k)`,
	`hmac_sha1(b, k) AS athena_hmac_sha1(b, k)`,
	`hmac_sha256(b, k) AS athena_hmac_sha256(b, k)`,
	`hmac_sha512(b, k) AS athena_hmac_sha512(b, k)`,
	`crc32(b) AS athena_crc32(b)`,
	`url_decode(s) AS athena_url_decode(s)`,
	`url_encode(s) AS athena_url_encode(s)`,
	`url_extract_fragment(s) AS athena_url_extract_fragment(s)`,
	`url_extract_host(s) AS athena_url_extract_host(s)`,
	`url_extract_parameter(s, n) AS athena_url_extract_parameter(s, n)`,
	`url_extract_path(s) AS athena_url_extract_path(s)`,
	`url_extract_port(s) AS TRY_CAST(athena_url_extract_port(s) AS BIGINT)`,
	`url_extract_protocol(s) AS athena_url_extract_protocol(s)`,
	`url_extract_query(s) AS athena_url_extract_query(s)`,

	// Regular expressions: RE2's, which has no look-around and no back-references.
	`regexp_like(s, p) AS regexp_matches(s, p)`,
	`regexp_extract(s, p) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p) END,
		(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN system.main.regexp_extract(s, p, g) END`,
	`regexp_replace(s, p) AS athena_regexp_replace(s, p, ''), (s, p, r) AS athena_regexp_replace(s, p, r)`,
	`regexp_split(s, p) AS string_split_regex(s, p)`,
	`regexp_count(s, p) AS len(regexp_extract_all(s, p))`,

	// Dates and times.
	`date(x) AS athena_cast_date(x, 'date', '')`,
	`date_add(unit, n, t) AS athena_date_add(unit, n, t)`,
	`date_diff(unit, a, b) AS date_sub(unit, a, b)`,
	`date_format(t, f) AS athena_date_format(t, f)`,
	`date_parse(s, f) AS athena_date_parse(s, f)`,
	`date_trunc(unit, t) AS athena_date_trunc(unit, t)`,
	`format_datetime(t, f) AS athena_format_datetime(t, f)`,
	`day_of_month(t) AS day(t)`,
	`day_of_week(t) AS isodow(t)`,
	`dow(t) AS isodow(t)`,
	`day_of_year(t) AS dayofyear(t)`,
	`doy(t) AS dayofyear(t)`,
	`week_of_year(t) AS week(t)`,
	`year_of_week(t) AS isoyear(t)`,
	`yow(t) AS isoyear(t)`,
	`millisecond(t) AS system.main.millisecond(t) % 1000`,
	`last_day_of_month(t) AS last_day(t)`,
	`from_iso8601_date(s) AS CAST(athena_from_iso8601(s) AS DATE)`,
	`from_iso8601_timestamp(s) AS athena_from_iso8601(s)`,
	`from_unixtime(n) AS to_timestamp(n)`,
	`to_unixtime(t) AS epoch(t)`,
	`to_iso8601(t) AS CASE system.main.typeof(t) WHEN 'DATE' THEN strftime(t, '%Y-%m-%d')
		WHEN 'TIMESTAMP WITH TIME ZONE' THEN strftime(t, '%Y-%m-%dT%H:%M:%S.%gZ') WHEN 'TIMESTAMP' THEN strftime(t, '%Y-%m-%dT%H:%M:%S.%f')
		ELSE strftime(t, '%Y-%m-%dT%H:%M:%S.%g') END`,

	// Numbers.
	`bit_count(n, bits) AS system.main.bit_count(CAST(n AS BIGINT) & (CASE WHEN bits = 64 THEN -1 ELSE (1::BIGINT << bits) - 1 END))`,
	`bitwise_and(a, b) AS a & b`,
	`bitwise_left_shift(n, bits) AS n << bits`,
	`bitwise_not(n) AS ~n`,
	`bitwise_or(a, b) AS a | b`,
	`bitwise_right_shift(n, bits) AS n >> bits`,
	`bitwise_xor(a, b) AS xor(a, b)`,
	`e() AS exp(1.0)`,
	`from_base(s, radix) AS athena_from_base(s, radix)`,
	`infinity() AS CAST('inf' AS DOUBLE)`,
	`nan() AS CAST('nan' AS DOUBLE)`,
	`is_finite(x) AS isfinite(CAST(x AS DOUBLE))`,
	`is_infinite(x) AS isinf(CAST(x AS DOUBLE))`,
	`is_nan(x) AS isnan(CAST(x AS DOUBLE))`,
	`mod(a, b) AS athena_modulus(a, b)`,
	`rand() AS system.main.random(), (n) AS CAST(floor(system.main.random() * n) AS BIGINT), (a, b) AS a + CAST(floor(system.main.random() * (b - a)) AS BIGINT)`,
	`random() AS system.main.random(), (n) AS CAST(floor(system.main.random() * n) AS BIGINT), (a, b) AS a + CAST(floor(system.main.random() * (b - a)) AS BIGINT)`,
	`to_base(n, radix) AS lower(system.main.to_base(n, radix))`,
	`truncate(x) AS trunc(x), (x, n) AS trunc(x, n)`,

	// JSON.
	`json_parse(s) AS CAST(athena_json(s) AS JSON)`,
	`json_format(j) AS CAST(j AS VARCHAR)`,
	`json_extract(j, p) AS CASE WHEN json_valid(CAST(j AS VARCHAR)) THEN system.main.json_extract(CAST(j AS VARCHAR), p) END`,
	`json_extract_scalar(j, p) AS CASE WHEN json_valid(CAST(j AS VARCHAR)) AND json_type(CAST(j AS VARCHAR), p) NOT IN ('OBJECT', 'ARRAY', 'NULL')
		THEN json_extract_string(CAST(j AS VARCHAR), p) END`,
	`json_array_length(j) AS CASE WHEN json_valid(CAST(j AS VARCHAR)) AND json_type(CAST(j AS VARCHAR)) = 'ARRAY' THEN CAST(system.main.json_array_length(CAST(j AS VARCHAR)) AS BIGINT) END`,
	`json_size(j, p) AS CASE json_type(CAST(j AS VARCHAR), p) WHEN 'OBJECT' THEN len(json_keys(CAST(j AS VARCHAR), p))
		WHEN 'ARRAY' THEN CAST(system.main.json_array_length(CAST(j AS VARCHAR), p) AS BIGINT) ELSE 0 END`,

	// Arrays and maps.
	`array_distinct(a) AS list_filter(a, lambda x, i: list_position(a, x) = i)`,
	`array_except(a, b) AS array_distinct(list_filter(a, lambda x: NOT list_contains(b, x)))`,
	`array_intersect(a, b) AS array_distinct(list_filter(a, lambda x: list_contains(b, x)))`,
	`array_union(a, b) AS array_distinct(list_concat(a, b))`,
	`array_join(a, d) AS array_to_string(a, d), (a, d, n) AS array_to_string(list_transform(a, lambda x: coalesce(CAST(x AS VARCHAR), n)), d)`,
	`array_max(a) AS athena_greatest(a)`,
	`array_min(a) AS athena_least(a)`,
	`array_position(a, x) AS CASE WHEN x IS NOT NULL THEN coalesce(list_position(a, x), 0) END`,
	`array_remove(a, v) AS list_filter(a, lambda x: x IS NULL OR x <> v)`,
	`array_sort(a) AS list_sort(a, 'ASC', 'NULLS LAST')`,
	`arrays_overlap(a, b) AS list_has_any(a, b)`,
	`cardinality(a) AS len(a)`,
	`contains(a, x) AS CASE WHEN list_contains(a, x) THEN true WHEN list_count(a) < len(a) OR x IS NULL THEN NULL ELSE false END`,
	`element_at(a, i) AS a[i]`,
	`repeat(x, n) AS list_transform(range(n), lambda i: x)`,
	`sequence(a, b) AS athena_sequence(a, b, 1), (a, b, step) AS athena_sequence(a, b, step)`,
	`slice(a, i, n) AS CASE WHEN i < 0 THEN a[len(a) + i + 1 : len(a) + i + n] ELSE a[i : i + n - 1] END`,
	`trim_array(a, n) AS a[1 : len(a) - n]`,

	`typeof(x) AS ` + typeofMacro(),
}

// typeofMacro gives the names of Trino for those of the engine.
func typeofMacro() string {
	out := "CASE system.main.typeof(x)"
	for _, t := range engineTypes {
		out += " WHEN " + quoteString(t.engine) + " THEN " + quoteString(t.kind)
	}
	return out + ` WHEN '"NULL"' THEN 'unknown' ELSE lower(system.main.typeof(x)) END`
}

// macros are all macros by their names, each as CREATE MACRO takes it.
func macros() map[string]string {
	all := map[string]string{}
	for _, m := range slices.Concat(castMacros(), operatorMacros[:], functionMacros[:]) {
		name, _, _ := strings.Cut(m, "(")
		all[name] = m
	}
	return all
}

// defineMacros defines those of the macros that a query in the engine's SQL needs, and that the session does not have yet: all of
// them take longer than most queries.
func (s *session) defineMacros(ctx context.Context, query string) error {
	var missing []string
	s.needMacros(query, &missing)
	if len(missing) == 0 {
		return nil
	}
	return s.exec(ctx, "BEGIN; "+strings.Join(missing, "; ")+"; COMMIT") // each in a transaction of its own takes longer
}

// needMacros adds the definitions of what a text calls, each behind those that it calls itself.
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
