package cloud

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
)

// redash does what Redash's data source does, and Grafana's: look at the workgroup, list tables both ways, query each view, read
// the results through Athena and where they lie, and cancel a query.
func (p *proven) redash(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	key := awscredentials.NewStaticCredentialsProvider(p.Analyst.AccessKeyID, p.Analyst.SecretAccessKey, p.Analyst.SessionToken)
	athena := awsathena.New(awsathena.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: key})
	glue := awsglue.New(awsglue.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: key})
	s3 := awss3.New(awss3.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: key, UsePathStyle: true})

	_, err := athena.GetWorkGroup(ctx, &awsathena.GetWorkGroupInput{WorkGroup: &p.AnalystsWorkGroup})
	must(t, err)
	databases, err := glue.GetDatabases(ctx, &awsglue.GetDatabasesInput{})
	must(t, err)
	p.ask(t, athena, "shop", "SELECT table_schema, table_name FROM information_schema.tables")
	for _, d := range databases.DatabaseList {
		tables, err := glue.GetTables(ctx, &awsglue.GetTablesInput{DatabaseName: d.Name})
		must(t, err)
		for _, table := range tables.TableList {
			p.ask(t, athena, *d.Name, `SELECT count(*) FROM "`+*table.Name+`"`)
		}
	}
	result := p.ask(t, athena, "shop", "SELECT id FROM orders")
	bucket, name, _ := strings.Cut(strings.TrimPrefix(result, "s3://"), "/")
	got, err := s3.GetObject(ctx, &awss3.GetObjectInput{Bucket: &bucket, Key: &name})
	must(t, err)
	must(t, got.Body.Close())
	started, err := athena.StartQueryExecution(ctx, p.query("shop", "SELECT 1"))
	must(t, err)
	_, err = athena.StopQueryExecution(ctx, &awsathena.StopQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
	must(t, err)
}

func (p *proven) query(database, sql string) *awsathena.StartQueryExecutionInput {
	return &awsathena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: &p.AnalystsWorkGroup, QueryExecutionContext: &athenatypes.QueryExecutionContext{Database: &database},
	}
}

// ask runs a query, reads its result, and returns where that lies.
func (p *proven) ask(t *testing.T, client *awsathena.Client, database, sql string) string {
	t.Helper()
	started, err := client.StartQueryExecution(t.Context(), p.query(database, sql))
	must(t, err)
	for {
		got, err := client.GetQueryExecution(t.Context(), &awsathena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		must(t, err)
		switch status := got.QueryExecution.Status; status.State {
		case athenatypes.QueryExecutionStateSucceeded:
			_, err := client.GetQueryResults(t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
			must(t, err)
			return *got.QueryExecution.ResultConfiguration.OutputLocation
		case athenatypes.QueryExecutionStateFailed, athenatypes.QueryExecutionStateCancelled:
			t.Fatalf("%s: %s", sql, aws.ToString(status.StateChangeReason))
		}
	}
}
