// Package rds implements RDS for the local AWS: databases, their automated snapshots, and exports of snapshots and clusters to S3.
//
// It serves RDS's Query protocol. An unsupported operation, filter or parameter is rejected with an error that names it.
package rds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/events"
	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/wire"
)

// Options configures a Service.
type Options struct {
	// Region and Account are part of all ARNs.
	Region, Account string
	Clock           clock.Clock
	// Guard authorizes each API call, and each call that RDS makes with an export role. If nil, everything is allowed.
	Guard *iam.Guard
	// Faults decides which faults to inject into exports. If nil, no faults are injected.
	Faults *fault.Plan
	// Key is the ARN of the KMS key that encrypts the databases and their snapshots.
	Key string
	// Store holds the buckets to which exports are written.
	Store *s3.Store
	// Databases lists the databases to serve. [Service.Close] does not close them.
	Databases []Database
	// BackupEvery is the interval between automated backups, at least one minute. A request that lists snapshots takes a snapshot that is
	// due. If 0, only [Service.Backup] takes snapshots.
	BackupEvery time.Duration
	// Event, if not nil, is called with the event of each new snapshot, in the goroutine that took the snapshot. It may call the service.
	Event func(events.Event)
}

// Database is a database instance, or a cluster.
type Database struct {
	// Identifier consists of lower-case letters, digits and hyphens, since RDS stores identifiers in lower case.
	Identifier string
	// Cluster is true if the database is an Aurora cluster. Its only instance is the writer, which is named IDENTIFIER-1.
	Cluster bool
	Source  export.Database
}

// Service is the local RDS, in one account and Region.
type Service struct {
	options   Options
	databases []*database

	// The mutex taking is held while a snapshot is being taken, so that no name is used twice. It must be locked before mu.
	taking sync.Mutex
	// exporting counts the exports that are still writing files.
	exporting sync.WaitGroup

	// mu guards the fields below, and the fields of each snapshot and task.
	mu        sync.Mutex
	snapshots map[string]*snapshot // by ARN
	tasks     map[string]*task     // by identifier; never deleted
	profile   ExportProfile        // of future exports
	closed    bool
	absent    saved // the loaded state of databases that do not exist
}

// New returns a service without snapshots.
func New(o Options) (*Service, error) {
	s := &Service{options: o, snapshots: map[string]*snapshot{}, tasks: map[string]*task{}}
	s.profile = ExportProfile{Preparing: 4 * time.Minute, Extracting: 3 * time.Minute} // as for a small database
	if o.Event == nil {
		s.options.Event = func(events.Event) {}
	}
	taken := map[string]bool{}
	for _, d := range o.Databases {
		db := s.newDatabase(d)
		for _, name := range slices.Compact([]string{db.id, db.instance}) {
			if taken[name] {
				return nil, fmt.Errorf("database identifier %q is used twice", name)
			}
			taken[name] = true
		}
		s.databases = append(s.databases, db)
	}
	return s, nil
}

// Close cancels the running exports, waits for them to end, and closes the snapshots. It does not delete objects from S3.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	now := s.options.Clock.Now()
	for _, t := range s.tasks {
		if t.WrittenAt.IsZero() {
			t.CanceledAt = now
			t.cancel()
		}
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() {
		s.exporting.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		return fmt.Errorf("wait for running exports: %w", ctx.Err())
	}

	s.taking.Lock()
	defer s.taking.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, snap := range s.snapshots {
		errs = append(errs, snap.release())
	}
	return errors.Join(errs...)
}

// arn returns the ARN of a resource. kind is "snapshot", "cluster-snapshot", "db" or "cluster".
func (s *Service) arn(kind, name string) string { return s.arnPrefix() + kind + ":" + name }

func (s *Service) arnPrefix() string {
	return "arn:aws:rds:" + s.options.Region + ":" + s.options.Account + ":"
}

// errClosed returns the error for a request that arrives after Close.
func errClosed() error {
	return &wire.Error{Code: "ServiceUnavailable", Message: "the local RDS is shutting down", Status: 503}
}

func notFound(code, format string, args ...any) error {
	e := wire.Errorf(code, format, args...)
	e.Status = 404
	return e
}

// isNamed reports whether the name in a request is the identifier or the ARN of the resource, ignoring case. RDS accepts both.
func isNamed(name, id, arn string) bool {
	return strings.EqualFold(name, id) || strings.EqualFold(name, arn)
}
