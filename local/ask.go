package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"snaplake/local/internal/cloud"
)

// analyst asks Athena as any client does.
type analyst struct {
	client              *athena.Client
	workGroup, database string
}

func newAnalyst(aws *cloud.Cloud, database string) analyst {
	key := aws.Analyst
	return analyst{workGroup: aws.AnalystsWorkGroup, database: database, client: athena.New(athena.Options{
		Region: aws.Region, BaseEndpoint: &aws.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, key.SessionToken),
	})}
}

// answer is a query's result. A value that is nil is NULL.
type answer struct {
	columns []column
	rows    [][]*string
}

// ask runs a query and waits for its whole result.
func (a analyst) ask(ctx context.Context, sql string) (answer, error) {
	started, err := a.client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: &a.workGroup, QueryExecutionContext: &types.QueryExecutionContext{Database: &a.database},
	})
	if err != nil {
		return answer{}, err
	}
	if err := a.wait(ctx, *started.QueryExecutionId); err != nil {
		return answer{}, err
	}
	result := answer{}
	pages := athena.NewGetQueryResultsPaginator(a.client, &athena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return answer{}, err
		}
		result.add(page.ResultSet, first)
	}
	return result, nil
}

func (a *answer) add(page *types.ResultSet, first bool) {
	rows := page.Rows
	if first {
		for _, c := range page.ResultSetMetadata.ColumnInfo {
			a.columns = append(a.columns, column{Name: *c.Name, Type: typeName(c)})
		}
		if isHeader(rows, a.columns) {
			rows = rows[1:]
		}
	}
	for _, row := range rows {
		values := make([]*string, len(row.Data))
		for i, d := range row.Data {
			values[i] = d.VarCharValue
		}
		a.rows = append(a.rows, values)
	}
}

// isHeader tells whether the first row repeats the columns' names, as it does for a SELECT.
func isHeader(rows []types.Row, columns []column) bool {
	if len(rows) == 0 || len(rows[0].Data) != len(columns) {
		return false
	}
	for i, d := range rows[0].Data {
		if aws.ToString(d.VarCharValue) != columns[i].Name {
			return false
		}
	}
	return true
}

// typeName is a column's type as it is written in SQL.
func typeName(c types.ColumnInfo) string {
	if *c.Type == "decimal" {
		return fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale)
	}
	return *c.Type
}

// wait looks at a query until it is over.
func (a analyst) wait(ctx context.Context, id string) error {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		out, err := a.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return err
		}
		status := out.QueryExecution.Status
		switch status.State {
		case types.QueryExecutionStateSucceeded:
			return nil
		case types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return errors.New(aws.ToString(status.StateChangeReason))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
