package statement

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"snaplake/workflow"
)

// Query is a query that returns a number or no row.
type Query struct {
	SQL string
	// Succeeded is called with the result, Refused with Athena's reason if it refuses the query.
	Succeeded func(Result)
	Refused   func(reason string)
}

// Result is that of a [Query].
type Result struct {
	Columns []string
	// Number is in the first row, 0 if there is none.
	Number int64
}

// RunQueries runs queries and then calls their functions, in the order of the queries. The error is a [workflow.Unavailable] if the cause
// of a failure is Athena itself.
func (r *Runner) RunQueries(ctx context.Context, database string, queries []Query) error {
	results := make([]Result, len(queries))
	_, failures, err := Batch(ctx, len(queries), func() bool { return true }, func(ctx context.Context, i int) error {
		id, err := r.Run(ctx, database, queries[i].SQL)
		if err == nil {
			results[i], err = r.read(ctx, id)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("query database %q: %w", database, err)
	}
	for i, q := range queries {
		switch f := failures[i]; {
		case f == nil:
			q.Succeeded(results[i])
		case f.Transient:
			return workflow.Errorf[workflow.Unavailable](
				"the views of database %q stay as they are: Athena failed to run %.160s: %.800s\n"+
					"This is usually transient: redrive if the retries did not help",
				database, q.SQL, f.Reason)
		default:
			q.Refused(f.Reason)
		}
	}
	return nil
}

// read reads the result of a statement.
func (r *Runner) read(ctx context.Context, id string) (Result, error) {
	var out *athena.GetQueryResultsOutput
	err := untilRoom(ctx, func() (err error) {
		out, err = r.client.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: &id})
		return err
	})
	if err != nil {
		return Result{}, fmt.Errorf("read the results of statement %s: %w", id, err)
	}
	return resultOf(out.ResultSet)
}

// resultOf decodes a result, whose first row has the names of the columns.
func resultOf(set *types.ResultSet) (Result, error) {
	var r Result
	for _, c := range set.ResultSetMetadata.ColumnInfo {
		r.Columns = append(r.Columns, aws.ToString(c.Name))
	}
	if len(set.Rows) < 2 {
		return r, nil
	}
	var err error
	if r.Number, err = strconv.ParseInt(aws.ToString(set.Rows[1].Data[0].VarCharValue), 10, 64); err != nil {
		return r, fmt.Errorf("decode Athena's result: %w", err)
	}
	return r, nil
}
