package rds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"snaplake/local/internal/export"
	"snaplake/local/internal/wire"
)

// creation is how long a manual snapshot takes. An automated one is listed when it is finished.
const creation = 2 * time.Minute

// The types of snapshots that are made here.
const (
	automated = "automated"
	manual    = "manual"
)

// The statuses of a snapshot.
const (
	creating  = "creating"
	available = "available"
)

// snapshot is a DB snapshot, or a DB cluster snapshot.
type snapshot struct {
	id, arn   string
	db        *database
	kind      string
	createdAt time.Time
	// availableAt is when its status changes from creating to available.
	availableAt time.Time
	// data is nil once it is released.
	data *data
}

func (snap *snapshot) status(now time.Time) string {
	if now.Before(snap.availableAt) {
		return creating
	}
	return available
}

// percent is how much of the snapshot is made.
func (snap *snapshot) percent(now time.Time) int {
	if !now.Before(snap.availableAt) {
		return 100
	}
	return int(100 * now.Sub(snap.createdAt) / snap.availableAt.Sub(snap.createdAt))
}

// data is what a snapshot holds. Dropping a snapshot does not stop an export of it, so it is closed when nobody holds it any
// more. Service.mu guards it.
type data struct {
	export.Snapshot
	holders int
}

func (d *data) release() error {
	if d.holders--; d.holders > 0 {
		return nil
	}
	return d.Close()
}

// release releases the snapshot's data. Releasing it again does nothing.
func (snap *snapshot) release() error {
	held := snap.data
	if held == nil {
		return nil
	}
	snap.data = nil
	return held.release()
}

// exported releases an automated snapshot that is a transaction in a server of the user's. The next run takes another one.
func (snap *snapshot) exported() error {
	if _, ok := snap.db.Source.(export.Transactional); !ok || snap.kind != automated {
		return nil
	}
	return snap.release()
}

// Backup takes an automated snapshot of the database of that identifier, as RDS does in the backup window. It is available at
// once, and [Options.Event] is told so; its identifier is rds:IDENTIFIER-YYYY-MM-DD-HH-MM, in UTC.
func (s *Service) Backup(ctx context.Context, identifier string) error {
	i := slices.IndexFunc(s.databases, func(db *database) bool { return db.id == identifier })
	if i < 0 {
		names := make([]string, len(s.databases))
		for i, db := range s.databases {
			names[i] = db.id
		}
		return fmt.Errorf("back up database %q: there is no such database; there is %s", identifier, strings.Join(names, ", "))
	}
	s.taking.Lock()
	snap, err := s.backup(ctx, s.databases[i])
	s.taking.Unlock()
	if err != nil {
		return fmt.Errorf("back up database %q: %w", identifier, err)
	}
	s.event(eventOf(snap))
	return nil
}

// backup is called with taking locked.
func (s *Service) backup(ctx context.Context, db *database) (*snapshot, error) {
	id := "rds:" + db.id + "-" + s.clock.Now().UTC().Format("2006-01-02-15-04")
	snap, err := s.take(ctx, db, id, automated, 0)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return snap, s.expire()
}

// take freezes the database under a new identifier. It is called with taking locked.
func (s *Service) take(ctx context.Context, db *database, id, kind string, lasts time.Duration) (*snapshot, error) {
	arn := s.snapshotARN(db, id)
	s.mu.Lock()
	_, exists := s.snapshots[arn]
	over := s.closed
	s.mu.Unlock()
	if over {
		return nil, closed()
	}
	if exists {
		return nil, wire.Errorf(codeOf(db.Cluster, "DBSnapshotAlreadyExists", "DBClusterSnapshotAlreadyExistsFault"),
			"Cannot create the snapshot because one with the identifier %s already exists.", id)
	}
	now := s.clock.Now()
	frozen, err := db.Source.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the snapshot %s: %w", id, err)
	}
	snap := &snapshot{id: id, arn: arn, db: db, kind: kind, createdAt: now, availableAt: now.Add(lasts), data: &data{frozen, 1}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots[arn] = snap
	return snap, nil
}

// automated returns the automated snapshots of a database, the oldest first. It is called with mu locked.
func (s *Service) automated(db *database) []*snapshot {
	var snaps []*snapshot
	for _, snap := range s.snapshots {
		if snap.db == db && snap.kind == automated {
			snaps = append(snaps, snap)
		}
	}
	slices.SortFunc(snaps, func(a, b *snapshot) int { return a.createdAt.Compare(b.createdAt) })
	return snaps
}

// backupsDue takes an automated snapshot of each instance, or of each cluster, that has none younger than backupEvery. It stands
// for the backup windows that passed while nobody asked; a service that asked the clock by itself would keep it running.
func (s *Service) backupsDue(ctx context.Context, clusters bool) error {
	if s.backupEvery == 0 {
		return nil
	}
	for _, db := range s.databases {
		if db.Cluster != clusters {
			continue
		}
		snap, err := s.backupDue(ctx, db)
		if err != nil {
			return fmt.Errorf("the automated backup of %s: %w", db.id, err)
		}
		if snap != nil {
			s.event(eventOf(snap))
		}
	}
	return nil
}

// backupDue returns nil when the newest automated snapshot is young enough.
func (s *Service) backupDue(ctx context.Context, db *database) (*snapshot, error) {
	s.taking.Lock()
	defer s.taking.Unlock()
	s.mu.Lock()
	snaps := s.automated(db)
	s.mu.Unlock()
	if n := len(snaps); n > 0 && s.clock.Now().Sub(snaps[n-1].createdAt) < s.backupEvery {
		return nil, nil
	}
	return s.backup(ctx, db)
}

func (s *Service) snapshotARN(db *database, id string) string {
	if db.Cluster {
		return s.arn("cluster-snapshot", id)
	}
	return s.arn("snapshot", id)
}

// codeOf chooses between a word of the instance API, above all an error code, and its counterpart in the cluster API.
func codeOf(isCluster bool, ofInstance, ofCluster string) string {
	if isCluster {
		return ofCluster
	}
	return ofInstance
}
