package athena_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/fault"
)

func TestCreateView_FailsWithInjectedFault(t *testing.T) {
	const (
		ddl    = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask"
		engine = "[ErrorCode: INTERNAL_ERROR_QUERY_ENGINE] Amazon Athena experienced an internal error while executing this query. " +
			"Please try submitting the query again."
	)
	cases := map[fault.Kind]types.QueryExecutionStatus{
		fault.Failed: {
			State: types.QueryExecutionStateFailed, StateChangeReason: aws.String(ddl),
			AthenaError: &types.AthenaError{ErrorCategory: aws.Int32(2), ErrorType: aws.Int32(1003), ErrorMessage: aws.String(ddl)},
		},
		fault.Retryable: {
			State: types.QueryExecutionStateFailed, StateChangeReason: aws.String(engine),
			AthenaError: &types.AthenaError{
				ErrorCategory: aws.Int32(1), ErrorType: aws.Int32(200), ErrorMessage: aws.String(engine), Retryable: true,
			},
		},
		fault.Cancelled: {State: types.QueryExecutionStateCancelled, StateChangeReason: aws.String("Query cancelled by user")},
	}
	for kind, want := range cases {
		t.Run(string(kind), func(t *testing.T) {
			f, err := fault.Parse("view:people:2=" + string(kind))
			if err != nil {
				t.Fatal(err)
			}
			env := newTestEnvWith(t, nil, func(o *athena.Options) { o.Faults = fault.New(1, f) })
			const replace = `CREATE OR REPLACE VIEW "shop"."People" AS SELECT `
			env.query(replace + `1 AS x`)
			env.query(`CREATE OR REPLACE VIEW others AS SELECT 1 AS x`) // a view without a fault
			got := env.wait(env.start(replace + `2 AS x`)).Status
			ignore := cmp.Options{
				cmpopts.IgnoreUnexported(types.QueryExecutionStatus{}, types.AthenaError{}),
				cmpopts.IgnoreFields(types.QueryExecutionStatus{}, "SubmissionDateTime", "CompletionDateTime"),
			}
			if diff := cmp.Diff(&want, got, ignore); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([][]string{{"x"}, {"1"}}, env.query(`SELECT * FROM people`)); diff != "" {
				t.Error(diff)
			}
			env.query(replace + `3 AS x`)
			if diff := cmp.Diff([][]string{{"x"}, {"3"}}, env.query(`SELECT * FROM people`)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
