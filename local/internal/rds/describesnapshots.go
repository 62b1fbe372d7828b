package rds

import (
	"context"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// instanceSnapshot and clusterSnapshot are RDS's DBSnapshot and DBClusterSnapshot, with the members that mean something here.
type instanceSnapshot struct {
	DBSnapshotIdentifier string
	DBInstanceIdentifier string
	// SnapshotCreateTime is absent while the snapshot is being created (the AWS CLI's example of create-db-snapshot).
	SnapshotCreateTime         *stamp
	OriginalSnapshotCreateTime *stamp
	Engine                     string
	EngineVersion              string
	Status                     string
	PercentProgress            int
	SnapshotType               string
	InstanceCreateTime         *stamp
	AvailabilityZone           string
	StorageType                string
	Encrypted                  bool
	KmsKeyId                   string
	Port                       int
	DbiResourceId              string
	DBSnapshotArn              string
}

type clusterSnapshot struct {
	DBClusterSnapshotIdentifier string
	DBClusterIdentifier         string
	SnapshotCreateTime          *stamp
	Engine                      string
	EngineVersion               string
	EngineMode                  string
	Status                      string
	PercentProgress             int
	SnapshotType                string
	ClusterCreateTime           *stamp
	StorageEncrypted            bool
	KmsKeyId                    string
	Port                        int
	DbClusterResourceId         string
	DBClusterSnapshotArn        string
}

// The lists are written also when they are empty, as instances and clusters are.
type (
	instanceSnapshots struct {
		Rows []instanceSnapshot `xml:"DBSnapshot"`
	}
	clusterSnapshots struct {
		Rows []clusterSnapshot `xml:"DBClusterSnapshot"`
	}
)

// snapshotQuestion is what both Describe calls ask.
type snapshotQuestion struct {
	clusters bool
	// database, snapshot and resource are identifiers, or "" for any.
	database, snapshot, resource string
	// kind is a snapshot type, or "" for automated and manual ones.
	kind  string
	where filters
}

func (s *Service) describeSnapshots(ctx context.Context, p *wire.Parameters) (any, error) {
	q := snapshotQuestion{
		database: p.Text("DBInstanceIdentifier"), snapshot: p.Text("DBSnapshotIdentifier"),
		resource: p.Text("DbiResourceId"), kind: snapshotType(p),
		where: readFilters(p, "db-instance-id", "db-snapshot-id", "dbi-resource-id", "snapshot-type", "engine"),
	}
	snaps, marker, err := s.describe(ctx, p, q)
	if err != nil {
		return nil, err
	}
	var rows instanceSnapshots
	for _, snap := range snaps {
		rows.Rows = append(rows.Rows, s.instanceSnapshotOf(snap))
	}
	return struct {
		Marker      string `xml:",omitempty"`
		DBSnapshots instanceSnapshots
	}{marker, rows}, nil
}

func (s *Service) describeClusterSnapshots(ctx context.Context, p *wire.Parameters) (any, error) {
	q := snapshotQuestion{
		clusters: true,
		database: p.Text("DBClusterIdentifier"), snapshot: p.Text("DBClusterSnapshotIdentifier"),
		resource: p.Text("DbClusterResourceId"), kind: snapshotType(p),
		where: readFilters(p, "db-cluster-id", "db-cluster-snapshot-id", "snapshot-type", "engine"),
	}
	if q.database != "" && q.snapshot != "" {
		p.Fail("InvalidParameterCombination", "DBClusterIdentifier and DBClusterSnapshotIdentifier cannot be given together")
	}
	snaps, marker, err := s.describe(ctx, p, q)
	if err != nil {
		return nil, err
	}
	var rows clusterSnapshots
	for _, snap := range snaps {
		rows.Rows = append(rows.Rows, s.clusterSnapshotOf(snap))
	}
	return struct {
		Marker             string `xml:",omitempty"`
		DBClusterSnapshots clusterSnapshots
	}{marker, rows}, nil
}

// snapshotType reads SnapshotType. There are no snapshots of another account, and none of AWS Backup, but one may ask.
func snapshotType(p *wire.Parameters) string {
	kind := p.Text("SnapshotType")
	known := []string{"", automated, manual, "shared", "public", "awsbackup"}
	if !slices.Contains(known, kind) {
		p.Fail("InvalidParameterValue", "Unrecognized snapshot type: %s. It can be %s", kind, strings.Join(known[1:], ", "))
	}
	return kind
}

// describe reads what is left of the parameters and answers q with one page.
func (s *Service) describe(ctx context.Context, p *wire.Parameters, q snapshotQuestion) (on []*snapshot, marker string, err error) {
	readFlag(p, "IncludeShared")
	readFlag(p, "IncludePublic")
	pg := readPage(p)
	if err := p.Err(); err != nil {
		return nil, "", err
	}
	if err := s.mayDescribe(ctx, q); err != nil {
		return nil, "", err
	}
	if err := s.backupsDue(ctx, q.clusters); err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.expire(); err != nil {
		return nil, "", err
	}
	var snaps []*snapshot
	found := false
	for _, snap := range s.snapshots {
		if !q.asksFor(snap) {
			continue
		}
		found = true
		if q.where.match(factsOf(snap)) {
			snaps = append(snaps, snap)
		}
	}
	if q.snapshot != "" && !found {
		return nil, "", noSnapshot(q.clusters, q.snapshot)
	}
	on, marker = cut(pg, snaps, func(snap *snapshot) string { return snap.id })
	return on, marker, nil
}

func (s *Service) mayDescribe(ctx context.Context, q snapshotQuestion) error {
	if q.clusters {
		return s.may(ctx, "DescribeDBClusterSnapshots", s.resource("cluster", q.database), s.resource("cluster-snapshot", q.snapshot))
	}
	return s.may(ctx, "DescribeDBSnapshots", s.resource("db", q.database), s.resource("snapshot", q.snapshot))
}

func (q snapshotQuestion) asksFor(snap *snapshot) bool {
	switch {
	case q.clusters != snap.db.Cluster,
		q.database != "" && !isNamed(q.database, snap.db.id, snap.db.arn),
		q.snapshot != "" && !isNamed(q.snapshot, snap.id, snap.arn),
		q.resource != "" && q.resource != snap.db.resource,
		q.kind != "" && q.kind != snap.kind:
		return false
	}
	// Asked for by its identifier, an automated snapshot is found only when its type is given as well.
	return q.snapshot == "" || q.kind != "" || snap.kind == manual
}

func factsOf(snap *snapshot) facts {
	is := facts{"snapshot-type": {snap.kind}, "engine": {snap.db.engine}}
	if snap.db.Cluster {
		is["db-cluster-id"] = []string{snap.db.id, snap.db.arn}
		is["db-cluster-snapshot-id"] = []string{snap.id}
	} else {
		is["db-instance-id"] = []string{snap.db.id, snap.db.arn}
		is["db-snapshot-id"] = []string{snap.id}
		is["dbi-resource-id"] = []string{snap.db.resource}
	}
	return is
}

func (s *Service) instanceSnapshotOf(snap *snapshot) instanceSnapshot {
	now := s.clock.Now()
	row := instanceSnapshot{
		DBSnapshotIdentifier: snap.id, DBSnapshotArn: snap.arn, DBInstanceIdentifier: snap.db.id,
		Engine: snap.db.engine, EngineVersion: snap.db.version, Status: snap.status(now), SnapshotType: snap.kind,
		InstanceCreateTime: stampOf(snap.db.created), AvailabilityZone: s.region + "a", StorageType: "gp3", Encrypted: true, KmsKeyId: s.key,
		Port: snap.db.port, DbiResourceId: snap.db.resource, PercentProgress: snap.percent(now),
	}
	if !now.Before(snap.availableAt) {
		row.SnapshotCreateTime, row.OriginalSnapshotCreateTime = stampOf(snap.createdAt), stampOf(snap.createdAt)
	}
	return row
}

func (s *Service) clusterSnapshotOf(snap *snapshot) clusterSnapshot {
	now := s.clock.Now()
	return clusterSnapshot{
		DBClusterSnapshotIdentifier: snap.id, DBClusterSnapshotArn: snap.arn, DBClusterIdentifier: snap.db.id,
		SnapshotCreateTime: stampOf(snap.createdAt),
		Engine:             snap.db.engine, EngineVersion: snap.db.version, EngineMode: "provisioned", Status: snap.status(now),
		SnapshotType: snap.kind, ClusterCreateTime: stampOf(snap.db.created), StorageEncrypted: true, KmsKeyId: s.key, Port: snap.db.port,
		DbClusterResourceId: snap.db.resource, PercentProgress: snap.percent(now),
	}
}

func (s *Service) createSnapshot(ctx context.Context, p *wire.Parameters) (any, error) {
	id, of := p.Required("DBSnapshotIdentifier"), p.Required("DBInstanceIdentifier")
	snap, err := s.create(ctx, p, false, id, 255, of)
	if err != nil {
		return nil, err
	}
	return struct{ DBSnapshot instanceSnapshot }{s.instanceSnapshotOf(snap)}, nil
}

func (s *Service) createClusterSnapshot(ctx context.Context, p *wire.Parameters) (any, error) {
	id, of := p.Required("DBClusterSnapshotIdentifier"), p.Required("DBClusterIdentifier")
	snap, err := s.create(ctx, p, true, id, 63, of)
	if err != nil {
		return nil, err
	}
	return struct{ DBClusterSnapshot clusterSnapshot }{s.clusterSnapshotOf(snap)}, nil
}

// create takes a manual snapshot. The identifier has at most longest characters and is stored in lower case.
func (s *Service) create(ctx context.Context, p *wire.Parameters, isCluster bool, id string, longest int, of string) (*snapshot, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	id = strings.ToLower(id)
	if !identifier.MatchString(id) || len(id) > longest {
		return nil, wire.Errorf("InvalidParameterValue", "%q is not a valid snapshot identifier. Identifiers must begin with a letter, contain only letters, digits and single hyphens, not end with a hyphen, and have at most %d characters", id, longest)
	}
	if err := s.mayCreate(ctx, isCluster, id, of); err != nil {
		return nil, err
	}
	db, found := s.database(of, isCluster)
	if !found && isCluster {
		return nil, notFound("DBClusterNotFoundFault", "DBCluster %s not found.", of)
	}
	if !found {
		return nil, s.noInstance(of)
	}
	s.taking.Lock()
	defer s.taking.Unlock()
	return s.take(ctx, db, id, manual, creation)
}

func (s *Service) mayCreate(ctx context.Context, isCluster bool, id, of string) error {
	if isCluster {
		return s.may(ctx, "CreateDBClusterSnapshot", s.resource("cluster", of), s.resource("cluster-snapshot", id))
	}
	return s.may(ctx, "CreateDBSnapshot", s.resource("db", of), s.resource("snapshot", id))
}

// noInstance says why there is no instance to take a snapshot of: none of that name, or one whose data is its cluster's.
func (s *Service) noInstance(name string) error {
	for _, db := range s.databases {
		if isNamed(name, db.instance, db.instanceARN) {
			return wire.Errorf("InvalidDBInstanceState", "The DB instance %s belongs to the cluster %s. Use CreateDBClusterSnapshot", name, db.id)
		}
	}
	return notFound("DBInstanceNotFound", "DBInstance %s not found.", name)
}
