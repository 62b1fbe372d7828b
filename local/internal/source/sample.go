package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"snaplake/local/internal/export"
	"snaplake/local/internal/source/embedded"
)

// sample is the database of a shop that changes every day. The first snapshot shows day 0, and each later snapshot shows the next day. Each
// snapshot starts its own MySQL-compatible server in this process, and reads the data as it would from a real server.
type sample struct {
	mu  sync.Mutex
	day int
}

// Engine returns "mysql" and the version of the embedded server.
func (s *sample) Engine() (name, version string) { return "mysql", embedded.Version }

// Snapshot returns a snapshot of the shop on the next day.
func (s *sample) Snapshot(ctx context.Context) (export.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snapshot, err := s.Repeat(ctx, s.day)
	if err == nil {
		s.day++
	}
	return snapshot, err
}

// Repeat returns a snapshot of the shop on the given day.
func (s *sample) Repeat(ctx context.Context, day int) (export.Snapshot, error) {
	snapshot, err := openDay(ctx, day)
	if err != nil {
		return nil, fmt.Errorf("create the sample database for day %d: %w", day, err)
	}
	return snapshot, nil
}

// Skip makes the next snapshot show the given day.
func (s *sample) Skip(day int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = day
}

// Close does nothing, because each snapshot closes its own server.
func (s *sample) Close() error { return nil }

// sampleDay is a snapshot of the shop. Its server runs until the snapshot is closed.
type sampleDay struct {
	*mysqlSnapshot
	server   *mysqlServer
	embedded *embedded.Server
}

const shopDatabase = "shop"

func openDay(ctx context.Context, day int) (*sampleDay, error) {
	own, err := embedded.Serve(shopDatabase)
	if err != nil {
		return nil, err
	}
	c := own.Config
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return nil, errors.Join(err, own.Close())
	}
	server, err := connectMySQL(ctx, address{
		scheme: "mysql", user: c.User, password: c.Passwd, host: host, port: port, database: c.DBName, sslMode: "disable",
	})
	if err != nil {
		return nil, errors.Join(err, own.Close())
	}
	snapshot, err := fill(ctx, server, day)
	if err != nil {
		return nil, errors.Join(err, server.Close(), own.Close())
	}
	return &sampleDay{snapshot, server, own}, nil
}

// fill creates the tables of the shop and returns a snapshot of them. The snapshot does not need a transaction, since the tables do not
// change later. The embedded server does not support WITH CONSISTENT SNAPSHOT.
func fill(ctx context.Context, s *mysqlServer, day int) (*mysqlSnapshot, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	statements := append([]string{"SET sql_mode = ''"}, shopStatements(day)...) // this mode allows zero dates
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("%.60s...: %w", statement, err), conn.Close())
		}
	}
	return s.newSnapshot(ctx, conn, MySQLRows(conn))
}

// Close closes the snapshot and its server.
func (d *sampleDay) Close() error {
	return errors.Join(d.mysqlSnapshot.Close(), d.server.Close(), d.embedded.Close())
}
