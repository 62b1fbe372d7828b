package rds_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"
)

// post sends a form as it stands, which no SDK would, and returns the answer with its request identifier left out.
func (w world) post(t *testing.T, form url.Values) string {
	t.Helper()
	r, err := http.PostForm(w.url, form)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`<RequestId>[-0-9a-f]{36}</RequestId>`).ReplaceAllString(string(b), "<RequestId/>")
}

func TestAnswersInTheQueryProtocol(t *testing.T) {
	w := newWorld(t, of(nothing()))
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	for _, c := range []struct {
		name, form, want string
	}{
		{
			name: "an empty list is written, since callers of botocore count on the key",
			form: "Action=DescribeDBSnapshots&Version=2014-10-31",
			want: `<DescribeDBSnapshotsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBSnapshotsResult><DBSnapshots></DBSnapshots></DescribeDBSnapshotsResult><ResponseMetadata><RequestId/></ResponseMetadata></DescribeDBSnapshotsResponse>`,
		},
		{
			name: "an empty list as a parameter is none",
			form: "Action=DescribeExportTasks&Version=2014-10-31&Filters=",
			want: `<DescribeExportTasksResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeExportTasksResult><ExportTasks></ExportTasks></DescribeExportTasksResult><ResponseMetadata><RequestId/></ResponseMetadata></DescribeExportTasksResponse>`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			form, err := url.ParseQuery(c.form)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(head+c.want, w.post(t, form)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusesParametersByName(t *testing.T) {
	w := newWorld(t, of(nothing()))
	ctx := t.Context()

	_, err := w.client.CreateDBSnapshot(ctx, &awsrds.CreateDBSnapshotInput{
		DBInstanceIdentifier: aws.String("shop-prod"), DBSnapshotIdentifier: aws.String("before"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
	})
	wantError(t, err, 400, "InvalidParameterValue", "the local AWS's RDS does not take the parameter Tags.Tag.1.Key, Tags.Tag.1.Value of CreateDBSnapshot")

	_, err = w.client.DescribeDBClusters(ctx, &awsrds.DescribeDBClustersInput{Filters: []types.Filter{{Name: aws.String("name"), Values: []string{"x"}}}})
	wantError(t, err, 400, "InvalidParameterValue", "Unrecognized filter name: name. DescribeDBClusters takes clone-group-id, db-cluster-id, db-cluster-resource-id, domain, engine")

	_, err = w.client.DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{MaxRecords: aws.Int32(19)})
	wantError(t, err, 400, "InvalidParameterValue", "Invalid value 19 for MaxRecords. Must be between 20 and 100")

	_, err = w.client.DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{Marker: aws.String("!")})
	wantError(t, err, 400, "InvalidParameterValue", "The Marker ! is not one that RDS gave")
}
