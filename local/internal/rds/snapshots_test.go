package rds_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/export"
	"snaplake/local/internal/rds"
)

// snapshots lists the identifiers of an answer, each with its status.
func (w world) snapshots(t *testing.T, in awsrds.DescribeDBSnapshotsInput) []string {
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

func (w world) create(t *testing.T, id string) {
	t.Helper()
	_, err := w.client.CreateDBSnapshot(t.Context(), &awsrds.CreateDBSnapshotInput{
		DBInstanceIdentifier: aws.String("shop-prod"), DBSnapshotIdentifier: &id,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestABackupIsAnAutomatedSnapshot(t *testing.T) {
	w := newWorld(t, of(nothing()))
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
		t.Fatalf("got %d snapshots of instances, want 1", len(out.DBSnapshots))
	}
	snap := out.DBSnapshots[0]
	wantLines(t, []string{*snap.DBSnapshotIdentifier, *snap.DBSnapshotArn, *snap.Status, *snap.SnapshotType, *snap.Engine, snap.SnapshotCreateTime.Format(time.RFC3339Nano)},
		"rds:shop-prod-2026-11-21-17-05", arns+"snapshot:rds:shop-prod-2026-11-21-17-05", "available", "automated", "mysql", "2026-11-21T17:05:12.345Z")

	clusters, err := w.client.DescribeDBClusterSnapshots(t.Context(), &awsrds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: aws.String("cart-prod")})
	if err != nil {
		t.Fatal(err)
	}
	if len(clusters.DBClusterSnapshots) != 1 {
		t.Fatalf("got %d snapshots of clusters, want 1", len(clusters.DBClusterSnapshots))
	}
	of := clusters.DBClusterSnapshots[0]
	wantLines(t, []string{*of.DBClusterSnapshotArn, *of.Status, *of.Engine},
		arns+"cluster-snapshot:rds:cart-prod-2026-11-21-17-05", "available", "aurora-mysql")
}

func TestAnAutomatedSnapshotIsFoundByNameOnlyWithItsType(t *testing.T) {
	w := newWorld(t, of(nothing()))
	w.backup(t)
	id := aws.String("rds:shop-prod-2026-11-21-17-05")
	wantLines(t, w.snapshots(t, awsrds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: id, SnapshotType: aws.String("automated")}), *id+" available")

	_, err := w.client.DescribeDBSnapshots(t.Context(), &awsrds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: id})
	wantError(t, err, 404, "DBSnapshotNotFound", "DBSnapshot rds:shop-prod-2026-11-21-17-05 not found.")
	_, err = w.client.DescribeDBClusterSnapshots(t.Context(), &awsrds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: id, SnapshotType: aws.String("automated")})
	wantError(t, err, 404, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot rds:shop-prod-2026-11-21-17-05 not found.")
}

func TestSnapshotTypesSelect(t *testing.T) {
	w := newWorld(t, of(nothing()))
	w.backup(t)
	w.create(t, "Before-Release")
	for kind, want := range map[string][]string{
		"":          {"before-release creating", "rds:shop-prod-2026-11-21-17-05 available"},
		"automated": {"rds:shop-prod-2026-11-21-17-05 available"},
		"manual":    {"before-release creating"},
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
	wantError(t, err, 400, "InvalidParameterValue", "Unrecognized snapshot type: nightly. It can be automated, manual, shared, public, awsbackup")
}

func TestAManualSnapshotBecomesAvailable(t *testing.T) {
	w := newWorld(t, of(nothing()))
	w.create(t, "before")
	describe := func() string {
		out, err := w.client.DescribeDBSnapshots(t.Context(), &awsrds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: aws.String("before")})
		if err != nil {
			t.Fatal(err)
		}
		snap := out.DBSnapshots[0]
		return fmt.Sprint(*snap.Status, " ", *snap.PercentProgress, "% ", snap.SnapshotCreateTime)
	}
	got := []string{describe()}
	w.pass(t, time.Minute)
	got = append(got, describe())
	w.pass(t, time.Minute)
	got = append(got, describe())
	wantLines(t, got, "creating 0% <nil>", "creating 50% <nil>", "available 100% 2026-11-21 17:05:12.345 +0000 UTC")
}

func TestRefusesToCreateASnapshot(t *testing.T) {
	w := newWorld(t, of(nothing()))
	w.create(t, "before")
	create := func(id, of string) error {
		_, err := w.client.CreateDBSnapshot(t.Context(), &awsrds.CreateDBSnapshotInput{DBSnapshotIdentifier: &id, DBInstanceIdentifier: &of})
		return err
	}
	wantError(t, create("before", "shop-prod"), 400, "DBSnapshotAlreadyExists", "Cannot create the snapshot because one with the identifier before already exists.")
	wantError(t, create("a--b", "shop-prod"), 400, "InvalidParameterValue", `"a--b" is not a valid snapshot identifier. Identifiers must begin with a letter, contain only letters, digits and single hyphens, not end with a hyphen, and have at most 255 characters`)
	wantError(t, create("after", "ship-prod"), 404, "DBInstanceNotFound", "DBInstance ship-prod not found.")
	wantError(t, create("after", "cart-prod-1"), 400, "InvalidDBInstanceState", "The DB instance cart-prod-1 belongs to the cluster cart-prod. Use CreateDBClusterSnapshot")
}

func TestTakesABackupWhenTheNewestIsTooOld(t *testing.T) {
	w := newWorld(t, of(nothing()), func(o *rds.Options) { o.BackupEvery = 24 * time.Hour })
	ask := awsrds.DescribeDBSnapshotsInput{DBInstanceIdentifier: aws.String("shop-prod")}
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")
	w.pass(t, 23*time.Hour)
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")
	w.pass(t, time.Hour)
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available", "rds:shop-prod-2026-11-22-17-05 available")
}

func TestListsSnapshotsInPages(t *testing.T) {
	w := newWorld(t, of(nothing()))
	for n := range 45 {
		w.create(t, fmt.Sprintf("night-%02d", n))
	}
	var sizes []int
	pages := awsrds.NewDescribeDBSnapshotsPaginator(w.client, &awsrds.DescribeDBSnapshotsInput{MaxRecords: aws.Int32(20)})
	seen := map[string]bool{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.DBSnapshots))
		for _, snap := range page.DBSnapshots {
			seen[*snap.DBSnapshotIdentifier] = true
		}
	}
	if got := fmt.Sprint(sizes, len(seen)); got != "[20 20 5] 45" {
		t.Errorf("got pages and names %s, want [20 20 5] 45", got)
	}
}

func TestABackupTellsWhatWentWrong(t *testing.T) {
	db := fakeDatabase{engine: "mysql", snapshot: func(context.Context) (export.Snapshot, error) {
		return nil, errors.New("dial tcp 127.0.0.1:3306: connection refused")
	}}
	w := newWorld(t, db)
	for id, want := range map[string]string{
		"shop-prod": `back up database "shop-prod": take the snapshot rds:shop-prod-2026-11-21-17-05: dial tcp 127.0.0.1:3306: connection refused`,
		"ship-prod": `back up database "ship-prod": there is no such database; there is shop-prod, cart-prod`,
	} {
		if err := w.Backup(t.Context(), id); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}
