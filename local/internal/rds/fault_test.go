package rds_test

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/rds"
)

// shop returns a snapshot with three tables: users and items have one row each, and coupons is empty.
func shop() fakeSnapshot {
	snap := emptySnapshot()
	snap.export = func(ctx context.Context, t export.Task, put export.Put) (export.Result, error) {
		var tables []export.Table
		for _, name := range []string{"users", "items", "coupons"} {
			tables = append(tables, export.Table{Database: "shop", Name: name, Columns: []export.Column{{Name: "id", Type: "int", Precision: 10}}})
		}
		rows := func(_ context.Context, t export.Table) iter.Seq2[[]sql.RawBytes, error] {
			return func(yield func([]sql.RawBytes, error) bool) {
				if t.Name != "coupons" {
					yield([]sql.RawBytes{sql.RawBytes("1")}, nil)
				}
			}
		}
		return export.Write(ctx, t, tables, rows, put)
	}
	return snap
}

// planned injects a fault into the first export.
func planned(kind fault.Kind) func(*rds.Options) {
	return func(o *rds.Options) {
		o.Faults = fault.New(1, fault.Fault{Target: "export", From: 1, To: 1, Kind: kind})
	}
}

// objectNames returns short names of the objects in the bucket, for example "export_info users.SUCCESS users.parquet".
func (w env) objectNames(t *testing.T) string {
	t.Helper()
	objects, err := w.store.List(bucket, "")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		name, of, isTable := strings.Cut(strings.TrimPrefix(o.Key, "exports/shop/shop-0/"), "/")
		if isTable {
			table, file, _ := strings.Cut(strings.TrimPrefix(of, "shop."), "/")
			name = table + "." + strings.TrimPrefix(path.Base(file), "_")
			if path.Ext(file) == ".parquet" {
				name = table + ".parquet"
			}
		} else {
			name, _, _ = strings.Cut(name, "_shop-0")
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

const everything = "coupons.SUCCESS export_info export_tables_info items.SUCCESS items.parquet users.SUCCESS users.parquet"

func TestFault_FailsExportWithDocumentedCause(t *testing.T) {
	const firstTable, tables = "users.SUCCESS users.parquet", "coupons.SUCCESS items.SUCCESS items.parquet users.SUCCESS users.parquet"
	for kind, want := range map[fault.Kind]struct{ cause, objects string }{
		fault.Failed: {"An unknown internal error occurred.", firstTable},
		fault.FailedAssume: {"The RDS export failed to write the export task's metadata because it can't assume the IAM role " + roleARN + ".",
			""},
		fault.FailedMetadata: {"The RDS export failed to write the export task's metadata to the S3 bucket lake using the IAM role " + roleARN +
			" with the KMS key " + keyARN + ". Error code: AccessDenied", tables},
		fault.FailedPermission: {"The IAM role " + roleARN + " isn't authorized to call s3:PutObject on the S3 bucket lake. " +
			"Review your permissions and retry the export.", firstTable},
		fault.FailedKey:         {"KMS key check failed. Check the credentials on your KMS key and try again.", ""},
		fault.FailedCredentials: {"S3 credential check failed. Check the permissions on your S3 bucket and IAM policy.", ""},
		fault.FailedBucket: {"The S3 bucket lake isn't valid. Either it isn't located in the current AWS Region or it doesn't exist. " +
			"Review your S3 bucket name and retry the export.", ""},
		fault.FailedRegion: {"The S3 bucket lake isn't located in the current AWS Region. Review your S3 bucket name and retry the export.", ""},
	} {
		t.Run(string(kind), func(t *testing.T) {
			w := newEnv(t, databaseOf(shop()), planned(kind))
			arn := w.backup(t)
			w.start(t, "shop-0", arn)
			w.clock.Advance(7 * time.Minute)
			task := w.waitFor(t, "shop-0", "FAILED")
			if *task.FailureCause != want.cause {
				t.Errorf("got  %s\nwant %s", *task.FailureCause, want.cause)
			}
			if got := progress(task); got != "FAILED 99% 17:09:12 17:12:12" {
				t.Errorf("got %s", got)
			}
			if got := w.objectNames(t); got != want.objects {
				t.Errorf("got objects %q, want %q", got, want.objects)
			}
			w.start(t, "shop-1", arn)
			w.clock.Advance(time.Hour)
			w.waitFor(t, "shop-1", "COMPLETE")
		})
	}
}

func TestFault_CancelsExport(t *testing.T) {
	w := newEnv(t, databaseOf(shop()), planned(fault.Canceled))
	w.start(t, "shop-0", w.backup(t))
	var got []string
	for _, d := range []time.Duration{0, 4 * time.Minute, 90 * time.Second} {
		w.clock.Advance(d)
		got = append(got, progress(w.task(t, "shop-0")))
	}
	w.clock.Advance(time.Minute)
	got = append(got, progress(w.waitFor(t, "shop-0", "CANCELED")))
	wantLines(t, got, "STARTING 0% - -", "IN_PROGRESS 0% 17:09:12 -", "CANCELING 50% 17:09:12 -", "CANCELED 50% 17:09:12 17:11:42")
	if got := w.objectNames(t); got != "users.SUCCESS users.parquet" {
		t.Errorf("got objects %q", got)
	}
}

func TestFault_DoesNotCancelFailedExport(t *testing.T) {
	snap := emptySnapshot()
	snap.export = func(context.Context, export.Task, export.Put) (export.Result, error) {
		return export.Result{}, errors.New("connection reset")
	}
	w := newEnv(t, databaseOf(snap), planned(fault.Canceled))
	w.start(t, "shop-0", w.backup(t))
	if err := w.clock.Sleep(t.Context(), time.Hour); err != nil { // returns only when the export has ended, since the export holds the clock
		t.Fatal(err)
	}
	if task := w.task(t, "shop-0"); progress(task) != "FAILED 0% 17:09:12 17:09:12" {
		t.Errorf("got %s", progress(task))
	}
}

func TestCancelExportTask_CancelsStuckExport(t *testing.T) {
	w := newEnv(t, databaseOf(shop()), planned(fault.Stuck))
	w.start(t, "shop-0", w.backup(t))
	w.clock.Advance(30 * day)
	got := []string{progress(w.task(t, "shop-0"))}
	if _, err := w.client.CancelExportTask(t.Context(),
		&awsrds.CancelExportTaskInput{ExportTaskIdentifier: aws.String("shop-0")}); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	got = append(got, progress(w.waitFor(t, "shop-0", "CANCELED")))
	wantLines(t, got, "STARTING 0% - -", "CANCELED 0% - 17:06:12")
	if got := w.objectNames(t); got != "" {
		t.Errorf("got objects %q", got)
	}
}

func TestFault_CompletesExportWithoutAllFiles(t *testing.T) {
	const skipped = `{"skippedTables":[{"target":"shop.shop.items","reason":"PERMISSIONS_DO_NOT_EXIST"}],"skippedObjectives":[],"general":[]}`
	for kind, want := range map[fault.Kind]struct{ missing, warning string }{
		fault.Skipped:     {"items.SUCCESS items.parquet ", skipped},
		fault.NoManifest:  {"export_tables_info ", ""},
		fault.CutManifest: {"", ""}, // the tests of package export check the content of the manifest
		fault.LostParts:   {"items.parquet ", ""},
	} {
		t.Run(string(kind), func(t *testing.T) {
			w := newEnv(t, databaseOf(shop()), planned(kind))
			w.start(t, "shop-0", w.backup(t))
			w.clock.Advance(time.Hour)
			task := w.waitFor(t, "shop-0", "COMPLETE")
			if got := aws.ToString(task.WarningMessage); got != want.warning {
				t.Errorf("got warning %s, want %s", got, want.warning)
			}
			if got, want := w.objectNames(t), strings.Replace(everything, want.missing, "", 1); got != want {
				t.Errorf("got objects  %s\nwant %s", got, want)
			}
		})
	}
}

func TestFault_IsNotInjectedIntoRejectedRequest(t *testing.T) {
	w := newEnv(t, databaseOf(shop()), planned(fault.Failed))
	arn := w.backup(t)
	if _, err := w.client.StartExportTask(t.Context(), request("shop-", arn)); err == nil {
		t.Fatal("the invalid identifier was accepted")
	}
	w.start(t, "shop-0", arn)
	w.clock.Advance(time.Hour)
	w.waitFor(t, "shop-0", "FAILED")
}

func TestFault_RejectsKindOfAnotherTarget(t *testing.T) {
	w := newEnv(t, databaseOf(shop()), planned(fault.NoTables))
	_, err := w.client.StartExportTask(t.Context(), request("shop-0", w.backup(t)), func(o *awsrds.Options) { o.RetryMaxAttempts = 1 })
	wantError(t, err, 500, "InternalFailure", `export task shop-0: fault "no-tables" does not apply to exports`)
	if out, err := w.client.DescribeExportTasks(t.Context(), &awsrds.DescribeExportTasksInput{}); err != nil || len(out.ExportTasks) != 0 {
		t.Errorf("got tasks %v, %v", out.ExportTasks, err)
	}
}
