package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// RDS is what FindSnapshot calls of RDS.
type RDS interface {
	DescribeDBSnapshots(context.Context, *rds.DescribeDBSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBSnapshotsOutput, error)
	DescribeDBClusterSnapshots(context.Context, *rds.DescribeDBClusterSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBClusterSnapshotsOutput, error)
	DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error)
	DescribeDBClusters(context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options)) (*rds.DescribeDBClustersOutput, error)
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// The statuses of a snapshot that FindSnapshot distinguishes.
const (
	available    = "available"
	beingCreated = "creating"
)

// snapshot is an instance's or a cluster's.
type snapshot struct {
	arn, id, engine string
	kind            string // automated, manual or awsbackup
	status          string
	percent         int32
	createdAt       time.Time
}

// counts reports whether the snapshot is of the kind that a source selects.
func (s snapshot) counts(setting string) bool {
	return setting == workflow.SnapshotsAny || setting == s.kind
}

// result returns the snapshot for the state, if RDS can export its engine.
func (s snapshot) result(source workflow.Source) (workflow.Snapshot, error) {
	engines := []string{"mysql", "mariadb", "postgres", "aurora-mysql", "aurora-postgresql"}
	if !slices.Contains(engines, s.engine) {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound]("source %q: %s has the engine %s, which RDS does not export; it exports %s",
			source.Name, database(source), s.engine, strings.Join(engines, ", "))
	}
	return workflow.Snapshot{ARN: s.arn, ID: s.id, CreatedAt: s.createdAt.UTC(), Engine: s.engine}, nil
}

// snapshots returns all snapshots of the source's database, even if the database was deleted.
func (h *Handler) snapshots(ctx context.Context, source workflow.Source) ([]snapshot, error) {
	if source.Cluster != "" {
		return h.clusterSnapshots(ctx, source.Cluster)
	}
	return h.instanceSnapshots(ctx, source.Instance)
}

// instanceSnapshots asks twice: according to the RDS API reference, only a request for their type returns AWS Backup's snapshots.
func (h *Handler) instanceSnapshots(ctx context.Context, instance string) ([]snapshot, error) {
	var found []snapshot
	for _, kind := range []*string{nil, aws.String(workflow.SnapshotsAWSBackup)} {
		pages := rds.NewDescribeDBSnapshotsPaginator(h.RDS, &rds.DescribeDBSnapshotsInput{DBInstanceIdentifier: &instance, SnapshotType: kind})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("describe the snapshots of instance %q: %w", instance, err)
			}
			for _, s := range page.DBSnapshots {
				found = append(found, instanceSnapshot(s))
			}
		}
	}
	slices.SortStableFunc(found, func(a, b snapshot) int { return strings.Compare(a.arn, b.arn) })
	return slices.CompactFunc(found, func(a, b snapshot) bool { return a.arn == b.arn }), nil
}

// clusterSnapshots asks for all types at once: for clusters, the API has no type awsbackup and lists those snapshots with the others.
func (h *Handler) clusterSnapshots(ctx context.Context, cluster string) ([]snapshot, error) {
	var found []snapshot
	pages := rds.NewDescribeDBClusterSnapshotsPaginator(h.RDS, &rds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: &cluster})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == clusterUnknown {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("describe the snapshots of cluster %q: %w", cluster, err)
		}
		for _, s := range page.DBClusterSnapshots {
			found = append(found, clusterSnapshot(s))
		}
	}
	return found, nil
}

func instanceSnapshot(s types.DBSnapshot) snapshot {
	id := aws.ToString(s.DBSnapshotIdentifier)
	return snapshot{
		arn: aws.ToString(s.DBSnapshotArn), id: id, engine: aws.ToString(s.Engine),
		kind: kindOf(id, aws.ToString(s.SnapshotType)), status: aws.ToString(s.Status),
		percent: aws.ToInt32(s.PercentProgress), createdAt: originalTime(s),
	}
}

// originalTime is when the rows were as the snapshot has them. SnapshotCreateTime changes when a snapshot is copied (API reference,
// DBSnapshot). Cluster snapshots have no such time.
func originalTime(s types.DBSnapshot) time.Time {
	return aws.ToTime(cmp.Or(s.OriginalSnapshotCreateTime, s.SnapshotCreateTime))
}

func clusterSnapshot(s types.DBClusterSnapshot) snapshot {
	id := aws.ToString(s.DBClusterSnapshotIdentifier)
	return snapshot{
		arn: aws.ToString(s.DBClusterSnapshotArn), id: id, engine: aws.ToString(s.Engine),
		kind: kindOf(id, aws.ToString(s.SnapshotType)), status: aws.ToString(s.Status),
		percent: aws.ToInt32(s.PercentProgress), createdAt: aws.ToTime(s.SnapshotCreateTime),
	}
}

// kindOf goes by the name where AWS Backup is concerned: its snapshots of clusters have no type of their own in the API.
func kindOf(id, reported string) string {
	if strings.HasPrefix(id, "awsbackup:") {
		return workflow.SnapshotsAWSBackup
	}
	return reported
}
