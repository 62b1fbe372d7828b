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

// post sends a form and returns the response without its request ID.
func (w env) post(t *testing.T, form url.Values) string {
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

func TestServeHTTP_EncodesEmptyLists(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	const head, tail = `<?xml version="1.0" encoding="UTF-8"?>` + "\n", `<ResponseMetadata><RequestId/></ResponseMetadata>`
	for _, c := range []struct {
		name, form, want string
	}{
		{
			name: "empty list in the response",
			form: "Action=DescribeDBSnapshots&Version=2014-10-31",
			want: `<DescribeDBSnapshotsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBSnapshotsResult>` +
				`<DBSnapshots></DBSnapshots></DescribeDBSnapshotsResult>` + tail + `</DescribeDBSnapshotsResponse>`,
		},
		{
			name: "empty list as a parameter",
			form: "Action=DescribeExportTasks&Version=2014-10-31&Filters=",
			want: `<DescribeExportTasksResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeExportTasksResult>` +
				`<ExportTasks></ExportTasks></DescribeExportTasksResult>` + tail + `</DescribeExportTasksResponse>`,
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

func TestServeHTTP_NamesUnsupportedFeature(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	ctx := t.Context()

	_, err := w.client.DescribeDBSnapshots(ctx, &awsrds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: aws.String("before")})
	wantError(t, err, 400, "InvalidParameterValue", "the local RDS does not support the parameter DBSnapshotIdentifier of "+
		"DescribeDBSnapshots")

	_, err = w.client.DeleteDBSnapshot(ctx, &awsrds.DeleteDBSnapshotInput{DBSnapshotIdentifier: aws.String("before")})
	wantError(t, err, 400, "InvalidAction", `the local RDS does not support the operation DeleteDBSnapshot in version "2014-10-31"`)

	_, err = w.client.DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{Filters: []types.Filter{{Name: aws.String("s3-bucket"),
		Values: []string{"x"}}}})
	wantError(t, err, 400, "InvalidParameterValue",
		"Unrecognized filter name: s3-bucket. The local AWS supports only the status filter for DescribeExportTasks")

	_, err = w.client.DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{MaxRecords: aws.Int32(19)})
	wantError(t, err, 400, "InvalidParameterValue", "Invalid value 19 for MaxRecords. Must be between 20 and 100")

	_, err = w.client.DescribeExportTasks(ctx, &awsrds.DescribeExportTasksInput{Marker: aws.String("!")})
	wantError(t, err, 400, "InvalidParameterValue", `The Marker "!" is not valid; use a token that this operation returned`)
}
