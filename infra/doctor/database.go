package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"snaplake/workflow"
)

// rdsAPI describes databases, their snapshots, and exports.
type rdsAPI interface {
	DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error)
	DescribeDBClusters(context.Context, *rds.DescribeDBClustersInput, ...func(*rds.Options)) (*rds.DescribeDBClustersOutput, error)
	DescribeDBSnapshots(context.Context, *rds.DescribeDBSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBSnapshotsOutput, error)
	DescribeDBClusterSnapshots(context.Context, *rds.DescribeDBClusterSnapshotsInput, ...func(*rds.Options)) (*rds.DescribeDBClusterSnapshotsOutput, error)
	DescribeExportTasks(context.Context, *rds.DescribeExportTasksInput, ...func(*rds.Options)) (*rds.DescribeExportTasksOutput, error)
}

// engines are those that RDS exports, in all their versions (RDS guide, "Supported Regions and DB engines for exporting
// snapshots to S3"; Aurora guide, the page of the same name).
var engines = []string{"mysql", "mariadb", "postgres", "aurora-mysql", "aurora-postgresql"}

// server is what RDS says of an instance or a cluster.
type server struct {
	engine, version string
	// storage of an instance: gp3.
	storage string
	// mode of a cluster: provisioned, also when it is Serverless v2.
	mode string
	// member of this cluster, when it is an instance.
	member string
	// retention is in days; 0 means that there are no automated backups.
	retention int32
	// window is that of the daily backup, in UTC: 17:00-17:30.
	window string
}

// checkSource looks at the source's database, at what of it there is to export, and at the names that are to be exported.
func (d *doctor) checkSource(ctx context.Context, source workflow.Source) []line {
	part := "database " + source.Name
	db, found, err := d.server(ctx, source)
	switch {
	case err != nil:
		return []line{d.couldNotLook(part, err)}
	case !found:
		return []line{fault.says(part, "there is no %s in account %s, %s; correct the configuration", describe(source), d.config.Account, d.config.Region)}
	}
	if obstacle := db.obstacle(source); obstacle != "" {
		return []line{fault.says(part, "%s %s", describe(source), obstacle)}
	}
	lines := []line{d.checkSnapshot(ctx, part, source, db)}
	return append(append(lines, d.checkBackupWindow(source, db.window)...), checkTables(source, db.engine)...)
}

func describe(source workflow.Source) string {
	if source.Cluster != "" {
		return "cluster " + source.Cluster
	}
	return "instance " + source.Instance
}

func (d *doctor) server(ctx context.Context, source workflow.Source) (db server, found bool, err error) {
	if source.Cluster != "" {
		out, err := d.aws.rds.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &source.Cluster})
		if codeOf(err) == "DBClusterNotFoundFault" || err == nil && len(out.DBClusters) == 0 {
			return server{}, false, nil
		}
		if err != nil {
			return server{}, false, err
		}
		return clusterServer(out.DBClusters[0]), true, nil
	}
	out, err := d.aws.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &source.Instance})
	if codeOf(err) == "DBInstanceNotFound" || err == nil && len(out.DBInstances) == 0 {
		return server{}, false, nil
	}
	if err != nil {
		return server{}, false, err
	}
	return instanceServer(out.DBInstances[0]), true, nil
}

func clusterServer(c types.DBCluster) server {
	return server{
		engine: aws.ToString(c.Engine), version: aws.ToString(c.EngineVersion),
		mode: aws.ToString(c.EngineMode), retention: aws.ToInt32(c.BackupRetentionPeriod), window: aws.ToString(c.PreferredBackupWindow),
	}
}

func instanceServer(i types.DBInstance) server {
	return server{
		engine: aws.ToString(i.Engine), version: aws.ToString(i.EngineVersion),
		storage: aws.ToString(i.StorageType), member: aws.ToString(i.DBClusterIdentifier), retention: aws.ToInt32(i.BackupRetentionPeriod),
		window: aws.ToString(i.PreferredBackupWindow),
	}
}

// obstacle is why the source cannot be exported from this database, or "" (RDS guide, "Exporting DB snapshot data to Amazon
// S3"; Aurora guide, "Exporting DB cluster data to Amazon S3").
func (db server) obstacle(source workflow.Source) string {
	switch {
	case db.member != "":
		return fmt.Sprintf("belongs to a cluster, and only the cluster has snapshots; write cluster: %s in place of instance", db.member)
	case !slices.Contains(engines, db.engine):
		return fmt.Sprintf("has the engine %s, which RDS does not export; it exports %s", db.engine, strings.Join(engines, ", "))
	case db.mode == "serverless":
		return "is Aurora Serverless v1, which RDS does not export; move it to Serverless v2 or to provisioned instances"
	case db.storage == "standard":
		return "has magnetic storage, of which RDS exports nothing; change its storage to gp3"
	case source.Snapshots == workflow.SnapshotsLive && !strings.HasPrefix(db.engine, "aurora-"):
		return "is a Multi-AZ DB cluster, and only Aurora can be exported live; write snapshots: automated"
	}
	return ""
}
