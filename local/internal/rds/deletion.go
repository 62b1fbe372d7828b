package rds

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"snaplake/local/internal/wire"
)

// How long automated snapshots are kept (RDS guide, "Backup retention period").
const (
	day              = 24 * time.Hour
	defaultRetention = 7 * day
	maxRetention     = 35 * day
)

// retentionDays is BackupRetentionPeriod.
func (s *Service) retentionDays() int { return int(s.retention / day) }

// expire deletes the automated snapshots that are older than the retention. Whoever is about to use the snapshots calls it first,
// with mu locked: a service that waited for their time would keep the clock running.
func (s *Service) expire() error {
	now := s.clock.Now()
	var errs []error
	for _, snap := range s.snapshots {
		if snap.kind == automated && !now.Before(snap.createdAt.Add(s.retention)) {
			errs = append(errs, s.drop(snap))
		}
	}
	return errors.Join(errs...)
}

// drop deletes a snapshot; an export of it goes on. It is called with mu locked.
func (s *Service) drop(snap *snapshot) error {
	delete(s.snapshots, snap.arn)
	if err := snap.release(); err != nil {
		return fmt.Errorf("delete the snapshot %s: %w", snap.id, err)
	}
	return nil
}

func (s *Service) deleteSnapshot(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Required("DBSnapshotIdentifier")
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.may(ctx, "DeleteDBSnapshot", s.resource("snapshot", id)); err != nil {
		return nil, err
	}
	snap, err := s.delete(false, id)
	if err != nil {
		return nil, err
	}
	row := s.instanceSnapshotOf(snap)
	row.Status = "deleted"
	return struct{ DBSnapshot instanceSnapshot }{row}, nil
}

// deleteClusterSnapshot answers with the status that the snapshot had, unlike deleteSnapshot (the AWS CLI's example of
// delete-db-cluster-snapshot).
func (s *Service) deleteClusterSnapshot(ctx context.Context, p *wire.Parameters) (any, error) {
	id := p.Required("DBClusterSnapshotIdentifier")
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.may(ctx, "DeleteDBClusterSnapshot", s.resource("cluster-snapshot", id)); err != nil {
		return nil, err
	}
	snap, err := s.delete(true, id)
	if err != nil {
		return nil, err
	}
	return struct{ DBClusterSnapshot clusterSnapshot }{s.clusterSnapshotOf(snap)}, nil
}

// delete deletes a manual snapshot.
func (s *Service) delete(isCluster bool, id string) (*snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.expire(); err != nil {
		return nil, err
	}
	wrongState := codeOf(isCluster, "InvalidDBSnapshotState", "InvalidDBClusterSnapshotStateFault")
	snap, found := s.snapshots[s.arn(codeOf(isCluster, "snapshot", "cluster-snapshot"), strings.ToLower(id))]
	switch {
	case !found:
		return nil, noSnapshot(isCluster, id)
	case snap.kind == automated:
		return nil, wire.Errorf(wrongState, "%s", codeOf(isCluster, "automated snapshots cannot be deleted.", "Only manual snapshots may be deleted."))
	case snap.status(s.clock.Now()) != available:
		return nil, wire.Errorf(wrongState, "The snapshot %s is %s. Only an available snapshot can be deleted", id, snap.status(s.clock.Now()))
	}
	return snap, s.drop(snap)
}

func noSnapshot(isCluster bool, id string) error {
	return notFound(codeOf(isCluster, "DBSnapshotNotFound", "DBClusterSnapshotNotFoundFault"),
		"%s %s not found.", codeOf(isCluster, "DBSnapshot", "DBClusterSnapshot"), id)
}
