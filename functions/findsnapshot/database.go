package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// RDS's codes for a database that is not there.
const (
	instanceUnknown = "DBInstanceNotFound"
	clusterUnknown  = "DBClusterNotFoundFault"
)

// server is an instance or a cluster.
type server struct{ arn, engine string }

// database looks the source's database up. That it does not exist is SnapshotNotFound.
func (h *Handler) database(ctx context.Context, source workflow.Source) (server, error) {
	if source.Cluster != "" {
		return h.cluster(ctx, source)
	}
	return h.instance(ctx, source)
}

func (h *Handler) cluster(ctx context.Context, source workflow.Source) (server, error) {
	out, err := h.RDS.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &source.Cluster})
	if awserr.Code(err) == clusterUnknown || err == nil && len(out.DBClusters) == 0 {
		return server{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: there is no DB cluster %q in this account and Region; correct the source's cluster, or give an instance", source.Name, source.Cluster)
	}
	if err != nil {
		return server{}, fmt.Errorf("describe cluster %q: %w", source.Cluster, err)
	}
	c := out.DBClusters[0]
	return server{arn: aws.ToString(c.DBClusterArn), engine: aws.ToString(c.Engine)}, nil
}

func (h *Handler) instance(ctx context.Context, source workflow.Source) (server, error) {
	out, err := h.RDS.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &source.Instance})
	if awserr.Code(err) == instanceUnknown || err == nil && len(out.DBInstances) == 0 {
		return server{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: there is no DB instance %q in this account and Region; correct the source's instance, or give a cluster", source.Name, source.Instance)
	}
	if err != nil {
		return server{}, fmt.Errorf("describe instance %q: %w", source.Instance, err)
	}
	i := out.DBInstances[0]
	if cluster := aws.ToString(i.DBClusterIdentifier); cluster != "" {
		return server{}, workflow.Errorf[workflow.SnapshotNotFound](
			"source %q: instance %q belongs to a cluster, and only the cluster has snapshots; set cluster: %s in place of instance", source.Name, source.Instance, cluster)
	}
	return server{arn: aws.ToString(i.DBInstanceArn), engine: aws.ToString(i.Engine)}, nil
}
