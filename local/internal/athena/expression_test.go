package athena_test

import "testing"

// The file local/testdata/expressions.sql has many more expressions, which are compared with Trino.

func TestQuery_ComputesDecimalsLikeTrino(t *testing.T) {
	env := newTestEnv(t)
	env.expressions([]expression{
		{`1.00 / 3`, "0.33"},
		{`CAST(2 AS decimal(38,10)) / CAST(3 AS decimal(20,5))`, "0.6666666667"},
		{`-5.5 % 2`, "-1.5"},
		{`CAST('9999999999999999.99' AS decimal(18,2)) + CAST('9999999999999999.99' AS decimal(18,2))`, "19999999999999999.98"},
		{`CAST('12345678.91' AS decimal(10,2)) * 1000`, "12345678910.00"},
		{`(SELECT avg(x) FROM (VALUES 1.25, 1.26) AS t(x))`, "1.26"},
		{`(SELECT sum(x) / count(*) FROM (VALUES 1.50, 2.25, 1.00) AS t(x))`, "1.58"},
		{`(SELECT avg(DISTINCT x) FILTER (WHERE x > 1) FROM (VALUES 1.00, 2.00, 2.00, 2.55) AS t(x))`, "2.28"},
	})
	env.fails(`SELECT 1.5 / 0`, "DIVISION_BY_ZERO: Division by zero")
}

func TestQuery_ComputesNaNAndInfinityLikeTrino(t *testing.T) {
	env := newTestEnv(t)
	env.expressions([]expression{
		{`1e0 / 0`, "Infinity"},
		{`0e0 / 0`, "NaN"},
		{`CAST('NaN' AS double) = CAST('NaN' AS double)`, "false"},
		{`CAST('NaN' AS double) > 1`, "false"},
		{`NOT CAST('NaN' AS double) <= 1`, "true"},
		{`NOT (NOT CAST('NaN' AS double) > 1)`, "false"},
		{`NOT CASE WHEN NOT false THEN CAST('NaN' AS double) END + 1 <= 1`, "true"},
		{`CAST('NaN' AS double) IS DISTINCT FROM CAST('NaN' AS double)`, "false"},
		{`(SELECT max(x) FROM (VALUES CAST('NaN' AS double), 1e0) AS t(x))`, "1.0"},
	})
}

func TestQuery_CountsNoRowsAsZero(t *testing.T) {
	env := newTestEnv(t)
	env.expressions([]expression{{`(SELECT count_if(x > 9) FROM (VALUES 1) AS t(x) WHERE x > 1)`, "0"}})
}

func TestQuery_GroupsByTranslatedExpressions(t *testing.T) {
	env := newTestEnv(t)
	got := env.query(`SELECT CAST(x AS varchar), x / 2.0, count(*) FROM (VALUES 1, 1) AS t(x) GROUP BY CAST(x AS varchar), x / 2.0`)
	if len(got) != 2 || got[1][1] != "0.5" || got[1][2] != "2" {
		t.Errorf("got %q", got)
	}
}

func TestQuery_RejectsTypesLikeTrino(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	for sql, want := range map[string]string{
		`SELECT DATE '2026-11-21' = '2026-11-21'`:     "line 1:26: Cannot apply operator: date = varchar",
		`SELECT id FROM crawled.users WHERE id = '1'`: "line 1:39: Cannot apply operator: bigint = varchar",
		`SELECT id FROM crawled.users WHERE id`:       "line 1:36: a condition must evaluate to a boolean (actual: bigint)",
		`SELECT id IN (1, 'a') FROM crawled.users`:    "line 1:11: Cannot find common type between bigint and varchar",
		`SELECT CASE WHEN id = 1 THEN name ELSE 0 END FROM crawled.users`: "line 1:8: " +
			"Cannot find common type between varchar and integer",
		`SELECT id FROM crawled.users UNION SELECT 'a'`: "line 1:30: column 1 in UNION query has incompatible types: bigint, varchar",
		`SELECT name || id FROM crawled.users`:          "line 1:13: || requires varchar (actual: bigint)",
		`VALUES 1, 'a'`:                                 "line 1:8: Cannot find common type between integer and varchar",
	} {
		env.fails(sql, "TYPE_MISMATCH: "+want)
	}
}

func TestQuery_AllowsAliasOnlyInOrderBy(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	env.fails(`SELECT id + 1 AS n FROM crawled.users WHERE n > 1`, "COLUMN_NOT_FOUND: line 1:45: Column 'n' cannot be resolved")
	env.fails(`SELECT id AS a, a + 1 AS b FROM crawled.users`, "COLUMN_NOT_FOUND: line 1:17: Column 'a' cannot be resolved")
	got := env.query(`SELECT -id AS id FROM crawled.users WHERE id > 0 ORDER BY id`)
	if len(got) != 3 || got[0][0] != "id" || got[1][0] != "-2" || got[2][0] != "-1" {
		t.Errorf("got %q", got)
	}
}

func TestQuery_RefusesWhatDuckDBComputesDifferently(t *testing.T) {
	env := newTestEnv(t)
	for sql, want := range map[string]string{
		`SELECT (1, 2) = (1, 2)`: "line 1:8: the default engine of the local Athena does not support rows",
		`SELECT DATE '2026-11-21' - DATE '2026-11-01'`: "line 1:26: the default engine of the local Athena does not support " +
			"the type interval",
		`SELECT regexp_replace('aaa', 'a*', 'b')`: "the default engine of the local Athena does not support " +
			"regular expressions that match an empty string",
	} {
		env.fails(sql, "NOT_SUPPORTED: "+want+", but Athena does; use --engine trino")
	}
}

func TestCreateView_RejectsColumnWithoutType(t *testing.T) {
	env := newTestEnv(t)
	env.fails("CREATE VIEW v AS SELECT 1 AS a, NULL AS c", "COLUMN_TYPE_UNKNOWN: line 1:1: Column type is unknown: c")
}
