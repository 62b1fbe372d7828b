package rds_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/export"
)

func request(id, sourceARN string) *awsrds.StartExportTaskInput {
	return &awsrds.StartExportTaskInput{
		ExportTaskIdentifier: &id, SourceArn: &sourceARN, S3BucketName: aws.String(bucket), S3Prefix: aws.String("exports/shop/"),
		IamRoleArn: aws.String(roleARN), KmsKeyId: aws.String(keyARN),
	}
}

func (w env) start(t *testing.T, id, sourceARN string) {
	t.Helper()
	if _, err := w.client.StartExportTask(t.Context(), request(id, sourceARN)); err != nil {
		t.Fatal(err)
	}
}

func (w env) task(t *testing.T, id string) types.ExportTask {
	t.Helper()
	out, err := w.client.DescribeExportTasks(t.Context(), &awsrds.DescribeExportTasksInput{ExportTaskIdentifier: &id})
	if err != nil {
		t.Fatal(err)
	}
	return out.ExportTasks[0]
}

// progress returns a task's status, percentage, start time and end time as text.
func progress(t types.ExportTask) string {
	at := func(v *time.Time) string {
		if v == nil {
			return "-"
		}
		return v.Format("15:04:05")
	}
	return fmt.Sprint(*t.Status, " ", *t.PercentProgress, "% ", at(t.TaskStartTime), " ", at(t.TaskEndTime))
}

// waitFor polls the task until it has the status. It does not use the virtual clock, since the task's data is written in real time.
func (w env) waitFor(t *testing.T, id, status string) types.ExportTask {
	t.Helper()
	for {
		task := w.task(t, id)
		if *task.Status == status {
			return task
		}
		if slices.Contains([]string{"COMPLETE", "FAILED", "CANCELED"}, *task.Status) {
			t.Fatalf("the task ended with the status %s: %s", *task.Status, aws.ToString(task.FailureCause))
		}
	}
}

// gate returns a snapshot whose export ends when open is closed or the export is cancelled.
func gate() (snap fakeSnapshot, open chan struct{}) {
	snap, open = emptySnapshot(), make(chan struct{})
	snap.export = func(ctx context.Context, _ export.Task, _ export.Put) (export.Result, error) {
		select {
		case <-open:
			return export.Result{}, nil
		case <-ctx.Done():
			return export.Result{}, ctx.Err()
		}
	}
	return snap, open
}

func TestExport_PassesThroughItsStatuses(t *testing.T) {
	snap, open := gate()
	w := newEnv(t, databaseOf(snap))
	w.start(t, "shop-0", w.backup(t))
	var got []string
	for _, d := range []time.Duration{0, 4*time.Minute - time.Second, time.Second, 90 * time.Second, 5 * time.Minute} {
		w.clock.Advance(d)
		got = append(got, progress(w.task(t, "shop-0")))
	}
	close(open) // the export finishes writing after its planned end
	got = append(got, progress(w.waitFor(t, "shop-0", "COMPLETE")))
	wantLines(t, got,
		"STARTING 0% - -",
		"STARTING 0% - -",
		"IN_PROGRESS 0% 17:09:12 -",
		"IN_PROGRESS 50% 17:09:12 -",
		"IN_PROGRESS 99% 17:09:12 -",
		"COMPLETE 100% 17:09:12 17:15:42")
}

func TestExport_EndsAtPlannedTimeIfWrittenEarly(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	w.start(t, "shop-0", w.backup(t))
	w.clock.Advance(7*time.Minute - time.Millisecond)
	w.waitFor(t, "shop-0", "IN_PROGRESS")
	w.clock.Advance(time.Millisecond)
	if got, want := progress(w.waitFor(t, "shop-0", "COMPLETE")), "COMPLETE 100% 17:09:12 17:12:12"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestExport_WritesToFolderOfItsIdentifier(t *testing.T) {
	var received export.Task
	snap := emptySnapshot()
	dir := t.TempDir()
	snap.export = func(_ context.Context, task export.Task, put export.Put) (export.Result, error) {
		received = task
		file := filepath.Join(dir, "part")
		if err := os.WriteFile(file, []byte("PAR1"), 0o600); err != nil {
			return export.Result{}, err
		}
		return export.Result{Bytes: 3<<30 - 1, WarningMessage: `{"skippedTables":1}`}, put("shop/shop.users/1/part-00000.gz.parquet", file)
	}
	w := newEnv(t, databaseOf(snap))
	in := request("shop-0", w.backup(t))
	in.ExportOnly = []string{"shop.users", "crm"}
	if _, err := w.client.StartExportTask(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Hour)
	task := w.waitFor(t, "shop-0", "COMPLETE")

	// If the process is killed, no rows of a database may remain outside the store's folder.
	if in := filepath.Dir(w.store.Path("", "")); !strings.HasPrefix(received.Dir, in) {
		t.Errorf("the export wrote its files in %s, outside the store in %s", received.Dir, in)
	}
	if _, err := os.Stat(received.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s was not deleted: %v", received.Dir, err)
	}
	received.Dir = ""
	want := export.Task{
		ID: "shop-0", SourceARN: arns + "snapshot:rds:shop-prod-2026-11-21-17-05", ExportOnly: []string{"shop.users", "crm"},
		SnapshotTime: start, StartTime: start.Add(4 * time.Minute), EndTime: start.Add(7 * time.Minute),
		Bucket: bucket, Prefix: "exports/shop/", IAMRoleARN: roleARN, KMSKeyID: keyARN,
	}
	if diff := cmp.Diff(want, received); diff != "" {
		t.Errorf("wrong request:\n%s", diff)
	}
	objects, err := w.store.List(bucket, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != 1 || objects[0].Key != "exports/shop/shop-0/shop/shop.users/1/part-00000.gz.parquet" || objects[0].Size != 4 {
		t.Errorf("got objects %v", objects)
	}
	if *task.TotalExtractedDataInGB != 2 || *task.WarningMessage != `{"skippedTables":1}` ||
		task.SourceType != types.ExportSourceTypeSnapshot {
		t.Errorf("got task %+v", task)
	}
	if diff := cmp.Diff(in.ExportOnly, task.ExportOnly); diff != "" {
		t.Error(diff)
	}
}

func TestExport_FailsIfItsDataCannotBeRead(t *testing.T) {
	snap := emptySnapshot()
	snap.export = func(context.Context, export.Task, export.Put) (export.Result, error) {
		return export.Result{}, errors.New("read table shop.users: connection reset")
	}
	w := newEnv(t, databaseOf(snap))
	w.start(t, "shop-0", w.backup(t))
	w.clock.Advance(4 * time.Minute)
	task := w.waitFor(t, "shop-0", "FAILED")
	if got, want := *task.FailureCause, "An unknown internal error occurred. read table shop.users: connection reset"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := progress(task), "FAILED 0% 17:09:12 17:09:12"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCancelExportTask_KeepsWrittenObjects(t *testing.T) {
	dir, written := t.TempDir(), make(chan struct{})
	snap := emptySnapshot()
	snap.export = func(ctx context.Context, _ export.Task, put export.Put) (export.Result, error) {
		file := filepath.Join(dir, "part")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			return export.Result{}, err
		}
		if err := put("shop/shop.users/1/_SUCCESS", file); err != nil {
			return export.Result{}, err
		}
		close(written)
		<-ctx.Done()
		return export.Result{}, put("shop/shop.items/1/_SUCCESS", file)
	}
	w := newEnv(t, databaseOf(snap))
	w.start(t, "shop-0", w.backup(t))
	<-written
	w.clock.Advance(5 * time.Minute)
	out, err := w.client.CancelExportTask(t.Context(), &awsrds.CancelExportTaskInput{ExportTaskIdentifier: aws.String("shop-0")})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{*out.Status, progress(w.task(t, "shop-0"))}
	w.clock.Advance(time.Minute)
	got = append(got, progress(w.waitFor(t, "shop-0", "CANCELED")))
	wantLines(t, got, "CANCELING", "CANCELING 33% 17:09:12 -", "CANCELED 33% 17:09:12 17:11:12")

	objects, err := w.store.List(bucket, "exports/")
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != 1 || !strings.HasSuffix(objects[0].Key, "users/1/_SUCCESS") {
		t.Errorf("got objects %v, want only the object written before the cancellation", objects)
	}
	_, err = w.client.CancelExportTask(t.Context(), &awsrds.CancelExportTaskInput{ExportTaskIdentifier: aws.String("shop-0")})
	wantError(t, err, 400, "InvalidExportTaskStateFault", "The export task shop-0 is CANCELED. Only a task that is starting or in progress "+
		"can be cancelled")
	_, err = w.client.StartExportTask(t.Context(), request("shop-0", arns+"snapshot:rds:shop-prod-2026-11-21-17-05"))
	wantError(t, err, 400, "ExportTaskAlreadyExists", "The export task with the ID shop-0 already exists.")
}

func TestExport_ClonesCluster(t *testing.T) {
	closed := make(chan struct{})
	snap := emptySnapshot()
	snap.close = func() error { close(closed); return nil }
	w := newEnv(t, databaseOf(snap))
	w.start(t, "cart-0", arns+"cluster:cart-prod")
	<-closed // the clone is closed after the export
	w.clock.Advance(7 * time.Minute)
	if task := w.waitFor(t, "cart-0", "COMPLETE"); task.SourceType != types.ExportSourceTypeCluster {
		t.Errorf("got source type %s, want CLUSTER", task.SourceType)
	}
}

func TestExport_FailsIfClusterCannotBeCloned(t *testing.T) {
	db := fakeDatabase{engine: "mysql", snapshot: func(context.Context) (export.Snapshot, error) { return nil, errors.New("access denied") }}
	w := newEnv(t, db)
	w.start(t, "cart-0", arns+"cluster:cart-prod")
	w.clock.Advance(4 * time.Minute)
	task := w.waitFor(t, "cart-0", "FAILED")
	if got, want := *task.FailureCause, "Failed to find or access the source DB cluster: cart-prod: access denied"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExport_OutlivesItsSnapshot(t *testing.T) {
	snap, open := gate()
	closed := make(chan struct{}, 20)
	snap.close = func() error { closed <- struct{}{}; return nil }
	w := newEnv(t, databaseOf(snap))
	w.start(t, "shop-0", w.backup(t))
	w.clock.Advance(7 * 24 * time.Hour) // the retention period
	w.snapshots(t, awsrds.DescribeDBSnapshotsInput{})
	if n := len(closed); n != 0 {
		t.Fatalf("%d snapshots were closed while the export was reading", n)
	}
	close(open)
	w.waitFor(t, "shop-0", "COMPLETE")
	if n := len(closed); n != 1 {
		t.Errorf("%d snapshots were closed, want 1", n)
	}
}

func TestStartExportTask_LimitsRunningExports(t *testing.T) {
	snap, open := gate()
	w := newEnv(t, databaseOf(snap))
	var snapshots []string
	for range 6 {
		snapshots = append(snapshots, w.backup(t))
		w.clock.Advance(time.Minute)
	}
	for n, arn := range snapshots[:4] {
		w.start(t, fmt.Sprint("shop-", n), arn)
	}
	_, err := w.client.StartExportTask(t.Context(), request("again", snapshots[0]))
	wantError(t, err, 400, "ExportTaskAlreadyExists", "The export task shop-0 of "+snapshots[0]+" is already running.")
	w.start(t, "shop-4", snapshots[4])
	_, err = w.client.StartExportTask(t.Context(), request("shop-5", snapshots[5]))
	wantError(t, err, 400, "ExportTaskLimitReachedFault", "You have reached the limit of 5 concurrent export tasks")

	close(open)
	w.clock.Advance(time.Hour)
	w.waitFor(t, "shop-0", "COMPLETE")
	w.start(t, "shop-5", snapshots[5]) // a rejected request leaves its identifier unused
}

func TestStartExportTask_RejectsInvalidRequests(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	snap := w.backup(t)
	for _, c := range []struct {
		name          string
		change        func(*awsrds.StartExportTaskInput)
		status        int
		code, message string
	}{
		{"trailing hyphen", func(in *awsrds.StartExportTaskInput) { in.ExportTaskIdentifier = aws.String("shop-") }, 400,
			"InvalidParameterValue", "The parameter ExportTaskIdentifier is not a valid identifier: shop-. Identifiers must begin with a letter, " +
				"contain only ASCII letters, digits and single hyphens, not end with a hyphen, and have at most 60 characters"},
		{"long identifier", func(in *awsrds.StartExportTaskInput) { in.ExportTaskIdentifier = aws.String(strings.Repeat("s", 61)) }, 400,
			"InvalidParameterValue", "The parameter ExportTaskIdentifier is not a valid identifier: " + strings.Repeat("s", 61) +
				". Identifiers must begin with a letter, contain only ASCII letters, digits and single hyphens, not end with a hyphen, and have " +
				"at most 60 characters"},
		{"no role", func(in *awsrds.StartExportTaskInput) { in.IamRoleArn = aws.String("") }, 400,
			"MissingParameter", "The request must contain the parameter IamRoleArn"},
		{"no key", func(in *awsrds.StartExportTaskInput) { in.KmsKeyId = aws.String("") }, 400,
			"MissingParameter", "The request must contain the parameter KmsKeyId"},
		{"colon in the prefix", func(in *awsrds.StartExportTaskInput) { in.S3Prefix = aws.String("a:b/") }, 400,
			"InvalidParameterValue", "The S3 prefix a:b/ contains a colon"},
		{"parent folder as the bucket", func(in *awsrds.StartExportTaskInput) { in.S3BucketName = aws.String("..") }, 400,
			"InvalidS3BucketFault", "The S3 bucket .. doesn't exist in Region ap-northeast-1"},
		{"unknown bucket", func(in *awsrds.StartExportTaskInput) { in.S3BucketName = aws.String("pond") }, 400,
			"InvalidS3BucketFault", "The S3 bucket pond doesn't exist in Region ap-northeast-1"},
		{"three names in ExportOnly", func(in *awsrds.StartExportTaskInput) { in.ExportOnly = []string{"shop", "shop.public.users"} }, 400,
			"InvalidExportOnly", `ExportOnly entry "shop.public.users" is not valid. For mysql, use database or database.table. Names may ` +
				`contain only letters, digits, $ and _`},
		{"invalid name in ExportOnly", func(in *awsrds.StartExportTaskInput) { in.ExportOnly = []string{"shop.order-items"} }, 400,
			"InvalidExportOnly", `ExportOnly entry "shop.order-items" is not valid. For mysql, use database or database.table. Names may ` +
				`contain only letters, digits, $ and _`},
		{"unknown snapshot", func(in *awsrds.StartExportTaskInput) { in.SourceArn = aws.String(arns + "snapshot:rds:x") }, 404,
			"DBSnapshotNotFound", "Could not find snapshot with name rds:x"},
		{"unknown cluster snapshot", func(in *awsrds.StartExportTaskInput) { in.SourceArn = aws.String(arns + "cluster-snapshot:x") }, 404,
			"DBClusterSnapshotNotFoundFault", "Could not find snapshot with name x"},
		{"instance as a cluster", func(in *awsrds.StartExportTaskInput) { in.SourceArn = aws.String(arns + "cluster:shop-prod") }, 404,
			"DBClusterNotFoundFault", "DBCluster shop-prod not found."},
		{"instance", func(in *awsrds.StartExportTaskInput) { in.SourceArn = aws.String(arns + "db:shop-prod") }, 400,
			"InvalidParameterValue", "The source ARN " + arns + "db:shop-prod is not the ARN of a snapshot, a cluster snapshot or a cluster " +
				"in Region ap-northeast-1 of account 123456789012"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := request("shop-0", snap)
			c.change(in)
			_, err := w.client.StartExportTask(t.Context(), in)
			wantError(t, err, c.status, c.code, c.message)
		})
	}
}

func TestDescribeExportTasks_FiltersAndPages(t *testing.T) {
	snap, _ := gate()
	w := newEnv(t, databaseOf(snap))
	first := w.backup(t)
	w.start(t, "shop-0", first)
	w.start(t, "cart-0", arns+"cluster:cart-prod")
	w.clock.Advance(4 * time.Minute)
	second := w.backup(t)
	w.start(t, "shop-1", second)

	ask := func(in awsrds.DescribeExportTasksInput) []string {
		t.Helper()
		out, err := w.client.DescribeExportTasks(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, task := range out.ExportTasks {
			ids = append(ids, *task.ExportTaskIdentifier)
		}
		return ids
	}
	status := func(values ...string) []types.Filter {
		return []types.Filter{{Name: aws.String("status"), Values: values}}
	}
	wantLines(t, ask(awsrds.DescribeExportTasksInput{}), "cart-0", "shop-0", "shop-1")
	wantLines(t, ask(awsrds.DescribeExportTasksInput{SourceArn: &first}), "shop-0")
	wantLines(t, ask(awsrds.DescribeExportTasksInput{Filters: status("starting", "complete")}), "shop-1")
	wantLines(t, ask(awsrds.DescribeExportTasksInput{Filters: status("in_progress"), SourceArn: &first}), "shop-0")

	_, err := w.client.DescribeExportTasks(t.Context(), &awsrds.DescribeExportTasksInput{Filters: status("COMPLETE")})
	wantError(t, err, 400, "InvalidParameterValue",
		"the status filter has the invalid value COMPLETE; valid values: canceled, canceling, complete, failed, in_progress, starting")
	_, err = w.client.DescribeExportTasks(t.Context(), &awsrds.DescribeExportTasksInput{ExportTaskIdentifier: aws.String("shop-9")})
	wantError(t, err, 404, "ExportTaskNotFound", "The export task with the ID shop-9 doesn't exist.")

	w.takeExportSlots(t, 1, 18, time.Minute)
	var pages []int
	paginator := awsrds.NewDescribeExportTasksPaginator(w.client, &awsrds.DescribeExportTasksInput{MaxRecords: aws.Int32(20)})
	for paginator.HasMorePages() {
		page, err := paginator.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, len(page.ExportTasks))
	}
	if diff := cmp.Diff([]int{20, 1}, pages); diff != "" {
		t.Error(diff)
	}
}

func TestClose_StopsExports(t *testing.T) {
	snap, _ := gate()
	w := newEnv(t, databaseOf(snap))
	arn := w.backup(t)
	w.start(t, "shop-0", arn)
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := w.client.StartExportTask(t.Context(), request("shop-1", arn))
	wantError(t, err, 503, "ServiceUnavailable", "the local RDS is shutting down")
}
