package rds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"snaplake/local/internal/export"
)

// available is the status of all databases and snapshots. A snapshot is not listed until it is complete.
const available = "available"

// automated is the type of all snapshots. Manual snapshots are not supported.
const automated = "automated"

// retentionDays is the number of days for which an automated snapshot is kept. The value is the default in the RDS console.
const retentionDays = 7

// snapshot is an automated DB snapshot or DB cluster snapshot. Save saves the exported fields.
type snapshot struct {
	// Database is the identifier of the database.
	Database, ID, ARN string
	CreatedAt         time.Time
	// Number is the index of the snapshot among all snapshots of the database, beginning with 0.
	Number int

	db *database
	// data is nil after the snapshot has released it.
	data *data
}

// data is the content of a snapshot, held by the snapshot and each of its running exports. The service's mu guards holders.
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

// release releases the snapshot's data. Further calls do nothing.
func (snap *snapshot) release() error {
	held := snap.data
	if held == nil {
		return nil
	}
	snap.data = nil
	return held.release()
}

// releaseExported releases an exported snapshot that is an open transaction on the user's server. The next run takes a new snapshot.
func (snap *snapshot) releaseExported() error {
	if _, ok := snap.db.Source.(export.Transactional); !ok {
		return nil
	}
	return snap.release()
}

// Backup takes the automated snapshot rds:IDENTIFIER-YYYY-MM-DD-HH-MM (in UTC) of a database, and calls [Options.Event].
func (s *Service) Backup(ctx context.Context, identifier string) error {
	i := slices.IndexFunc(s.databases, func(db *database) bool { return db.id == identifier })
	if i < 0 {
		return fmt.Errorf("back up database %q: no such database", identifier)
	}
	s.taking.Lock()
	snap, err := s.take(ctx, s.databases[i])
	s.taking.Unlock()
	if err != nil {
		return fmt.Errorf("back up database %q: %w", identifier, err)
	}
	s.options.Event(eventOf(snap))
	return nil
}

// take takes an automated snapshot of a database. The caller must hold s.taking.
func (s *Service) take(ctx context.Context, db *database) (*snapshot, error) {
	now := s.options.Clock.Now()
	id := "rds:" + db.id + "-" + now.UTC().Format("2006-01-02-15-04")
	arn := s.arn("snapshot", id)
	if db.Cluster {
		arn = s.arn("cluster-snapshot", id)
	}
	s.mu.Lock()
	_, exists := s.snapshots[arn]
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return nil, errClosed()
	}
	if exists {
		return nil, fmt.Errorf("snapshot %s already exists", id)
	}
	frozen, err := db.Source.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("take snapshot %s: %w", id, err)
	}
	snap := &snapshot{Database: db.id, ID: id, ARN: arn, CreatedAt: now, Number: db.taken, db: db, data: &data{frozen, 1}}
	s.mu.Lock()
	defer s.mu.Unlock()
	db.taken++
	s.snapshots[arn] = snap
	return snap, s.expire()
}

// backUpIfDue takes the automated snapshots of instances, or of clusters, that are due. It is called for each request that lists snapshots,
// since the clock would run fast while a goroutine slept until the next backup.
func (s *Service) backUpIfDue(ctx context.Context, clusters bool) error {
	if s.options.BackupEvery == 0 {
		return nil
	}
	for _, db := range s.databases {
		if db.Cluster != clusters {
			continue
		}
		snap, err := s.takeIfDue(ctx, db)
		if err != nil {
			return fmt.Errorf("automated backup of %s: %w", db.id, err)
		}
		if snap != nil {
			s.options.Event(eventOf(snap))
		}
	}
	return nil
}

// takeIfDue takes a snapshot of the database if the newest one is older than backupEvery. Otherwise, it returns nil.
func (s *Service) takeIfDue(ctx context.Context, db *database) (*snapshot, error) {
	s.taking.Lock()
	defer s.taking.Unlock()
	s.mu.Lock()
	due := true
	for _, snap := range s.snapshots {
		due = due && (snap.db != db || s.options.Clock.Now().Sub(snap.CreatedAt) >= s.options.BackupEvery)
	}
	s.mu.Unlock()
	if !due {
		return nil, nil
	}
	return s.take(ctx, db)
}

// expire deletes the snapshots that are older than the retention period, but not the data of running exports. It must be called before each
// access to the snapshots, with s.mu held, since the clock would run fast while a goroutine slept until the expiry.
func (s *Service) expire() error {
	now := s.options.Clock.Now()
	var errs []error
	for arn, snap := range s.snapshots {
		if now.Before(snap.CreatedAt.Add(retentionDays * 24 * time.Hour)) {
			continue
		}
		delete(s.snapshots, arn)
		if err := snap.release(); err != nil {
			errs = append(errs, fmt.Errorf("delete snapshot %s: %w", snap.ID, err))
		}
	}
	return errors.Join(errs...)
}
