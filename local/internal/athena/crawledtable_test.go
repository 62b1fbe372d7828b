package athena_test

import (
	"bytes"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"snaplake/local/internal/glue"
	"snaplake/workflow"
)

func TestCrawledTable_ReadsPartitions(t *testing.T) {
	type row struct {
		ID     int32 `parquet:"ID,optional"`
		Amount int64 `parquet:"amount,optional,decimal(2:12)"`
	}
	env := newTestEnv(t)
	for batch, rows := range map[string][]row{"1": {{1, 150}, {2, -5}}, "2": {{3, 7}}} {
		var b bytes.Buffer
		if err := parquet.Write(&b, rows, parquet.Compression(&parquet.Gzip)); err != nil {
			t.Fatal(err)
		}
		if err := env.store.Put("lake", "exports/shop/x/shop/shop.sales/"+batch+"/part-00000-a.gz.parquet", b.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	crawl(t, env)
	want := [][]string{{"id", "amount", "partition_0"}, {"1", "1.50", "1"}, {"2", "-0.05", "1"}, {"3", "0.07", "2"}}
	if diff := cmp.Diff(want, env.query(`SELECT * FROM crawled.e_shop_sales ORDER BY id`)); diff != "" {
		t.Error(diff)
	}
	env.query(`CREATE VIEW sales AS SELECT "id", "amount" FROM "crawled"."e_shop_sales"`)
	if diff := cmp.Diff([][]string{{"_col0", "_col1"}, {"3", "1.52"}}, env.query(`SELECT count(*), sum(amount) FROM sales`)); diff != "" {
		t.Error(diff)
	}
}

// crawl crawls the folder exports/shop/x/ of the bucket into the database "crawled".
func crawl(t *testing.T, env *testEnv) {
	t.Helper()
	server := httptest.NewServer(env.glue)
	t.Cleanup(server.Close)
	client := awsglue.New(awsglue.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		// testEnv.serve explains why retries are needed.
		Retryer: retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond),
	})
	prefix, configuration := "e_", workflow.CrawlerConfiguration
	err := env.glue.CreateCrawler(glue.CrawlerInput{
		Name: "shop", Role: "crawler", DatabaseName: "crawled", TablePrefix: &prefix, Configuration: &configuration,
		Targets:            &glue.CrawlerTargets{S3Targets: []glue.S3Target{{Path: "s3://lake/exports/shop/x/"}}},
		SchemaChangePolicy: &glue.SchemaChangePolicy{UpdateBehavior: "LOG", DeleteBehavior: "LOG"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.StartCrawler(t.Context(), &awsglue.StartCrawlerInput{Name: aws.String("shop")}); err != nil {
		t.Fatal(err)
	}
	for {
		out, err := client.GetCrawler(t.Context(), &awsglue.GetCrawlerInput{Name: aws.String("shop")})
		if err != nil {
			t.Fatal(err)
		}
		if out.Crawler.State == types.CrawlerStateReady {
			if out.Crawler.LastCrawl.Status != types.LastCrawlStatusSucceeded {
				t.Fatal(aws.ToString(out.Crawler.LastCrawl.ErrorMessage))
			}
			return
		}
		if err := env.clock.Sleep(t.Context(), 5*time.Second); err != nil {
			t.Fatal(err)
		}
	}
}
