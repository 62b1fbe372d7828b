package source

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"snaplake/local/internal/export"
	"snaplake/local/internal/source/embedded"
)

// sample is a shop that is another one every night: the n-th snapshot, counted from 0, is night n. Each night is a
// MySQL-compatible server of its own in this process, read as a real one is, so that a snapshot stays what it was.
type sample struct {
	mu    sync.Mutex
	night int
}

// Engine is that of the embedded server.
func (s *sample) Engine() (name, version string) { return "mysql", embedded.Version }

// Snapshot makes the next night.
func (s *sample) Snapshot(ctx context.Context) (export.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snapshot, err := openNight(ctx, s.night)
	if err != nil {
		return nil, fmt.Errorf("make night %d of the sample: %w", s.night, err)
	}
	s.night++
	return snapshot, nil
}

// Close leaves nothing to do: each snapshot closes its own server.
func (s *sample) Close() error { return nil }

// night is a snapshot whose server runs as long as it is open.
type night struct {
	*snapshot
	server   *server
	embedded *embedded.Server
}

const shopDatabase = "shop"

func openNight(ctx context.Context, number int) (*night, error) {
	own, err := embedded.Serve(shopDatabase)
	if err != nil {
		return nil, err
	}
	server, err := connect(ctx, own.Config)
	if err != nil {
		return nil, errors.Join(err, own.Close())
	}
	snapshot, err := fill(ctx, server, number)
	if err != nil {
		return nil, errors.Join(err, server.Close(), own.Close())
	}
	return &night{snapshot, server, own}, nil
}

// fill makes the shop's tables, and a snapshot of them. It needs no transaction, since nothing changes them any more; the
// embedded server does not know WITH CONSISTENT SNAPSHOT.
func fill(ctx context.Context, s *server, number int) (*snapshot, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	statements := append([]string{"SET sql_mode = ''"}, shopStatements(number)...) // which lets zero dates in
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("%.60s...: %w", statement, err), conn.Close())
		}
	}
	return s.read(ctx, conn, MySQLRows(conn))
}

// Close ends the night's server.
func (n *night) Close() error {
	return errors.Join(n.snapshot.Close(), n.server.Close(), n.embedded.Close())
}
