package rds

import (
	"context"
	"time"

	"snaplake/local/internal/wire"
)

// database is what RDS knows of a database instance or cluster.
type database struct {
	Database
	id, arn string
	// instance is the identifier of the instance: the database itself, or the cluster's writer.
	instance, instanceARN string
	engine, version       string
	resource              string // DbClusterResourceId, or DbiResourceId
	created               time.Time
	port                  int
}

// auroraMySQL is the version that a cluster reports: of Aurora MySQL 3, which is MySQL 8.0.
const auroraMySQL = "8.0.mysql_aurora.3.08.2"

// backupWindow is when RDS backs up the databases, in UTC. Here [Options.BackupEvery] decides.
const backupWindow = "17:00-17:30"

func (s *Service) newDatabase(d Database) *database {
	db := &database{Database: d, id: d.Identifier, instance: d.Identifier, created: s.clock.Now(), port: 3306}
	db.engine, db.version = d.Source.Engine()
	if db.engine == "postgres" {
		db.port = 5432
	}
	if d.Cluster {
		db.instance = d.Identifier + "-1"
		db.arn = s.arn("cluster", db.id)
		db.resource = resourceID("cluster-", db.arn)
		if db.engine == "postgres" {
			db.engine = "aurora-postgresql"
		} else {
			db.engine, db.version = "aurora-mysql", auroraMySQL
		}
	} else {
		db.arn = s.arn("db", db.id)
		db.resource = resourceID("db-", db.arn)
	}
	db.instanceARN = s.arn("db", db.instance)
	return db
}

// instance and cluster are RDS's DBInstance and DBCluster, with the members that mean something here.
type instance struct {
	DBInstanceIdentifier  string
	DBInstanceClass       string
	Engine                string
	EngineVersion         string
	DBInstanceStatus      string
	InstanceCreateTime    *stamp
	BackupRetentionPeriod int
	PreferredBackupWindow string
	AvailabilityZone      string
	MultiAZ               bool
	StorageType           string
	StorageEncrypted      bool
	DbInstancePort        int
	DBClusterIdentifier   string `xml:",omitempty"`
	DbiResourceId         string
	DBInstanceArn         string
}

type cluster struct {
	DBClusterIdentifier   string
	DBClusterArn          string
	DbClusterResourceId   string
	Engine                string
	EngineVersion         string
	EngineMode            string
	Status                string
	Port                  int
	MultiAZ               bool
	StorageEncrypted      bool
	BackupRetentionPeriod int
	PreferredBackupWindow string
	ClusterCreateTime     *stamp
	DBClusterMembers      []member `xml:"DBClusterMembers>DBClusterMember"`
}

// instances and clusters are lists, which RDS writes also when they are empty: botocore's callers count on the key.
type (
	instances struct {
		Rows []instance `xml:"DBInstance"`
	}
	clusters struct {
		Rows []cluster `xml:"DBCluster"`
	}
)

type member struct {
	DBInstanceIdentifier string
	IsClusterWriter      bool
	PromotionTier        int
}

func (s *Service) describeInstances(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Text("DBInstanceIdentifier")
	where := readFilters(p, "db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine")
	pg := readPage(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.may(ctx, "DescribeDBInstances", s.resource("db", id)); err != nil {
		return nil, err
	}
	rows := []instance{}
	found := false
	for _, db := range s.databases {
		if id != "" && !isNamed(id, db.instance, db.instanceARN) {
			continue
		}
		found = true
		row := s.instanceOf(db)
		is := facts{"db-instance-id": {db.instance, db.instanceARN}, "dbi-resource-id": {row.DbiResourceId}, "engine": {db.engine}}
		if db.Cluster {
			is["db-cluster-id"] = []string{db.id, db.arn}
		}
		if where.match(is) {
			rows = append(rows, row)
		}
	}
	if id != "" && !found {
		return nil, notFound("DBInstanceNotFound", "DBInstance %s not found.", id)
	}
	rows, marker := cut(pg, rows, func(i instance) string { return i.DBInstanceIdentifier })
	return struct {
		Marker      string `xml:",omitempty"`
		DBInstances instances
	}{marker, instances{rows}}, nil
}

func (s *Service) describeClusters(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Text("DBClusterIdentifier")
	where := readFilters(p, "clone-group-id", "db-cluster-id", "db-cluster-resource-id", "domain", "engine")
	readFlag(p, "IncludeShared")
	pg := readPage(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.may(ctx, "DescribeDBClusters", s.resource("cluster", id)); err != nil {
		return nil, err
	}
	rows := []cluster{}
	found := false
	for _, db := range s.databases {
		if !db.Cluster || id != "" && !isNamed(id, db.id, db.arn) {
			continue
		}
		found = true
		if where.match(facts{"db-cluster-id": {db.id, db.arn}, "db-cluster-resource-id": {db.resource}, "engine": {db.engine}}) {
			rows = append(rows, s.clusterOf(db))
		}
	}
	if id != "" && !found {
		return nil, notFound("DBClusterNotFoundFault", "DBCluster %s not found.", id)
	}
	rows, marker := cut(pg, rows, func(c cluster) string { return c.DBClusterIdentifier })
	return struct {
		Marker     string `xml:",omitempty"`
		DBClusters clusters
	}{marker, clusters{rows}}, nil
}

func (s *Service) instanceOf(db *database) instance {
	i := instance{
		DBInstanceIdentifier: db.instance, DBInstanceArn: db.instanceARN, DbiResourceId: resourceID("db-", db.instanceARN),
		DBInstanceClass: "db.r6g.large", DBInstanceStatus: "available", Engine: db.engine, EngineVersion: db.version,
		InstanceCreateTime: stampOf(db.created), BackupRetentionPeriod: s.retentionDays(), AvailabilityZone: s.region + "a",
		StorageType: "gp3", StorageEncrypted: true, DbInstancePort: db.port, PreferredBackupWindow: backupWindow,
	}
	if db.Cluster {
		i.DBClusterIdentifier, i.StorageType = db.id, "aurora"
	}
	return i
}

func (s *Service) clusterOf(db *database) cluster {
	return cluster{
		DBClusterIdentifier: db.id, DBClusterArn: db.arn, DbClusterResourceId: db.resource, Status: "available",
		Engine: db.engine, EngineVersion: db.version, EngineMode: "provisioned", Port: db.port, StorageEncrypted: true,
		BackupRetentionPeriod: s.retentionDays(), PreferredBackupWindow: backupWindow, ClusterCreateTime: stampOf(db.created),
		DBClusterMembers: []member{{DBInstanceIdentifier: db.instance, IsClusterWriter: true, PromotionTier: 1}},
	}
}

// database finds an instance or a cluster by its identifier or ARN.
func (s *Service) database(name string, isCluster bool) (*database, bool) {
	for _, db := range s.databases {
		if db.Cluster == isCluster && isNamed(name, db.id, db.arn) {
			return db, true
		}
	}
	return nil, false
}
