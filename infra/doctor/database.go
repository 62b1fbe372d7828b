package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/workflow"
)

// database is an instance or a cluster.
type database struct {
	engine, version string
	storage         string // of an instance, for example gp3
	mode            string // of a cluster; Serverless v2 has provisioned, too
	cluster         string // that the instance belongs to
	retention       int32  // of automated backups, in days; 0 if they are off
	window          string // of the daily backup in UTC, for example 17:00-17:30
	key             string // ARN of the key that encrypts it, or ""
}

// checkSource checks the source's database, its key and its backup window. Engine and snapshots are left to FindSnapshot.
func (d *doctor) checkSource(ctx context.Context, source workflow.Source) []finding {
	s := subject("database " + source.Name)
	db, found, err := d.database(ctx, source)
	switch {
	case err != nil:
		return d.checkFailed(s, err)
	case !found:
		return s.problem("no %s in account %s, %s; correct the configuration", describe(source), d.config.Account, d.config.Region)
	}
	if obstacle := db.obstacle(source); obstacle != "" {
		return s.problem("%s %s", describe(source), obstacle)
	}
	facts := fmt.Sprintf("%s, %s %s", describe(source), db.engine, db.version)
	return append(d.checkDatabaseKey(ctx, s, db.key, facts), d.checkBackupWindow(source, db.window)...)
}

// checkDatabaseKey checks the key that encrypts the database and its snapshots (RDS guide, "Encrypting Amazon RDS resources"). RDS needs
// it to restore the snapshot for the export (RDS guide, "Exporting DB snapshot data to Amazon S3").
func (d *doctor) checkDatabaseKey(ctx context.Context, s subject, key, facts string) []finding {
	if key == "" {
		return s.ok("%s", facts)
	}
	out, err := d.aws.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &key})
	if err != nil {
		return d.checkFailed(s, err)
	}
	if state := out.KeyMetadata.KeyState; state != kmstypes.KeyStateEnabled {
		return s.problem("its snapshots cannot be exported: their key %s is %s; enable the key, or cancel its deletion", key, state)
	}
	return s.ok("%s, encrypted with %s", facts, key)
}

func describe(source workflow.Source) string {
	if source.Cluster != "" {
		return "cluster " + source.Cluster
	}
	return "instance " + source.Instance
}

func (d *doctor) database(ctx context.Context, source workflow.Source) (db database, found bool, err error) {
	if source.Cluster != "" {
		out, err := d.aws.rds.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: &source.Cluster})
		if codeOf(err) == "DBClusterNotFoundFault" || err == nil && len(out.DBClusters) == 0 {
			return database{}, false, nil
		}
		if err != nil {
			return database{}, false, err
		}
		c := out.DBClusters[0]
		return database{
			engine: aws.ToString(c.Engine), version: aws.ToString(c.EngineVersion), mode: aws.ToString(c.EngineMode),
			retention: aws.ToInt32(c.BackupRetentionPeriod), window: aws.ToString(c.PreferredBackupWindow), key: aws.ToString(c.KmsKeyId),
		}, true, nil
	}
	out, err := d.aws.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &source.Instance})
	if codeOf(err) == "DBInstanceNotFound" || err == nil && len(out.DBInstances) == 0 {
		return database{}, false, nil
	}
	if err != nil {
		return database{}, false, err
	}
	i := out.DBInstances[0]
	return database{
		engine: aws.ToString(i.Engine), version: aws.ToString(i.EngineVersion),
		storage: aws.ToString(i.StorageType), cluster: aws.ToString(i.DBClusterIdentifier),
		retention: aws.ToInt32(i.BackupRetentionPeriod), window: aws.ToString(i.PreferredBackupWindow), key: aws.ToString(i.KmsKeyId),
	}, true, nil
}

// obstacle returns why RDS cannot export the database, or "" (RDS guide, "Exporting DB snapshot data to Amazon S3"; Aurora guide,
// "Exporting DB cluster data to Amazon S3").
func (db database) obstacle(source workflow.Source) string {
	switch {
	case db.cluster != "":
		return fmt.Sprintf("belongs to a cluster, and only the cluster has snapshots; replace instance with cluster: %s", db.cluster)
	case db.mode == "serverless":
		return "is Aurora Serverless v1, which RDS does not export; move it to Serverless v2 or to provisioned instances"
	case db.storage == "standard":
		return "has magnetic storage, which RDS does not export; change its storage to gp3"
	case source.Snapshots == workflow.SnapshotsLive && !strings.HasPrefix(db.engine, "aurora-"):
		return "is a Multi-AZ DB cluster, and RDS exports only Aurora live; set snapshots: automated"
	case source.Snapshots == workflow.SnapshotsAutomated && db.retention == 0:
		return "has no automated backups; set its backup retention period to 1 day or more"
	}
	return ""
}
