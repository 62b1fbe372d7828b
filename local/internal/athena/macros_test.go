package athena_test

import (
	"strings"
	"testing"
)

func TestFunctionsDoWhatTrinosDo(t *testing.T) {
	w := newWorld(t)
	w.expressions([]expression{
		// Dates and times.
		{`date_add('month', 1, DATE '2026-01-31')`, "2026-02-28"},
		{`date_diff('day', TIMESTAMP '2026-11-20 23:00:00', TIMESTAMP '2026-11-21 01:00:00')`, "0"},
		{`date_diff('month', DATE '2026-01-01', DATE '2026-03-01')`, "2"},
		{`date_trunc('week', DATE '2026-11-22')`, "2026-11-16"},
		{`date_trunc('quarter', TIMESTAMP '2026-11-22 10:11:12.345')`, "2026-10-01 00:00:00.000"},
		{`date_parse('21/11/2026 17:05', '%d/%m/%Y %H:%i')`, "2026-11-21 17:05:00.000"},
		{`date_format(TIMESTAMP '2026-11-21 07:05:09.120', '%a %b %c %d %e %f %H %h %i %j %k %l %M %m %p %r %s %T %v %W %x %Y %y %%')`,
			"Sat Nov 11 21 21 120000 07 07 05 325 7 7 November 11 AM 07:05:09 AM 09 07:05:09 47 Saturday 2026 2026 26 %"},
		{`format_datetime(TIMESTAMP '2026-11-21 07:05:09.120', 'yyyy-MM-dd''T''HH:mm:ss.SSS EEE')`, "2026-11-21T07:05:09.120 Sat"},
		{`from_unixtime(1763744712)`, "2025-11-21 17:05:12.000 UTC"},
		{`to_unixtime(TIMESTAMP '2025-11-21 17:05:12.500')`, "1.7637447125E9"},
		{`from_iso8601_timestamp('2026-11-21T17:05:12+09:00')`, "2026-11-21 08:05:12.000 UTC"},
		{`from_iso8601_date('2026-11-21')`, "2026-11-21"},
		{`to_iso8601(DATE '2026-11-21')`, "2026-11-21"},
		{`day_of_week(DATE '2026-11-22')`, "7"},
		{`EXTRACT(DOW FROM DATE '2026-11-22')`, "7"},
		{`year(DATE '2026-11-22') * 10000 + month(DATE '2026-11-22') * 100 + day(DATE '2026-11-22')`, "20261122"},
		{`week(DATE '2027-01-01')`, "53"},
		{`year_of_week(DATE '2027-01-01')`, "2026"},
		{`hour(TIMESTAMP '2026-11-21 17:05:12 UTC' AT TIME ZONE 'Asia/Tokyo')`, "2"},
		{`CAST(TIMESTAMP '2026-11-21 17:05:12' AT TIME ZONE 'Asia/Tokyo' AS date)`, "2026-11-22"},
		{`date(TIMESTAMP '2026-11-21 17:05:12')`, "2026-11-21"},
		{`last_day_of_month(DATE '2028-02-01')`, "2028-02-29"},
		{`DATE '2026-03-01' - INTERVAL '1' DAY`, "2026-02-28"},
		{`INTERVAL '2' HOUR + TIMESTAMP '2026-11-21 23:00:00.000'`, "2026-11-22 01:00:00.000"},
		{`current_date = date(now())`, "true"},

		// Texts.
		{`substr('hello', 2, 3)`, "ell"},
		{`substr('hello', 0)`, ""},
		{`substr('hello', -3)`, "llo"},
		{`substring('hello' FROM 2 FOR 2)`, "el"},
		{`substring('hello', 2)`, "ello"},
		{`split('a,b,c', ',')[2]`, "b"},
		{`split_part('a,b', ',', 3)`, "NULL"},
		{`strpos('hello', 'l')`, "3"},
		{`position('l' IN 'hello')`, "3"},
		{`lpad('7', 3, '0') || rpad('abc', 2, 'x')`, "007ab"},
		{`lpad(X'01', 4, X'00')`, "00 00 00 01"},
		{`replace('banana', 'an')`, "ba"},
		{`reverse('abc')`, "cba"},
		{`trim(BOTH 'x' FROM 'xaxx') || ltrim('  b') || rtrim('c  ')`, "abc"},
		{`concat('a', 'b', NULL)`, "NULL"},
		{`concat('a', 'b', 'c')`, "abc"},
		{`concat_ws('-', 'a', NULL, 'b')`, "a-b"},
		{`regexp_like('abc123', '\d+')`, "true"},
		{`regexp_extract('abc123', '([a-z]+)(\d+)', 2)`, "123"},
		{`regexp_extract('abc', '\d+')`, "NULL"},
		{`regexp_replace('fun stuff', '(\w)(\w*)', '$2$1')`, "unf tuffs"},
		{`regexp_replace('a1b2', '\d')`, "ab"},
		{`regexp_split('a1b22c', '\d+')`, "[a, b, c]"},
		{`regexp_extract_all('a1b22', '\d+')`, "[1, 22]"},
		{`to_hex(sha256(to_utf8('')))`, "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"},
		{`length(sha512(to_utf8('a')))`, "64"},
		{`to_base64(to_utf8('ab')) || from_utf8(from_base64('YWI='))`, "YWI=ab"},
		{`url_extract_host('https://example.com:8080/a?b=c#d')`, "example.com"},
		{`url_extract_parameter('https://example.com/a?b=c%20d', 'b')`, "c d"},
		{`levenshtein_distance('apple', 'aple')`, "1"},
		{`starts_with('abc', 'ab')`, "true"},

		// Numbers.
		{`7 / 2`, "3"},
		{`-7 / 2`, "-3"},
		{`mod(-7, 3)`, "-1"},
		{`7.5 / 2`, "3.75"},
		{`round(2.5e0)`, "3.0"},
		{`truncate(-2.7e0)`, "-2.0"},
		{`bitwise_and(12, 10) + bitwise_xor(12, 10) * 100`, "608"},
		{`from_base('ff', 16)`, "255"},
		{`to_base(255, 16)`, "ff"},
		{`is_nan(nan())`, "true"},
		{`greatest(1, NULL, 3)`, "NULL"},
		{`least(3, 1, 2)`, "1"},
		{`if(1 > 2, 'a')`, "NULL"},
		{`if(1 < 2, 'a', 'b')`, "a"},
		{`try(CAST('x' AS integer))`, "NULL"},
		{`try(1 / (2 - 2))`, "NULL"},
		{`coalesce(nullif(1, 1), 2)`, "2"},
		{`typeof(1)`, "integer"},
		{`typeof(TIMESTAMP '2026-11-21 00:00:00.000')`, "timestamp(3)"},

		// JSON.
		{`json_extract_scalar('{"a": {"b": "c"}}', '$.a.b')`, "c"},
		{`json_extract_scalar('{"a": {"b": "c"}}', '$.a')`, "NULL"},
		{`json_extract_scalar('no json', '$.a')`, "NULL"},
		{`json_extract('{"a": [1, 2]}', '$.a[1]')`, "2"},
		{`json_array_length('[1, 2]')`, "2"},
		{`json_format(json_parse('{"b": 1, "a": [true]}'))`, `{"a":[true],"b":1}`},
		{`json_size('{"a": {"b": 1, "c": 2}}', '$.a')`, "2"},

		// Arrays, lambdas and maps.
		{`cardinality(ARRAY[1, 2])`, "2"},
		{`contains(ARRAY[1, 2], 2)`, "true"},
		{`element_at(ARRAY[1, 2], 5)`, "NULL"},
		{`element_at(ARRAY[1, 2], -1)`, "2"},
		{`array_distinct(ARRAY[3, 1, 3])`, "[3, 1]"},
		{`array_join(ARRAY['a', NULL, 'b'], '-')`, "a-b"},
		{`array_join(ARRAY['a', NULL], '-', '?')`, "a-?"},
		{`array_position(ARRAY['a', 'b'], 'z')`, "0"},
		{`array_sort(ARRAY[3, NULL, 1])`, "[1, 3, NULL]"},
		{`array_max(ARRAY[1, NULL])`, "NULL"},
		{`array_union(ARRAY[1, 2], ARRAY[2, 3])`, "[1, 2, 3]"},
		{`flatten(ARRAY[ARRAY[1], ARRAY[2]])`, "[1, 2]"},
		{`sequence(1, 5, 2)`, "[1, 3, 5]"},
		{`sequence(DATE '2026-01-31', DATE '2026-03-31', INTERVAL '1' MONTH)`, "[2026-01-31, 2026-02-28, 2026-03-31]"},
		{`transform(ARRAY[1, 2], x -> x * 10)`, "[10, 20]"},
		{`filter(ARRAY[1, 2, 3], x -> x > 1)`, "[2, 3]"},
		{`any_match(ARRAY[1, 2], x -> x = 2)`, "true"},
		{`none_match(ARRAY[1, 2], x -> x = 2)`, "false"},
		{`slice(ARRAY[1, 2, 3], 2, 2)`, "[2, 3]"},
		{`map(ARRAY['a', 'b'], ARRAY[1, 2])['b']`, "2"},
		{`map_keys(map(ARRAY['a'], ARRAY[1]))`, "[a]"},

		// Aggregates.
		{`approx_distinct(1) + count_if(true)`, "2"},
		{`arbitrary('a')`, "a"},
		{`max_by('a', 1)`, "a"},
		{`every(true) AND bool_or(false)`, "false"},
	})
}

func TestRunsTrinosSyntax(t *testing.T) {
	w := newWorld(t)
	createUsers(w)
	for sql, want := range map[string]string{
		`SELECT id FROM crawled.users ORDER BY id OFFSET 1 LIMIT 1`:                                    "2",
		`SELECT id FROM crawled.users ORDER BY id DESC FETCH FIRST 1 ROW ONLY`:                         "2",
		`SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t (x, n) ORDER BY n DESC LIMIT 1`: "b 2",
		`SELECT u.id, x FROM crawled.users u CROSS JOIN UNNEST(ARRAY[7]) AS t (x) WHERE u.id = 2`:      "2 7",
		`VALUES 1`: "1",
		`SELECT * FROM (VALUES ROW(1, 'a'), (2, 'b')) AS t (x, y) WHERE x = 1`:                                                                                              "1 a",
		`SELECT name, count(*) FROM crawled.users WHERE name IS NOT NULL GROUP BY GROUPING SETS ((name), ()) ORDER BY grouping(name) LIMIT 1`:                               "Ada 1",
		`SELECT last_value(name) IGNORE NULLS OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM crawled.users WHERE id > 0 ORDER BY id DESC LIMIT 1`: "Ada",
		`SELECT id qualify FROM crawled.users pivot WHERE pivot.id = 1`:                                                                                                     "1",
		`SELECT a.id FROM crawled.users a JOIN crawled.users b USING (id) WHERE a.id IN (SELECT max(id) FROM crawled.users)`:                                                "2",
		`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT max(i) FROM n`:                                                                 "3",
		`SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x DESC) FROM UNNEST(ARRAY['a', 'b']) AS t (x)`:                                                                       "b,a",
		`SELECT count(*) FILTER (WHERE id > 1) FROM crawled.users`:                                                                                                          "1",
		`SELECT (SELECT max(id) FROM crawled.users) + 1`:                                                                                                                    "3",
		`SELECT CASE WHEN EXISTS (SELECT 1 FROM crawled.users) THEN 'some' ELSE 'none' END`:                                                                                 "some",
	} {
		got := w.query(sql)
		if len(got) != 2 || strings.Join(got[1], " ") != want {
			t.Errorf("%s: got %q, want %s", sql, got, want)
		}
	}
}

func TestRefusesByNameWhatTheLocalAWSLacks(t *testing.T) {
	w := newWorld(t)
	for sql, want := range map[string]string{
		`xxhash64(X'00')`:                 "line 1:8: the local AWS does not have the function xxhash64, which Athena has",
		`map_agg(1, 2)`:                   "line 1:8: the local AWS does not have the function map_agg, which Athena has",
		`json_value('{}', 'lax $')`:       "line 1:8: the local AWS does not have json_value, which Athena has",
		`CAST('::1' AS ipaddress)`:        "line 1:22: the local AWS does not have the type ipaddress, which Athena has",
		`now() AT TIME ZONE 'Asia/Tokyo'`: "line 1:8: the local AWS has AT TIME ZONE only where its date or time is taken: in CAST to date or timestamp, date(), date_format() and functions like hour(). Write CAST(... AT TIME ZONE ... AS timestamp)",
	} {
		if got, want := w.failure("SELECT "+sql), "NOT_SUPPORTED: "+want; got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
}
