package rds_test

import (
	"encoding/json"
	"testing"
	"time"

	awsrds "github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/local/internal/events"
	"snaplake/local/internal/rds"
)

func TestBackup_SendsEvent(t *testing.T) {
	var got []string
	w := newEnv(t, databaseOf(emptySnapshot()), func(o *rds.Options) {
		o.Event = func(e events.Event) {
			b, err := json.Marshal(e)
			if err != nil {
				t.Error(err)
			}
			got = append(got, string(b))
		}
	})
	for _, id := range []string{"shop-prod", "cart-prod"} {
		if err := w.Backup(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	const instance, cluster = arns + "snapshot:rds:shop-prod-2026-11-21-17-05", arns + "cluster-snapshot:rds:cart-prod-2026-11-21-17-05"
	wantLines(t, got,
		`{"Source":"aws.rds","DetailType":"RDS DB Snapshot Event","Resources":["`+instance+`"],"Detail":{"Date":"2026-11-21T17:05:12.345Z",`+
			`"EventCategories":["creation"],"EventID":"RDS-EVENT-0091","Message":"Automated snapshot created","SourceArn":"`+instance+`",`+
			`"SourceIdentifier":"rds:shop-prod-2026-11-21-17-05","SourceType":"SNAPSHOT"}}`,
		`{"Source":"aws.rds","DetailType":"RDS DB Cluster Snapshot Event","Resources":["`+cluster+`"],"Detail":{`+
			`"Date":"2026-11-21T17:05:12.345Z","EventCategories":["backup"],"EventID":"RDS-EVENT-0169","Message":"Automated cluster snapshot `+
			`created","SourceArn":"`+cluster+`",`+
			`"SourceIdentifier":"rds:cart-prod-2026-11-21-17-05","SourceType":"CLUSTER_SNAPSHOT"}}`)
}

func TestOptions_EventMayCallTheService(t *testing.T) {
	var w env
	var found []string
	w = newEnv(t, databaseOf(emptySnapshot()), func(o *rds.Options) {
		o.BackupEvery = 24 * time.Hour
		o.Event = func(events.Event) { found = append(found, w.snapshots(t, awsrds.DescribeDBSnapshotsInput{})...) }
	})
	w.snapshots(t, awsrds.DescribeDBSnapshotsInput{}) // takes a backup
	w.snapshots(t, awsrds.DescribeDBSnapshotsInput{}) // takes none
	wantLines(t, found, "rds:shop-prod-2026-11-21-17-05 available")
}
