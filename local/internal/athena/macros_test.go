package athena_test

import (
	"strings"
	"testing"
)

func TestQuery_ComputesFunctionsLikeTrino(t *testing.T) {
	env := newTestEnv(t)
	env.expressions([]expression{
		{`date(TIMESTAMP '2026-11-21 17:05:12')`, "2026-11-21"},
		{`year(DATE '2026-11-22') * 10000 + month(DATE '2026-11-22') * 100 + day(DATE '2026-11-22')`, "20261122"},
		{
			`CAST(CAST('2026-11-21 17:05:12 UTC' AS timestamp(3) with time zone) AT TIME ZONE 'Asia/Tokyo' AS timestamp(3))`,
			"2026-11-22 02:05:12.000",
		},
		{`CAST(TIMESTAMP '2026-11-21 17:05:12' AT TIME ZONE 'Asia/Tokyo' AS date)`, "2026-11-22"},
		{`current_date`, "2026-11-21"},
		{`CAST(current_timestamp AS timestamp(3))`, "2026-11-21 18:30:00.000"},
		{`current_timestamp = now()`, "true"},
		{`substr('hello', 2, 3)`, "ell"},
		{`substr('hello', 0)`, ""},
		{`substr('hello', -3)`, "llo"},
		{`concat('a', 'b', CAST(NULL AS varchar))`, "NULL"},
		{`concat('a', 'b', 'c')`, "abc"},
		{`length(X'E697A5') + length('日')`, "4"},
		{`from_utf8(X'E697A5')`, "日"},
		{`regexp_replace('a1b2', '\d')`, "ab"},
		{`regexp_replace('12.500', '\.?0+$')`, "12.5"},
		{`regexp_replace('a1b2', '\d', '-')`, "a-b-"},
		{`to_hex(sha256(to_utf8('')))`, "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"},
		{`from_base(to_hex(X'0FFF'), 16)`, "4095"},
		{`7 / 2`, "3"},
		{`-7 / 2`, "-3"},
		{`-7 % 3`, "-1"},
		{`7.5 / 2`, "3.8"},
		{`try(CAST('x' AS integer))`, "NULL"},
		{`try(1 / (2 - 2))`, "NULL"},
		{`coalesce(nullif(1, 1), 2)`, "2"},
		{`count_if(true) + sum(2)`, "3"},
		{`bool_and(true) AND bool_or(false)`, "false"},
	})
}

func TestQuery_AcceptsTrinosSyntax(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	for sql, want := range map[string]string{
		`SELECT id FROM crawled.users ORDER BY id OFFSET 1 LIMIT 1`:                                                          "2",
		`SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (x, y) WHERE x = 1`:                                                  "1 a",
		`SELECT id qualify FROM crawled.users pivot WHERE pivot.id = 1`:                                                      "1",
		`SELECT a.id FROM crawled.users a JOIN crawled.users b USING (id) WHERE a.id IN (SELECT max(id) FROM crawled.users)`: "2",
		`SELECT count(*) FILTER (WHERE id > 1) FROM crawled.users`:                                                           "1",
		`SELECT (SELECT max(id) FROM crawled.users) + 1`:                                                                     "3",
		`SELECT CASE WHEN EXISTS (SELECT 1 FROM crawled.users) THEN 'some' ELSE 'none' END`:                                  "some",
		`SELECT lag(id) OVER (ORDER BY id) FROM crawled.users ORDER BY id DESC LIMIT 1`:                                      "1",
		`SELECT sum(id) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) FROM crawled.users ORDER BY 1 DESC LIMIT 1`:              "3",
		`SELECT * FROM (VALUES (1, 2)) AS t(x, y) JOIN (VALUES (2, 3)) AS u(y, z) USING (y)`:                                 "2 1 3",
		`SELECT * FROM (VALUES 1) AS a(x) CROSS JOIN (VALUES 2) AS b(y) LEFT JOIN (VALUES 1) AS c(z) ON c.z = a.x`:           "1 2 1",
		`SELECT a, max(b) level FROM (SELECT 1 AS a, 2 AS b UNION ALL SELECT 1, 2.5) GROUP BY a ORDER BY level`:              "1 2.5",
		`VALUES 1`: "1",
	} {
		got := env.query(sql)
		if len(got) != 2 || strings.Join(got[1], " ") != want {
			t.Errorf("%s: got %q, want %s", sql, got, want)
		}
	}
}

func TestQuery_NamesUnsupportedFeature(t *testing.T) {
	env := newTestEnv(t)
	unsupported := func(feature string) string {
		return "the default engine of the local Athena does not support " + feature + ", but Athena does; use --engine trino"
	}
	for sql, want := range map[string]string{
		`SELECT map_agg(1, 2)`:                      "line 1:8: " + unsupported("the function map_agg"),
		`SELECT EXTRACT(YEAR FROM current_date)`:    "line 1:8: " + unsupported("the function extract"),
		`SELECT json_value('{}', 'lax $')`:          "line 1:8: " + unsupported("the function json_value"),
		`SELECT transform(x, x -> x)`:               "line 1:8: " + unsupported("the function transform"),
		`SELECT ARRAY[1]`:                           "line 1:8: " + unsupported("ARRAY"),
		`SELECT current_date - INTERVAL '1' DAY`:    "line 1:23: " + unsupported("INTERVAL"),
		`SELECT DECIMAL '1.5'`:                      "line 1:8: " + unsupported("literals of the type decimal"),
		`SELECT CAST('::1' AS ipaddress)`:           "line 1:22: " + unsupported("the type ipaddress"),
		`SELECT CAST('a' AS varchar(1))`:            "line 1:20: " + unsupported("a length for the type varchar"),
		`SELECT CAST('2026-11-21' AS timestamp(9))`: "line 1:29: " + unsupported("the type timestamp(9)"),
		`SELECT current_timestamp AT TIME ZONE 'Asia/Tokyo'`: "line 1:26: " +
			unsupported("AT TIME ZONE outside a CAST to date or timestamp"),
		`SELECT 1 = ANY (SELECT 1)`:                               "line 1:12: " + unsupported("comparisons with ALL, SOME and ANY"),
		`SELECT * FROM UNNEST(x)`:                                 "line 1:15: " + unsupported("UNNEST in FROM"),
		`SELECT 1 GROUP BY ROLLUP (1)`:                            "line 1:19: " + unsupported("ROLLUP, CUBE and GROUPING SETS"),
		`SELECT lag(1) IGNORE NULLS OVER ()`:                      "line 1:15: " + unsupported("IGNORE NULLS"),
		`SELECT 1 FETCH FIRST 1 ROW ONLY`:                         "line 1:10: " + unsupported("FETCH FIRST"),
		`WITH RECURSIVE n (i) AS (SELECT 1) SELECT 1`:             "line 1:6: " + unsupported("WITH RECURSIVE"),
		`SELECT id FROM crawled.users NATURAL JOIN crawled.users`: "line 1:30: " + unsupported("NATURAL JOIN"),
		`SELECT id FROM crawled.users TABLESAMPLE BERNOULLI (10)`: "line 1:30: " + unsupported("TABLESAMPLE"),
		`SELECT 1 AS a UNION SELECT 2 ORDER BY -a`: "line 1:39: " +
			unsupported("ORDER BY with an expression after UNION, INTERSECT or EXCEPT"),
		`SELECT regexp_replace('ab', '(a)', '$1')`: unsupported("$ and \\ in the replacement of regexp_replace"),
	} {
		env.fails(sql, "NOT_SUPPORTED: "+want)
	}
}
