package rds_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/export"
	"snaplake/local/internal/rds"
)

// snapshots returns the identifier and the status of each snapshot that DescribeDBSnapshots lists.
func (w env) snapshots(t *testing.T, in awsrds.DescribeDBSnapshotsInput) []string {
	t.Helper()
	out, err := w.client.DescribeDBSnapshots(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, snap := range out.DBSnapshots {
		list = append(list, *snap.DBSnapshotIdentifier+" "+*snap.Status)
	}
	return list
}

func TestBackup_TakesAutomatedSnapshot(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	for _, id := range []string{"shop-prod", "cart-prod"} {
		if err := w.Backup(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	out, err := w.client.DescribeDBSnapshots(t.Context(), &awsrds.DescribeDBSnapshotsInput{SnapshotType: aws.String("automated")})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.DBSnapshots) != 1 {
		t.Fatalf("got %d instance snapshots, want 1", len(out.DBSnapshots))
	}
	snap := out.DBSnapshots[0]
	wantLines(t, []string{*snap.DBSnapshotIdentifier, *snap.DBSnapshotArn, *snap.Status, *snap.SnapshotType, *snap.Engine,
		snap.SnapshotCreateTime.Format(time.RFC3339Nano)},
		"rds:shop-prod-2026-11-21-17-05", arns+"snapshot:rds:shop-prod-2026-11-21-17-05", "available", "automated", "mysql",
		"2026-11-21T17:05:12.345Z")

	clusters, err := w.client.DescribeDBClusterSnapshots(t.Context(),
		&awsrds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: aws.String("cart-prod")})
	if err != nil {
		t.Fatal(err)
	}
	if len(clusters.DBClusterSnapshots) != 1 {
		t.Fatalf("got %d cluster snapshots, want 1", len(clusters.DBClusterSnapshots))
	}
	of := clusters.DBClusterSnapshots[0]
	wantLines(t, []string{*of.DBClusterSnapshotArn, *of.Status, *of.Engine},
		arns+"cluster-snapshot:rds:cart-prod-2026-11-21-17-05", "available", "aurora-mysql")
}

func TestDescribeDBSnapshots_SelectsByType(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	w.backup(t)
	for kind, want := range map[string][]string{
		"":          {"rds:shop-prod-2026-11-21-17-05 available"},
		"automated": {"rds:shop-prod-2026-11-21-17-05 available"},
		"manual":    nil,
		"awsbackup": nil,
		"shared":    nil,
	} {
		in := awsrds.DescribeDBSnapshotsInput{}
		if kind != "" {
			in.SnapshotType = &kind
		}
		wantLines(t, w.snapshots(t, in), want...)
	}
	_, err := w.client.DescribeDBSnapshots(t.Context(), &awsrds.DescribeDBSnapshotsInput{SnapshotType: aws.String("nightly")})
	wantError(t, err, 400, "InvalidParameterValue", "Unrecognized snapshot type: nightly. Valid types: automated, manual, shared, public, "+
		"awsbackup")
}

func TestDescribeDBSnapshots_TakesBackupThatIsDue(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()), func(o *rds.Options) { o.BackupEvery = 24 * time.Hour })
	ask := awsrds.DescribeDBSnapshotsInput{DBInstanceIdentifier: aws.String("shop-prod")}
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")
	w.clock.Advance(23 * time.Hour)
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")
	w.clock.Advance(time.Hour)
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available", "rds:shop-prod-2026-11-22-17-05 available")
}

func TestBackup_ReturnsCause(t *testing.T) {
	db := fakeDatabase{engine: "mysql", snapshot: func(context.Context) (export.Snapshot, error) {
		return nil, errors.New("dial tcp 127.0.0.1:3306: connection refused")
	}}
	w := newEnv(t, db)
	for id, want := range map[string]string{
		"shop-prod": `back up database "shop-prod": take snapshot rds:shop-prod-2026-11-21-17-05: dial tcp 127.0.0.1:3306: connection refused`,
		"ship-prod": `back up database "ship-prod": no such database`,
	} {
		if err := w.Backup(t.Context(), id); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestBackup_RejectsSecondSnapshotInTheSameMinute(t *testing.T) {
	w := newEnv(t, databaseOf(emptySnapshot()))
	w.backup(t)
	if err := w.Backup(t.Context(), "shop-prod"); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("got %v", err)
	}
}
