// Package rds is the local AWS's RDS: databases, their snapshots, and the export of snapshots to S3. It speaks RDS's Query
// protocol, so that the SDKs and the AWS CLI talk to it unchanged.
package rds

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"snaplake/local/internal/clock"
	"snaplake/local/internal/export"
	"snaplake/local/internal/fault"
	"snaplake/local/internal/iam"
	"snaplake/local/internal/s3"
	"snaplake/local/internal/wire"
)

// Options say what there is to be served.
type Options struct {
	// Region and Account are those of all ARNs.
	Region, Account string
	Clock           clock.Clock
	// Guard decides about each call, and about what RDS does with an export's role; nil allows everything.
	Guard *iam.Guard
	// Faults says what goes wrong; nil is nothing.
	Faults *fault.Plan
	// Key is the ARN of the KMS key that encrypts the databases and their snapshots.
	Key string
	// Store holds the buckets that exports are written to.
	Store *s3.Store
	// Databases stay the caller's: Close does not close them.
	Databases []Database
	// BackupEvery makes a question for snapshots take an automated one first when the newest is older than this. It is at least
	// a minute, since an automated snapshot is named by the minute. 0 means that only [Service.Backup] takes them.
	BackupEvery time.Duration
	// Retention is how long RDS keeps an automated snapshot: 1 to 35 whole days. 0 means seven, as the RDS console proposes.
	Retention time.Duration
	// Event, if there is one, is told when an automated snapshot has become available, by the goroutine that took it: in
	// [Service.Backup] before it returns, and with BackupEvery while somebody asks for snapshots. It may call the service. Of
	// manual snapshots it is not told.
	Event func(Event)
}

// Database is a database instance, or a cluster.
type Database struct {
	// Identifier as RDS stores it: lower-case letters, digits and hyphens.
	Identifier string
	// Cluster makes it an Aurora cluster with one instance, the writer IDENTIFIER-1.
	Cluster bool
	Source  export.Database
}

// Service is RDS in one account and Region.
type Service struct {
	region, account string
	key             string
	clock           clock.Clock
	guard           *iam.Guard
	store           *s3.Store
	databases       []*database
	faults          *fault.Plan
	backupEvery     time.Duration
	retention       time.Duration
	event           func(Event)
	operations      map[string]wire.QueryOperation

	// taking is held while a snapshot is taken, so that one name is not taken twice. It is locked before mu.
	taking sync.Mutex
	// exporting counts the exports that still write.
	exporting sync.WaitGroup

	// mu guards what follows, and the fields of each snapshot and task.
	mu        sync.Mutex
	snapshots map[string]*snapshot // by ARN
	tasks     map[string]*task     // by identifier, for ever
	course    Course               // of the exports to come
	closed    bool
}

// New makes a service that has no snapshots yet.
func New(o Options) (*Service, error) {
	s := &Service{
		region: o.Region, account: o.Account, key: o.Key, clock: o.Clock, guard: o.Guard, store: o.Store, faults: o.Faults,
		backupEvery: o.BackupEvery, retention: cmp.Or(o.Retention, defaultRetention), event: o.Event,
		snapshots: map[string]*snapshot{},
		tasks:     map[string]*task{},
		course:    usual(),
	}
	if o.BackupEvery != 0 && o.BackupEvery < time.Minute {
		return nil, fmt.Errorf("a backup every %s: automated snapshots are named by the minute, so it takes a minute at least", o.BackupEvery)
	}
	if s.retention%day != 0 || s.retention < day || s.retention > maxRetention {
		return nil, fmt.Errorf("a retention of %s: RDS keeps automated snapshots for 1 to 35 whole days", o.Retention)
	}
	if s.event == nil {
		s.event = func(Event) {}
	}
	taken := map[string]bool{}
	for _, d := range o.Databases {
		if !identifier.MatchString(d.Identifier) || len(d.Identifier) > maxDatabase {
			return nil, fmt.Errorf("database %q: an identifier is at most %d lower-case letters, digits and single hyphens; it begins with a letter and does not end with a hyphen", d.Identifier, maxDatabase)
		}
		db := s.newDatabase(d)
		for _, name := range slices.Compact([]string{db.id, db.instance}) {
			if taken[name] {
				return nil, fmt.Errorf("database %q: there are two of that identifier", name)
			}
			taken[name] = true
		}
		s.databases = append(s.databases, db)
	}
	s.operations = map[string]wire.QueryOperation{
		"DescribeDBInstances":        s.describeInstances,
		"DescribeDBClusters":         s.describeClusters,
		"DescribeDBSnapshots":        s.describeSnapshots,
		"DescribeDBClusterSnapshots": s.describeClusterSnapshots,
		"CreateDBSnapshot":           s.createSnapshot,
		"CreateDBClusterSnapshot":    s.createClusterSnapshot,
		"DeleteDBSnapshot":           s.deleteSnapshot,
		"DeleteDBClusterSnapshot":    s.deleteClusterSnapshot,
		"StartExportTask":            s.startExportTask,
		"DescribeExportTasks":        s.describeExportTasks,
		"CancelExportTask":           s.cancelExportTask,
	}
	return s, nil
}

// identifier is RDS's rule for the names of databases, snapshots and export tasks, apart from the length and the case.
var identifier = regexp.MustCompile(`^[a-z]([a-z0-9]|-[a-z0-9])*$`)

// maxDatabase leaves room for the "-1" of a cluster's writer in RDS's 63 characters.
const maxDatabase = 61

// Close cancels the exports that run, waits for them or until ctx is over, and closes the snapshots. What an export has
// written stays.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	for _, t := range s.tasks {
		t.cancel()
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
		return fmt.Errorf("wait for the exports that run: %w", ctx.Err())
	}

	s.taking.Lock()
	defer s.taking.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for arn, snap := range s.snapshots {
		delete(s.snapshots, arn)
		errs = append(errs, snap.release())
	}
	return errors.Join(errs...)
}

// arn makes an ARN: of snapshot:NAME, cluster-snapshot:NAME, db:NAME, cluster:NAME.
func (s *Service) arn(kind, name string) string {
	return s.arnPrefix() + kind + ":" + name
}

func (s *Service) arnPrefix() string { return "arn:aws:rds:" + s.region + ":" + s.account + ":" }

// resourceID is RDS's unchanging name of a database: "db-" or "cluster-" and 26 letters and digits.
func resourceID(prefix, arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:26]
}

// closed is the answer after Close.
func closed() error {
	return &wire.Error{Code: "ServiceUnavailable", Message: "the local AWS's RDS is shutting down", Status: 503}
}

func notFound(code, format string, args ...any) *wire.Error {
	e := wire.Errorf(code, format, args...)
	e.Status = 404
	return e
}

// isNamed tells whether name is the identifier or the ARN of something. RDS takes either, in any case of letters.
func isNamed(name, id, arn string) bool {
	return strings.EqualFold(name, id) || strings.EqualFold(name, arn)
}
