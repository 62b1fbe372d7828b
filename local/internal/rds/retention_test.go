package rds_test

import (
	"fmt"
	"testing"
	"time"

	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/rds"
)

const day = 24 * time.Hour

// counted returns a snapshot that counts how often it is closed.
func counted(closed *int) fakeSnapshot {
	snap := emptySnapshot()
	snap.close = func() error { *closed++; return nil }
	return snap
}

func TestSnapshot_IsDeletedAfterSevenDays(t *testing.T) {
	closed := 0
	w := newEnv(t, databaseOf(counted(&closed)))
	for range 9 {
		w.backup(t)
		w.clock.Advance(day)
	}
	wantLines(t, w.snapshots(t, awsrds.DescribeDBSnapshotsInput{}), "rds:shop-prod-2026-11-24-17-05 available",
		"rds:shop-prod-2026-11-25-17-05 available", "rds:shop-prod-2026-11-26-17-05 available",
		"rds:shop-prod-2026-11-27-17-05 available", "rds:shop-prod-2026-11-28-17-05 available", "rds:shop-prod-2026-11-29-17-05 available")
	if closed != 3 {
		t.Errorf("%d snapshots were closed, want 3", closed)
	}
}

func TestSnapshot_ReleasesItsDataAfterSevenDays(t *testing.T) {
	closed := 0
	w := newEnv(t, databaseOf(counted(&closed)))
	for n := range 20 {
		w.start(t, fmt.Sprint("shop-", n), w.backup(t))
		w.clock.Advance(day)
		w.waitFor(t, fmt.Sprint("shop-", n), "COMPLETE")
	}
	if open := 20 - closed; open != 7 {
		t.Errorf("the data of %d snapshots is open, want 7", open)
	}
}

// transactional is a database on the user's own server.
type transactional struct{ fakeDatabase }

func (transactional) HoldsTransactions() {}

func TestSnapshot_EndsItsTransactionAfterItsExport(t *testing.T) {
	closed := 0
	w := newEnv(t, transactional{databaseOf(counted(&closed))}, func(o *rds.Options) { o.BackupEvery = day })
	ask := awsrds.DescribeDBSnapshotsInput{}
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")
	arn := arns + "snapshot:rds:shop-prod-2026-11-21-17-05"
	w.start(t, "shop-0", arn)
	w.clock.Advance(time.Hour)
	w.waitFor(t, "shop-0", "COMPLETE")
	if closed != 1 {
		t.Errorf("%d transactions ended, want 1", closed)
	}
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-17-05 available")

	_, err := w.client.StartExportTask(t.Context(), request("shop-1", arn))
	wantError(t, err, 404, "DBSnapshotNotFound",
		"Could not find snapshot with name rds:shop-prod-2026-11-21-17-05: the snapshot's transaction ended when its export completed")
	wantLines(t, w.snapshots(t, ask), "rds:shop-prod-2026-11-21-18-05 available") // a new snapshot for the next run
}

func TestSnapshot_KeepsItsTransactionAfterFailedExport(t *testing.T) {
	for kind, status := range map[fault.Kind]string{fault.Failed: "FAILED", fault.LostParts: "COMPLETE"} {
		closed := 0
		snap := shop()
		snap.close = counted(&closed).close
		w := newEnv(t, transactional{databaseOf(snap)}, planned(kind))
		arn := w.backup(t)
		w.start(t, "shop-0", arn)
		w.clock.Advance(time.Hour)
		w.waitFor(t, "shop-0", status)
		if closed != 0 {
			t.Errorf("%s: the transaction ended", kind)
		}
		w.start(t, "shop-1", arn)
	}
}
