package rds

import (
	"context"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// The types instanceSnapshot and clusterSnapshot hold the supported members of RDS's DBSnapshot and DBClusterSnapshot.
type instanceSnapshot struct {
	DBSnapshotIdentifier       string
	DBSnapshotArn              string
	DBInstanceIdentifier       string
	SnapshotCreateTime         *timestamp
	OriginalSnapshotCreateTime *timestamp
	Engine                     string
	EngineVersion              string
	Status                     string
	PercentProgress            int
	SnapshotType               string
	Encrypted                  bool
	KmsKeyId                   string
}

type clusterSnapshot struct {
	DBClusterSnapshotIdentifier string
	DBClusterSnapshotArn        string
	DBClusterIdentifier         string
	SnapshotCreateTime          *timestamp
	Engine                      string
	EngineVersion               string
	Status                      string
	PercentProgress             int
	SnapshotType                string
	StorageEncrypted            bool
	KmsKeyId                    string
}

type (
	instanceSnapshots struct {
		Rows []instanceSnapshot `xml:"DBSnapshot"`
	}
	clusterSnapshots struct {
		Rows []clusterSnapshot `xml:"DBClusterSnapshot"`
	}
)

func (s *Service) describeSnapshots(ctx context.Context, p *wire.Parameters) (any, error) {
	snaps, marker, err := s.findSnapshots(ctx, p, false)
	if err != nil {
		return nil, err
	}
	var rows instanceSnapshots
	for _, snap := range snaps {
		at := timestampOf(snap.createdAt)
		rows.Rows = append(rows.Rows, instanceSnapshot{
			DBSnapshotIdentifier: snap.id, DBSnapshotArn: snap.arn, DBInstanceIdentifier: snap.db.id,
			SnapshotCreateTime: at, OriginalSnapshotCreateTime: at, Engine: snap.db.engine, EngineVersion: snap.db.version,
			Status: available, PercentProgress: 100, SnapshotType: automated, Encrypted: true, KmsKeyId: s.key,
		})
	}
	return struct {
		Marker      string `xml:",omitempty"`
		DBSnapshots instanceSnapshots
	}{marker, rows}, nil
}

func (s *Service) describeClusterSnapshots(ctx context.Context, p *wire.Parameters) (any, error) {
	snaps, marker, err := s.findSnapshots(ctx, p, true)
	if err != nil {
		return nil, err
	}
	var rows clusterSnapshots
	for _, snap := range snaps {
		rows.Rows = append(rows.Rows, clusterSnapshot{
			DBClusterSnapshotIdentifier: snap.id, DBClusterSnapshotArn: snap.arn, DBClusterIdentifier: snap.db.id,
			SnapshotCreateTime: timestampOf(snap.createdAt), Engine: snap.db.engine, EngineVersion: snap.db.version,
			Status: available, PercentProgress: 100, SnapshotType: automated, StorageEncrypted: true, KmsKeyId: s.key,
		})
	}
	return struct {
		Marker             string `xml:",omitempty"`
		DBClusterSnapshots clusterSnapshots
	}{marker, rows}, nil
}

// findSnapshots returns one page of instance snapshots or cluster snapshots.
func (s *Service) findSnapshots(ctx context.Context, p *wire.Parameters, clusters bool) (on []*snapshot, marker string, err error) {
	source, parameter := "db", "DBInstanceIdentifier"
	kind := "snapshot"
	if clusters {
		source, parameter, kind = "cluster", "DBClusterIdentifier", "cluster-snapshot"
	}
	id, wanted := p.Text(parameter), snapshotType(p)
	pg := readPage(p)
	if err := s.allowed(ctx, p, s.resource(source, id), s.resource(kind, "")); err != nil {
		return nil, "", err
	}
	if err := s.backUpIfDue(ctx, clusters); err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.expire(); err != nil {
		return nil, "", err
	}
	var found []*snapshot
	for _, snap := range s.snapshots {
		if snap.db.Cluster == clusters && (id == "" || isNamed(id, snap.db.id, snap.db.arn)) && (wanted == "" || wanted == automated) {
			found = append(found, snap)
		}
	}
	on, marker = cut(pg, found, func(snap *snapshot) string { return snap.id })
	return on, marker, nil
}

// snapshotType reads the parameter SnapshotType. It accepts all of RDS's types, although the local RDS has only automated snapshots.
func snapshotType(p *wire.Parameters) string {
	kind := p.Text("SnapshotType")
	known := []string{automated, "manual", "shared", "public", "awsbackup"}
	if kind != "" && !slices.Contains(known, kind) {
		p.Fail("InvalidParameterValue", "Unrecognized snapshot type: %s. Valid types: %s", kind, strings.Join(known, ", "))
	}
	return kind
}
