package athena_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
)

// refusal starts a query that Athena must reject, and returns the reason.
func (env *testEnv) refusal(sql string) string {
	env.t.Helper()
	_, err := env.client.StartQueryExecution(env.t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: aws.String("snaplake"), QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("shop")},
	})
	e, ok := errors.AsType[*types.InvalidRequestException](err)
	if !ok || aws.ToString(e.AthenaErrorCode) != "MALFORMED_QUERY" {
		env.t.Fatalf("%s: got the error %v", sql, err)
	}
	return e.ErrorMessage()
}

func TestParser_RejectsSyntaxUnknownToTrino(t *testing.T) {
	env := newTestEnv(t)
	const digit = "identifiers must not start with a digit; surround the identifier with double quotes"
	const backquote = "backquoted identifiers are not supported; use double quotes to quote identifiers"
	for sql, want := range map[string]string{
		"SELECT `id` FROM users":                                "line 1:8: " + backquote,
		"SELECT id FROM `users`":                                "line 1:16: " + backquote,
		"SELECT id `n` FROM users":                              "line 1:11: " + backquote,
		"CREATE VIEW v AS\nSELECT id FROM `shop`.users":         "line 2:16: " + backquote,
		`SELECT id FROM 2026_users`:                             "line 1:16: " + digit,
		`SELECT 1_000`:                                          "line 1:8: " + digit,
		`SELECT order FROM users`:                               "line 1:8: mismatched input 'order'",
		`SELECT id AS group FROM users`:                         "line 1:14: mismatched input 'group'",
		`SELECT t.table FROM users t`:                           "line 1:9: mismatched input '.'",
		`SELECT 顧客 FROM users`:                                  "line 1:8: mismatched input '顧'",
		"SELECT id\u3000FROM users":                             "line 1:10: mismatched input '\u3000'",
		`SELECT id FROM WHERE`:                                  "line 1:16: mismatched input 'WHERE'",
		`SELECT (1`:                                             "line 1:10: mismatched input '<EOF>'",
		`SELECT '顧客' AS n x FROM users`:                         "line 1:18: mismatched input 'x'",
		`SELECT id,`:                                            "line 1:11: mismatched input '<EOF>'",
		`SELECT id, FROM users`:                                 "line 1:12: mismatched input 'FROM'",
		`SELECT * FROM users WHERE id == 1`:                     "line 1:31: mismatched input '='",
		`SELECT id::varchar FROM users`:                         "line 1:10: mismatched input ':'",
		`SELECT [1, 2]`:                                         "line 1:8: mismatched input '['",
		`SELECT {'a': 1}`:                                       "line 1:8: mismatched input '{'",
		`SELECT * EXCLUDE (id) FROM users`:                      "line 1:10: mismatched input 'EXCLUDE'",
		`SELECT * REPLACE (1 AS id) FROM users`:                 "line 1:10: mismatched input 'REPLACE'",
		`SELECT id FROM users QUALIFY row_number() = 1`:         "line 1:30: mismatched input 'row_number'",
		`SELECT id FROM users USING SAMPLE 10`:                  "line 1:28: mismatched input 'SAMPLE'",
		`SELECT * FROM users PIVOT (count(*) FOR id IN (1))`:    "line 1:33: mismatched input '('",
		`SELECT a.id FROM users a ASOF JOIN users b USING (id)`: "line 1:26: mismatched input 'ASOF'",
		`SELECT id, count(*) FROM users GROUP BY ALL`:           "line 1:44: mismatched input '<EOF>'",
		`SELECT $1`:                                "line 1:8: mismatched input '$'",
		`SELECT #1`:                                "line 1:8: mismatched input '#'",
		`SELECT 'a' ~ 'b'`:                         "line 1:12: mismatched input '~'",
		`SELECT 'a' ILIKE 'b'`:                     "line 1:18: mismatched input ''b''",
		`SELECT 'a' SIMILAR TO 'b'`:                "line 1:20: mismatched input 'TO'",
		`SELECT name IS TRUE FROM users`:           "line 1:16: mismatched input 'TRUE'",
		`SELECT id FROM users LIMIT 1 OFFSET 1`:    "line 1:30: mismatched input 'OFFSET'",
		`SELECT 1 = 1 = 1`:                         "line 1:14: mismatched input '='",
		`SELECT X'0'`:                              "line 1:8: Binary literal must contain an even number of digits",
		`SELECT 1; SELECT 2`:                       "Only one sql statement is allowed. Got: SELECT 1; SELECT 2",
		"SELECT " + strings.Repeat("(", 300) + "1": "line 1:207: statement is too large (stack overflow while parsing statement)",
	} {
		if got := env.refusal(sql); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
}

func TestParser_RejectsUnknownFunctions(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	for sql, want := range map[string]string{
		`SELECT list_value(1)`:                "FUNCTION_NOT_FOUND: line 1:8: Function 'list_value' not registered",
		`SELECT strftime(current_date, '%Y')`: "FUNCTION_NOT_FOUND: line 1:8: Function 'strftime' not registered",
		`SELECT athena_text('1')`:             "FUNCTION_NOT_FOUND: line 1:8: Function 'athena_text' not registered",
		`SELECT system.main.md5('a')`:         "FUNCTION_NOT_FOUND: line 1:8: Function 'system.main.md5' not registered",
		`SELECT upper(DATE '2026-11-21')`:     "FUNCTION_NOT_FOUND: line 1:8: Unexpected number or types of parameters for function upper",
		`SELECT regexp_replace('day')`: "FUNCTION_NOT_FOUND: line 1:8: " +
			"Unexpected number or types of parameters for function regexp_replace",
		`SELECT 1 + DATE '2026-11-21'`:              "TYPE_MISMATCH: line 1:10: Cannot apply operator: integer + date",
		`SELECT * FROM range(3)`:                    "FUNCTION_NOT_FOUND: line 1:15: Table function 'range' not registered",
		`SELECT "Ada" FROM crawled.users`:           "COLUMN_NOT_FOUND: line 1:8: Column 'ada' cannot be resolved",
		`SELECT id FROM crawled.users ORDER BY ALL`: "COLUMN_NOT_FOUND: line 1:39: Column 'all' cannot be resolved",
	} {
		env.fails(sql, want)
	}
}

func TestTranslate_KeepsErrorPositions(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	for sql, want := range map[string]string{
		`SELECT CAST(id AS varchar) || nope FROM crawled.users`: "COLUMN_NOT_FOUND: line 1:31: Column 'nope' cannot be resolved",
		`SELECT CAST(nope AS date) FROM crawled.users`:          "COLUMN_NOT_FOUND: line 1:13: Column 'nope' cannot be resolved",
		`SELECT id / 2 / nope FROM crawled.users`:               "COLUMN_NOT_FOUND: line 1:17: Column 'nope' cannot be resolved",
	} {
		env.fails(sql, want)
	}
}
