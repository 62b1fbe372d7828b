package main

import (
	"cmp"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	gocmp "github.com/google/go-cmp/cmp"

	"snaplake/workflow"
)

func shop() workflow.Source {
	return workflow.Source{Name: "shop", Cluster: "shop-prod", Snapshots: workflow.SnapshotsAutomated, MaxSnapshotAge: workflow.Duration(26 * time.Hour)}
}

// find runs the handler in an execution that began at 2026-11-21 18:30 UTC.
func find(t *testing.T, f fakeRDS, source workflow.Source, in workflow.Input) (workflow.Snapshot, error) {
	t.Helper()
	h := Handler{Config: workflow.Config{Sources: []workflow.Source{source}}, RDS: f}
	in.Source = cmp.Or(in.Source, source.Name)
	return h.Handle(t.Context(), workflow.SnapshotRequest{Input: in, Execution: workflow.Execution{StartedAt: at("2026-11-21 18:30")}})
}

func TestFindSnapshot_ReturnsTheNewestSnapshotOfAKind(t *testing.T) {
	f := account(
		clusterSnap("rds:old", "automated", "2026-11-20 17:05"),
		clusterSnap("rds:new", "automated", "2026-11-21 17:05"),
		clusterSnap("by-hand", "manual", "2026-11-21 18:00"),
		clusterSnap("awsbackup:job-1", "manual", "2026-11-21 18:10"),
		clusterSnap("rds:next", "automated", "2026-11-21 18:20", creating),
	)
	for setting, want := range map[string]string{
		workflow.SnapshotsAutomated: "rds:new",
		workflow.SnapshotsManual:    "by-hand",
		workflow.SnapshotsAWSBackup: "awsbackup:job-1",
		workflow.SnapshotsAny:       "awsbackup:job-1",
	} {
		source := shop()
		source.Snapshots = setting
		got, err := find(t, f, source, workflow.Input{})
		if err != nil || got.ID != want {
			t.Errorf("%s: got %q, %v, want %q", setting, got.ID, err, want)
		}
	}

	got, err := find(t, f, shop(), workflow.Input{})
	want := workflow.Snapshot{ARN: arn + "cluster-snapshot:rds:new", ID: "rds:new", CreatedAt: at("2026-11-21 17:05"), Engine: "aurora-mysql"}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

func TestFindSnapshot_RequestsAWSBackupSnapshots(t *testing.T) {
	f := account()
	f.instanceSnapshots = func(in *rds.DescribeDBSnapshotsInput) (*rds.DescribeDBSnapshotsOutput, error) {
		snap := func(id, kind, created string) types.DBSnapshot {
			return types.DBSnapshot{
				DBSnapshotArn: aws.String(arn + "snapshot:" + id), DBSnapshotIdentifier: aws.String(id), SnapshotType: aws.String(kind),
				Status: aws.String("available"), Engine: aws.String("mysql"), SnapshotCreateTime: aws.Time(at(created)),
			}
		}
		if aws.ToString(in.SnapshotType) == "awsbackup" {
			return &rds.DescribeDBSnapshotsOutput{DBSnapshots: []types.DBSnapshot{snap("awsbackup:job-2", "awsbackup", "2026-11-21 16:00")}}, nil
		}
		if in.Marker == nil {
			return &rds.DescribeDBSnapshotsOutput{Marker: aws.String("2")}, nil
		}
		return &rds.DescribeDBSnapshotsOutput{DBSnapshots: []types.DBSnapshot{snap("rds:a", "automated", "2026-11-21 15:00")}}, nil
	}
	for setting, want := range map[string]string{
		workflow.SnapshotsAutomated: "rds:a",
		workflow.SnapshotsAWSBackup: "awsbackup:job-2",
		workflow.SnapshotsAny:       "awsbackup:job-2",
	} {
		source := workflow.Source{Name: "shop", Instance: "shop-db", Snapshots: setting, MaxSnapshotAge: workflow.Duration(26 * time.Hour)}
		got, err := find(t, f, source, workflow.Input{})
		if err != nil || got.ID != want || got.Engine != "mysql" {
			t.Errorf("%s: got %+v, %v, want %q", setting, got, err, want)
		}
	}
}

func TestFindSnapshot_UsesTheStartTimeForALiveCluster(t *testing.T) {
	source := shop()
	source.Snapshots = workflow.SnapshotsLive
	h := Handler{Config: workflow.Config{Sources: []workflow.Source{source}}, RDS: account()}
	got, err := h.Handle(t.Context(), workflow.SnapshotRequest{
		Input:     workflow.Input{Source: "shop"},
		Execution: workflow.Execution{StartedAt: at("2026-11-21 18:30").Add(42 * time.Second)},
	})
	want := workflow.Snapshot{ARN: arn + "cluster:shop-prod", ID: "shop-prod", CreatedAt: at("2026-11-21 18:30"), Engine: "aurora-mysql"}
	if diff := gocmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
}

func TestFindSnapshot_FindsAnyKindAndAgeByID(t *testing.T) {
	f := account(clusterSnap("rds:new", "automated", "2026-11-21 17:05"), clusterSnap("release-7", "manual", "2025-01-01 00:00"))
	for _, wanted := range []string{"release-7", arn + "cluster-snapshot:release-7"} {
		got, err := find(t, f, shop(), workflow.Input{Snapshot: wanted})
		if err != nil || got.ID != "release-7" {
			t.Errorf("%s: got %+v, %v", wanted, got, err)
		}
	}
}

// task returns an export task of a snapshot.
func task(id string, snapshotTime *time.Time) *rds.DescribeExportTasksOutput {
	return &rds.DescribeExportTasksOutput{ExportTasks: []types.ExportTask{{
		ExportTaskIdentifier: aws.String("shop-20261120-1705-0"),
		SourceArn:            aws.String(arn + "cluster-snapshot:" + id),
		SnapshotTime:         snapshotTime,
	}}}
}

func TestFindSnapshot_FindsTheDeletedSnapshotOfAnExport(t *testing.T) {
	f := account()
	for _, snapshotTime := range []*time.Time{aws.Time(at("2026-11-20 17:05")), nil} {
		f.exportTasks = func(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
			if *in.ExportTaskIdentifier != "shop-20261120-1705-0" {
				t.Errorf("requested task %s", *in.ExportTaskIdentifier)
			}
			return task("rds:gone", snapshotTime), nil
		}
		got, err := find(t, f, shop(), workflow.Input{ExportID: "shop-20261120-1705-0"})
		want := workflow.Snapshot{ARN: arn + "cluster-snapshot:rds:gone", ID: "rds:gone", CreatedAt: at("2026-11-20 17:05"), Engine: "aurora-mysql"}
		if diff := gocmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v, -want +got\n%s", err, diff)
		}
	}
}

func TestFindSnapshot_ReturnsTheEngineOfAnExportedSnapshot(t *testing.T) {
	f := account(clusterSnap("rds:there", "automated", "2026-11-20 17:05", func(s *types.DBClusterSnapshot) { s.Engine = aws.String("aurora-postgresql") }))
	f.exportTasks = func(*rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
		return task("rds:there", aws.Time(at("2026-11-20 17:05"))), nil
	}
	got, err := find(t, f, shop(), workflow.Input{ExportID: "shop-20261120-1705-0"})
	if err != nil || got.Engine != "aurora-postgresql" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFindSnapshot_ExplainsWhyNoSnapshotIsUsable(t *testing.T) {
	old := clusterSnap("rds:old", "automated", "2026-11-20 16:05")
	next := clusterSnap("rds:next", "automated", "2026-11-21 18:20", creating)
	manual := clusterSnap("by-hand", "manual", "2026-11-21 18:00")
	deleting := clusterSnap("rds:gone", "automated", "2026-11-21 17:05", func(s *types.DBClusterSnapshot) { s.Status = aws.String("deleting") })
	foreign := clusterSnap("rds:new", "automated", "2026-11-21 17:05", func(s *types.DBClusterSnapshot) { s.Engine = aws.String("neptune") })
	unknown := shop()
	unknown.Cluster = "shop-dev"
	absent := workflow.Source{Name: "shop", Instance: "shop-db", Snapshots: workflow.SnapshotsAutomated}

	for name, test := range map[string]struct {
		snapshots []types.DBClusterSnapshot
		source    workflow.Source
		in        workflow.Input
		want      error
		text      string
	}{
		"too old": {
			[]types.DBClusterSnapshot{old, manual}, shop(), workflow.Input{}, workflow.SnapshotTooOld{},
			`source "shop": the newest snapshot of cluster "shop-prod" (with the setting "snapshots: automated") is from 2026-11-20 16:05 UTC, more than 26h0m0s before the execution began at 2026-11-21 18:30 UTC`,
		},
		"too old, and the next one is being created": {
			[]types.DBClusterSnapshot{old, next}, shop(), workflow.Input{}, workflow.SnapshotTooOld{},
			`source "shop": the newest snapshot of cluster "shop-prod" (with the setting "snapshots: automated") is from 2026-11-20 16:05 UTC, more than 26h0m0s before the execution began at 2026-11-21 18:30 UTC; rds:next is being created`,
		},
		"the only one is being created": {
			[]types.DBClusterSnapshot{next, manual}, shop(), workflow.Input{}, workflow.SnapshotNotReady{},
			`source "shop": snapshot "rds:next" of cluster "shop-prod" is still being created (40%)`,
		},
		"none of the selected kind": {
			[]types.DBClusterSnapshot{manual, deleting}, shop(), workflow.Input{}, workflow.SnapshotNotFound{},
			`source "shop": cluster "shop-prod" has no available snapshot that matches the setting "snapshots: automated"; existing snapshots: by-hand (manual, available), rds:gone (automated, deleting)`,
		},
		"none at all": {
			nil, shop(), workflow.Input{}, workflow.SnapshotNotFound{},
			`source "shop": cluster "shop-prod" has no available snapshot that matches the setting "snapshots: automated"; existing snapshots: none`,
		},
		"unknown cluster": {
			[]types.DBClusterSnapshot{manual}, unknown, workflow.Input{}, workflow.SnapshotNotFound{},
			`source "shop": there is no DB cluster "shop-dev" in this account and Region`,
		},
		"unknown instance": {
			nil, absent, workflow.Input{}, workflow.SnapshotNotFound{},
			`source "shop": there is no DB instance "shop-db" in this account and Region`,
		},
		"an engine that RDS cannot export": {
			[]types.DBClusterSnapshot{foreign}, shop(), workflow.Input{}, workflow.SnapshotNotFound{},
			`source "shop": cluster "shop-prod" has the engine neptune, which RDS cannot export; supported engines: mysql, mariadb, postgres, aurora-mysql, aurora-postgresql`,
		},
		"a requested snapshot of another database": {
			[]types.DBClusterSnapshot{manual}, shop(), workflow.Input{Snapshot: "other"}, workflow.SnapshotNotFound{},
			`source "shop": "other" is not one of the 1 snapshots of cluster "shop-prod"; a redrive does not help: start a new run with another snapshot. The identifier of an automated snapshot begins with rds:`,
		},
		"a requested snapshot that is being created": {
			[]types.DBClusterSnapshot{next}, shop(), workflow.Input{Snapshot: "rds:next"}, workflow.SnapshotNotReady{},
			`source "shop": snapshot "rds:next" of cluster "shop-prod" is still being created (40%)`,
		},
		"a requested snapshot that is being deleted": {
			[]types.DBClusterSnapshot{deleting}, shop(), workflow.Input{Snapshot: "rds:gone"}, workflow.SnapshotNotFound{},
			`source "shop": snapshot "rds:gone" of cluster "shop-prod" cannot be exported, because its status is deleting; a redrive does not help: start a new run with another snapshot`,
		},
		"an unknown export": {
			nil, shop(), workflow.Input{ExportID: "shop-20261120-1705-0"}, workflow.SnapshotNotFound{},
			`source "shop": export task "shop-20261120-1705-0" does not exist in this account and Region; a redrive does not help: start a new run without exportId`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := find(t, account(test.snapshots...), test.source, test.in)
			expect(t, err, test.want, test.text)
		})
	}
}

func TestFindSnapshot_ContinuesAfterEmptyPages(t *testing.T) {
	f := account(clusterSnap("rds:new", "automated", "2026-11-21 17:05"))
	tasks, clusters := f.exportTasks, f.clusters
	f.exportTasks = func(in *rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
		switch aws.ToString(in.Marker) {
		case "":
			return &rds.DescribeExportTasksOutput{Marker: aws.String("2")}, nil
		case "2":
			return task("rds:gone", aws.Time(at("2026-11-20 17:05"))), nil
		}
		return tasks(in)
	}
	f.clusters = func(in *rds.DescribeDBClustersInput) (*rds.DescribeDBClustersOutput, error) {
		if in.Marker == nil {
			return &rds.DescribeDBClustersOutput{Marker: aws.String("2")}, nil
		}
		return clusters(in)
	}
	got, err := find(t, f, shop(), workflow.Input{ExportID: "shop-20261120-1705-0"})
	if err != nil || got.ID != "rds:gone" || got.Engine != "aurora-mysql" {
		t.Errorf("got %+v, %v", got, err)
	}

	f.instances = func(in *rds.DescribeDBInstancesInput) (*rds.DescribeDBInstancesOutput, error) {
		if in.Marker == nil {
			return &rds.DescribeDBInstancesOutput{Marker: aws.String("2")}, nil
		}
		return &rds.DescribeDBInstancesOutput{DBInstances: []types.DBInstance{{DBInstanceArn: aws.String(arn + "db:shop-db"), Engine: aws.String("mysql")}}}, nil
	}
	_, err = find(t, f, workflow.Source{Name: "shop", Instance: "shop-db", Snapshots: workflow.SnapshotsAutomated}, workflow.Input{})
	if _, ok := err.(workflow.SnapshotNotFound); !ok || !strings.Contains(err.Error(), "existing snapshots: none") {
		t.Errorf("got %v", err)
	}
}

func TestFindSnapshot_RejectsAnInstanceOfACluster(t *testing.T) {
	f := account()
	f.instances = func(*rds.DescribeDBInstancesInput) (*rds.DescribeDBInstancesOutput, error) {
		return &rds.DescribeDBInstancesOutput{DBInstances: []types.DBInstance{{DBClusterIdentifier: aws.String("shop-prod")}}}, nil
	}
	_, err := find(t, f, workflow.Source{Name: "shop", Instance: "shop-prod-1", Snapshots: workflow.SnapshotsAutomated}, workflow.Input{})
	expect(t, err, workflow.SnapshotNotFound{},
		`source "shop": instance "shop-prod-1" belongs to a cluster, and only the cluster has snapshots; set "cluster: shop-prod" instead of "instance"`)
}

func TestFindSnapshot_RejectsALiveClusterThatIsNotAurora(t *testing.T) {
	f := account()
	f.clusters = func(*rds.DescribeDBClustersInput) (*rds.DescribeDBClustersOutput, error) {
		return &rds.DescribeDBClustersOutput{DBClusters: []types.DBCluster{{Engine: aws.String("mysql")}}}, nil
	}
	source := shop()
	source.Snapshots = workflow.SnapshotsLive
	_, err := find(t, f, source, workflow.Input{})
	expect(t, err, workflow.SnapshotNotFound{},
		`source "shop": cluster "shop-prod" has the engine mysql, but RDS can export a live cluster only if it is an Aurora cluster; set "snapshots" to "automated"`)
}

func TestFindSnapshot_RejectsInvalidInput(t *testing.T) {
	_, err := find(t, account(), shop(), workflow.Input{Source: "stock"})
	expect(t, err, workflow.InvalidInput{}, `source "stock" is not configured; the sources are shop`)
	_, err = find(t, account(), shop(), workflow.Input{Snapshot: "a", ExportID: "b"})
	expect(t, err, workflow.InvalidInput{}, "the input contains \"snapshot\" and \"exportId\"; specify only one")
}

func TestFindSnapshot_WrapsErrorsOfRDS(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}
	f := account()
	f.clusterSnapshots = func(*rds.DescribeDBClusterSnapshotsInput) (*rds.DescribeDBClusterSnapshotsOutput, error) {
		return nil, throttled
	}
	_, err := find(t, f, shop(), workflow.Input{})
	if !errors.Is(err, throttled) || !strings.HasPrefix(err.Error(), `describe the snapshots of cluster "shop-prod": `) {
		t.Errorf("got %v", err)
	}
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

func TestFindSnapshot_UsesTheOriginalTimeOfACopiedSnapshot(t *testing.T) {
	snap := func(id, kind, created, original string) types.DBSnapshot {
		return types.DBSnapshot{DBSnapshotArn: aws.String(arn + "snapshot:" + id), DBSnapshotIdentifier: aws.String(id), SnapshotType: aws.String(kind), Status: aws.String("available"),
			Engine: aws.String("mysql"), SnapshotCreateTime: aws.Time(at(created)), OriginalSnapshotCreateTime: aws.Time(at(original))}
	}
	f := account()
	f.instanceSnapshots = func(in *rds.DescribeDBSnapshotsInput) (*rds.DescribeDBSnapshotsOutput, error) {
		return &rds.DescribeDBSnapshotsOutput{DBSnapshots: []types.DBSnapshot{
			snap("rds:shop-2026-11-21-17-05", "automated", "2026-11-21 17:05", "2026-11-21 17:05"),
			snap("copy-of-june", "manual", "2026-11-21 18:00", "2026-06-01 17:05"),
		}}, nil
	}
	source := shop()
	source.Cluster, source.Instance, source.Snapshots = "", "shop-prod", workflow.SnapshotsAny
	if got, err := find(t, f, source, workflow.Input{}); err != nil || got.ID != "rds:shop-2026-11-21-17-05" {
		t.Errorf("got %+v, %v", got, err)
	}
	source.Snapshots = workflow.SnapshotsManual
	if _, err := find(t, f, source, workflow.Input{}); err == nil || !strings.Contains(err.Error(), " is from 2026-06-01 17:05 UTC") {
		t.Errorf("got %T %v", err, err)
	}
	if got, err := find(t, f, source, workflow.Input{Snapshot: "Copy-of-June"}); err != nil || !got.CreatedAt.Equal(at("2026-06-01 17:05")) {
		t.Errorf("got %+v, %v", got, err)
	}
}
