package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"snaplake/local/internal/export"
)

// postgres gives access to one database on a PostgreSQL server.
type postgres struct {
	address address
	config  *pgconn.Config
	version string
	tables  []export.Table // the tables when the database was opened
}

// openPostgres connects to the server and checks that the database has at least one table to export.
func openPostgres(ctx context.Context, spec string) (_ export.Database, err error) {
	a, err := parseAddress(spec)
	if err != nil {
		return nil, err
	}
	p := &postgres{address: a}
	if p.config, err = postgresConfig(a); err != nil {
		return nil, err
	}
	conn, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, hangUp(conn)) }()
	p.version, _, _ = strings.Cut(conn.ParameterStatus("server_version"), " ") // 15.14 (Debian 15.14-0+deb12u1)
	if p.tables, err = readPostgresTables(ctx, conn, a.database); err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	if !slices.ContainsFunc(p.tables, func(t export.Table) bool { return t.Skipped == "" }) {
		return nil, a.noTables("SELECT on a table and USAGE on its schema")
	}
	return p, nil
}

// Engine returns "postgres" and the version of the server.
func (p *postgres) Engine() (name, version string) { return "postgres", p.version }

// Tables implements [export.Listed].
func (p *postgres) Tables() []string { return export.Targets(p.tables) }

// HoldsTransactions implements [export.Transactional], since a snapshot is an open transaction.
func (p *postgres) HoldsTransactions() {}

// begin is a statement that starts a transaction. The transaction sees the database as it is at the first query.
const begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

// Snapshot opens a transaction that sees the current state of the database, and keeps the transaction open. The server keeps old versions
// of rows until the snapshot is closed.
func (p *postgres) Snapshot(ctx context.Context) (export.Snapshot, error) {
	conn, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	s := &postgresSnapshot{server: p, conn: conn}
	if err := s.take(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: take a snapshot: %w", p.address, err), s.Close())
	}
	return s, nil
}

// Close does nothing, because each snapshot closes its own connection.
func (p *postgres) Close() error { return nil }

// postgresSnapshot is an open transaction. Each export reads the same state of the database in a separate transaction (PostgreSQL manual,
// "Snapshot Synchronization Functions"), so canceling an export does not end the snapshot.
type postgresSnapshot struct {
	server *postgres
	conn   *pgconn.PgConn
	id     string
	tables []export.Table
}

func (s *postgresSnapshot) take(ctx context.Context) error {
	if err := execute(ctx, s.conn, begin); err != nil {
		return err
	}
	result := s.conn.ExecParams(ctx, "SELECT pg_catalog.pg_export_snapshot()", nil, nil, nil, nil).Read()
	if result.Err != nil {
		return result.Err
	}
	s.id = string(result.Rows[0][0])
	var err error
	s.tables, err = readPostgresTables(ctx, s.conn, s.server.address.database)
	return err
}

// Export exports the tables one at a time.
func (s *postgresSnapshot) Export(ctx context.Context, task export.Task, put export.Put) (result export.Result, err error) {
	conn, err := s.server.dial(ctx)
	if err != nil {
		return export.Result{}, err
	}
	defer func() { err = errors.Join(err, hangUp(conn)) }()
	if err := execute(ctx, conn, begin, "SET TRANSACTION SNAPSHOT '"+s.id+"'", "SAVEPOINT unlocked"); err != nil {
		return export.Result{}, fmt.Errorf("%s: set the transaction snapshot: %w", s.server.address, err)
	}
	return export.Write(ctx, task, s.tables, postgresRows{conn}.read, put)
}

// Close ends the transaction.
func (s *postgresSnapshot) Close() error { return hangUp(s.conn) }
