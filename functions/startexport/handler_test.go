package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// fakeRDS is a fake of the RDS API.
type fakeRDS struct {
	start    func(*rds.StartExportTaskInput) (*rds.StartExportTaskOutput, error)
	describe func(*rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error)
}

func (f fakeRDS) StartExportTask(_ context.Context, in *rds.StartExportTaskInput, _ ...func(*rds.Options)) (*rds.StartExportTaskOutput, error) {
	return f.start(in)
}

func (f fakeRDS) DescribeExportTasks(_ context.Context, in *rds.DescribeExportTasksInput, _ ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error) {
	return f.describe(in)
}

// bucket contains an object for every key that begins with one of these prefixes.
type bucket []string

func (b bucket) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	for _, prefix := range b {
		if strings.HasPrefix(*in.Prefix, prefix) {
			out.Contents = append(out.Contents, s3types.Object{Key: in.Prefix})
		}
	}
	return out, nil
}

func (b bucket) GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return nil, errors.New("unexpected GetObject")
}

// entered is when StartExport was entered.
var entered = time.Date(2026, 11, 21, 17, 31, 30, 0, time.UTC)

const snapshotARN = "arn:aws:rds:ap-northeast-1:123456789012:cluster-snapshot:rds:shop-prod-2026-11-21-17-05"

// account contains export tasks and lists one per page. It records new tasks, and rejects used identifiers.
type account struct {
	tasks []types.ExportTask
	// used holds the used identifiers that RDS no longer lists.
	used    []string
	started []*rds.StartExportTaskInput
}

func (a *account) rds() fakeRDS {
	return fakeRDS{start: a.start, describe: a.describe}
}

func (a *account) start(in *rds.StartExportTaskInput) (*rds.StartExportTaskOutput, error) {
	id := *in.ExportTaskIdentifier
	if slices.Contains(a.used, id) || slices.ContainsFunc(a.tasks, func(t types.ExportTask) bool { return *t.ExportTaskIdentifier == id }) {
		return nil, &smithy.GenericAPIError{Code: "ExportTaskAlreadyExists", Message: "used"}
	}
	a.started = append(a.started, in)
	a.tasks = append(a.tasks, types.ExportTask{
		ExportTaskIdentifier: in.ExportTaskIdentifier, SourceArn: in.SourceArn, S3Bucket: in.S3BucketName, S3Prefix: in.S3Prefix,
		ExportOnly: in.ExportOnly, Status: aws.String("STARTING"),
	})
	return &rds.StartExportTaskOutput{}, nil
}

func (a *account) describe(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
	var found []types.ExportTask
	for _, t := range a.tasks {
		if in.SourceArn != nil && *t.SourceArn == *in.SourceArn || in.ExportTaskIdentifier != nil && *t.ExportTaskIdentifier == *in.ExportTaskIdentifier {
			found = append(found, t)
		}
	}
	if in.ExportTaskIdentifier != nil && len(found) == 0 {
		return nil, &smithy.GenericAPIError{Code: "ExportTaskNotFound", Message: "no such task"}
	}
	page, _ := strconv.Atoi(aws.ToString(in.Marker))
	out := &rds.DescribeExportTasksOutput{}
	if page < len(found) {
		out.ExportTasks = found[page : page+1]
	}
	if page+1 < len(found) {
		out.Marker = aws.String(strconv.Itoa(page + 1))
	}
	return out, nil
}

// task returns an export of the snapshot to the folder of the source shop, with the edits applied.
func task(id, status string, edit ...func(*types.ExportTask)) types.ExportTask {
	t := types.ExportTask{
		ExportTaskIdentifier: aws.String(id), Status: aws.String(status), SourceArn: aws.String(snapshotARN),
		S3Bucket: aws.String("lake"), S3Prefix: aws.String("exports/shop"), PercentProgress: aws.Int32(30), TotalExtractedDataInGB: aws.Int32(4),
	}
	for _, f := range edit {
		f(&t)
	}
	return t
}

func only(tables ...string) func(*types.ExportTask) {
	return func(t *types.ExportTask) { t.ExportOnly = tables }
}

func handler(r RDS, tables ...string) *Handler {
	return &Handler{
		Setup: setup.Setup{
			Config:  workflow.Config{Sources: []workflow.Source{{Name: "shop", Cluster: "shop-prod", Tables: tables}}},
			Log:     slog.New(slog.DiscardHandler),
			Metrics: metrics.Recorder{Pipeline: "snaplake", Out: io.Discard, Now: time.Now},
			Bucket:  "lake",
		},
		RDS:  r,
		S3:   bucket{"exports/shop/"},
		Role: "arn:aws:iam::123456789012:role/export",
		Key:  "arn:aws:kms:ap-northeast-1:123456789012:key/7f0d",
	}
}

func request() workflow.Request {
	return workflow.Request{
		State: workflow.State{Source: "shop", Snapshot: &workflow.Snapshot{
			ARN: snapshotARN, ID: "rds:shop-prod-2026-11-21-17-05", CreatedAt: time.Date(2026, 11, 21, 17, 5, 12, 0, time.UTC), Engine: "aurora-mysql",
		}},
		Execution: workflow.Execution{Name: "nightly-1", StartedAt: entered.Add(-90 * time.Second), EnteredAt: entered, RedriveCount: 2},
	}
}

func TestStartExport_StartsAnExport(t *testing.T) {
	a := &account{}
	got, err := handler(a.rds(), "shop.users", "shop.orders").Handle(t.Context(), request())
	if err != nil {
		t.Fatal(err)
	}
	want := workflow.Export{ID: "shop-20261121-1705-0", Status: "STARTING", Prefix: "exports/shop/", Skipped: []string{}, StartedAt: entered, RedriveCount: 2, WaitSeconds: 60}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantStarted := []*rds.StartExportTaskInput{{
		ExportTaskIdentifier: aws.String("shop-20261121-1705-0"),
		SourceArn:            aws.String(snapshotARN),
		S3BucketName:         aws.String("lake"),
		S3Prefix:             aws.String("exports/shop"),
		IamRoleArn:           aws.String("arn:aws:iam::123456789012:role/export"),
		KmsKeyId:             aws.String("arn:aws:kms:ap-northeast-1:123456789012:key/7f0d"),
		ExportOnly:           []string{"shop.users", "shop.orders"},
	}}
	if !reflect.DeepEqual(a.started, wantStarted) {
		t.Errorf("started %+v", a.started)
	}
}

func TestStartExport_AttachesToAnExportOfTheSameScope(t *testing.T) {
	for status, wait := range map[string]int{"STARTING": 15, "IN_PROGRESS": 15, "COMPLETE": 0} {
		a := &account{tasks: []types.ExportTask{
			task("shop-20261121-1705-0", "FAILED"),
			task("shop-20261121-1705-1", status, only("shop.orders", "shop.users")),
		}}
		got, err := handler(a.rds(), "shop.users", "shop.orders").Handle(t.Context(), request())
		want := workflow.Export{
			ID: "shop-20261121-1705-1", Status: status, Prefix: "exports/shop/", Percent: 30, Gigabytes: 4,
			Skipped: []string{}, StartedAt: entered, RedriveCount: 2, WaitSeconds: wait,
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil || len(a.started) > 0 {
			t.Errorf("%s: %v, started %d, -want +got\n%s", status, err, len(a.started), diff)
		}
	}
}

func TestStartExport_ExportsTheDatabasesOfPatterns(t *testing.T) {
	a := &account{}
	tables := []string{"shop.log_*", "shop.users", "app.public.*", "app.public.events"}
	for range 2 { // the second call attaches to the export of the first
		got, err := handler(a.rds(), tables...).Handle(t.Context(), request())
		if err != nil || got.ID != "shop-20261121-1705-0" || len(a.started) != 1 {
			t.Fatalf("got %+v, %v, started %d", got, err, len(a.started))
		}
	}
	if want := []string{"shop", "app.public"}; !slices.Equal(a.started[0].ExportOnly, want) {
		t.Errorf("exported %q, want %q", a.started[0].ExportOnly, want)
	}
}

func TestStartExport_PatternsOfADatabaseShareAnExport(t *testing.T) {
	a := &account{tasks: []types.ExportTask{task("shop-20261121-1705-0", "COMPLETE", only("shop"))}}
	for _, tables := range [][]string{{"shop"}, {"shop.*"}, {"shop.a_*", "shop.b_*", "shop.users"}} {
		got, err := handler(a.rds(), tables...).Handle(t.Context(), request())
		if err != nil || got.ID != "shop-20261121-1705-0" || len(a.started) > 0 {
			t.Errorf("%q: got %+v, %v, started %d", tables, got, err, len(a.started))
		}
	}
	got, err := handler(a.rds(), "*_log").Handle(t.Context(), request()) // matches tables of any database, so all databases are exported
	if err != nil || got.ID != "shop-20261121-1705-1" || len(a.started) != 1 || len(a.started[0].ExportOnly) > 0 {
		t.Errorf("got %+v, %v, started %+v", got, err, a.started)
	}
}

func TestStartExport_AttachesToTheLastAttempt(t *testing.T) {
	a := &account{tasks: []types.ExportTask{task("shop-20261121-1705-1", "COMPLETE"), task("shop-20261121-1705-0", "COMPLETE")}}
	got, err := handler(a.rds()).Handle(t.Context(), request())
	if err != nil || got.ID != "shop-20261121-1705-1" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestStartExport_StartsTheLowestUnusedAttempt(t *testing.T) {
	for name, tasks := range map[string][]types.ExportTask{
		"failed and canceled": {task("shop-20261121-1705-0", "FAILED"), task("shop-20261121-1705-1", "CANCELED"), task("shop-20261121-1705-3", "FAILED")},
		"other scopes": {
			task("shop-20261121-1705-0", "COMPLETE", only("shop.users")),
			task("shop-20261121-1705-1", "COMPLETE", func(t *types.ExportTask) { t.S3Bucket = aws.String("other") }),
			task("by-hand", "COMPLETE"),
			task("stock-20261121-1705-2", "COMPLETE", func(t *types.ExportTask) { t.S3Prefix = aws.String("exports/stock") }),
		},
	} {
		a := &account{tasks: tasks}
		got, err := handler(a.rds()).Handle(t.Context(), request())
		if err != nil || got.ID != "shop-20261121-1705-2" || len(a.started) != 1 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestStartExport_ExportsALiveClusterAgainInEachRun(t *testing.T) {
	const cluster = "arn:aws:rds:ap-northeast-1:123456789012:cluster:shop-prod"
	a := &account{tasks: []types.ExportTask{task("shop-20261120-1830-0", "COMPLETE", func(t *types.ExportTask) { t.SourceArn = aws.String(cluster) })}}
	in := request()
	in.State.Snapshot = &workflow.Snapshot{ARN: cluster, ID: "shop-prod", CreatedAt: time.Date(2026, 11, 21, 18, 30, 0, 0, time.UTC)}
	got, err := handler(a.rds()).Handle(t.Context(), in)
	if err != nil || got.ID != "shop-20261121-1830-0" || len(a.started) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The status is RESTART if CheckExport rejected the export, and COMPLETE if CreateViews found objects missing.
func TestStartExport_ReplacesAFailedExport(t *testing.T) {
	for _, status := range []string{"RESTART", "COMPLETE"} {
		a := &account{tasks: []types.ExportTask{task("shop-20261121-1705-0", "COMPLETE"), task("shop-20261121-1705-1", "COMPLETE")}}
		in := request()
		in.State.Export = &workflow.Export{ID: "shop-20261121-1705-1", Status: status}
		for range 2 { // the second call is a redrive after a lost response
			got, err := handler(a.rds()).Handle(t.Context(), in)
			if err != nil || got.ID != "shop-20261121-1705-2" || len(a.started) != 1 {
				t.Errorf("%s: got %+v, %v, started %d", status, got, err, len(a.started))
			}
		}
	}
}

func TestStartExport_SkipsAnUnlistedIdentifierOnlyAfterARedrive(t *testing.T) {
	a := &account{used: []string{"shop-20261121-1705-0"}}
	in := request()
	in.Execution.RedriveCount = 0
	_, err := handler(a.rds()).Handle(t.Context(), in)
	expect(t, err, workflow.Unavailable{}, `source "shop": RDS reports that export shop-20261121-1705-0 exists, or that another export of rds:shop-prod-2026-11-21-17-05 is running, `+
		`but does not list it yet; redrive to use the next identifier`)

	in.Execution.RedriveCount = 1
	got, err := handler(a.rds()).Handle(t.Context(), in)
	if err != nil || got.ID != "shop-20261121-1705-1" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestStartExport_AttachesAfterALostResponse(t *testing.T) {
	for name, listed := range map[string]bool{"listed": true, "not yet listed": false} {
		a := &account{}
		f := a.rds()
		f.start = func(in *rds.StartExportTaskInput) (*rds.StartExportTaskOutput, error) { // the response to the first call is lost, and the SDK tries again
			_, _ = a.start(in)
			return a.start(in)
		}
		f.describe = func(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
			if in.SourceArn != nil && !listed {
				return &rds.DescribeExportTasksOutput{}, nil
			}
			return a.describe(in)
		}
		got, err := handler(f).Handle(t.Context(), request())
		if err != nil || got.ID != "shop-20261121-1705-0" || len(a.started) != 1 {
			t.Errorf("%s: got %+v, %v, started %d", name, got, err, len(a.started))
		}
	}
}

func TestStartExport_FailsWithoutAFreeIdentifier(t *testing.T) {
	f := (&account{}).rds()
	f.start = func(*rds.StartExportTaskInput) (*rds.StartExportTaskOutput, error) {
		return nil, &smithy.GenericAPIError{Code: "ExportTaskAlreadyExists"}
	}
	_, err := handler(f).Handle(t.Context(), request())
	expect(t, err, workflow.ExportRefused{},
		`source "shop": according to RDS, 10 export identifiers for rds:shop-prod-2026-11-21-17-05 are in use, up to shop-20261121-1705-9; a redrive does not help: start a new run for another snapshot`)
}

func TestStartExport_FindsAnExportThatIsNotListedYet(t *testing.T) {
	a := &account{tasks: []types.ExportTask{task("shop-20261121-1705-0", "STARTING")}}
	f := a.rds()
	f.describe = func(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
		if in.SourceArn != nil {
			return &rds.DescribeExportTasksOutput{}, nil // the list is out of date
		}
		return a.describe(in)
	}
	got, err := handler(f).Handle(t.Context(), request())
	if err != nil || got.ID != "shop-20261121-1705-0" || len(a.started) > 0 {
		t.Errorf("got %+v, %v, started %d", got, err, len(a.started))
	}
}

func TestStartExport_WaitsForAnotherExportOfTheSnapshot(t *testing.T) {
	for _, status := range []string{"STARTING", "IN_PROGRESS", "CANCELING"} {
		a := &account{tasks: []types.ExportTask{task("by-hand", status)}}
		_, err := handler(a.rds()).Handle(t.Context(), request())
		expect(t, err, workflow.ExportSlotsBusy{},
			`source "shop": RDS runs only one export of a snapshot at a time, and export by-hand of rds:shop-prod-2026-11-21-17-05 is `+status)
	}
}

func TestStartExport_AttachesToTheExportInTheInput(t *testing.T) {
	a := &account{tasks: []types.ExportTask{task("shop-20261101-1705-0", "COMPLETE", only("shop.users"))}}
	in := request()
	in.State.ExportID = "shop-20261101-1705-0"
	got, err := handler(a.rds()).Handle(t.Context(), in)
	if err != nil || got.ID != in.State.ExportID || got.Status != "COMPLETE" || len(a.started) > 0 {
		t.Errorf("got %+v, %v, started %d", got, err, len(a.started))
	}
}

func TestStartExport_RejectsAnExportOfAnotherSource(t *testing.T) {
	for id, text := range map[string]string{
		"shop-20261101-1705-7": `source "shop": RDS no longer lists export task "shop-20261101-1705-7", which FindSnapshot found; if it does not reappear, start a new run without exportId`,
		"by-hand": `source "shop": export task "by-hand" in s3://other/dump does not belong to this source, ` +
			`whose exports are named shop-<snapshot time>-<n> and stored in s3://lake/exports/shop/; a redrive does not help: start a new run without exportId`,
	} {
		a := &account{tasks: []types.ExportTask{task("by-hand", "COMPLETE", func(t *types.ExportTask) {
			t.S3Bucket, t.S3Prefix = aws.String("other"), aws.String("dump")
		})}}
		in := request()
		in.State.ExportID = id
		_, err := handler(a.rds()).Handle(t.Context(), in)
		expect(t, err, workflow.ExportRefused{}, text)
		if len(a.started) > 0 {
			t.Errorf("%s: started an export", id)
		}
	}
}

func TestStartExport_EmitsTheDurationOfFindSnapshot(t *testing.T) {
	for name, prepare := range map[string]func(*account, *workflow.State){
		"a new export": func(*account, *workflow.State) {},
		"an existing export": func(a *account, _ *workflow.State) {
			a.tasks = []types.ExportTask{task("shop-20261121-1705-0", "STARTING")}
		},
		"the export in the input": func(a *account, r *workflow.State) {
			a.tasks, r.ExportID = []types.ExportTask{task("shop-20261101-1705-0", "COMPLETE")}, "shop-20261101-1705-0"
		},
	} {
		a, in := &account{}, request()
		prepare(a, &in.State)
		const want = `{"Execution":"nightly-1","Pipeline":"snaplake","SnapshotSeconds":90,"Source":"shop",`
		if got := recorded(t, a, in); !strings.HasPrefix(got, want) {
			t.Errorf("%s: recorded %s\nwant %s", name, got, want)
		}
	}
}

func TestStartExport_EmitsNothingWhenItReplacesAnExport(t *testing.T) {
	in := request()
	in.State.Export = &workflow.Export{ID: "shop-20261121-1705-0", Status: "RESTART"}
	if got := recorded(t, &account{}, in); got != "" {
		t.Errorf("recorded %s", got)
	}
}

// recorded returns the metrics that the handler emits.
func recorded(t *testing.T, a *account, in workflow.Request) string {
	t.Helper()
	var out strings.Builder
	h := handler(a.rds())
	h.Metrics.Out = &out
	if _, err := h.Handle(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStartExport_RejectsAStateWithoutASnapshot(t *testing.T) {
	_, err := handler((&account{}).rds()).Handle(t.Context(), workflow.Request{State: workflow.State{Source: "shop"}})
	expect(t, err, workflow.InvalidInput{}, `source "shop": the state has no snapshot`)
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

func TestStartExport_DoesNotPayTwiceAfterARedriveOfAnEarlierState(t *testing.T) {
	a := &account{used: []string{"shop-20261121-1705-0"}}
	in := request()
	in.Execution.RedriveCount, in.State.Snapshot.RedriveCount = 1, 1 // FindSnapshot was redriven
	if _, err := handler(a.rds()).Handle(t.Context(), in); err == nil || len(a.started) > 0 {
		t.Errorf("%v, started %d", err, len(a.started))
	}
}

func TestStartExport_ReplacesACompleteExportWithoutObjects(t *testing.T) {
	a := &account{tasks: []types.ExportTask{task("shop-20261121-1705-0", "COMPLETE"), task("shop-20261121-1705-1", "FAILED")}}
	h := handler(a.rds())
	h.S3 = bucket{}
	if got, err := h.Handle(t.Context(), request()); err != nil || got.ID != "shop-20261121-1705-2" || len(a.started) != 1 {
		t.Errorf("got %+v, %v, started %d", got, err, len(a.started))
	}
	in := request()
	in.State.ExportID = "shop-20261121-1705-0"
	_, err := h.Handle(t.Context(), in)
	expect(t, err, workflow.ExportRefused{}, `source "shop": the objects of export shop-20261121-1705-0 were deleted; a redrive does not help: start a new run without exportId`)
}
