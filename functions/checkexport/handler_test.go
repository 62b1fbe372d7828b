package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// fakeRDS is a fake of the RDS API.
type fakeRDS struct {
	describe func(*rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error)
}

func (f fakeRDS) DescribeExportTasks(_ context.Context, in *rds.DescribeExportTasksInput, _ ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error) {
	return f.describe(in)
}

const exportID = "shop-20261121-1705-0"

// now is when CheckExport is entered, an hour after the start of the task.
var now = time.Date(2026, 11, 21, 19, 30, 0, 0, time.UTC)

// task returns the export task, with the edits applied.
func task(status string, edit ...func(*types.ExportTask)) types.ExportTask {
	t := types.ExportTask{
		ExportTaskIdentifier: aws.String(exportID), Status: aws.String(status), TaskStartTime: aws.Time(now.Add(-time.Hour)),
		PercentProgress: aws.Int32(75), TotalExtractedDataInGB: aws.Int32(9),
	}
	for _, f := range edit {
		f(&t)
	}
	return t
}

func because(cause string) func(*types.ExportTask) {
	return func(t *types.ExportTask) { t.FailureCause = aws.String(cause) }
}

// check invokes the handler for a task whose objects are in the bucket.
func check(t *testing.T, task types.ExportTask, source workflow.Source, in workflow.Request, objects bucket) (workflow.Export, error) {
	t.Helper()
	return measure(t, task, source, in, objects, io.Discard)
}

// measure is like check, but writes the metrics to out.
func measure(t *testing.T, task types.ExportTask, source workflow.Source, in workflow.Request, objects bucket, out io.Writer) (workflow.Export, error) {
	t.Helper()
	return handler(t, task, source, objects.s3(), out).Handle(t.Context(), in)
}

// handler returns a handler for an account with one task.
func handler(t *testing.T, task types.ExportTask, source workflow.Source, client manifest.Client, out io.Writer) *Handler {
	t.Helper()
	source.Name = "shop"
	return &Handler{
		Setup: setup.Setup{
			Config:  workflow.Config{Sources: []workflow.Source{source}},
			Log:     slog.New(slog.DiscardHandler),
			Metrics: metrics.Recorder{Pipeline: "snaplake", Out: out, Now: time.Now},
			Bucket:  "lake",
		},
		RDS: fakeRDS{func(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
			if *in.ExportTaskIdentifier != exportID {
				t.Errorf("requested task %s", *in.ExportTaskIdentifier)
			}
			return &rds.DescribeExportTasksOutput{ExportTasks: []types.ExportTask{task}}, nil
		}},
		S3: client,
	}
}

// request returns a request after a number of redrives. The export was started after the first redrive.
func request(redrives int) workflow.Request {
	return workflow.Request{
		State: workflow.State{
			Source: "shop",
			Export: &workflow.Export{ID: exportID, Status: "IN_PROGRESS", Prefix: "exports/shop/", StartedAt: now.Add(-2 * time.Hour), RedriveCount: 1},
		},
		Execution: workflow.Execution{Name: "nightly-1", EnteredAt: now, RedriveCount: redrives},
	}
}

func TestCheckExport_ReturnsTheProgress(t *testing.T) {
	for _, status := range []string{"STARTING", "IN_PROGRESS", "CANCELING"} {
		got, err := check(t, task(status), workflow.Source{}, request(2), nil)
		want := workflow.Export{
			ID: exportID, Status: status, Prefix: "exports/shop/", Percent: 75, Gigabytes: 9, Skipped: []string{},
			StartedAt: now.Add(-2 * time.Hour), RedriveCount: 2, WaitSeconds: 300,
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, -want +got\n%s", err, diff)
		}
	}
}

func TestCheckExport_ExplainsAFailedExport(t *testing.T) {
	for cause, text := range map[string]string{
		"An unknown internal error occurred.":                                         "An unknown internal error occurred; try again",
		"RDS can't assume the IAM role arn:aws:iam::123456789012:role/export.":        "RDS can't assume the IAM role arn:aws:iam::123456789012:role/export; deploy again, so that export.rds.amazonaws.com may assume the export role",
		"No metadata in S3 bucket lake with the IAM role export and the KMS key 7f0d": "No metadata in S3 bucket lake with the IAM role export and the KMS key 7f0d; check that the KMS key is enabled, and that the export role has access to the key and the bucket",
		"The role isn't authorized to call s3:PutObject on lake.":                     "The role isn't authorized to call s3:PutObject on lake; deploy again to allow the export role this action on the bucket, and look for a bucket policy that denies it",
		"The KMS key check failed.":                                                   "The KMS key check failed; check that the KMS key is enabled, and that the export role has access to the key and the bucket",
		"The S3 credentials check failed.":                                            "The S3 credentials check failed; check the policies of the bucket and of the export role",
		"The S3 bucket lake isn't located in this AWS Region.":                        "The S3 bucket lake isn't located in this AWS Region; check that the bucket exists in the database's Region",
		"A LOB is too large":                                                          "A LOB is too large; see the task in the RDS console under Exports in Amazon S3",
		"":                                                                            "RDS gave no cause; see the task in the RDS console under Exports in Amazon S3",
	} {
		_, err := check(t, task("FAILED", because(cause)), workflow.Source{}, request(1), nil)
		expect(t, err, workflow.ExportFailed{}, `source "shop": export shop-20261121-1705-0 failed: `+text)
	}
}

func TestCheckExport_ReportsACanceledExport(t *testing.T) {
	_, err := check(t, task("CANCELED"), workflow.Source{}, request(1), nil)
	expect(t, err, workflow.ExportCanceled{}, `source "shop": export shop-20261121-1705-0 was canceled`)
}

func TestCheckExport_RedriveReplacesAFailedExport(t *testing.T) {
	for name, bad := range map[string]types.ExportTask{"failed": task("FAILED"), "canceled": task("CANCELED"), "incomplete": task("COMPLETE")} {
		got, err := check(t, bad, workflow.Source{}, request(2), bucket{})
		if err != nil || got.Status != "RESTART" || got.ID != exportID || got.Skipped == nil {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestCheckExport_RedriveKeepsAnExportInTheInput(t *testing.T) {
	in := request(2)
	in.State.ExportID = exportID
	_, err := check(t, task("CANCELED"), workflow.Source{}, in, nil)
	expect(t, err, workflow.ExportCanceled{}, `source "shop": export shop-20261121-1705-0 was canceled; `+workflow.NoRedrive+` without exportId`)
}

// RDS may introduce a new status for a running export.
func TestCheckExport_WaitsInAnUnknownStatus(t *testing.T) {
	got, err := check(t, task("VALIDATING"), workflow.Source{}, request(2), nil)
	if err != nil || got.Status != "VALIDATING" || got.WaitSeconds != 300 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// described invokes the handler for pages of tasks. After the last page, RDS returns err.
func described(t *testing.T, in workflow.Request, err error, pages ...[]types.ExportTask) (workflow.Export, error) {
	t.Helper()
	h := &Handler{
		Setup: setup.Setup{Config: workflow.Config{Sources: []workflow.Source{{Name: "shop"}}}, Log: slog.New(slog.DiscardHandler)},
		RDS: fakeRDS{func(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
			n, _ := strconv.Atoi(aws.ToString(in.Marker))
			if n == len(pages) {
				return &rds.DescribeExportTasksOutput{}, err
			}
			return &rds.DescribeExportTasksOutput{ExportTasks: pages[n], Marker: aws.String(strconv.Itoa(n + 1))}, nil
		}},
	}
	return h.Handle(t.Context(), in)
}

func TestCheckExport_FindsTheTaskOnAllPages(t *testing.T) {
	got, err := described(t, request(1), nil, nil, []types.ExportTask{task("IN_PROGRESS")})
	if err != nil || got.Status != "IN_PROGRESS" {
		t.Errorf("got %+v, %v", got, err)
	}
}

var notFound = &smithy.GenericAPIError{Code: "ExportTaskNotFound"}

func TestCheckExport_WaitsForAnExportThatRDSDoesNotListYet(t *testing.T) {
	in := request(2)
	in.State.Export.StartedAt = now.Add(-15*time.Minute + time.Second)
	for _, err := range []error{notFound, nil} { // an empty list means the same
		got, err := described(t, in, err)
		want := workflow.Export{
			ID: exportID, Status: "STARTING", Prefix: "exports/shop/", Skipped: []string{}, StartedAt: in.State.Export.StartedAt, RedriveCount: 2, WaitSeconds: 112,
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, -want +got\n%s", err, diff)
		}
	}
}

func TestCheckExport_RedriveReplacesAnExportUnknownToRDS(t *testing.T) {
	for name, at := range map[string]time.Time{
		"started 15 minutes ago": now.Add(-15 * time.Minute),
		"at an unknown time":     {},
	} {
		in := request(1)
		in.State.Export.StartedAt = at
		_, err := described(t, in, notFound)
		expect(t, err, workflow.ExportFailed{}, `source "shop": RDS does not list export shop-20261121-1705-0`)

		in.Execution.RedriveCount++
		got, err := described(t, in, notFound)
		if err != nil || got.Status != "RESTART" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestCheckExport_WrapsTheErrorOfAFailedCall(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "Throttling"}
	_, err := described(t, request(2), throttled)
	if !errors.Is(err, throttled) || !strings.HasPrefix(err.Error(), `source "shop": describe export task shop-20261121-1705-0: `) {
		t.Errorf("got %v", err)
	}
}

func TestCheckExport_RejectsAnInvalidState(t *testing.T) {
	_, err := described(t, workflow.Request{State: workflow.State{Source: "shop"}}, nil)
	expect(t, err, workflow.InvalidInput{}, `source "shop": the state has no export`)
	_, err = described(t, workflow.Request{State: workflow.State{Source: "stock"}}, nil)
	expect(t, err, workflow.InvalidInput{}, `source "stock" is not configured; the sources are shop`)
}

// expect checks the text and the type of an error. Step Functions names an error after its type.
func expect(t *testing.T, got, want error, text string) {
	t.Helper()
	if got == nil || got.Error() != text {
		t.Errorf("got  %v\nwant %s", got, text)
	}
	if reflect.TypeOf(got) != reflect.TypeOf(want) {
		t.Errorf("got a %T, want a %T", got, want)
	}
}

func TestCheckExport_DoesNotPayTwiceAfterAnEarlierRedrive(t *testing.T) {
	in := request(2) // redriven once since the last poll
	running, err := check(t, task("IN_PROGRESS"), workflow.Source{}, in, nil)
	if err != nil {
		t.Fatal(err)
	}
	in.State.Export = &running
	if got, err := check(t, task("FAILED"), workflow.Source{}, in, nil); err == nil {
		t.Errorf("the second poll after the redrive returned %+v", got)
	}
}
