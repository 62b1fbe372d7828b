package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// server answers DescribeExportTasks with no task, and StartExportTask with an error, in RDS's XML.
func server(t *testing.T, status int, code, message string) *rds.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		switch action := r.FormValue("Action"); action {
		case "DescribeExportTasks":
			if got := r.FormValue("SourceArn"); got != snapshotARN {
				t.Errorf("asked for the tasks of %q", got)
			}
			fmt.Fprint(w, `<DescribeExportTasksResponse><DescribeExportTasksResult><ExportTasks/></DescribeExportTasksResult></DescribeExportTasksResponse>`)
		case "StartExportTask":
			w.WriteHeader(status)
			fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`, code, message)
		default:
			t.Errorf("called %s", action)
		}
	}))
	t.Cleanup(s.Close)
	return rds.New(rds.Options{
		Region:       "ap-northeast-1",
		BaseEndpoint: aws.String(s.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDLOCAL", "secret", ""),
		Retryer:      retry.AddWithMaxAttempts(retry.NewStandard(), 1),
	})
}

func TestNamesWhatRDSAnswersOverTheWire(t *testing.T) {
	const refuses = `source "shop": RDS refuses to export rds:shop-prod-2026-11-21-17-05 as shop-20261121-1705-0; `
	for _, test := range []struct {
		status int
		code   string
		want   error
		text   string
	}{
		{400, "ExportTaskLimitReachedFault", workflow.ExportSlotsBusy{}, `source "shop": the account runs as many exports as RDS lets it (5): `},
		{404, "IamRoleNotFound", workflow.ExportRefused{}, refuses + "the export role is gone"},
		{400, "IamRoleMissingPermissions", workflow.ExportRefused{}, refuses + "the export role must be allowed"},
		{400, "KMSKeyNotAccessibleFault", workflow.ExportRefused{}, refuses + "the KMS key must be enabled"},
		{400, "InvalidS3BucketFault", workflow.ExportRefused{}, refuses + "the bucket must exist in the snapshot's Region; then redrive: "},
		{400, "InvalidExportOnly", workflow.ExportRefused{}, refuses + "correct the source's tables, deploy, then redrive: "},
		{400, "InvalidExportSourceState", workflow.ExportRefused{}, refuses + "look at the snapshot's status"},
		{404, "DBSnapshotNotFound", workflow.ExportRefused{}, refuses + "the snapshot was deleted: start a new execution instead: "},
		{404, "DBClusterSnapshotNotFoundFault", workflow.ExportRefused{}, refuses + "the snapshot was deleted: start a new execution instead: "},
		{404, "DBClusterNotFoundFault", workflow.ExportRefused{}, refuses + "the cluster was deleted"},
	} {
		t.Run(test.code, func(t *testing.T) {
			_, err := handler(server(t, test.status, test.code, "said by RDS")).Handle(t.Context(), request())
			if reflect.TypeOf(err) != reflect.TypeOf(test.want) {
				t.Fatalf("got a %T, want a %T: %v", err, test.want, err)
			}
			if !strings.HasPrefix(err.Error(), test.text) || !strings.HasSuffix(err.Error(), ": said by RDS") {
				t.Errorf("got  %v\nwant %s... said by RDS", err, test.text)
			}
			if got := awserr.Code(err); got != test.code {
				t.Errorf("the cause behind it has the code %q", got)
			}
		})
	}
}

func TestKeepsWhatRDSSaysOfAMissingPermission(t *testing.T) {
	const denied = "User: arn:aws:sts::123456789012:assumed-role/snaplake-startexport/snaplake-startexport is not authorized to perform: iam:PassRole " +
		"on resource: arn:aws:iam::123456789012:role/snaplake-export because no identity-based policy allows the iam:PassRole action"
	_, err := handler(server(t, 403, "AccessDenied", denied)).Handle(t.Context(), request())
	refused, ok := err.(workflow.ExportRefused)
	if !ok || !strings.HasSuffix(refused.Error(), ": "+denied) || !strings.Contains(refused.Error(), "deploy again") {
		t.Errorf("got %T %v", err, err)
	}
}

func TestWhatMayPassByItselfGetsNoName(t *testing.T) {
	for code, status := range map[string]int{"Throttling": 400, "InternalFailure": 500} {
		_, err := handler(server(t, status, code, "said by RDS")).Handle(t.Context(), request())
		if awserr.Code(err) != code || !strings.HasPrefix(err.Error(), `source "shop": start export task shop-20261121-1705-0: `) {
			t.Errorf("got %v", err)
		}
		switch err.(type) {
		case workflow.ExportSlotsBusy, workflow.ExportRefused:
			t.Errorf("%s: got a %T", code, err)
		}
	}
}
