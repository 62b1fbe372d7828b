package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// RDS's codes for a database that does not exist.
const (
	instanceUnknown = "DBInstanceNotFound"
	clusterUnknown  = "DBClusterNotFoundFault"
)

// server is an instance or a cluster.
type server struct{ arn, engine string }

// database describes the source's database. The error about one that does not exist is SnapshotNotFound.
func (h *Handler) database(ctx context.Context, source workflow.Source) (server, error) {
	if source.Cluster != "" {
		return h.cluster(ctx, source)
	}
	return h.instance(ctx, source)
}

func (h *Handler) cluster(ctx context.Context, source workflow.Source) (server, error) {
	pages := rds.NewDescribeDBClustersPaginator(h.RDS, &rds.DescribeDBClustersInput{DBClusterIdentifier: &source.Cluster})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == clusterUnknown {
			break
		}
		if err != nil {
			return server{}, fmt.Errorf("describe cluster %q: %w", source.Cluster, err)
		}
		if len(page.DBClusters) > 0 {
			c := page.DBClusters[0]
			return server{arn: aws.ToString(c.DBClusterArn), engine: aws.ToString(c.Engine)}, nil
		}
	}
	return server{}, workflow.Errorf[workflow.SnapshotNotFound](
		"source %q: there is no DB cluster %q in this account and Region", source.Name, source.Cluster)
}

func (h *Handler) instance(ctx context.Context, source workflow.Source) (server, error) {
	pages := rds.NewDescribeDBInstancesPaginator(h.RDS, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &source.Instance})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == instanceUnknown {
			break
		}
		if err != nil {
			return server{}, fmt.Errorf("describe instance %q: %w", source.Instance, err)
		}
		if len(page.DBInstances) > 0 {
			i := page.DBInstances[0]
			if cluster := aws.ToString(i.DBClusterIdentifier); cluster != "" {
				return server{}, workflow.Errorf[workflow.SnapshotNotFound](
					"source %q: instance %q belongs to a cluster, and only a cluster has snapshots; set cluster: %s instead of instance",
					source.Name, source.Instance, cluster)
			}
			return server{arn: aws.ToString(i.DBInstanceArn), engine: aws.ToString(i.Engine)}, nil
		}
	}
	return server{}, workflow.Errorf[workflow.SnapshotNotFound](
		"source %q: there is no DB instance %q in this account and Region", source.Name, source.Instance)
}
