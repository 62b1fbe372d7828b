package cloud

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// redash makes the calls of Redash's and Grafana's data sources. It reads the workgroup, lists tables through Glue, Athena and SQL, queries
// each view, reads results through Athena and from S3, and cancels a query.
func (p *testEnv) redash(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	athena := awsathena.New(awsathena.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: p.analystKey()})
	glue := awsglue.New(awsglue.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: p.analystKey()})

	group, err := athena.GetWorkGroup(ctx, &awsathena.GetWorkGroupInput{WorkGroup: &p.AnalystsWorkGroup})
	must(t, err)
	// awswrangler sends this encryption with each query.
	if e := group.WorkGroup.Configuration.ResultConfiguration.EncryptionConfiguration; e == nil || e.EncryptionOption != "SSE_KMS" {
		t.Errorf("the encryption of the results is %+v", e)
	}
	databases, err := glue.GetDatabases(ctx, &awsglue.GetDatabasesInput{})
	must(t, err)
	p.lists(t, athena)
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
	got, err := p.analystS3().GetObject(ctx, &awss3.GetObjectInput{Bucket: &bucket, Key: &name})
	must(t, err)
	must(t, got.Body.Close())
	started, err := athena.StartQueryExecution(ctx, p.query("shop", "SELECT 1"))
	must(t, err)
	_, err = athena.StopQueryExecution(ctx, &awsathena.StopQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
	must(t, err)
}

// lists makes the calls with which Grafana, SQLAlchemy and JDBC drivers fill their lists.
func (p *testEnv) lists(t *testing.T, client *awsathena.Client) {
	t.Helper()
	ctx, database := t.Context(), "shop"
	_, err := client.ListDataCatalogs(ctx, &awsathena.ListDataCatalogsInput{})
	must(t, err)
	_, err = client.ListWorkGroups(ctx, &awsathena.ListWorkGroupsInput{})
	must(t, err)
	for _, catalog := range []string{"AwsDataCatalog", "awsdatacatalog"} { // PyAthena writes the name in lower case
		_, err = client.ListDatabases(ctx, &awsathena.ListDatabasesInput{CatalogName: &catalog})
		must(t, err)
		tables, err := client.ListTableMetadata(ctx, &awsathena.ListTableMetadataInput{CatalogName: &catalog, DatabaseName: &database})
		must(t, err)
		for _, table := range tables.TableMetadataList {
			_, err := client.GetTableMetadata(ctx, &awsathena.GetTableMetadataInput{
				CatalogName: &catalog, DatabaseName: &database, TableName: table.Name,
			})
			must(t, err)
		}
	}
}

// aroundTheViews requires that analysts cannot read the exports in S3 directly.
func (p *testEnv) aroundTheViews(t *testing.T) {
	const folder = "exports/shop/"
	objects, err := p.Store.List(p.Bucket, folder)
	if err != nil || len(objects) == 0 {
		t.Fatalf("%d objects in %s: %v", len(objects), folder, err)
	}
	_, err = p.analystS3().GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &p.Bucket, Key: &objects[0].Key})
	wantRefusal(t, err, "s3:GetObject")
	_, err = p.analystS3().ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: &p.Bucket, Prefix: aws.String(folder)})
	wantRefusal(t, err, "s3:ListBucket")
}

func wantRefusal(t *testing.T, err error, action string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != "AccessDenied" || !strings.Contains(api.ErrorMessage(),
		"no identity-based policy allows the "+action+" action") {
		t.Errorf("%s: got %v, want an access-denied error", action, err)
	}
}

func (p *testEnv) analystKey() aws.CredentialsProvider {
	return awscredentials.NewStaticCredentialsProvider(p.Analyst.AccessKeyID, p.Analyst.SecretAccessKey, p.Analyst.SessionToken)
}

func (p *testEnv) analystS3() *awss3.Client {
	return awss3.New(awss3.Options{Region: p.Region, BaseEndpoint: &p.Endpoint, Credentials: p.analystKey(), UsePathStyle: true})
}

func (p *testEnv) query(database, sql string) *awsathena.StartQueryExecutionInput {
	return &awsathena.StartQueryExecutionInput{
		QueryString: &sql, WorkGroup: &p.AnalystsWorkGroup, QueryExecutionContext: &athenatypes.QueryExecutionContext{Database: &database},
	}
}

// ask runs a query, reads its result, and returns the location of the result.
func (p *testEnv) ask(t *testing.T, client *awsathena.Client, database, sql string) string {
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
