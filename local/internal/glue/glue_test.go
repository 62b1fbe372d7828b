package glue_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsglue "github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/smithy-go"
	"github.com/parquet-go/parquet-go"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/glue"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/wire"
)

// world is a Glue service with a bucket "lake" and a database "crawled", and an SDK client.
type world struct {
	t       *testing.T
	clock   *clock.Virtual
	store   *s3.Store
	service *glue.Service
	client  *awsglue.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, func(*glue.Options) {})
}

// newWorldWith returns a world with changed options.
func newWorldWith(t *testing.T, change func(*glue.Options)) *world {
	t.Helper()
	return newWorldFor(t, nil, iam.Caller{}, change)
}

// newWorldFor returns a world in which the client is the caller. Its bucket is encrypted.
func newWorldFor(t *testing.T, guard *iam.Guard, caller iam.Caller, changes ...func(*glue.Options)) *world {
	t.Helper()
	store, err := s3.Open(t.TempDir(), guard)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.CreateBucket("lake", "arn:aws:kms:ap-northeast-1:123456789012:key/lake"); err != nil {
		t.Fatal(err)
	}
	now := clock.NewVirtual(time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC))
	options := glue.Options{Region: "ap-northeast-1", Account: "123456789012", Clock: now, Store: store, Guard: guard}
	for _, change := range changes {
		change(&options)
	}
	service := glue.New(options)
	t.Cleanup(func() {
		if err := service.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	if err := service.CreateDatabase("crawled"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service.ServeHTTP(w, r.WithContext(iam.WithCaller(r.Context(), caller)))
	}))
	t.Cleanup(server.Close)
	client := awsglue.New(awsglue.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		// The client may abort a long response that arrives at once, and retry: smithy-go closes the request's body while net/http
		// still reads it.
		Retryer: retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond),
	})
	return &world{t, now, store, service, client}
}

// put stores one Parquet file of these rows.
func put[T any](w *world, key string, rows ...T) {
	w.t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.Put("lake", key, b.Bytes()); err != nil {
		w.t.Fatal(err)
	}
}

// configuration is the Configuration of the pipeline's crawlers.
const configuration = `{"Version": 1.0, "CreatePartitionIndex": false, "Grouping": {"TableLevelConfiguration": 6},
	"CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}, "Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}`

// createCrawler creates the crawler "snaplake-shop" as the pipeline deploys it, after the change.
func (w *world) createCrawler(change func(*glue.CrawlerInput)) error {
	in := glue.CrawlerInput{
		Name: "snaplake-shop", Role: worker.Role, DatabaseName: "crawled",
		Targets: &glue.CrawlerTargets{S3Targets: []glue.S3Target{{
			Path: "s3://lake/exports/shop/shop-20261121-1705-0/", Exclusions: []string{"**.json", "**/_SUCCESS"},
		}}},
		TablePrefix:        aws.String("e20261121_1705_0_"),
		SchemaChangePolicy: &glue.SchemaChangePolicy{UpdateBehavior: "LOG", DeleteBehavior: "LOG"},
		Configuration:      aws.String(configuration),
	}
	if change != nil {
		change(&in)
	}
	return w.service.CreateCrawler(in)
}

// mustCreateCrawler is createCrawler for a valid definition.
func (w *world) mustCreateCrawler(change func(*glue.CrawlerInput)) {
	w.t.Helper()
	if err := w.createCrawler(change); err != nil {
		w.t.Fatal(err)
	}
}

// crawl runs the crawler until it is ready again.
func (w *world) crawl() *types.LastCrawlInfo {
	w.t.Helper()
	if _, err := w.client.StartCrawler(w.t.Context(), &awsglue.StartCrawlerInput{Name: aws.String("snaplake-shop")}); err != nil {
		w.t.Fatal(err)
	}
	for {
		c := w.crawler()
		if c.State == types.CrawlerStateReady {
			return c.LastCrawl
		}
		if err := w.clock.Sleep(w.t.Context(), 5*time.Second); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) crawler() *types.Crawler {
	w.t.Helper()
	out, err := w.client.GetCrawler(w.t.Context(), &awsglue.GetCrawlerInput{Name: aws.String("snaplake-shop")})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Crawler
}

func (w *world) table(name string) *types.Table {
	w.t.Helper()
	out, err := w.client.GetTable(w.t.Context(), &awsglue.GetTableInput{DatabaseName: aws.String("crawled"), Name: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Table
}

func (w *world) tableNames() []string {
	w.t.Helper()
	var names []string
	pages := awsglue.NewGetTablesPaginator(w.client, &awsglue.GetTablesInput{DatabaseName: aws.String("crawled")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, t := range page.TableList {
			names = append(names, *t.Name)
		}
	}
	return names
}

// wantCode checks that a call was refused with this error code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if ours, ok := errors.AsType[*wire.Error](err); ok && ours.Code == code {
		return
	}
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("got the error %v, want %s", err, code)
	}
}
