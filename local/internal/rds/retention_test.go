package rds_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/rds"
)

const day = 24 * time.Hour

// counted is a snapshot that counts how often it is closed.
func counted(closed *int) fakeSnapshot {
	snap := nothing()
	snap.close = func() error { *closed++; return nil }
	return snap
}

func TestKeepsAutomatedSnapshotsForSevenDaysAndClosesTheOthers(t *testing.T) {
	closed := 0
	w := newWorld(t, of(counted(&closed)))
	w.create(t, "for-ever")
	for range 9 {
		w.backup(t)
		w.pass(t, day)
	}
	wantLines(t, w.snapshots(t, awsrds.DescribeDBSnapshotsInput{}), "for-ever available",
		"rds:shop-prod-2026-11-24-17-05 available", "rds:shop-prod-2026-11-25-17-05 available", "rds:shop-prod-2026-11-26-17-05 available",
		"rds:shop-prod-2026-11-27-17-05 available", "rds:shop-prod-2026-11-28-17-05 available", "rds:shop-prod-2026-11-29-17-05 available")
	if closed != 3 {
		t.Errorf("%d snapshots were closed, want the 3 deleted ones", closed)
	}
}

func TestTheRetentionIsWhatTheDatabaseSays(t *testing.T) {
	w := newWorld(t, of(nothing()), func(o *rds.Options) { o.Retention = 2 * day })
	arn := w.backup(t)
	instances, err := w.client.DescribeDBInstances(t.Context(), &awsrds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("shop-prod")})
	if err != nil {
		t.Fatal(err)
	}
	clusters, err := w.client.DescribeDBClusters(t.Context(), &awsrds.DescribeDBClustersInput{})
	if err != nil {
		t.Fatal(err)
	}
	if i, c := *instances.DBInstances[0].BackupRetentionPeriod, *clusters.DBClusters[0].BackupRetentionPeriod; i != 2 || c != 2 {
		t.Errorf("the instance keeps snapshots for %d days, the cluster for %d, want 2", i, c)
	}

	w.pass(t, 2*day-time.Second)
	wantLines(t, w.snapshots(t, awsrds.DescribeDBSnapshotsInput{}), "rds:shop-prod-2026-11-21-17-05 available")
	w.pass(t, time.Second)
	_, err = w.client.StartExportTask(t.Context(), request("shop-0", arn))
	wantError(t, err, 404, "DBSnapshotNotFound", "Could not find snapshot with name rds:shop-prod-2026-11-21-17-05")
}

func TestHoldsTheDataOfAWeekHoweverManyNights(t *testing.T) {
	closed := 0
	w := newWorld(t, of(counted(&closed)))
	for n := range 20 {
		w.start(t, fmt.Sprint("shop-", n), w.backup(t))
		w.pass(t, day)
		w.until(t, fmt.Sprint("shop-", n), "COMPLETE")
	}
	if open := 20 - closed; open != 7 {
		t.Errorf("the data of %d snapshots is held, want that of 7", open)
	}
}

// transactional is a database on a server of the user's.
type transactional struct{ fakeDatabase }

func (transactional) HoldsTransactions() {}

func TestAutomatedSnapshot_EndsItsTransactionWhenItsExportIsComplete(t *testing.T) {
	closed := 0
	w := newWorld(t, transactional{of(counted(&closed))}, func(o *rds.Options) { o.BackupEvery = day })
	ask := awsrds.DescribeDBSnapshotsInput{}
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")
	arn := arns + "snapshot:rds:shop-prod-2026-11-21-17-05"
	w.start(t, "shop-0", arn)
	w.pass(t, time.Hour)
	w.until(t, "shop-0", "COMPLETE")
	if closed != 1 {
		t.Errorf("%d transactions were ended, want that of the snapshot", closed)
	}
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")

	_, err := w.client.StartExportTask(t.Context(), request("shop-1", arn))
	wantError(t, err, 404, "DBSnapshotNotFound",
		"Could not find snapshot with name rds:shop-prod-2026-11-21-17-05: its transaction in the database ended when its export was complete")
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-18-05 available") // there is another one for the next run
}

func TestAutomatedSnapshot_KeepsItsTransactionForAnExportThatIsMadeAgain(t *testing.T) {
	for kind, status := range map[fault.Kind]string{fault.Failed: "FAILED", fault.LostParts: "COMPLETE"} {
		closed := 0
		snap := shop()
		snap.close = counted(&closed).close
		w := newWorld(t, transactional{of(snap)}, planned(kind))
		arn := w.backup(t)
		w.start(t, "shop-0", arn)
		w.pass(t, time.Hour)
		w.until(t, "shop-0", status)
		if closed != 0 {
			t.Errorf("%s: the transaction was ended", kind)
		}
		w.start(t, "shop-1", arn)
	}
}

func TestManualSnapshot_KeepsItsTransactionUntilItIsDeleted(t *testing.T) {
	closed := 0
	w := newWorld(t, transactional{of(counted(&closed))})
	w.create(t, "before")
	w.pass(t, time.Hour)
	w.start(t, "shop-0", arns+"snapshot:before")
	w.pass(t, time.Hour)
	w.until(t, "shop-0", "COMPLETE")
	if closed != 0 {
		t.Error("the transaction was ended")
	}
	if _, err := w.client.DeleteDBSnapshot(t.Context(), &awsrds.DeleteDBSnapshotInput{DBSnapshotIdentifier: aws.String("before")}); err != nil {
		t.Fatal(err)
	}
	if closed != 1 {
		t.Errorf("%d transactions were ended, want that of the snapshot", closed)
	}
}

func TestRefusesARetentionThatRDSDoesNotHave(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-day:          "a retention of -24h0m0s: RDS keeps automated snapshots for 1 to 35 whole days",
		36 * day:      "a retention of 864h0m0s: RDS keeps automated snapshots for 1 to 35 whole days",
		day + 1:       "a retention of 24h0m0.000000001s: RDS keeps automated snapshots for 1 to 35 whole days",
		2 * time.Hour: "a retention of 2h0m0s: RDS keeps automated snapshots for 1 to 35 whole days",
	} {
		if _, err := rds.New(rds.Options{Clock: clock.NewVirtual(night), Retention: d}); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestDeletesAManualSnapshotAndItsExportGoesOn(t *testing.T) {
	snap, open := gate()
	closed := make(chan struct{}, 1)
	snap.close = func() error { closed <- struct{}{}; return nil }
	w := newWorld(t, of(snap))
	w.create(t, "Before")
	before := awsrds.DeleteDBSnapshotInput{DBSnapshotIdentifier: aws.String("BEFORE")}
	_, err := w.client.DeleteDBSnapshot(t.Context(), &before)
	wantError(t, err, 400, "InvalidDBSnapshotState", "The snapshot BEFORE is creating. Only an available snapshot can be deleted")
	w.pass(t, 2*time.Minute)
	w.start(t, "shop-0", arns+"snapshot:before")

	out, err := w.client.DeleteDBSnapshot(t.Context(), &before)
	if err != nil {
		t.Fatal(err)
	}
	if got := *out.DBSnapshot.DBSnapshotIdentifier + " " + *out.DBSnapshot.Status; got != "before deleted" {
		t.Errorf("got the snapshot %s, want before deleted", got)
	}
	_, err = w.client.DeleteDBSnapshot(t.Context(), &before)
	wantError(t, err, 404, "DBSnapshotNotFound", "DBSnapshot BEFORE not found.")
	wantLines(t, w.snapshots(t, awsrds.DescribeDBSnapshotsInput{}))
	if len(closed) != 0 {
		t.Error("the snapshot's data is closed while the export reads it")
	}
	close(open)
	w.pass(t, time.Hour)
	w.until(t, "shop-0", "COMPLETE")
	<-closed
}

func TestDeletesAClusterSnapshot(t *testing.T) {
	w := newWorld(t, of(nothing()))
	id := aws.String("before")
	if _, err := w.client.CreateDBClusterSnapshot(t.Context(), &awsrds.CreateDBClusterSnapshotInput{
		DBClusterIdentifier: aws.String("cart-prod"), DBClusterSnapshotIdentifier: id,
	}); err != nil {
		t.Fatal(err)
	}
	w.pass(t, 2*time.Minute)
	out, err := w.client.DeleteDBClusterSnapshot(t.Context(), &awsrds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: id})
	if err != nil {
		t.Fatal(err)
	}
	if *out.DBClusterSnapshot.Status != "available" {
		t.Errorf("got the status %s, want the one that it had", *out.DBClusterSnapshot.Status)
	}
	_, err = w.client.DeleteDBClusterSnapshot(t.Context(), &awsrds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: id})
	wantError(t, err, 404, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot before not found.")
}

func TestNobodyDeletesAnAutomatedSnapshot(t *testing.T) {
	w := newWorld(t, of(nothing()))
	for _, id := range []string{"shop-prod", "cart-prod"} {
		if err := w.Backup(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.client.DeleteDBSnapshot(t.Context(), &awsrds.DeleteDBSnapshotInput{DBSnapshotIdentifier: aws.String("rds:shop-prod-2026-11-21-17-05")})
	wantError(t, err, 400, "InvalidDBSnapshotState", "automated snapshots cannot be deleted.")
	_, err = w.client.DeleteDBClusterSnapshot(t.Context(), &awsrds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: aws.String("rds:cart-prod-2026-11-21-17-05")})
	wantError(t, err, 400, "InvalidDBClusterSnapshotStateFault", "Only manual snapshots may be deleted.")
}
