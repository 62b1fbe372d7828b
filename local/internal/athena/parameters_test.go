package athena_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/google/go-cmp/cmp"
)

// startWith starts a query with execution parameters and returns it after its end.
func (env *testEnv) startWith(sql string, parameters ...string) *types.QueryExecution {
	env.t.Helper()
	out, err := env.client.StartQueryExecution(env.t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: aws.String("snaplake"), ExecutionParameters: parameters,
		QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("shop")},
	})
	if err != nil {
		env.t.Fatal(err)
	}
	return env.wait(*out.QueryExecutionId)
}

func TestExecutionParameters_AreExpressionsOrStrings(t *testing.T) {
	env := newTestEnv(t)
	createUsers(env)
	for parameter, want := range map[string]string{
		`'abc'`: "abc", `'it''s'`: "it's", `1 + 1`: "2", `-7`: "-7", `NULL`: "NULL", `DATE '2020-01-01'`: "2020-01-01", `upper('x')`: "X",
		`abc`: "abc", `abc def`: "abc def", `it's`: "it's", `x + 1`: "x + 1", `123e4567-e89b`: "123e4567-e89b", `1) , (2`: "1) , (2",
		`1; DROP VIEW v`: "1; DROP VIEW v", `2 -- two`: "2", `1 + 1 -- two`: "2", `"a"`: `"a"`, ` `: " ",
	} {
		e := env.startWith("SELECT ? AS v, '?' AS q -- ?", parameter)
		out, err := env.client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: e.QueryExecutionId})
		if err != nil {
			t.Errorf("%s: %v: %s", parameter, err, aws.ToString(e.Status.StateChangeReason))
			continue
		}
		if diff := cmp.Diff([]string{want, "?"}, texts(out.ResultSet.Rows)[1]); diff != "" {
			t.Errorf("%s: %s", parameter, diff)
		}
		if *e.Query != "SELECT ? AS v, '?' AS q -- ?" {
			t.Errorf("got the query %s", *e.Query)
		}
	}
	e := env.startWith("SELECT name FROM crawled.users WHERE id = ? LIMIT ?", "2", "1")
	if e.Status.State != types.QueryExecutionStateSucceeded {
		t.Error(aws.ToString(e.Status.StateChangeReason))
	}
}

func TestExecutionParameters_InvalidOnesFailTheQuery(t *testing.T) {
	env := newTestEnv(t)
	for sql, c := range map[string]struct {
		parameters []string
		want       string
	}{
		"SELECT ?":    {nil, "Incorrect number of parameters: expected 1 but found 0"},
		"SELECT ?, ?": {[]string{"1"}, "Incorrect number of parameters: expected 2 but found 1"},
		"SELECT ? AS y": {[]string{"now() AT TIME ZONE 'UTC'"},
			"NOT_SUPPORTED: line 1:15: the default engine of the local Athena does not support " +
				"AT TIME ZONE outside a CAST to date or timestamp, but Athena does; use --engine trino"},
		"SELECT ? x": {[]string{"nope(1)"}, "FUNCTION_NOT_FOUND: line 1:9: Function 'nope' not registered"},
	} {
		e := env.startWith(sql, c.parameters...)
		if e.Status.State != types.QueryExecutionStateFailed || aws.ToString(e.Status.StateChangeReason) != c.want {
			t.Errorf("%s: %s %s", sql, e.Status.State, aws.ToString(e.Status.StateChangeReason))
		}
	}
	if e := env.startWith("SELECT 1", "2"); e.Status.State != types.QueryExecutionStateSucceeded {
		t.Errorf("a parameter without ?: %s", e.Status.State)
	}
}
