package main

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
)

// fakeRDS is a fake of the RDS API.
type fakeRDS struct {
	instanceSnapshots func(*rds.DescribeDBSnapshotsInput) (*rds.DescribeDBSnapshotsOutput, error)
	clusterSnapshots  func(*rds.DescribeDBClusterSnapshotsInput) (*rds.DescribeDBClusterSnapshotsOutput, error)
	instances         func(*rds.DescribeDBInstancesInput) (*rds.DescribeDBInstancesOutput, error)
	clusters          func(*rds.DescribeDBClustersInput) (*rds.DescribeDBClustersOutput, error)
	exportTasks       func(*rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error)
}

func (f fakeRDS) DescribeDBSnapshots(_ context.Context, in *rds.DescribeDBSnapshotsInput, _ ...func(*rds.Options)) (*rds.DescribeDBSnapshotsOutput, error) {
	return f.instanceSnapshots(in)
}

func (f fakeRDS) DescribeDBClusterSnapshots(_ context.Context, in *rds.DescribeDBClusterSnapshotsInput, _ ...func(*rds.Options)) (*rds.DescribeDBClusterSnapshotsOutput, error) {
	return f.clusterSnapshots(in)
}

func (f fakeRDS) DescribeDBInstances(_ context.Context, in *rds.DescribeDBInstancesInput, _ ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error) {
	return f.instances(in)
}

func (f fakeRDS) DescribeDBClusters(_ context.Context, in *rds.DescribeDBClustersInput, _ ...func(*rds.Options)) (*rds.DescribeDBClustersOutput, error) {
	return f.clusters(in)
}

func (f fakeRDS) DescribeExportTasks(_ context.Context, in *rds.DescribeExportTasksInput, _ ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error) {
	return f.exportTasks(in)
}

const arn = "arn:aws:rds:ap-northeast-1:123456789012:"

// account returns an account whose only database is the Aurora cluster shop-prod. It lists one snapshot per page.
func account(snapshots ...types.DBClusterSnapshot) fakeRDS {
	return fakeRDS{
		clusterSnapshots: func(in *rds.DescribeDBClusterSnapshotsInput) (*rds.DescribeDBClusterSnapshotsOutput, error) {
			page, _ := strconv.Atoi(aws.ToString(in.Marker))
			if *in.DBClusterIdentifier != "shop-prod" || page >= len(snapshots) {
				return &rds.DescribeDBClusterSnapshotsOutput{}, nil
			}
			out := &rds.DescribeDBClusterSnapshotsOutput{DBClusterSnapshots: snapshots[page : page+1]}
			if page+1 < len(snapshots) {
				out.Marker = aws.String(strconv.Itoa(page + 1))
			}
			return out, nil
		},
		clusters: func(in *rds.DescribeDBClustersInput) (*rds.DescribeDBClustersOutput, error) {
			if *in.DBClusterIdentifier != "shop-prod" {
				return nil, &smithy.GenericAPIError{Code: "DBClusterNotFoundFault"}
			}
			return &rds.DescribeDBClustersOutput{DBClusters: []types.DBCluster{{
				DBClusterArn: aws.String(arn + "cluster:shop-prod"), Engine: aws.String("aurora-mysql"),
			}}}, nil
		},
		instanceSnapshots: func(*rds.DescribeDBSnapshotsInput) (*rds.DescribeDBSnapshotsOutput, error) {
			return &rds.DescribeDBSnapshotsOutput{}, nil
		},
		instances: func(*rds.DescribeDBInstancesInput) (*rds.DescribeDBInstancesOutput, error) {
			return nil, &smithy.GenericAPIError{Code: "DBInstanceNotFound"}
		},
		exportTasks: func(*rds.DescribeExportTasksInput) (*rds.DescribeExportTasksOutput, error) {
			return nil, &smithy.GenericAPIError{Code: "ExportTaskNotFound"}
		},
	}
}

// clusterSnap returns an available snapshot of an Aurora MySQL cluster, with the edits applied.
func clusterSnap(id, kind, createdAt string, edit ...func(*types.DBClusterSnapshot)) types.DBClusterSnapshot {
	s := types.DBClusterSnapshot{
		DBClusterSnapshotArn:        aws.String(arn + "cluster-snapshot:" + id),
		DBClusterSnapshotIdentifier: aws.String(id),
		SnapshotType:                aws.String(kind),
		Status:                      aws.String("available"),
		Engine:                      aws.String("aurora-mysql"),
		SnapshotCreateTime:          aws.Time(at(createdAt)),
	}
	for _, f := range edit {
		f(&s)
	}
	return s
}

func creating(s *types.DBClusterSnapshot) {
	s.Status, s.SnapshotCreateTime, s.PercentProgress = aws.String("creating"), nil, aws.Int32(40)
}

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}
