package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/workflow"
)

// snapshot is an instance's or a cluster's.
type snapshot struct {
	id, kind  string // kind is automated, manual or awsbackup
	createdAt time.Time
	// key is the ARN of the key that encrypts it, or "".
	key string
}

// checkSnapshot looks for what FindSnapshot would take if a night began now.
func (d *doctor) checkSnapshot(ctx context.Context, part string, source workflow.Source, db server) line {
	facts := fmt.Sprintf("%s, %s %s", describe(source), db.engine, db.version)
	switch {
	case source.Snapshots == workflow.SnapshotsLive:
		return ok.says(part, "%s, exported live", facts)
	case source.Snapshots == workflow.SnapshotsAutomated && db.retention == 0:
		return fault.says(part, "%s has no automated backups; set its backup retention period to 1 day or more", describe(source))
	}
	all, err := d.snapshots(ctx, source)
	if err != nil {
		return d.couldNotLook(part, err)
	}
	wanted := source.Snapshots + " snapshot"
	if source.Snapshots == workflow.SnapshotsAny {
		wanted = "snapshot"
	}
	newest := snapshot{}
	for _, s := range all {
		if (source.Snapshots == workflow.SnapshotsAny || s.kind == source.Snapshots) && s.createdAt.After(newest.createdAt) {
			newest = s
		}
	}
	if newest.id == "" {
		return fault.says(part, "%s has no %s that is available; wait for its first one, or take one, or change snapshots in the configuration", describe(source), wanted)
	}
	age := max(d.now().Sub(newest.createdAt), 0)
	if limit := time.Duration(source.MaxSnapshotAge); age > limit {
		return fault.says(part, "the newest %s of %s, %s, is %s old, and max_snapshot_age is %s; see in RDS's events why there is no newer one, or raise max_snapshot_age",
			wanted, describe(source), newest.id, hours(age), hours(limit))
	}
	facts = fmt.Sprintf("%s, newest %s %s is %s old", facts, wanted, newest.id, hours(age))
	if newest.key == "" {
		return ok.says(part, "%s", facts)
	}
	// RDS restores the snapshot to export it (RDS guide, "Exporting DB snapshot data to Amazon S3"), which takes its key. Whether who
	// starts the export needs a right on it as well is UNCONFIRMED.
	out, err := d.aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &newest.key})
	if err != nil {
		return d.couldNotLook(part, err)
	}
	if state := out.KeyMetadata.KeyState; state != types.KeyStateEnabled {
		return fault.says(part, "%s cannot be exported: %s, with which it is encrypted, is %s; enable the key, or cancel its deletion", newest.id, newest.key, state)
	}
	return ok.says(part, "%s, encrypted with %s, which is enabled", facts, newest.key)
}

// snapshots lists those of the source's database that are available. RDS promises AWS Backup's snapshots of an instance only to
// who asks for their type, and has no such type for a cluster, which lists them with the others (API reference,
// DescribeDBSnapshots and DescribeDBClusterSnapshots).
func (d *doctor) snapshots(ctx context.Context, source workflow.Source) ([]snapshot, error) {
	if source.Cluster != "" {
		return d.clusterSnapshots(ctx, source.Cluster)
	}
	var kind *string
	if source.Snapshots == workflow.SnapshotsAWSBackup {
		kind = &source.Snapshots
	}
	found, err := d.instanceSnapshots(ctx, source.Instance, kind)
	if err != nil || source.Snapshots != workflow.SnapshotsAny {
		return found, err
	}
	backups, err := d.instanceSnapshots(ctx, source.Instance, aws.String(workflow.SnapshotsAWSBackup))
	return append(found, backups...), err
}

func (d *doctor) instanceSnapshots(ctx context.Context, instance string, kind *string) ([]snapshot, error) {
	var found []snapshot
	pages := rds.NewDescribeDBSnapshotsPaginator(d.aws.rds, &rds.DescribeDBSnapshotsInput{DBInstanceIdentifier: &instance, SnapshotType: kind})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.DBSnapshots {
			if aws.ToString(s.Status) == "available" {
				found = append(found, newSnapshot(s.DBSnapshotIdentifier, s.SnapshotType, s.KmsKeyId, cmp.Or(s.OriginalSnapshotCreateTime, s.SnapshotCreateTime)))
			}
		}
	}
	return found, nil
}

func (d *doctor) clusterSnapshots(ctx context.Context, cluster string) ([]snapshot, error) {
	var found []snapshot
	pages := rds.NewDescribeDBClusterSnapshotsPaginator(d.aws.rds, &rds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: &cluster})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range page.DBClusterSnapshots {
			if aws.ToString(s.Status) == "available" {
				found = append(found, newSnapshot(s.DBClusterSnapshotIdentifier, s.SnapshotType, s.KmsKeyId, s.SnapshotCreateTime))
			}
		}
	}
	return found, nil
}

func newSnapshot(id, kind, key *string, createdAt *time.Time) snapshot {
	s := snapshot{id: aws.ToString(id), kind: aws.ToString(kind), key: aws.ToString(key), createdAt: aws.ToTime(createdAt)}
	if strings.HasPrefix(s.id, "awsbackup:") {
		s.kind = workflow.SnapshotsAWSBackup
	}
	return s
}

// hours writes a duration without its seconds: 7h12m.
func hours(d time.Duration) string {
	d = d.Truncate(time.Minute)
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
