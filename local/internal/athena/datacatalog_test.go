package athena_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam/iamtest"
)

const dataCatalog = "AwsDataCatalog"

func TestListTableMetadata_ReturnsPagesOfMatchingTables(t *testing.T) {
	env := newTestEnv(t)
	for i := range 60 {
		if err := env.glue.CreateTable(t.Context(), "crawled", glue.TableInput{Name: fmt.Sprintf("user_%02d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	for expression, want := range map[string][]int{"": {50, 10}, "user_0.*": {10}, "USER_1*": {10}, "user": {0}} {
		var sizes []int
		in := awsathena.ListTableMetadataInput{CatalogName: aws.String(dataCatalog), DatabaseName: aws.String("crawled"), Expression: &expression}
		pages := awsathena.NewListTableMetadataPaginator(env.client, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, len(page.TableMetadataList))
		}
		if diff := cmp.Diff(want, sizes); diff != "" {
			t.Errorf("%q: %s", expression, diff)
		}
	}
	_, err := env.client.ListTableMetadata(t.Context(), &awsathena.ListTableMetadataInput{
		CatalogName: aws.String(dataCatalog), DatabaseName: aws.String("crawled"), NextToken: aws.String("x"),
	})
	wantCode(t, err, "InvalidRequestException")
}

func TestGetTableMetadata_DescribesTable(t *testing.T) {
	env := newTestEnv(t)
	err := env.glue.CreateTable(t.Context(), "crawled", glue.TableInput{
		Name: "parted", TableType: "EXTERNAL_TABLE", Parameters: map[string]string{"classification": "parquet"},
		StorageDescriptor: &glue.StorageDescriptor{
			Location: "s3://lake/exports/parted/", Columns: []glue.Column{{Name: "id", Type: "bigint", Comment: "the key"}},
			InputFormat: "in", SerdeInfo: &glue.SerDeInfo{SerializationLibrary: "library", Parameters: map[string]string{"k": "v"}},
		},
		PartitionKeys: []glue.Column{{Name: "partition_0", Type: "string"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := env.client.GetTableMetadata(t.Context(), &awsathena.GetTableMetadataInput{
		CatalogName: aws.String("awsdatacatalog"), DatabaseName: aws.String("crawled"), TableName: aws.String("Parted"),
	})
	if err != nil {
		t.Fatal(err)
	}
	m := out.TableMetadata
	if *m.Name != "parted" || *m.TableType != "EXTERNAL_TABLE" || m.CreateTime == nil || m.LastAccessTime != nil {
		t.Errorf("got %+v", m)
	}
	if c := m.Columns[0]; *c.Name != "id" || *c.Type != "bigint" || *c.Comment != "the key" || *m.PartitionKeys[0].Name != "partition_0" {
		t.Errorf("got the columns %+v, %+v", c, m.PartitionKeys)
	}
	want := map[string]string{
		"classification": "parquet", "location": "s3://lake/exports/parted/", "inputformat": "in", "serde.serialization.lib": "library",
		"serde.param.k": "v",
	}
	if diff := cmp.Diff(want, m.Parameters); diff != "" {
		t.Error(diff)
	}
}

func TestDataCatalog_ReportsAthenasErrors(t *testing.T) {
	env := newTestEnv(t)
	_, err := env.client.GetTableMetadata(t.Context(), &awsathena.GetTableMetadataInput{
		CatalogName: aws.String(dataCatalog), DatabaseName: aws.String("crawled"), TableName: aws.String("nope"),
	})
	wantCode(t, err, "MetadataException")
	pyAthenas := regexp.MustCompile(`\(Service: AmazonDataCatalog; Status Code: \d+; Error Code: EntityNotFoundException;[^()]*\)$`)
	if !pyAthenas.MatchString(err.Error()) {
		t.Errorf("PyAthena cannot read the code in %v", err)
	}
	_, err = env.client.ListDatabases(t.Context(), &awsathena.ListDatabasesInput{CatalogName: aws.String("hive")})
	wantCode(t, err, "InvalidRequestException")
	_, err = env.client.GetDataCatalog(t.Context(), &awsathena.GetDataCatalogInput{Name: aws.String(dataCatalog)})
	if wantCode(t, err, "InvalidRequestException"); !strings.Contains(err.Error(), "DataCatalog AwsDataCatalog was not found") {
		t.Errorf("got %v", err)
	}
}

func TestDataCatalog_RequiresPermissionsOfCaller(t *testing.T) {
	catalog, database := aws.String(dataCatalog), aws.String("shop")
	cases := map[string]struct {
		needs string
		via   string
		call  func(context.Context, *awsathena.Client) (string, error)
	}{
		"ListDataCatalogs": {"athena:ListDataCatalogs *", "", func(ctx context.Context, c *awsathena.Client) (string, error) {
			out, err := c.ListDataCatalogs(ctx, &awsathena.ListDataCatalogsInput{})
			if err != nil {
				return "", err
			}
			return *out.DataCatalogsSummary[0].CatalogName, nil
		}},
		"ListEngineVersions": {"athena:ListEngineVersions *", "", func(ctx context.Context, c *awsathena.Client) (string, error) {
			out, err := c.ListEngineVersions(ctx, &awsathena.ListEngineVersionsInput{})
			if err != nil {
				return "", err
			}
			return *out.EngineVersions[0].SelectedEngineVersion + ", " + *out.EngineVersions[1].SelectedEngineVersion, nil
		}},
		"ListWorkGroups": {"athena:ListWorkGroups *", "", func(ctx context.Context, c *awsathena.Client) (string, error) {
			out, err := c.ListWorkGroups(ctx, &awsathena.ListWorkGroupsInput{})
			if err != nil {
				return "", err
			}
			return *out.WorkGroups[0].Name + ", " + *out.WorkGroups[1].Name, nil
		}},
		"ListDatabases": {
			"athena:ListDatabases datacatalog/AwsDataCatalog", "glue:GetDatabases catalog database/*",
			func(ctx context.Context, c *awsathena.Client) (string, error) {
				out, err := c.ListDatabases(ctx, &awsathena.ListDatabasesInput{CatalogName: catalog})
				if err != nil {
					return "", err
				}
				return *out.DatabaseList[0].Name + ", " + *out.DatabaseList[1].Name, nil
			},
		},
		"GetDatabase": {
			"athena:GetDatabase datacatalog/AwsDataCatalog", "glue:GetDatabase catalog database/shop",
			func(ctx context.Context, c *awsathena.Client) (string, error) {
				out, err := c.GetDatabase(ctx, &awsathena.GetDatabaseInput{CatalogName: catalog, DatabaseName: database})
				if err != nil {
					return "", err
				}
				return *out.Database.Name, nil
			},
		},
		"ListTableMetadata": {
			"athena:ListTableMetadata datacatalog/AwsDataCatalog", "glue:GetTables catalog database/shop table/shop/*",
			func(ctx context.Context, c *awsathena.Client) (string, error) {
				out, err := c.ListTableMetadata(ctx, &awsathena.ListTableMetadataInput{CatalogName: catalog, DatabaseName: database})
				if err != nil {
					return "", err
				}
				return *out.TableMetadataList[0].Name, nil
			},
		},
		"GetTableMetadata": {
			"athena:GetTableMetadata datacatalog/AwsDataCatalog", "glue:GetTable catalog database/shop table/shop/people",
			func(ctx context.Context, c *awsathena.Client) (string, error) {
				out, err := c.GetTableMetadata(ctx, &awsathena.GetTableMetadataInput{
					CatalogName: catalog, DatabaseName: database, TableName: aws.String("people"),
				})
				if err != nil {
					return "", err
				}
				return *out.TableMetadata.TableType, nil
			},
		},
	}
	want := map[string]string{
		"ListDataCatalogs": dataCatalog, "ListEngineVersions": "AUTO, Athena engine version 3", "ListWorkGroups": "primary, snaplake",
		"ListDatabases": "crawled, shop", "GetDatabase": "shop", "ListTableMetadata": "people", "GetTableMetadata": "VIRTUAL_VIEW",
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			needs := []string{c.needs}
			if c.via != "" {
				needs = append(needs, c.via+" if ForAnyValue:StringEquals aws:CalledVia athena.amazonaws.com")
			}
			guard := iamtest.NewGuard(t, nil, iamtest.Role("worker", "lambda.amazonaws.com", needs...))
			got, err := c.call(t.Context(), newShop(t, guard).client)
			if err != nil || got != want[name] {
				t.Fatalf("got %q, %v, want %q", got, err, want[name])
			}
			for _, p := range guard.Allowed() {
				_, err := c.call(t.Context(), newShop(t, guard.Without(p)).client)
				code := "AccessDeniedException"
				if strings.HasPrefix(p.Action, "glue:") {
					code = "MetadataException"
				}
				wantCode(t, err, code)
				if want := iamtest.Refusal(worker, p.Action, p.Resource); !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		})
	}
}

func TestListQueryExecutions_ReturnsPages(t *testing.T) {
	env := newTestEnvWith(t, nil, func(*athena.Options) {})
	var ids []string
	for range 3 {
		id := env.start("SELECT 1")
		env.wait(id)
		ids = append([]string{id}, ids...)
	}
	var got []string
	in := awsathena.ListQueryExecutionsInput{WorkGroup: aws.String("snaplake"), MaxResults: aws.Int32(2)}
	pages := awsathena.NewListQueryExecutionsPaginator(env.client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.QueryExecutionIds...)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Error(diff)
	}
}
