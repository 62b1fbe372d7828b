// Package athenaclient queries the local Athena as analysts do: through the SDK's client, with the analysts' role, in their workgroup.
package athenaclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
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

// New returns a client that uses the access key of the analysts' role. The options configure the SDK client.
func New(local *cloud.Cloud, database string, options ...func(*athena.Options)) Client {
	key := local.Analyst
	return NewFromConfig(aws.Config{
		Region: local.Region, BaseEndpoint: &local.Endpoint,
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, key.SessionToken),
	}, local.AnalystsWorkGroup, database, options...)
}

// NewFromConfig returns a client for the endpoint, the Region and the credentials of a configuration.
func NewFromConfig(config aws.Config, workGroup, database string, options ...func(*athena.Options)) Client {
	if config.HTTPClient == nil {
		config.HTTPClient = bodyKeeper{}
	}
	return Client{workGroup: workGroup, Database: database, client: athena.NewFromConfig(config, options...)}
}

// bodyKeeper is an HTTP client that leaves the body of a request open. The SDK closes the body when the response begins. If net/http has
// not read the end of the body by then, net/http closes the connection, and a long response is lost (smithy-go, transport/http,
// ClientHandler.Handle).
type bodyKeeper struct{}

// Do implements aws.HTTPClient.
func (bodyKeeper) Do(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	kept := r.Clone(r.Context())
	kept.Body = io.NopCloser(bytes.NewReader(b))
	return http.DefaultClient.Do(kept)
}

// Ping returns an error if the endpoint does not respond or does not accept the credentials.
func (a Client) Ping(ctx context.Context) error {
	_, err := a.client.GetWorkGroup(ctx, &athena.GetWorkGroupInput{WorkGroup: &a.workGroup}, func(o *athena.Options) {
		o.Retryer = aws.NopRetryer{}
	})
	return err
}

// Result is the result of a query. In Rows, nil stands for NULL.
type Result struct {
	Columns []Column
	Rows    [][]*string
	// BytesRead is the number of bytes scanned. Athena charges for these bytes.
	BytesRead int64
}

// Stream is the result of a query. Only one page of the rows is in memory at a time.
type Stream struct {
	Columns []Column
	// Rows can be read only once. In a row, nil stands for NULL. After an error, there are no more rows.
	Rows iter.Seq2[[]*string, error]
	// BytesRead is the number of bytes scanned.
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
	stream, err := a.Stream(ctx, sql)
	if err != nil {
		return Result{}, err
	}
	result := Result{Columns: stream.Columns, BytesRead: stream.BytesRead}
	for row, err := range stream.Rows {
		if err != nil {
			return Result{}, err
		}
		result.Rows = append(result.Rows, row)
	}
	return result, nil
}

// Stream runs a query and returns its result page by page. If the context is cancelled before the query ends, Stream stops the query.
func (a Client) Stream(ctx context.Context, sql string) (Stream, error) {
	started, err := a.client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: &a.workGroup, QueryExecutionContext: &types.QueryExecutionContext{Database: &a.Database},
	})
	if invalid, ok := errors.AsType[*types.InvalidRequestException](err); ok {
		return Stream{}, errors.New(invalid.ErrorMessage()) // the text that Athena's console shows
	}
	if err != nil {
		return Stream{}, err
	}
	query, err := a.wait(ctx, *started.QueryExecutionId)
	if ctx.Err() != nil {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_, failed := a.client.StopQueryExecution(stopCtx, &athena.StopQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		return Stream{}, errors.Join(ctx.Err(), failed)
	}
	if err != nil {
		return Stream{}, err
	}
	pages := athena.NewGetQueryResultsPaginator(a.client, &athena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
	first, err := pages.NextPage(ctx)
	if err != nil {
		return Stream{}, err
	}
	var columns []Column
	for _, c := range first.ResultSet.ResultSetMetadata.ColumnInfo {
		columns = append(columns, Column{Name: *c.Name, Type: typeName(c)})
	}
	rows := first.ResultSet.Rows
	if aws.ToString(query.SubstatementType) == "SELECT" { // the first row contains the column names
		rows = rows[min(1, len(rows)):]
	}
	return Stream{Columns: columns, Rows: allRows(ctx, rows, pages), BytesRead: aws.ToInt64(query.Statistics.DataScannedInBytes)}, nil
}

// allRows returns the rows of the first page and of the pages that follow. A page is requested only after the caller has read all rows of
// the previous page.
func allRows(ctx context.Context, rows []types.Row, pages *athena.GetQueryResultsPaginator) iter.Seq2[[]*string, error] {
	return func(yield func([]*string, error) bool) {
		for {
			for _, row := range rows {
				values := make([]*string, len(row.Data))
				for i, d := range row.Data {
					values[i] = d.VarCharValue
				}
				if !yield(values, nil) {
					return
				}
			}
			if !pages.HasMorePages() {
				return
			}
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			rows = page.ResultSet.Rows
		}
	}
}

// typeName returns the SQL name of a column's type.
func typeName(c types.ColumnInfo) string {
	if *c.Type == "decimal" {
		return fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale)
	}
	return *c.Type
}

// wait polls a query until it ends.
func (a Client) wait(ctx context.Context, id string) (*types.QueryExecution, error) {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		out, err := a.client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return nil, err
		}
		status := out.QueryExecution.Status
		switch status.State {
		case types.QueryExecutionStateSucceeded:
			return out.QueryExecution, nil
		case types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return nil, errors.New(aws.ToString(status.StateChangeReason))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
