package rds_test

import (
	"context"
	"encoding/xml"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/rds"
	"snaplake/local/internal/s3"
)

// FuzzForm sends forms that no SDK sends. The service must respond in XML, must not fail with an internal error, and must name the invalid
// parameter in an error.
func FuzzForm(f *testing.F) {
	for _, form := range []string{
		"Action=DescribeExportTasks&Version=2014-10-31&Filters.Filter.1.Name=status&Filters.Filter.1.Values.Value.1=starting" +
			"&MaxRecords=20&Marker=c2hvcC0w",
		"Action=DescribeExportTasks&Version=2014-10-31&Filters.Filter.2.Name=status&Filters.Filter.1.Values.Value.2=x&SourceType=CLUSTER",
		"Action=DescribeExportTasks&Version=2014-10-31&Filters=&Marker=!&MaxRecords=-1&ExportTaskIdentifier=%00",
		"Action=DescribeDBSnapshots&Version=2014-10-31&DBInstanceIdentifier=shop-prod&SnapshotType=automated&IncludeShared=perhaps",
		"Action=DescribeDBClusterSnapshots&Version=2014-10-31&DBClusterSnapshotIdentifier=rds:x&DBClusterIdentifier=%FF",
		"Action=DescribeDBClusters&Version=2014-10-31&DBClusterIdentifier=cart-prod&Filters.Filter.1.Name=engine",
		"Action=DescribeDBInstances&Version=2014-10-31&DBInstanceIdentifier=arn:aws:rds:::db:shop-prod",
		"Action=CancelExportTask&Version=2014-10-31&ExportTaskIdentifier=shop-0",
		"Action=StartExportTask&Version=2014-10-31&ExportTaskIdentifier=shop-0&SourceArn=" + arns +
			"cluster:cart-prod&S3BucketName=lake&S3Prefix=a/../b" +
			"&IamRoleArn=" + roleARN + "&KmsKeyId=k&ExportOnly.member.1=shop.users&ExportOnly.member.3=x",
		"Action=&Version=&Action=x", "%", ";",
	} {
		f.Add(form)
	}
	store, err := s3.Open(f.TempDir(), nil)
	if err != nil {
		f.Fatal(err)
	}
	if err := store.CreateBucket(bucket, keyARN); err != nil {
		f.Fatal(err)
	}
	names := regexp.MustCompile(`does not support the parameter|MaxRecords|Marker|filter|SourceType|snapshot type|snapshot ` +
		`identifier|ExportTaskIdentifier|S3 prefix|source ARN|IncludeShared|IncludePublic`)
	f.Fuzz(func(t *testing.T, form string) {
		db := databaseOf(emptySnapshot())
		s, err := rds.New(rds.Options{
			Region: "ap-northeast-1", Account: "123456789012", Clock: clock.NewVirtual(start), Store: store,
			Databases: []rds.Database{{Identifier: "shop-prod", Source: db}, {Identifier: "cart-prod", Cluster: true, Source: db}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close(context.Background())
		r := httptest.NewRequest("POST", "/", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)

		var answer struct {
			Error struct{ Type, Code, Message string }
		}
		if err := xml.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("the response is not XML: %v\n%s", err, w.Body)
		}
		e := answer.Error
		if w.Code != 200 && (e.Type != "Sender" || e.Code == "" || e.Message == "") {
			t.Errorf("%d %+v", w.Code, e)
		}
		if e.Code == "InvalidParameterValue" && !names.MatchString(e.Message) {
			t.Errorf("%q does not name the parameter", e.Message)
		}
	})
}
