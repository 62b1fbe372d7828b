// Package athenaclient queries the local Athena as analysts do: through the SDK's client, with the analysts' role, in their workgroup.
package athenaclient

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

// Client runs queries in Athena with the permissions of an analyst.
type Client struct {
	client *athena.Client
	// workGroup is the analysts' workgroup.
	workGroup string
	// Database is the default database of the queries.
	Database string
}

// New returns a client that uses the access key of Redash's role. The options configure the SDK client.
func New(aws *cloud.Cloud, database string, options ...func(*athena.Options)) Client {
	key := aws.Analyst
	return Client{workGroup: aws.AnalystsWorkGroup, Database: database, client: athena.New(athena.Options{
		Region: aws.Region, BaseEndpoint: &aws.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, key.SessionToken),
	}, options...)}
}

// Result is the result of a query. In Rows, nil stands for NULL.
type Result struct {
	Columns []Column
	Rows    [][]*string
	// BytesRead is the number of bytes scanned. Athena charges for these bytes.
	BytesRead int64
}

// Column is a column of a query result.
type Column struct {
	Name string `json:"name"`
	// Type is Athena's name for the column's type.
	Type string `json:"type"`
}

// Query runs a query and returns its complete result.
func (a Client) Query(ctx context.Context, sql string) (Result, error) {
	started, err := a.client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: &a.workGroup, QueryExecutionContext: &types.QueryExecutionContext{Database: &a.Database},
	})
	if invalid, ok := errors.AsType[*types.InvalidRequestException](err); ok {
		return Result{}, errors.New(invalid.ErrorMessage()) // the text that Athena's console shows
	}
	if err != nil {
		return Result{}, err
	}
	read, err := a.wait(ctx, *started.QueryExecutionId)
	if err != nil {
		return Result{}, err
	}
	result := Result{BytesRead: read}
	pages := athena.NewGetQueryResultsPaginator(a.client, &athena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return Result{}, err
		}
		result.add(page.ResultSet, first)
	}
	return result, nil
}

func (a *Result) add(page *types.ResultSet, first bool) {
	rows := page.Rows
	if first {
		for _, c := range page.ResultSetMetadata.ColumnInfo {
			a.Columns = append(a.Columns, Column{Name: *c.Name, Type: typeName(c)})
		}
		if isHeader(rows, a.Columns) {
			rows = rows[1:]
		}
	}
	for _, row := range rows {
		values := make([]*string, len(row.Data))
		for i, d := range row.Data {
			values[i] = d.VarCharValue
		}
		a.Rows = append(a.Rows, values)
	}
}

// isHeader reports whether the first row contains the column names, as it does for a SELECT.
func isHeader(rows []types.Row, columns []Column) bool {
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

// typeName returns the SQL name of a column's type.
func typeName(c types.ColumnInfo) string {
	if *c.Type == "decimal" {
		return fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale)
	}
	return *c.Type
}

// wait polls a query until it ends, and returns the bytes scanned.
func (a Client) wait(ctx context.Context, id string) (int64, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		out, err := a.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return 0, err
		}
		status := out.QueryExecution.Status
		switch status.State {
		case types.QueryExecutionStateSucceeded:
			return aws.ToInt64(out.QueryExecution.Statistics.DataScannedInBytes), nil
		case types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return 0, errors.New(aws.ToString(status.StateChangeReason))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}
