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
	"snaplake/workflow"
)

// env holds a Glue service with the database "crawled", a store with the encrypted bucket "lake", and an SDK client.
type env struct {
	t       *testing.T
	clock   *clock.Virtual
	store   *s3.Store
	service *glue.Service
	client  *awsglue.Client
}

func newEnv(t *testing.T) *env {
	t.Helper()
	return newEnvWith(t, func(*glue.Options) {})
}

func newEnvWith(t *testing.T, change func(*glue.Options)) *env {
	t.Helper()
	return newEnvFor(t, nil, iam.Caller{}, change)
}

// newEnvFor returns an env whose client calls Glue as the given caller.
func newEnvFor(t *testing.T, guard *iam.Guard, caller iam.Caller, changes ...func(*glue.Options)) *env {
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
	t.Cleanup(service.Close)
	if err := service.DeployDatabase(t.Context(), glue.DatabaseInput{Name: "crawled"}); err != nil {
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
		// smithy-go may close the body of a request while net/http still reads it. The client may then abort a long response and retry.
		Retryer: retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond),
	})
	return &env{t, now, store, service, client}
}

// put stores a Parquet file with the rows.
func put[T any](w *env, key string, rows ...T) {
	w.t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.Put("lake", key, b.Bytes()); err != nil {
		w.t.Fatal(err)
	}
}

// createCrawler creates the crawler "snaplake-shop" with the definition that the pipeline deploys, modified by change.
func (w *env) createCrawler(change func(*glue.CrawlerInput)) error {
	in := glue.CrawlerInput{
		Name: "snaplake-shop", Role: worker.Role, DatabaseName: "crawled",
		Targets: &glue.CrawlerTargets{S3Targets: []glue.S3Target{{
			Path: "s3://lake/exports/shop/shop-20261121-1705-0/", Exclusions: []string{"**.json", "**/_SUCCESS"},
		}}},
		TablePrefix:        aws.String("e20261121_1705_0_"),
		SchemaChangePolicy: &glue.SchemaChangePolicy{UpdateBehavior: "LOG", DeleteBehavior: "LOG"},
		Configuration:      aws.String(workflow.CrawlerConfiguration),
	}
	if change != nil {
		change(&in)
	}
	return w.service.CreateCrawler(in)
}

func (w *env) mustCreateCrawler(change func(*glue.CrawlerInput)) {
	w.t.Helper()
	if err := w.createCrawler(change); err != nil {
		w.t.Fatal(err)
	}
}

// crawl runs the crawler, waits until it is ready again, and returns its last crawl.
func (w *env) crawl() *types.LastCrawlInfo {
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

func (w *env) crawler() *types.Crawler {
	w.t.Helper()
	out, err := w.client.GetCrawler(w.t.Context(), &awsglue.GetCrawlerInput{Name: aws.String("snaplake-shop")})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Crawler
}

func (w *env) table(name string) *types.Table {
	w.t.Helper()
	out, err := w.client.GetTable(w.t.Context(), &awsglue.GetTableInput{DatabaseName: aws.String("crawled"), Name: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Table
}

func (w *env) tableNames() []string {
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

// wantCode fails the test unless err has the error code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if ours, ok := errors.AsType[*wire.Error](err); ok && ours.Code == code {
		return
	}
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code {
		t.Fatalf("got error %v, want %s", err, code)
	}
}
