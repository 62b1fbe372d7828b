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

// server returns a client of an RDS that has no export tasks and rejects StartExportTask with an error.
func server(t *testing.T, status int, code, message string) *rds.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		switch action := r.FormValue("Action"); action {
		case "DescribeExportTasks":
			if got := r.FormValue("SourceArn"); got != snapshotARN {
				t.Errorf("listed the tasks of %q", got)
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

func TestStartExport_ReturnsNamedErrorsForRefusals(t *testing.T) {
	const refuses = `source "shop": RDS refuses to export rds:shop-prod-2026-11-21-17-05 as shop-20261121-1705-0: `
	for _, test := range []struct {
		status int
		code   string
		want   error
		// before and after are the texts around the error from RDS.
		before, after string
	}{
		{400, "ExportTaskLimitReachedFault", workflow.ExportSlotsBusy{}, `source "shop": the account is already running 5 exports, the most that RDS allows: `, ""},
		{404, "IamRoleNotFound", workflow.ExportRefused{}, refuses, "The export role was deleted, and a deployment does not restore it; create it as defined in the template"},
		{400, "IamRoleMissingPermissions", workflow.ExportRefused{}, refuses, "look for policies that deny it"},
		{400, "KMSKeyNotAccessibleFault", workflow.ExportRefused{}, refuses, "or correct the key's policy"},
		{400, "InvalidS3BucketFault", workflow.ExportRefused{}, refuses, "Create the bucket in the snapshot's Region"},
		{400, "InvalidExportOnly", workflow.ExportRefused{}, refuses, "Correct the source's setting \"tables\" and deploy"},
		{400, "InvalidExportSourceState", workflow.ExportRefused{}, refuses, "no other export of it is running"},
		{404, "DBSnapshotNotFound", workflow.ExportRefused{}, refuses, workflow.NoRedrive + " for another snapshot"},
		{404, "DBClusterSnapshotNotFoundFault", workflow.ExportRefused{}, refuses, workflow.NoRedrive + " for another snapshot"},
		{404, "DBClusterNotFoundFault", workflow.ExportRefused{}, refuses, "set \"cluster\" to an existing cluster and deploy; " + workflow.NoRedrive},
	} {
		t.Run(test.code, func(t *testing.T) {
			_, err := handler(server(t, test.status, test.code, "message of RDS")).Handle(t.Context(), request())
			if reflect.TypeOf(err) != reflect.TypeOf(test.want) {
				t.Fatalf("got a %T, want a %T: %v", err, test.want, err)
			}
			text := "RDS StartExportTask: " + test.code + ": message of RDS (request r-1)"
			if !strings.HasPrefix(err.Error(), test.before+text) || !strings.HasSuffix(err.Error(), test.after) {
				t.Errorf("got  %v\nwant %s...%s", err, test.before+text, test.after)
			}
			if got := awserr.Code(err); got != test.code {
				t.Errorf("the wrapped error has the code %q", got)
			}
		})
	}
}

func TestStartExport_ReturnsTheMessageAboutAMissingPermission(t *testing.T) {
	const denied = "User: arn:aws:sts::123456789012:assumed-role/snaplake-startexport/snaplake-startexport is not authorized to perform: iam:PassRole " +
		"on resource: arn:aws:iam::123456789012:role/snaplake-export because no identity-based policy allows the iam:PassRole action"
	_, err := handler(server(t, 403, "AccessDenied", denied)).Handle(t.Context(), request())
	refused, ok := err.(workflow.ExportRefused)
	if !ok || !strings.Contains(refused.Error(), ": "+denied+" (request r-1). ") || !strings.Contains(refused.Error(), "deploy again") {
		t.Errorf("got %T %v", err, err)
	}
}

func TestStartExport_LeavesOtherErrorsUnnamed(t *testing.T) {
	for code, status := range map[string]int{"Throttling": 400, "InternalFailure": 500, "InvalidParameterValue": 400} {
		_, err := handler(server(t, status, code, "message of RDS")).Handle(t.Context(), request())
		if awserr.Code(err) != code || !strings.HasPrefix(err.Error(), `source "shop": start export task shop-20261121-1705-0: `) {
			t.Errorf("got %v", err)
		}
		if workflow.IsNamed(err) {
			t.Errorf("%s: got a %T", code, err)
		}
	}
}
