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

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// RDS is the part of the RDS API that FindSnapshot uses.
type RDS interface {
	rds.DescribeDBSnapshotsAPIClient
	rds.DescribeDBClusterSnapshotsAPIClient
	rds.DescribeDBInstancesAPIClient
	rds.DescribeDBClustersAPIClient
	rds.DescribeExportTasksAPIClient
}

const (
	available    = "available"
	beingCreated = "creating"
)

// snapshot describes an RDS snapshot of an instance or a cluster.
type snapshot struct {
	arn, id, engine string
	kind            string // automated, manual or awsbackup
	status          string
	percent         int32
	createdAt       time.Time
}

// result converts the snapshot to a [workflow.Snapshot]. The error is a [workflow.SnapshotNotFound] if RDS cannot export this engine.
func (s snapshot) result(source workflow.Source) (workflow.Snapshot, error) {
	engines := []string{"mysql", "mariadb", "postgres", "aurora-mysql", "aurora-postgresql"}
	if !slices.Contains(engines, s.engine) {
		return workflow.Snapshot{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: %s has the engine %s, which RDS cannot export; supported engines: %s",
			source.Name, describe(source), s.engine, strings.Join(engines, ", "))
	}
	return workflow.Snapshot{ARN: s.arn, ID: s.id, CreatedAt: s.createdAt.UTC(), Engine: s.engine}, nil
}

// instanceSnapshots sends two requests, because RDS returns AWS Backup snapshots only if the request specifies that type (RDS API
// reference, "DescribeDBSnapshots").
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
				found = append(found, snapshot{
					arn: aws.ToString(s.DBSnapshotArn), id: aws.ToString(s.DBSnapshotIdentifier), engine: aws.ToString(s.Engine),
					kind: aws.ToString(s.SnapshotType), status: aws.ToString(s.Status), percent: aws.ToInt32(s.PercentProgress),
					// A copy of a snapshot contains the rows of the original (RDS API reference, "DBSnapshot").
					createdAt: aws.ToTime(cmp.Or(s.OriginalSnapshotCreateTime, s.SnapshotCreateTime)),
				})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b snapshot) int { return strings.Compare(a.arn, b.arn) })
	return slices.CompactFunc(found, func(a, b snapshot) bool { return a.arn == b.arn }), nil
}

// snapshots returns all snapshots of the source's database, even if the database was deleted. RDS lists the AWS Backup snapshots
// of a cluster together with its other snapshots, and only the prefix of their names identifies them.
func (h *Handler) snapshots(ctx context.Context, source workflow.Source) ([]snapshot, error) {
	if source.Cluster == "" {
		return h.instanceSnapshots(ctx, source.Instance)
	}
	var found []snapshot
	pages := rds.NewDescribeDBClusterSnapshotsPaginator(h.RDS, &rds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: &source.Cluster})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "DBClusterNotFoundFault" {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("describe the snapshots of cluster %q: %w", source.Cluster, err)
		}
		for _, s := range page.DBClusterSnapshots {
			id, kind := aws.ToString(s.DBClusterSnapshotIdentifier), aws.ToString(s.SnapshotType)
			if strings.HasPrefix(id, "awsbackup:") {
				kind = workflow.SnapshotsAWSBackup
			}
			found = append(found, snapshot{
				arn: aws.ToString(s.DBClusterSnapshotArn), id: id, engine: aws.ToString(s.Engine), kind: kind, status: aws.ToString(s.Status),
				percent: aws.ToInt32(s.PercentProgress), createdAt: aws.ToTime(s.SnapshotCreateTime),
			})
		}
	}
	return found, nil
}

// database returns the ARN and the engine of the source's database. The error is a [workflow.SnapshotNotFound] if it does not exist.
func (h *Handler) database(ctx context.Context, source workflow.Source) (arn, engine string, err error) {
	if source.Cluster == "" {
		return h.instance(ctx, source)
	}
	pages := rds.NewDescribeDBClustersPaginator(h.RDS, &rds.DescribeDBClustersInput{DBClusterIdentifier: &source.Cluster})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "DBClusterNotFoundFault" {
			break
		}
		if err != nil {
			return "", "", fmt.Errorf("describe cluster %q: %w", source.Cluster, err)
		}
		if len(page.DBClusters) > 0 {
			return aws.ToString(page.DBClusters[0].DBClusterArn), aws.ToString(page.DBClusters[0].Engine), nil
		}
	}
	return "", "", workflow.Errorf[workflow.SnapshotNotFound](
		"source %q: there is no DB cluster %q in this account and Region", source.Name, source.Cluster)
}

func (h *Handler) instance(ctx context.Context, source workflow.Source) (arn, engine string, err error) {
	pages := rds.NewDescribeDBInstancesPaginator(h.RDS, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &source.Instance})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "DBInstanceNotFound" {
			break
		}
		if err != nil {
			return "", "", fmt.Errorf("describe instance %q: %w", source.Instance, err)
		}
		if len(page.DBInstances) > 0 {
			i := page.DBInstances[0]
			if cluster := aws.ToString(i.DBClusterIdentifier); cluster != "" {
				return "", "", workflow.Errorf[workflow.SnapshotNotFound](
					"source %q: instance %q belongs to a cluster, and only the cluster has snapshots; set \"cluster: %s\" instead of \"instance\"",
					source.Name, source.Instance, cluster)
			}
			return aws.ToString(i.DBInstanceArn), aws.ToString(i.Engine), nil
		}
	}
	return "", "", workflow.Errorf[workflow.SnapshotNotFound](
		"source %q: there is no DB instance %q in this account and Region", source.Name, source.Instance)
}
