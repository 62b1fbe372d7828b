package main

import (
	"context"
	"io"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/metrics"
	"snaplake/workflow"
)

// fakeRDS stands for an account's export tasks.
type fakeRDS struct {
	describe func(*rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error)
}

func (f fakeRDS) DescribeExportTasks(_ context.Context, in *rds.DescribeExportTasksInput, _ ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error) {
	return f.describe(in)
}

const exportID = "shop-20261121-1705-0"

// now is when CheckExport is entered in these tests, an hour after the task began.
var now = time.Date(2026, 11, 21, 19, 30, 0, 0, time.UTC)

// task is the export task, changed as edit says.
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

// check lets the handler look at a task whose files are in the bucket.
func check(t *testing.T, task types.ExportTask, source workflow.Source, in workflow.Request, objects bucket) (workflow.Export, error) {
	t.Helper()
	return measure(t, task, source, in, objects, io.Discard)
}

// measure is check, with the metrics written to out.
func measure(t *testing.T, task types.ExportTask, source workflow.Source, in workflow.Request, objects bucket, out io.Writer) (workflow.Export, error) {
	t.Helper()
	source.Name = "shop"
	h := &Handler{
		Config: workflow.Config{Sources: []workflow.Source{source}},
		RDS: fakeRDS{func(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
			if *in.ExportTaskIdentifier != exportID {
				t.Errorf("asked for %s", *in.ExportTaskIdentifier)
			}
			return &rds.DescribeExportTasksOutput{ExportTasks: []types.ExportTask{task}}, nil
		}},
		S3:      objects.s3(),
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
		Metrics: metrics.Recorder{Pipeline: "snaplake", Out: out, Now: time.Now},
		Bucket:  "lake",
	}
	return h.Handle(t.Context(), in)
}

// request is made after redrives of the execution, the export having begun when there was one.
func request(redrives int) workflow.Request {
	return workflow.Request{
		Record: workflow.Record{
			Source: "shop",
			Export: &workflow.Export{ID: exportID, Status: "IN_PROGRESS", Prefix: "exports/shop/", StartedAt: now.Add(-2 * time.Hour), RedriveCount: 1},
		},
		Execution: workflow.Execution{Name: "nightly-1", EnteredAt: now, RedriveCount: redrives},
	}
}

func TestTellsHowFarARunningExportIs(t *testing.T) {
	for _, status := range []string{"STARTING", "IN_PROGRESS", "CANCELING"} {
		got, err := check(t, task(status), workflow.Source{}, request(2), nil)
		want := workflow.Export{
			ID: exportID, Status: status, Prefix: "exports/shop/", Percent: 75, Gigabytes: 9, Skipped: []string{},
			StartedAt: now.Add(-2 * time.Hour), RedriveCount: 1, WaitSeconds: 300,
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, -want +got\n%s", err, diff)
		}
	}
}

func TestSaysWhyAnExportFailedAndWhatToDo(t *testing.T) {
	for cause, text := range map[string]string{
		"An unknown internal error occurred.":                                         "An unknown internal error occurred; wait a little",
		"RDS can't assume the IAM role arn:aws:iam::123456789012:role/export.":        "RDS can't assume the IAM role arn:aws:iam::123456789012:role/export; let export.rds.amazonaws.com assume the export role (deploy again)",
		"No metadata in S3 bucket lake with the IAM role export and the KMS key 7f0d": "No metadata in S3 bucket lake with the IAM role export and the KMS key 7f0d; check that the export role may write to the bucket and use the KMS key, and that neither's policy denies it",
		"The role isn't authorized to call s3:PutObject on lake.":                     "The role isn't authorized to call s3:PutObject on lake; allow the export role this action on the bucket (deploy again), and look for a bucket policy that denies it",
		"The KMS key check failed.":                                                   "The KMS key check failed; check that the KMS key is enabled and that the export role may use it",
		"The S3 credentials check failed.":                                            "The S3 credentials check failed; check the bucket's policy and the export role's",
		"The S3 bucket lake isn't located in this AWS Region.":                        "The S3 bucket lake isn't located in this AWS Region; check that the bucket exists in the database's Region",
		"A LOB is too large":                                                          "A LOB is too large; look at the task in the RDS console under Exports in Amazon S3",
		"":                                                                            "RDS gives no cause; look at the task in the RDS console under Exports in Amazon S3",
	} {
		_, err := check(t, task("FAILED", because(cause)), workflow.Source{}, request(1), nil)
		expect(t, err, workflow.ExportFailed{}, `source "shop": export shop-20261121-1705-0 failed: `+text+", then redrive to export once more")
	}
}

func TestReportsACanceledExport(t *testing.T) {
	_, err := check(t, task("CANCELED"), workflow.Source{}, request(1), nil)
	expect(t, err, workflow.ExportCanceled{}, `source "shop": export shop-20261121-1705-0 was canceled; redrive to export once more`)
}

func TestARedriveReplacesABadExport(t *testing.T) {
	for name, bad := range map[string]types.ExportTask{"failed": task("FAILED"), "canceled": task("CANCELED"), "incomplete": task("COMPLETE")} {
		got, err := check(t, bad, workflow.Source{}, request(2), bucket{})
		if err != nil || got.Status != "RESTART" || got.ID != exportID || got.Skipped == nil {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestARedriveDoesNotReplaceAnExportThatWasAskedFor(t *testing.T) {
	in := request(2)
	in.Record.ExportID = exportID
	_, err := check(t, task("CANCELED"), workflow.Source{}, in, nil)
	expect(t, err, workflow.ExportCanceled{}, `source "shop": export shop-20261121-1705-0 was canceled; start a new execution without exportId to export once more`)
}

func TestRefusesAStatusThatItDoesNotKnow(t *testing.T) {
	_, err := check(t, task("PAUSED"), workflow.Source{}, request(2), nil)
	if err == nil || err.Error() != `source "shop": export shop-20261121-1705-0 has the status "PAUSED", which RDS is not known to give` {
		t.Errorf("got %v", err)
	}
}

func TestReportsAnExportThatRDSDoesNotKnow(t *testing.T) {
	h := &Handler{
		Config: workflow.Config{Sources: []workflow.Source{{Name: "shop"}}},
		RDS: fakeRDS{func(*rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
			return nil, &smithy.GenericAPIError{Code: "ExportTaskNotFound"}
		}},
	}
	_, err := h.Handle(t.Context(), request(0))
	if err == nil || err.Error() != `source "shop": RDS does not know export shop-20261121-1705-0 any more; start a new execution` {
		t.Errorf("got %v", err)
	}
	_, err = h.Handle(t.Context(), workflow.Request{Record: workflow.Record{Source: "shop"}})
	if err == nil || err.Error() != "the record has no export: StartExport comes before CheckExport" {
		t.Errorf("got %v", err)
	}
}

// expect compares the text, and the type that Step Functions would name the error after.
func expect(t *testing.T, got, want error, text string) {
	t.Helper()
	if got == nil || got.Error() != text {
		t.Errorf("got  %v\nwant %s", got, text)
	}
	if reflect.TypeOf(got) != reflect.TypeOf(want) {
		t.Errorf("got a %T, want a %T", got, want)
	}
}
