package athena_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsathena "github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"snaplake/local/internal/athena"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

var worker = iam.Caller{Role: "arn:aws:iam::123456789012:role/worker", Session: "session"}

// needs returns the permissions that every query requires, followed by a statement's own permissions for the catalog and the data.
func needs(texts ...string) []string {
	return append([]string{
		"athena:StartQueryExecution workgroup/snaplake",
		"athena:GetQueryExecution workgroup/snaplake",
		"athena:GetQueryResults workgroup/snaplake",
		"s3:GetBucketLocation arn:aws:s3:::lake",
		"s3:PutObject arn:aws:s3:::lake/athena/*",
		"kms:GenerateDataKey key/lake",
		"s3:GetObject arn:aws:s3:::lake/athena/*",
		"kms:Decrypt key/lake",
		"glue:GetDatabase catalog database/default",
	}, texts...)
}

// newShop returns an environment with the tables "users" and "parted", and the view "people" over both. The table "parted" has a partition
// key but no partitions. The worker is the caller.
func newShop(t *testing.T, guard *iam.Guard) *testEnv {
	t.Helper()
	env := newTestEnvWith(t, guard, func(*athena.Options) {})
	createUsers(env)
	err := env.glue.CreateTable(t.Context(), "crawled", glue.TableInput{
		Name: "parted", Parameters: map[string]string{"classification": "parquet"},
		StorageDescriptor: parquetFiles("s3://lake/exports/parted/", []glue.Column{{Name: "id", Type: "bigint"}}),
		PartitionKeys:     []glue.Column{{Name: "partition_0", Type: "string"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	env.query(`CREATE VIEW people AS SELECT id FROM crawled.users UNION ALL SELECT id FROM crawled.parted`)
	env.caller = worker
	return env
}

// try runs statements and reads their results. It returns the first error.
func (env *testEnv) try(statements ...string) error {
	for _, sql := range statements {
		out, err := env.client.StartQueryExecution(env.t.Context(), &awsathena.StartQueryExecutionInput{
			QueryString: &sql, WorkGroup: aws.String("snaplake"), QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String("shop")},
		})
		if err != nil {
			return err
		}
		id := out.QueryExecutionId
		for {
			out, err := env.client.GetQueryExecution(env.t.Context(), &awsathena.GetQueryExecutionInput{QueryExecutionId: id})
			if err != nil {
				return err
			}
			if s := out.QueryExecution.Status; s.State == types.QueryExecutionStateFailed {
				return errors.New(*s.StateChangeReason)
			} else if s.State == types.QueryExecutionStateSucceeded {
				break
			}
		}
		if _, err := env.client.GetQueryResults(env.t.Context(), &awsathena.GetQueryResultsInput{QueryExecutionId: id}); err != nil {
			return err
		}
	}
	return nil
}

func TestQuery_RequiresPermissionsOfCaller(t *testing.T) {
	cases := map[string]struct {
		needs, statements []string
	}{
		"SELECT": {
			needs(
				"glue:GetDatabase database/shop database/crawled",
				"glue:GetTable catalog database/shop table/shop/people database/crawled table/crawled/users table/crawled/parted",
				"glue:GetPartitions catalog database/crawled table/crawled/parted",
				"s3:ListBucket arn:aws:s3:::lake",
				"s3:GetObject arn:aws:s3:::lake/exports/users/*",
			),
			[]string{`SELECT id FROM people`},
		},
		// CREATE VIEW and DROP VIEW require no permission for the data.
		"CREATE and DROP VIEW": {
			needs(
				"glue:GetDatabase database/shop database/crawled",
				"glue:GetTable catalog database/shop table/shop/v database/crawled table/crawled/parted table/crawled/users",
				"glue:CreateTable catalog database/shop table/shop/v",
				"glue:UpdateTable catalog database/shop table/shop/v",
				"glue:DeleteTable catalog database/shop table/shop/v",
			),
			[]string{
				`CREATE OR REPLACE VIEW v AS SELECT id FROM crawled.parted`, `CREATE OR REPLACE VIEW v AS SELECT id FROM crawled.users`,
				`DROP VIEW v`,
			},
		},
		"DESCRIBE and SHOW": {
			needs(
				"glue:GetDatabase database/shop database/crawled",
				"glue:GetTable catalog database/shop table/shop/people database/crawled table/crawled/users",
			),
			[]string{`DESCRIBE people`, `SHOW CREATE VIEW people`, `DESCRIBE crawled.users`},
		},
		"SHOW DATABASES": {needs("glue:GetDatabases catalog database/*"), []string{`SHOW DATABASES`}},
		"SHOW TABLES": {
			needs("glue:GetDatabase database/crawled", "glue:GetTables catalog database/crawled table/crawled/*"),
			[]string{`SHOW TABLES IN crawled`},
		},
		"information_schema": {
			needs("glue:GetDatabases catalog database/*", "glue:GetTables catalog database/crawled database/shop table/crawled/* table/shop/*"),
			[]string{`SELECT table_name FROM information_schema.tables`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var log iam.AccessLog
			guard := iamtest.NewGuard(t, log.Record, iamtest.Role("worker", "lambda.amazonaws.com", c.needs...))
			if err := newShop(t, guard).try(c.statements...); err != nil {
				t.Fatal(err)
			}
			if unused := log.Unused(guard); len(unused) > 0 {
				t.Errorf("unused permissions: %v", unused)
			}
			for _, p := range missing(guard, name == "SELECT") {
				err := newShop(t, guard.Without(p)).try(c.statements...)
				if err == nil {
					t.Errorf("all statements succeed without %s on %s", p.Action, p.Resource)
				} else if got, want := withoutPath(t, err), athenasError(p); !strings.Contains(got, want) {
					t.Errorf("got %s\nwant %s", got, want)
				}
			}
		})
	}
}

// missing returns the permissions that the test removes, one at a time. A permission for the catalog is removed for all resources. The
// permissions that every query requires are included only if all is true.
func missing(guard *iam.Guard, all bool) []iam.Permission {
	var list []iam.Permission
	for _, p := range guard.Allowed() {
		onCatalog := strings.HasPrefix(p.Action, "glue:")
		if onCatalog {
			p.Resource = ""
		}
		if (onCatalog || all) && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// withoutPath returns the text of an error without the S3 path in it.
func withoutPath(t *testing.T, err error) string {
	t.Helper()
	before, after, found := strings.Cut(err.Error(), "s3://lake/")
	if !found {
		return before
	}
	path, after, _ := strings.Cut(after, " ")
	if !strings.HasPrefix(path, "exports/users/") && !strings.HasPrefix(path, "athena/") {
		t.Errorf("got the path %s", path)
	}
	return before + after
}

// athenasError returns Athena's error for a missing permission, without the S3 path.
func athenasError(p iam.Permission) string {
	// p.Resource may be empty or a pattern.
	refusal, _, _ := strings.Cut(iamtest.Refusal(worker, p.Action, strings.TrimSuffix(p.Resource, "*")), " because ")
	switch {
	case strings.HasPrefix(p.Action, "glue:"):
		return "Insufficient permissions to execute the query. " + refusal
	case p.Action == "s3:ListBucket", p.Action == "kms:Decrypt", strings.Contains(p.Resource, "/exports/"):
		return "Permission denied on S3 path: (" + refusal
	case p.Action == "s3:GetBucketLocation":
		return "InvalidRequestException: Unable to verify/create output bucket lake (" + refusal
	case p.Action == "s3:PutObject", p.Action == "kms:GenerateDataKey":
		return "Access denied when writing output to url: (" + refusal
	default: // an API call, or reading the result
		return "AccessDeniedException: " + refusal
	}
}

func TestQuery_SetsCalledViaForOtherServices(t *testing.T) {
	var may []string
	for _, text := range needs(
		"glue:GetDatabase database/shop database/crawled",
		"glue:GetTable catalog database/shop table/shop/people database/crawled table/crawled/users table/crawled/parted",
		"glue:GetPartitions catalog database/crawled table/crawled/parted",
		"s3:ListBucket arn:aws:s3:::lake",
		"s3:GetObject arn:aws:s3:::lake/exports/users/*",
	) {
		if !strings.HasPrefix(text, "athena:") {
			text += " if ForAnyValue:StringEquals aws:CalledVia athena.amazonaws.com"
		}
		may = append(may, text)
	}
	env := newShop(t, iamtest.NewGuard(t, nil, iamtest.Role("worker", "lambda.amazonaws.com", may...)))
	if err := env.try(`SELECT id FROM people`); err != nil {
		t.Error(err)
	}
	objects, err := env.store.List("lake", "exports/users/")
	if err != nil || len(objects) == 0 {
		t.Fatalf("%d objects: %v", len(objects), err)
	}
	asWorker := iam.WithCaller(t.Context(), worker)
	refusal := iamtest.Refusal(worker, "s3:GetObject", "arn:aws:s3:::lake/"+objects[0].Key)
	if err := env.store.MayRead(asWorker, "lake", objects[0].Key); err == nil || err.Error() != refusal {
		t.Errorf("the worker may read the object directly: %v", err)
	}
	refusal = iamtest.Refusal(worker, "s3:ListBucket", "arn:aws:s3:::lake")
	if err := env.store.MayList(asWorker, "lake", "exports/"); err == nil || err.Error() != refusal {
		t.Errorf("the worker may list the objects directly: %v", err)
	}
}

func TestService_AuthorizesActionOnWorkgroup(t *testing.T) {
	calls := map[string]func(env *testEnv, id string) error{
		"athena:GetWorkGroup workgroup/snaplake": func(env *testEnv, _ string) error {
			_, err := env.client.GetWorkGroup(env.t.Context(), &awsathena.GetWorkGroupInput{WorkGroup: aws.String("snaplake")})
			return err
		},
		"athena:GetWorkGroup workgroup/primary": func(env *testEnv, _ string) error {
			_, err := env.client.GetWorkGroup(env.t.Context(), &awsathena.GetWorkGroupInput{WorkGroup: aws.String("primary")})
			return err
		},
		"athena:BatchGetQueryExecution workgroup/snaplake": func(env *testEnv, id string) error {
			_, err := env.client.BatchGetQueryExecution(env.t.Context(), &awsathena.BatchGetQueryExecutionInput{QueryExecutionIds: []string{id}})
			return err
		},
		"athena:StopQueryExecution workgroup/snaplake": func(env *testEnv, id string) error {
			_, err := env.client.StopQueryExecution(env.t.Context(), &awsathena.StopQueryExecutionInput{QueryExecutionId: &id})
			return err
		},
	}
	for permission, call := range calls {
		t.Run(permission, func(t *testing.T) {
			guard := iamtest.NewGuard(t, nil, iamtest.Role("worker", "lambda.amazonaws.com", permission))
			env := newTestEnvWith(t, guard, func(*athena.Options) {})
			id := env.start(`SELECT 1`)
			env.caller = worker
			if err := call(env, id); err != nil {
				t.Error(err)
			}
			env.caller.Role = "arn:aws:iam::123456789012:role/idler"
			err := call(env, id)
			wantCode(t, err, "AccessDeniedException")
			p := guard.Allowed()[0]
			if want := iamtest.Refusal(env.caller, p.Action, p.Resource); !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
