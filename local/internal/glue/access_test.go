package glue_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/iam/iamtest"
)

var worker = iam.Caller{Role: "arn:aws:iam::123456789012:role/worker", Session: "session"}

func TestServeHTTP_RequiresPermissionOnEachResource(t *testing.T) {
	crawled := aws.String("crawled")
	crawler, users := aws.String("snaplake-shop"), aws.String("users")
	cases := map[string]struct {
		needs []string
		call  func(context.Context, *awsglue.Client) error
	}{
		"GetDatabase": {[]string{"glue:GetDatabase catalog database/crawled"}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.GetDatabase(ctx, &awsglue.GetDatabaseInput{Name: crawled})
			return err
		}},
		"GetDatabases": {[]string{"glue:GetDatabases catalog database/*"}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.GetDatabases(ctx, &awsglue.GetDatabasesInput{})
			return err
		}},
		"GetTable": {[]string{"glue:GetTable catalog database/crawled table/crawled/users"}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.GetTable(ctx, &awsglue.GetTableInput{DatabaseName: crawled, Name: aws.String("Users")})
			return err
		}},
		"GetTables": {[]string{"glue:GetTables catalog database/crawled table/crawled/*"}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.GetTables(ctx, &awsglue.GetTablesInput{DatabaseName: crawled})
			return err
		}},
		"UpdateTable": {[]string{
			"glue:UpdateTable catalog database/crawled table/crawled/users",
		}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.UpdateTable(ctx, &awsglue.UpdateTableInput{DatabaseName: crawled, TableInput: &types.TableInput{Name: aws.String("users")}})
			return err
		}},
		"BatchDeleteTable": {[]string{
			"glue:BatchDeleteTable catalog database/crawled table/crawled/users table/crawled/dropped",
		}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.BatchDeleteTable(ctx, &awsglue.BatchDeleteTableInput{DatabaseName: crawled, TablesToDelete: []string{"users", "dropped"}})
			return err
		}},
		"GetCrawler": {[]string{"glue:GetCrawler crawler/snaplake-shop"}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.GetCrawler(ctx, &awsglue.GetCrawlerInput{Name: crawler})
			return err
		}},
		"UpdateCrawler": {[]string{
			"glue:UpdateCrawler crawler/snaplake-shop", "iam:PassRole " + worker.Role,
		}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.UpdateCrawler(ctx, &awsglue.UpdateCrawlerInput{Name: crawler, TablePrefix: aws.String("e_")})
			return err
		}},
		"UpdateCrawler with a role": {[]string{
			"glue:UpdateCrawler crawler/snaplake-shop", "iam:PassRole arn:aws:iam::123456789012:role/other",
		}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.UpdateCrawler(ctx, &awsglue.UpdateCrawlerInput{Name: crawler, Role: aws.String("arn:aws:iam::123456789012:role/other")})
			return err
		}},
		"StartCrawler": {[]string{"glue:StartCrawler crawler/snaplake-shop"}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.StartCrawler(ctx, &awsglue.StartCrawlerInput{Name: crawler})
			return err
		}},
		"GetPartitions": {[]string{
			"glue:GetPartitions catalog database/crawled table/crawled/users",
		}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.GetPartitions(ctx, &awsglue.GetPartitionsInput{DatabaseName: crawled, TableName: users})
			return err
		}},
		"BatchGetPartition": {
			[]string{"glue:BatchGetPartition catalog database/crawled table/crawled/users"},
			func(ctx context.Context, c *awsglue.Client) error {
				_, err := c.BatchGetPartition(ctx, &awsglue.BatchGetPartitionInput{
					DatabaseName: crawled, TableName: users, PartitionsToGet: []types.PartitionValueList{{Values: []string{"1"}}},
				})
				return err
			},
		},
		"DeleteTable": {[]string{
			"glue:DeleteTable catalog database/crawled table/crawled/users",
		}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.DeleteTable(ctx, &awsglue.DeleteTableInput{DatabaseName: crawled, Name: users})
			return err
		}},
		"ListCrawlers": {[]string{"glue:ListCrawlers *"}, func(ctx context.Context, c *awsglue.Client) error {
			_, err := c.ListCrawlers(ctx, &awsglue.ListCrawlersInput{})
			return err
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var log iam.AccessLog
			guard := iamtest.NewGuard(t, log.Record, iamtest.Role("worker", "glue.amazonaws.com", c.needs...))
			if err := c.call(t.Context(), newShop(t, guard, worker).client); err != nil {
				t.Fatal(err)
			}
			if unused := log.Unused(guard); len(unused) > 0 {
				t.Errorf("unused permissions: %v", unused)
			}
			for _, p := range guard.Allowed() {
				err := c.call(t.Context(), newShop(t, guard.Without(p), worker).client)
				wantCode(t, err, "AccessDeniedException")
				if want := iamtest.Refusal(worker, p.Action, p.Resource); !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		})
	}
}

func TestService_RequiresPermissionOnEachResource(t *testing.T) {
	for name, c := range map[string]struct {
		needs string
		call  func(context.Context, *glue.Service) error
	}{
		"CreateTable": {"glue:CreateTable catalog database/crawled table/crawled/new", func(ctx context.Context, s *glue.Service) error {
			return s.CreateTable(ctx, "Crawled", glue.TableInput{Name: "New"})
		}},
		"DeleteTable": {"glue:DeleteTable catalog database/crawled table/crawled/users", func(ctx context.Context, s *glue.Service) error {
			return s.DeleteTable(ctx, "crawled", "users")
		}},
		"Partitions": {"glue:GetPartitions catalog database/crawled table/crawled/users", func(ctx context.Context, s *glue.Service) error {
			_, err := s.Partitions(ctx, "crawled", "users")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			guard := iamtest.NewGuard(t, nil, iamtest.Role("worker", "glue.amazonaws.com", c.needs))
			ctx := iam.WithCaller(t.Context(), worker)
			if err := c.call(ctx, newShop(t, guard, worker).service); err != nil {
				t.Fatal(err)
			}
			for _, p := range guard.Allowed() {
				err := c.call(ctx, newShop(t, guard.Without(p), worker).service)
				if want := iamtest.Refusal(worker, p.Action, p.Resource); err == nil || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		})
	}
}

// newShop returns an env with the table "users", whose location is not in the crawled folder, and the crawler "snaplake-shop".
func newShop(t *testing.T, guard *iam.Guard, caller iam.Caller) *env {
	t.Helper()
	w := newEnvFor(t, guard, caller)
	if err := w.service.CreateTable(t.Context(), "crawled", glue.TableInput{Name: "users"}); err != nil {
		t.Fatal(err)
	}
	w.mustCreateCrawler(func(in *glue.CrawlerInput) { in.TablePrefix = nil })
	put(w, export+"shop/shop.users/1/part-00000-a.gz.parquet", user{1, "a"})
	return w
}

// crawlerNeeds are the permissions that a crawler's role needs for [crawlTwice] in the env of [newShop].
var crawlerNeeds = []string{
	"logs:CreateLogGroup log-group:/aws-glue/crawlers",
	"logs:CreateLogStream log-group:/aws-glue/crawlers:log-stream:snaplake-shop",
	"logs:PutLogEvents log-group:/aws-glue/crawlers:log-stream:snaplake-shop",
	"s3:GetBucketLocation arn:aws:s3:::lake",
	"s3:ListBucket arn:aws:s3:::lake",
	"s3:GetObject arn:aws:s3:::lake/exports/shop/*",
	"kms:Decrypt key/lake",
	"glue:GetDatabase catalog database/crawled",
	"glue:GetTable catalog database/crawled table/crawled/shop_users",
	"glue:CreateTable catalog database/crawled table/crawled/shop_users",
	"glue:UpdateTable catalog database/crawled table/crawled/shop_users",
	"glue:BatchGetPartition catalog database/crawled table/crawled/shop_users",
	"glue:BatchCreatePartition catalog database/crawled table/crawled/shop_users",
}

// crawlTwice crawls, adds a partition with a new column, and crawls again. It returns the first crawl that failed, otherwise the second
// crawl. It also returns the catalog as it was before that crawl.
func crawlTwice(w *env) (last *types.LastCrawlInfo, before string) {
	w.t.Helper()
	before = saved(w)
	if last = w.crawl(); last.Status != types.LastCrawlStatusSucceeded {
		return last, before
	}
	before = saved(w)
	put(w, export+"shop/shop.users/2/part-00000-b.gz.parquet", struct {
		Mail string `parquet:"mail,optional"`
	}{"b"})
	return w.crawl(), before
}

// saved returns the databases of the catalog as JSON.
func saved(w *env) string {
	w.t.Helper()
	b, err := w.service.Save()
	if err != nil {
		w.t.Fatal(err)
	}
	var all struct{ Databases json.RawMessage }
	if err := json.Unmarshal(b, &all); err != nil {
		w.t.Fatal(err)
	}
	return string(all.Databases)
}

func TestCrawl_UsesPermissionsOfItsRole(t *testing.T) {
	var log iam.AccessLog
	guard := iamtest.NewGuard(t, log.Record, iamtest.Role("worker", "glue.amazonaws.com", crawlerNeeds...))
	if last, _ := crawlTwice(newShop(t, guard, iam.Caller{})); last.Status != types.LastCrawlStatusSucceeded {
		t.Fatal(aws.ToString(last.ErrorMessage))
	}
	if unused := log.Unused(guard); len(unused) > 0 {
		t.Errorf("unused permissions: %v", unused)
	}
	for _, p := range guard.Allowed() {
		t.Run(p.String(), func(t *testing.T) {
			w := newShop(t, guard.Without(p), iam.Caller{})
			last, before := crawlTwice(w)
			resource := p.Resource
			if strings.HasSuffix(resource, "*") {
				resource = "arn:aws:s3:::lake/" + export + "shop/shop.users/1/part-00000-a.gz.parquet"
			}
			want := iamtest.Refusal(iam.Caller{Role: worker.Role, Session: "AWS-Crawler"}, p.Action, resource)
			if last.Status != types.LastCrawlStatusFailed || !strings.Contains(aws.ToString(last.ErrorMessage), want) {
				t.Errorf("got %s %s, want %s in it", last.Status, aws.ToString(last.ErrorMessage), want)
			}
			if diff := cmp.Diff(before, saved(w)); diff != "" {
				t.Errorf("the catalog has changed: %s", diff)
			}
		})
	}
}

func TestCrawl_FailsIfGlueMayNotAssumeTheRole(t *testing.T) {
	guard := iamtest.NewGuard(t, nil, iamtest.Role("worker", "lambda.amazonaws.com", crawlerNeeds...))
	for name, role := range map[string]string{
		"role of another service": worker.Role, "missing role": "arn:aws:iam::123456789012:role/missing",
	} {
		t.Run(name, func(t *testing.T) {
			w := newShop(t, guard, iam.Caller{})
			update := &awsglue.UpdateCrawlerInput{Name: aws.String("snaplake-shop"), Role: &role}
			if _, err := w.client.UpdateCrawler(t.Context(), update); err != nil {
				t.Fatal(err)
			}
			last := w.crawl()
			want := "crawler snaplake-shop: Service is unable to assume role " + role + ". Please verify role's TrustPolicy." +
				" User: glue.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + role
			if last.Status != types.LastCrawlStatusFailed || !strings.HasPrefix(aws.ToString(last.ErrorMessage), want) {
				t.Errorf("got %s %s, want %s", last.Status, aws.ToString(last.ErrorMessage), want)
			}
		})
	}
}
