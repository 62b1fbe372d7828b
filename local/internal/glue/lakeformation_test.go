package glue_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

var reader = iam.Caller{Role: "arn:aws:iam::123456789012:role/reader", Session: "session"}

// newGoverned returns an env in which Lake Formation controls access to the database "governed", and IAM policies allow the roles worker
// and reader everything. The crawler "snaplake-shop", which has the role worker, adds tables to that database.
func newGoverned(t *testing.T, caller iam.Caller, tableDefault ...glue.PrincipalPermissions) *env {
	t.Helper()
	guard := iamtest.NewGuard(t, nil,
		iamtest.Role("worker", "glue.amazonaws.com", "glue:* *", "logs:* *", "s3:* *", "kms:* *"),
		iamtest.Role("reader", "lambda.amazonaws.com", "glue:* *"))
	w := newEnvFor(t, guard, caller)
	w.service.LakeFormation.Govern()
	database := glue.DatabaseInput{Name: "governed", CreateTableDefaultPermissions: tableDefault}
	if err := w.service.DeployDatabase(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	w.mustCreateCrawler(func(in *glue.CrawlerInput) { in.DatabaseName, in.TablePrefix = "governed", nil })
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{1, "a"})
	return w
}

// wantInsufficient checks that err is Lake Formation's error for a missing permission.
func wantInsufficient(t *testing.T, err error, permission string) {
	t.Helper()
	wantCode(t, err, "AccessDeniedException")
	if want := "Insufficient Lake Formation permission(s): Required " + permission; !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLakeFormation_GrantsAllPermissionsToCreator(t *testing.T) {
	w := newGoverned(t, worker)
	ctx := iam.WithCaller(t.Context(), worker)
	create := func() error { return w.service.DeployDatabase(ctx, glue.DatabaseInput{Name: "created"}) }
	wantInsufficient(t, create(), "Create Database on Catalog")
	w.service.LakeFormation.Grant(worker.Role, "", "CREATE_DATABASE")
	if err := create(); err != nil {
		t.Fatal(err)
	}
	if err := w.service.CreateTable(ctx, "created", glue.TableInput{Name: "users"}); err != nil {
		t.Error(err)
	}
}

func TestLakeFormation_RequiresPermissionsToCrawl(t *testing.T) {
	w := newGoverned(t, worker)
	for _, missing := range []struct{ permission, granted string }{
		{"Describe on governed", "DESCRIBE"},
		{"Create Table on governed", "CREATE_TABLE"},
	} {
		last := w.crawl()
		want := "Insufficient Lake Formation permission(s): Required " + missing.permission
		if last.Status != types.LastCrawlStatusFailed || !strings.Contains(aws.ToString(last.ErrorMessage), want) {
			t.Errorf("got %s %s, want %s", last.Status, aws.ToString(last.ErrorMessage), want)
		}
		w.service.LakeFormation.Grant(worker.Role, "governed", missing.granted)
	}
	if last := w.crawl(); last.Status != types.LastCrawlStatusSucceeded {
		t.Error(aws.ToString(last.ErrorMessage))
	}
}

func TestLakeFormation_AppliesTableDefaultOfDatabase(t *testing.T) {
	allowedByIAM := glue.PrincipalPermissions{Permissions: []string{"ALL"}}
	allowedByIAM.Principal.DataLakePrincipalIdentifier = "IAM_ALLOWED_PRINCIPALS"
	for name, test := range map[string]struct {
		tableDefault []glue.PrincipalPermissions
		seen         int
	}{"IAM": {[]glue.PrincipalPermissions{allowedByIAM}, 1}, "Lake Formation": {nil, 0}} {
		t.Run(name, func(t *testing.T) {
			w := newGoverned(t, reader, test.tableDefault...)
			w.service.LakeFormation.Grant(worker.Role, "governed", "DESCRIBE", "CREATE_TABLE")
			if last := w.crawl(); last.Status != types.LastCrawlStatusSucceeded {
				t.Fatal(aws.ToString(last.ErrorMessage))
			}
			out, err := w.client.GetTables(t.Context(), &awsglue.GetTablesInput{DatabaseName: aws.String("governed")})
			if err != nil || len(out.TableList) != test.seen {
				t.Fatalf("got %v, %v, want %d tables", out, err, test.seen)
			}
			_, err = w.client.GetTable(t.Context(), &awsglue.GetTableInput{DatabaseName: aws.String("governed"), Name: aws.String("shop_users")})
			if test.seen == 0 {
				wantInsufficient(t, err, "Describe on governed.shop_users")
			} else if err != nil {
				t.Error(err)
			}
			_, err = w.client.GetDatabase(t.Context(), &awsglue.GetDatabaseInput{Name: aws.String("governed")})
			wantInsufficient(t, err, "Describe on governed")
		})
	}
}

func TestLakeFormation_LeavesExistingDatabasesToIAM(t *testing.T) {
	w := newGoverned(t, reader)
	w.service.LakeFormation.Grant(reader.Role, "crawled", "DROP")
	if _, err := w.client.GetDatabase(t.Context(), &awsglue.GetDatabaseInput{Name: aws.String("crawled")}); err != nil {
		t.Error(err)
	}
	out, err := w.client.GetDatabases(t.Context(), &awsglue.GetDatabasesInput{})
	if err != nil || len(out.DatabaseList) != 1 {
		t.Errorf("got %v, %v, want only the database that IAM governs", out, err)
	}
}
