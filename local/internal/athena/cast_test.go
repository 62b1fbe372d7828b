package athena_test

import (
	"strings"
	"testing"
)

func TestCast_ConvertsLikeTrino(t *testing.T) {
	env := newTestEnv(t)
	env.expressions([]expression{
		{`CAST('2026-1-1' AS date)`, "2026-01-01"},
		{`CAST(' 2026-11-21 ' AS date)`, "2026-11-21"},
		{`TRY_CAST(CAST('9223372036854775807' AS decimal(20,0)) AS bigint)`, "9223372036854775807"},
		{`TRY_CAST(CAST('18446744073709551615' AS decimal(20,0)) AS bigint)`, "NULL"},
		{`TRY_CAST(CAST('18446744073709551615' AS decimal(20,0)) AS varchar)`, "18446744073709551615"},
		{`TRY_CAST('infinity' AS date)`, "NULL"},
		{`TRY_CAST('0044-03-15 (BC)' AS date)`, "NULL"},
		{`TRY_CAST('epoch' AS date)`, "NULL"},
		{`TRY_CAST('2026-02-30' AS date)`, "NULL"},
		{`TRY_CAST('0000-00-00' AS date)`, "NULL"},
		{`TRY_CAST('2026-11-21 17:05:12' AS date)`, "NULL"},
		{`TRY_CAST('20261121' AS date)`, "NULL"},
		{`CAST(TIMESTAMP '2026-11-21 17:05:12' AS date)`, "2026-11-21"},
		{`CAST('2026-11-21' AS timestamp(3))`, "2026-11-21 00:00:00.000"},
		{`CAST('2026-1-2 3:4' AS timestamp(3))`, "2026-01-02 03:04:00.000"},
		{`CAST('2026-11-21 17:05:12.9995' AS timestamp(3))`, "2026-11-21 17:05:13.000"},
		{`CAST('2026-12-31 23:59:59.9999995' AS timestamp(6))`, "2027-01-01 00:00:00.000000"},
		{`CAST(CAST('2026-11-21 17:05:12.123567' AS timestamp(6)) AS timestamp(3))`, "2026-11-21 17:05:12.124"},
		{`TRY_CAST('2026-11-21T17:05:12' AS timestamp(3))`, "NULL"},
		{`CAST('2026-11-21 17:05:12 UTC' AS timestamp(3))`, "2026-11-21 17:05:12.000"},
		{`CAST('2026-11-21 17:05:12+09' AS timestamp(3))`, "2026-11-21 17:05:12.000"}, // Trino ignores the time zone
		{`TRY_CAST('2026-11-21 17:05:12 noon' AS timestamp(3))`, "NULL"},
		{`CAST('1969-12-31 23:59:59.9995' AS timestamp(3))`, "1970-01-01 00:00:00.000"},
		{`CAST(TIMESTAMP '1969-12-31 23:59:59.999500' AS timestamp(3))`, "1970-01-01 00:00:00.000"},
		{`TRY_CAST('infinity' AS timestamp(6))`, "NULL"},
		{`TRY_CAST('-infinity' AS timestamp(6))`, "NULL"},
		{`TRY_CAST('0044-03-15 10:00:00 BC' AS timestamp(6))`, "NULL"},
		{`TRY_CAST('2026-11-21 24:00:00' AS timestamp(6))`, "NULL"},
		{`CAST(CAST('2026-11-21 17:05:12.5 Asia/Tokyo' AS timestamp(3) with time zone) AT TIME ZONE 'UTC' AS timestamp(3))`,
			"2026-11-21 08:05:12.500"},
		{`CAST(CAST('2026-11-21 17:05:12 +09:00' AS timestamp(3) with time zone) AT TIME ZONE 'UTC' AS timestamp(3))`,
			"2026-11-21 08:05:12.000"},
		{`CAST(TRY_CAST('2026-11-21 17:05:12 Nowhere/Town' AS timestamp(3) with time zone) AT TIME ZONE 'UTC' AS timestamp(3))`, "NULL"},
		{`CAST('T' AS boolean) AND NOT CAST('0' AS boolean)`, "true"},
		{`TRY_CAST('yes' AS boolean)`, "NULL"},
		{`CAST(2 AS boolean)`, "true"},
		{`CAST(' 42 ' AS integer)`, "42"},
		{`TRY_CAST('1e3' AS integer)`, "NULL"},
		{`TRY_CAST('1.0' AS bigint)`, "NULL"},
		{`TRY_CAST('128' AS tinyint)`, "NULL"},
		{`CAST(2.5e0 AS integer)`, "3"},
		{`CAST(-2.5e0 AS bigint)`, "-3"},
		{`CAST(2.5 AS integer)`, "3"},
		{`TRY_CAST(CAST('NaN' AS double) AS bigint)`, "NULL"},
		{`CAST('1e3' AS double)`, "1000.0"},
		{`CAST('NaN' AS double)`, "NaN"},
		{`TRY_CAST('nan' AS double)`, "NULL"},
		{`TRY_CAST('0x10' AS double)`, "NULL"},
		{`CAST('0x1p3' AS double)`, "8.0"},
		{`CAST(3.5e38 AS real)`, "Infinity"},
		{`CAST(CAST('1e19' AS real) AS bigint)`, "9223372036854775807"}, // Trino does not check the range
		{`CAST('１２' AS integer)`, "12"},
		{`CAST('1e3' AS decimal(10,2))`, "1000.00"},
		{`CAST('1.005' AS decimal(10,2))`, "1.01"},
		{`CAST(-1.25 AS decimal(3,1))`, "-1.3"},
		{`CAST(true AS decimal(3,1))`, "1.0"},
		{`TRY_CAST('1000' AS decimal(3,1))`, "NULL"},
		{`TRY_CAST('NaN' AS decimal(3,1))`, "NULL"},
		{`CAST(true AS varchar)`, "true"},
		{`CAST(1e10 AS varchar)`, "1.0E10"},
		{`CAST(0.15e0 AS varchar)`, "1.5E-1"},
		{`CAST(-0e0 AS varchar)`, "-0E0"},
		{`CAST(1e23 AS varchar)`, "9.999999999999999E22"},
		{`CAST(CAST(16777216 AS real) AS varchar)`, "1.677722E7"},
		{`CAST(DATE '-0044-03-15' AS varchar)`, "-0044-03-15"},
		{`CAST(TIMESTAMP '10000-01-01 00:00:00' AS varchar)`, "+10000-01-01 00:00:00"},
		{`CAST(TIMESTAMP '2026-11-21 17:05:12.120' AS varchar)`, "2026-11-21 17:05:12.120"},
		{`CAST(TIMESTAMP '2026-11-21 17:05:12' AS varchar)`, "2026-11-21 17:05:12"},
		{`CAST(DATE '2026-11-21' AS varchar)`, "2026-11-21"},
		{`CAST(1.50 AS varchar)`, "1.50"},
		{`CAST('\x' AS varbinary)`, "5c 78"},
		{`from_utf8(X'E38182E38141FFC080')`, "あ\uFFFDA\uFFFD\uFFFD"}, // one character for each invalid sequence
	})
}

func TestCast_ReturnsTrinosErrors(t *testing.T) {
	env := newTestEnv(t)
	for sql, want := range map[string]string{
		`CAST('infinity' AS date)`:                "INVALID_CAST_ARGUMENT: Value cannot be cast to date: infinity",
		`CAST('2026-11-21 noon' AS timestamp(3))`: "INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: 2026-11-21 noon",
		`CAST('yes' AS boolean)`:                  "INVALID_CAST_ARGUMENT: Cannot cast 'yes' to BOOLEAN",
		`CAST('1e3' AS integer)`:                  "INVALID_CAST_ARGUMENT: Cannot cast '1e3' to INT",
		`CAST('a' AS double)`:                     "INVALID_CAST_ARGUMENT: Cannot cast 'a' to DOUBLE",
		`CAST('a' AS decimal(10,2))`:              "INVALID_CAST_ARGUMENT: Cannot cast VARCHAR 'a' to DECIMAL(10, 2). Value is not a number.",
		`CAST('100' AS decimal(3,1))`:             "INVALID_CAST_ARGUMENT: Cannot cast VARCHAR '100' to DECIMAL(3, 1). Value too large.",
		`CAST(123.4 AS decimal(3,1))`:             "INVALID_CAST_ARGUMENT: Cannot cast DECIMAL(4,1) '123.4' to DECIMAL(3, 1)",
		`CAST(1e30 AS bigint)`:                    "INVALID_CAST_ARGUMENT: Out of range for bigint: 1.0E30",
		`CAST(DATE '2026-11-21' AS bigint)`:       "TYPE_MISMATCH: line 1:8: Cannot cast date to bigint",
		`CAST(1 AS datetime)`:                     "TYPE_MISMATCH: line 1:8: Unknown type: datetime",
		`CAST(1 AS string)`:                       "TYPE_MISMATCH: line 1:8: Unknown type: string",
		`CAST(1 AS text)`:                         "TYPE_MISMATCH: line 1:8: Unknown type: text",
		`1 + CAST(1 AS float)`:                    "TYPE_MISMATCH: line 1:12: Unknown type: float",
		`CAST(1 AS timestamp(13))`:                "TYPE_MISMATCH: line 1:8: Unknown type: timestamp(13)",
		`CAST(1 AS decimal(40,2))`:                "TYPE_MISMATCH: line 1:8: Unknown type: decimal(40,2)",
		`TIMESTAMP '2026-11-31 00:00:00'`:         "INVALID_LITERAL: line 1:8: '2026-11-31 00:00:00' is not a valid TIMESTAMP literal",
		`DATE 'today'`:                            "INVALID_LITERAL: line 1:8: 'today' is not a valid DATE literal",
		`1 / 0`:                                   "DIVISION_BY_ZERO: Division by zero",
		`5 % (1 - 1)`:                             "DIVISION_BY_ZERO: Division by zero",
	} {
		env.fails("SELECT "+sql, want)
	}
	env.fails("SELECT CAST(CAST('noon' AS timestamp(3) with time zone) AT TIME ZONE 'UTC' AS date)",
		"INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp with time zone: noon")
	env.fails("SELECT CAST(3000000000 AS integer)", "INVALID_CAST_ARGUMENT: "+
		"Type INT64 with value 3000000000 can't be cast because the value is out of range for the destination type INT32")
}

func TestCreateView_StoresTrinosTypes(t *testing.T) {
	env := newTestEnv(t)
	want := map[string]string{
		`TIMESTAMP '2026-11-21 17:05:12.000'`:    "timestamp(3)",
		`TIMESTAMP '2026-11-21 17:05:12'`:        "timestamp(0)",
		`TIMESTAMP '2026-11-21 17:05:12.123456'`: "timestamp(6)",
		`CAST(NULL AS timestamp(3))`:             "timestamp(3)",
		`sum(1)`:                                 "bigint",
		`count(*)`:                               "bigint",
		`avg(1)`:                                 "double",
		`7 / 2`:                                  "integer",
		`CAST('1' AS decimal(20))`:               "decimal(20,0)",
	}
	var list, names []string
	for sql := range want {
		list = append(list, sql+" AS c"+string(rune('a'+len(list))))
		names = append(names, sql)
	}
	env.query("CREATE VIEW types AS SELECT " + strings.Join(list, ", "))
	got := env.query(`SELECT data_type FROM information_schema.columns WHERE table_name = 'types' ORDER BY ordinal_position`)[1:]
	for i, sql := range names {
		if got[i][0] != want[sql] {
			t.Errorf("%s is %s, want %s", sql, got[i][0], want[sql])
		}
	}
}
