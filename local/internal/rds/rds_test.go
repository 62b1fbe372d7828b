package rds_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/export"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/rds"
	"snaplake/local/internal/s3"
)

const (
	bucket  = "lake"
	arns    = "arn:aws:rds:ap-northeast-1:123456789012:"
	roleARN = "arn:aws:iam::123456789012:role/export"
	keyARN  = "arn:aws:kms:ap-northeast-1:123456789012:key/11111111-2222-3333-4444-555555555555"
)

// start is the start time of the clock in each test.
var start = time.Date(2026, 11, 21, 17, 5, 12, 345e6, time.UTC)

// fakeDatabase is a fake MySQL server.
type fakeDatabase struct {
	engine   string
	snapshot func(context.Context) (export.Snapshot, error)
}

func (d fakeDatabase) Engine() (name, version string) { return d.engine, "8.0.36" }
func (d fakeDatabase) Snapshot(ctx context.Context) (export.Snapshot, error) {
	return d.snapshot(ctx)
}
func (d fakeDatabase) Close() error { return errors.New("the database belongs to the caller") }

// fakeSnapshot is a fake snapshot of a MySQL server.
type fakeSnapshot struct {
	export func(context.Context, export.Task, export.Put) (export.Result, error)
	close  func() error
}

func (s fakeSnapshot) Export(ctx context.Context, t export.Task, put export.Put) (export.Result, error) {
	return s.export(ctx, t, put)
}
func (s fakeSnapshot) Close() error { return s.close() }

// emptySnapshot returns a snapshot of an empty database.
func emptySnapshot() fakeSnapshot {
	return fakeSnapshot{
		export: func(context.Context, export.Task, export.Put) (export.Result, error) { return export.Result{}, nil },
		close:  func() error { return nil },
	}
}

// databaseOf returns a database whose snapshots are all snap.
func databaseOf(snap export.Snapshot) fakeDatabase {
	return fakeDatabase{engine: "mysql", snapshot: func(context.Context) (export.Snapshot, error) { return snap, nil }}
}

// env holds a service and its client. The service has the instance shop-prod and the cluster cart-prod, which have the same data.
type env struct {
	*rds.Service
	client *awsrds.Client
	url    string
	clock  *clock.Virtual
	store  *s3.Store
}

func newEnv(t *testing.T, db export.Database, adjust ...func(*rds.Options)) env {
	t.Helper()
	w := env{clock: clock.NewVirtual(start)}
	o := rds.Options{
		Region: "ap-northeast-1", Account: "123456789012", Clock: w.clock,
		Databases: []rds.Database{{Identifier: "shop-prod", Source: db}, {Identifier: "cart-prod", Cluster: true, Source: db}},
	}
	for _, f := range adjust {
		f(&o)
	}
	var caller iam.Caller // the operator, without a guard
	if o.Guard != nil {
		caller = starter
	}
	var err error
	if w.store, err = s3.Open(t.TempDir(), o.Guard); err != nil {
		t.Fatal(err)
	}
	if err := w.store.CreateBucket(bucket, keyARN); err != nil {
		t.Fatal(err)
	}
	o.Store = w.store
	if w.Service, err = rds.New(o); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeHTTP(rw, r.WithContext(iam.WithCaller(r.Context(), caller)))
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	w.url = server.URL
	w.client = awsrds.New(awsrds.Options{
		Region: "ap-northeast-1", BaseEndpoint: &server.URL,
		// smithy-go can close the request's body before net/http has read it to the end. The SDK then retries the request. The test reduces
		// the delay.
		Retryer:     retry.AddWithMaxBackoffDelay(retry.NewStandard(), time.Millisecond),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	return w
}

// backup takes an automated snapshot of the instance and returns the snapshot's ARN.
func (w env) backup(t *testing.T) string {
	t.Helper()
	if err := w.Backup(t.Context(), "shop-prod"); err != nil {
		t.Fatal(err)
	}
	return arns + "snapshot:rds:shop-prod-" + w.clock.Now().Format("2006-01-02-15-04")
}

// wantError checks the code, the message and the HTTP status of an error.
func wantError(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got error %v, want %s", err, code)
	}
	if api.ErrorCode() != code || api.ErrorMessage() != message {
		t.Errorf("got  %s: %s\nwant %s: %s", api.ErrorCode(), api.ErrorMessage(), code, message)
	}
	var response interface{ HTTPStatusCode() int }
	if !errors.As(err, &response) || response.HTTPStatusCode() != status {
		t.Errorf("got HTTP status of %v, want %d", err, status)
	}
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" && len(got)+len(want) > 0 {
		t.Error(diff)
	}
}

func TestDescribeDBInstances_ListsInstanceAndWriterOfCluster(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	instances, err := w.client.DescribeDBInstances(t.Context(), &awsrds.DescribeDBInstancesInput{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range instances.DBInstances {
		got = append(got, *i.DBInstanceIdentifier+" "+*i.Engine+" "+*i.EngineVersion+" "+*i.DBInstanceArn+" of "+
			""+aws.ToString(i.DBClusterIdentifier))
	}
	wantLines(t, got,
		"shop-prod mysql 8.0.36 "+arns+"db:shop-prod of ",
		"cart-prod-1 aurora-mysql 8.0.mysql_aurora.3.08.2 "+arns+"db:cart-prod-1 of cart-prod")

	clusters, err := w.client.DescribeDBClusters(t.Context(), &awsrds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("CART-PROD")})
	if err != nil {
		t.Fatal(err)
	}
	c := clusters.DBClusters[0]
	if len(clusters.DBClusters) != 1 || *c.DBClusterArn != arns+"cluster:cart-prod" ||
		*c.DBClusterIdentifier != "cart-prod" || *c.Engine != "aurora-mysql" {
		t.Errorf("got %+v", clusters.DBClusters)
	}
}

func TestDescribeDBInstances_FailsForUnknownDatabase(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	_, err := w.client.DescribeDBInstances(t.Context(), &awsrds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("cart-prod")})
	wantError(t, err, 404, "DBInstanceNotFound", "DBInstance cart-prod not found.")
	_, err = w.client.DescribeDBClusters(t.Context(), &awsrds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("shop-prod")})
	wantError(t, err, 404, "DBClusterNotFoundFault", "DBCluster shop-prod not found.")
}

func TestNew_RejectsRepeatedIdentifier(t *testing.T) {
	_, err := rds.New(rds.Options{Clock: clock.NewVirtual(start), Databases: []rds.Database{
		{Identifier: "shop-1", Source: databaseOf(emptySnapshot())}, {Identifier: "shop", Cluster: true, Source: databaseOf(emptySnapshot())},
	}})
	if want := `database identifier "shop-1" is used twice`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
