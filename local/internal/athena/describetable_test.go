package athena_test

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/glue"
)

// described is the result of a statement: its types, its columns as "name type", and its rows.
type described struct {
	Kind    types.StatementType
	Subkind string
	Columns []string
	Rows    []string
}

// describe runs a statement with one value per row, and checks that its result file contains the rows.
func (env *testEnv) describe(sql string) described {
	env.t.Helper()
	e := env.wait(env.start(sql))
	if e.Status.State != types.QueryExecutionStateSucceeded {
		env.t.Fatalf("%s: %s", sql, aws.ToString(e.Status.StateChangeReason))
	}
	out, err := env.client.GetQueryResults(env.t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: e.QueryExecutionId})
	if err != nil {
		env.t.Fatal(err)
	}
	d := described{Kind: e.StatementType, Subkind: *e.SubstatementType}
	for _, c := range out.ResultSet.ResultSetMetadata.ColumnInfo {
		d.Columns = append(d.Columns, *c.Name+" "+*c.Type)
	}
	for _, row := range texts(out.ResultSet.Rows) {
		d.Rows = append(d.Rows, strings.Join(row, "<more values>"))
	}
	file, err := os.ReadFile(env.store.Path("lake", "athena/"+*e.QueryExecutionId+".txt"))
	if err != nil || string(file) != strings.Join(d.Rows, "\n") {
		env.t.Errorf("%s: the file is %q, %v", sql, file, err)
	}
	return d
}

// createOrders creates the table crawled.orders with a partition key, and the view shop.people.
func createOrders(env *testEnv) {
	env.t.Helper()
	createUsers(env)
	env.query("CREATE VIEW people AS SELECT id,\n\n name FROM crawled.users")
	err := env.glue.CreateTable(env.t.Context(), "crawled", glue.TableInput{
		Name: "orders", TableType: "EXTERNAL_TABLE", Parameters: map[string]string{"classification": "parquet", "typeOfData": "it's"},
		StorageDescriptor: &glue.StorageDescriptor{
			Location: "s3://lake/exports/orders/", InputFormat: "in", OutputFormat: "out",
			Columns:   []glue.Column{{Name: "id", Type: "bigint", Comment: "the key"}, {Name: "a_name_of_21_characters", Type: "string"}},
			SerdeInfo: &glue.SerDeInfo{SerializationLibrary: "lib", Parameters: map[string]string{"serialization.format": "1"}},
		},
		PartitionKeys: []glue.Column{{Name: "partition_0", Type: "string"}},
	})
	if err != nil {
		env.t.Fatal(err)
	}
}

func TestDescribe_ReturnsSameTextAsAthena(t *testing.T) {
	env := newTestEnv(t)
	createOrders(env)
	const utility = types.StatementTypeUtility
	viewColumns := described{utility, "DESC_VIEW", []string{"column varchar", "type varchar"}, []string{"id\tbigint", "name\tvarchar"}}
	ordersDescription := described{utility, "DESCRIBE_TABLE", []string{"col_name string", "data_type string", "comment string"}, []string{
		"id                  \tbigint              \tthe key             ",
		"a_name_of_21_characters\tstring              \t                    ",
		"partition_0         \tstring              \t                    ",
		"\t \t ",
		"# Partition Information\t \t ",
		"# col_name            \tdata_type           \tcomment             ",
		"\t \t ",
		"partition_0         \tstring              \t                    ",
	}}
	for sql, want := range map[string]described{
		"DESCRIBE people":                        viewColumns,
		"desc `shop`.`people`":                   viewColumns,
		"DESCRIBE awsdatacatalog.crawled.orders": ordersDescription,
		"DESC `crawled`.`orders`;":               ordersDescription,
		`SHOW CREATE VIEW "shop"."people"`: {utility, "SHOW_CREATE_VIEW", []string{"create view varchar"},
			[]string{"CREATE VIEW shop.people AS", "SELECT id,", "", " name FROM crawled.users"}},
		"SHOW TABLES IN crawled": {utility, "SHOW_TABLES", []string{"tab_name string"}, []string{"orders", "users"}},
		"SHOW VIEWS":             {utility, "SHOW_VIEWS", []string{"views varchar"}, []string{"people"}},
		"SHOW SCHEMAS":           {utility, "SHOW_DATABASES", []string{"database_name string"}, []string{"crawled", "shop"}},
	} {
		if diff := cmp.Diff(want, env.describe(sql)); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
	}
}

func TestExplain_NeedsTrino(t *testing.T) {
	env := newTestEnv(t)
	env.fails("EXPLAIN (TYPE IO) SELECT 1", "NOT_SUPPORTED: line 1:1: the default engine of the local Athena does not support EXPLAIN, "+
		"but Athena does; use --engine trino")
}

func TestDescribe_ReportsErrors(t *testing.T) {
	env := newTestEnv(t)
	createOrders(env)
	for sql, want := range map[string]string{
		"SHOW CREATE VIEW nope":           "TABLE_NOT_FOUND: line 1:1: View 'awsdatacatalog.shop.nope' does not exist",
		"SHOW CREATE VIEW crawled.orders": "NOT_SUPPORTED: line 1:1: Relation 'awsdatacatalog.crawled.orders' is a table, not a view",
		"SHOW TABLES IN nope":             "SCHEMA_NOT_FOUND: line 1:1: Schema 'nope' does not exist",
	} {
		env.fails(sql, want)
	}
	for sql, want := range map[string]string{
		"DESCRIBE nope":                  "Entity Not Found (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException; ",
		"SHOW COLUMNS IN crawled.orders": "does not support SHOW COLUMNS",
		"SHOW CREATE TABLE orders":       "does not support SHOW CREATE TABLE",
		"SHOW TABLES LIKE 'o*'":          "does not support a pattern in SHOW",
		"SHOW TABLES 'o*'":               "does not support a pattern in SHOW",
		`DESCRIBE "people"`:              "mismatched input",
		"DESCRIBE FORMATTED people":      "DESCRIBE with more than the name",
		"SHOW CREATE VIEW `people`":      "backquoted identifiers are not supported",
		"SHOW PARTITIONS crawled.orders": "does not support SHOW PARTITIONS",
		"UNLOAD (SELECT 1) TO 's3://x/'": "does not support UNLOAD",
		"MSCK REPAIR TABLE x":            "does not support MSCK",
		"DESCRIBE hive.shop.people":      "Catalog 'hive' does not exist",
	} {
		_, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
			QueryString: &sql, WorkGroup: aws.String("snaplake"), QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("shop")},
		})
		if wantCode(t, err, "InvalidRequestException"); !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", sql, err, want)
		}
	}
}

func TestDescribe_AcceptsQuotedDatabase(t *testing.T) {
	env := newTestEnv(t)
	createOrders(env)
	out, err := env.client.StartQueryExecution(t.Context(), &awsathena.StartQueryExecutionInput{
		QueryString: aws.String("DESCRIBE `orders`;"), WorkGroup: aws.String("snaplake"),
		QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("`crawled`")}, // as awswrangler does
	})
	if err != nil {
		t.Fatal(err)
	}
	if e := env.wait(*out.QueryExecutionId); e.Status.State != types.QueryExecutionStateSucceeded {
		t.Error(aws.ToString(e.Status.StateChangeReason))
	}
}

func TestInformationSchema_ListsViews(t *testing.T) {
	env := newTestEnv(t)
	createOrders(env)
	want := [][]string{{"table_schema", "table_name", "view_definition"}, {"shop", "people", "SELECT id,\n\n name FROM crawled.users"}}
	if diff := cmp.Diff(want, env.query("SELECT table_schema, table_name, view_definition FROM information_schema.views")); diff != "" {
		t.Error(diff)
	}
}

func TestInformationSchema_HidesColumnsOfViewsByFault(t *testing.T) {
	hide, err := fault.Parse("information_schema.columns=no-views")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		faults *fault.Plan
		want   []string
	}{
		"without the fault": {nil, []string{"people", "people"}},
		"with the fault":    {fault.New(1, hide), []string{"", "people"}},
	} {
		t.Run(name, func(t *testing.T) {
			env := newTestEnvWith(t, nil, func(o *athena.Options) { o.Faults = c.faults })
			createUsers(env)
			env.query("CREATE VIEW people AS SELECT id FROM crawled.users")
			var got []string
			for _, condition := range []string{"table_schema = 'shop'", `"table_name" IN ('people')`} {
				rows := env.query("SELECT table_name FROM information_schema.columns WHERE " + condition)
				found := ""
				for _, row := range rows[1:] {
					found = row[0]
				}
				got = append(got, found)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if rows := env.query("SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'crawled'"); len(rows) != 2 {
				t.Errorf("got the tables %q", rows)
			}
		})
	}
}
