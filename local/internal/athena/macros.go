package athena

// macros are functions of Trino that DuckDB has not, or has under another name or with another result. Those that DuckDB has
// as they are need no entry.
var macros = [...]string{
	// Trino's length counts the characters of a text and the bytes of a varbinary.
	`CREATE MACRO memory.main.length(x) AS CASE WHEN typeof(x) = 'BLOB' THEN octet_length(CAST(x AS BLOB)) ELSE len(CAST(x AS VARCHAR)) END`,
	`CREATE MACRO memory.main.from_utf8(b) AS decode(b, 'replace')`,
	`CREATE MACRO memory.main.to_utf8(s) AS encode(s)`,
	`CREATE MACRO memory.main.from_big_endian_64(b) AS CAST(CAST('0x' || hex(b) AS UBIGINT) AS BIGINT)`,
	`CREATE MACRO memory.main.md5(b) AS unhex(system.main.md5(b))`,
	`CREATE MACRO memory.main.sha256(b) AS unhex(system.main.sha256(b))`,
	`CREATE MACRO memory.main.json_parse(s) AS CAST(s AS JSON)`,
	`CREATE MACRO memory.main.json_format(j) AS CAST(j AS VARCHAR)`,
	`CREATE MACRO memory.main.json_extract_scalar(j, p) AS json_extract_string(j, p)`,
	`CREATE MACRO memory.main.regexp_like(s, p) AS regexp_matches(s, p)`,
	`CREATE MACRO memory.main.date_format(t, f) AS strftime(t, replace(replace(f, '%i', '%M'), '%s', '%S'))`,
	`CREATE MACRO memory.main.from_unixtime(n) AS to_timestamp(n)`,
	`CREATE MACRO memory.main.to_unixtime(t) AS epoch(t)`,
	`CREATE MACRO memory.main.approx_distinct(x) AS approx_count_distinct(x)`,
	`CREATE MACRO memory.main.approx_percentile(x, p) AS approx_quantile(x, p)`,
	`CREATE MACRO memory.main.element_at(a, i) AS a[i]`,
	`CREATE MACRO memory.main.is_nan(x) AS isnan(x)`,
}
