package rds

import (
	"context"
	"slices"
	"strings"

	"snaplake/local/internal/wire"
)

// snapshotDescription holds the supported members that RDS's DBSnapshot and DBClusterSnapshot have in common.
type snapshotDescription struct {
	SnapshotCreateTime    *timestamp
	Engine, EngineVersion string
	Status                string
	PercentProgress       int
	SnapshotType          string
	KmsKeyId              string
}

type instanceSnapshot struct {
	snapshotDescription
	DBSnapshotIdentifier, DBSnapshotArn, DBInstanceIdentifier string
	OriginalSnapshotCreateTime                                *timestamp
	Encrypted                                                 bool
}

type clusterSnapshot struct {
	snapshotDescription
	DBClusterSnapshotIdentifier, DBClusterSnapshotArn, DBClusterIdentifier string
	StorageEncrypted                                                       bool
}

func (s *Service) describeSnapshots(ctx context.Context, p *wire.Parameters) (any, error) {
	var out struct {
		Marker      string `xml:",omitempty"`
		DBSnapshots struct {
			Rows []instanceSnapshot `xml:"DBSnapshot"`
		}
	}
	snaps, marker, err := s.findSnapshots(ctx, p, false)
	for _, snap := range snaps {
		row := instanceSnapshot{s.describeSnapshot(snap), snap.ID, snap.ARN, snap.db.id, timestampOf(snap.CreatedAt), true}
		out.DBSnapshots.Rows = append(out.DBSnapshots.Rows, row)
	}
	out.Marker = marker
	return out, err
}

func (s *Service) describeClusterSnapshots(ctx context.Context, p *wire.Parameters) (any, error) {
	var out struct {
		Marker             string `xml:",omitempty"`
		DBClusterSnapshots struct {
			Rows []clusterSnapshot `xml:"DBClusterSnapshot"`
		}
	}
	snaps, marker, err := s.findSnapshots(ctx, p, true)
	for _, snap := range snaps {
		row := clusterSnapshot{s.describeSnapshot(snap), snap.ID, snap.ARN, snap.db.id, true}
		out.DBClusterSnapshots.Rows = append(out.DBClusterSnapshots.Rows, row)
	}
	out.Marker = marker
	return out, err
}

func (s *Service) describeSnapshot(snap *snapshot) snapshotDescription {
	return snapshotDescription{
		SnapshotCreateTime: timestampOf(snap.CreatedAt), Engine: snap.db.engine, EngineVersion: snap.db.version,
		Status: available, PercentProgress: 100, SnapshotType: automated, KmsKeyId: s.options.Key,
	}
}

// findSnapshots returns one page of instance snapshots or cluster snapshots.
func (s *Service) findSnapshots(ctx context.Context, p *wire.Parameters, clusters bool) (on []*snapshot, marker string, err error) {
	source, parameter, kind := "db", "DBInstanceIdentifier", "snapshot"
	if clusters {
		source, parameter, kind = "cluster", "DBClusterIdentifier", "cluster-snapshot"
	}
	id, wanted, pg := p.Text(parameter), p.Text("SnapshotType"), readPage(p)
	if types := []string{"", automated, "manual", "shared", "public", "awsbackup"}; !slices.Contains(types, wanted) {
		p.Fail("InvalidParameterValue", "Unrecognized snapshot type: %s. Valid types: %s", wanted, strings.Join(types[1:], ", "))
	}
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
	return cut(pg, found, func(snap *snapshot) string { return snap.ID })
}
