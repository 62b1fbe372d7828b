package rds

import (
	"context"

	"snaplake/local/internal/wire"
)

// database is a database instance, or a cluster with one instance.
type database struct {
	Database
	id, arn string
	// instance is the identifier of the database instance. In a cluster, this instance is the writer.
	instance, instanceARN string
	engine, version       string
	taken                 int // the number of snapshots; guarded by the mutex taking
}

// auroraMySQL is the engine version that an Aurora MySQL cluster reports. Aurora MySQL 3 is compatible with MySQL 8.0.
const auroraMySQL = "8.0.mysql_aurora.3.08.2"

// backupWindow is the daily backup window that RDS reports, in UTC. [Options.BackupEvery] determines when backups are actually taken.
const backupWindow = "17:00-17:30"

func (s *Service) newDatabase(d Database) *database {
	db := &database{Database: d, id: d.Identifier, instance: d.Identifier}
	db.engine, db.version = d.Source.Engine()
	db.arn = s.arn("db", db.id)
	if d.Cluster {
		db.instance, db.arn = d.Identifier+"-1", s.arn("cluster", db.id)
		if db.engine == "postgres" {
			db.engine = "aurora-postgresql"
		} else {
			db.engine, db.version = "aurora-mysql", auroraMySQL
		}
	}
	db.instanceARN = s.arn("db", db.instance)
	return db
}

// description holds the supported members that RDS's DBInstance and DBCluster have in common.
type description struct {
	DBClusterIdentifier   string `xml:",omitempty"`
	Engine, EngineVersion string
	BackupRetentionPeriod int
	PreferredBackupWindow string
	StorageEncrypted      bool
}

type instance struct {
	description
	DBInstanceIdentifier, DBInstanceArn, DBInstanceStatus, StorageType string
}

type cluster struct {
	description
	DBClusterArn, Status, EngineMode string
}

func (s *Service) describeInstances(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Text("DBInstanceIdentifier")
	if err := s.allowed(ctx, p, s.resource("db", id)); err != nil {
		return nil, err
	}
	var out struct {
		DBInstances struct { // a struct, since encoding/xml would omit an empty slice, whereas RDS writes an empty element
			Rows []instance `xml:"DBInstance"`
		}
	}
	for _, db := range s.databases {
		if id == "" || isNamed(id, db.instance, db.instanceARN) {
			row := instance{describe(db), db.instance, db.instanceARN, available, "gp3"}
			if db.Cluster {
				row.StorageType = "aurora"
			}
			out.DBInstances.Rows = append(out.DBInstances.Rows, row)
		}
	}
	if id != "" && len(out.DBInstances.Rows) == 0 {
		return nil, notFound("DBInstanceNotFound", "DBInstance %s not found.", id)
	}
	return out, nil
}

func (s *Service) describeClusters(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Text("DBClusterIdentifier")
	if err := s.allowed(ctx, p, s.resource("cluster", id)); err != nil {
		return nil, err
	}
	var out struct {
		DBClusters struct {
			Rows []cluster `xml:"DBCluster"`
		}
	}
	for _, db := range s.databases {
		if db.Cluster && (id == "" || isNamed(id, db.id, db.arn)) {
			out.DBClusters.Rows = append(out.DBClusters.Rows, cluster{describe(db), db.arn, available, "provisioned"})
		}
	}
	if id != "" && len(out.DBClusters.Rows) == 0 {
		return nil, clusterNotFound(id)
	}
	return out, nil
}

func describe(db *database) description {
	d := description{
		Engine: db.engine, EngineVersion: db.version, BackupRetentionPeriod: retentionDays, PreferredBackupWindow: backupWindow,
		StorageEncrypted: true,
	}
	if db.Cluster {
		d.DBClusterIdentifier = db.id
	}
	return d
}

func clusterNotFound(id string) error {
	return notFound("DBClusterNotFoundFault", "DBCluster %s not found.", id)
}
