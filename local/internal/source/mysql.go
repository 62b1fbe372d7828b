package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"github.com/go-sql-driver/mysql"

	"snaplake/local/internal/export"
)

// server is a MySQL or MariaDB server, seen through one of its databases.
type server struct {
	config  *mysql.Config
	db      *sql.DB
	engine  string
	version string
}

// openMySQL connects to the server, and makes sure that there is something to export.
func openMySQL(ctx context.Context, spec string) (export.Database, error) {
	address, err := parseAddress(spec)
	if err != nil {
		return nil, err
	}
	config, err := mysqlConfig(address)
	if err != nil {
		return nil, err
	}
	s, err := connect(ctx, config)
	if err != nil {
		return nil, err
	}
	var tables int
	const count = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN (" + tableTypes + ")"
	if err := s.db.QueryRowContext(ctx, count, config.DBName).Scan(&tables); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: count the tables: %w", describe(config), err), s.Close())
	}
	if tables == 0 {
		return nil, errors.Join(fmt.Errorf("%s: database %q has no table that user %q may read; load data into it, or grant SELECT",
			describe(config), config.DBName, config.User), s.Close())
	}
	return s, nil
}

// connect connects and asks the server for its version.
func connect(ctx context.Context, config *mysql.Config) (*server, error) {
	configure(config)
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", describe(config), err)
	}
	s := &server{config: config, db: sql.OpenDB(connector), engine: "mysql"}
	s.db.SetMaxIdleConns(0)                                 // a connection that is given back ends, and its transaction with it
	ctx, cancel := context.WithTimeout(ctx, config.Timeout) // something else than MySQL may accept, and stay silent
	defer cancel()
	var version string
	if err := s.db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return nil, errors.Join(explain(config, err), s.Close())
	}
	if strings.Contains(version, "MariaDB") { // 10.11.9-MariaDB-log
		s.engine = "mariadb"
	}
	s.version, _, _ = strings.Cut(version, "-")
	return s, nil
}

// Engine is mysql or mariadb.
func (s *server) Engine() (name, version string) { return s.engine, s.version }

// HoldsTransactions marks the server as [export.Transactional].
func (s *server) HoldsTransactions() {}

// Snapshot opens a transaction that sees the database as it is now, and holds it open. It freezes tables of transactional
// engines only, which InnoDB is. The server keeps old rows as long as the snapshot is open.
func (s *server) Snapshot(ctx context.Context) (export.Snapshot, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, explain(s.config, err)
	}
	for _, statement := range []string{
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
		"SAVEPOINT unlocked",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: take a snapshot: %w", describe(s.config), err), conn.Close())
		}
	}
	return s.read(ctx, conn, unlocking(conn))
}

// unlocking reads tables in a transaction, which keeps a lock on the definition of each table it reads: an ALTER TABLE would wait
// for its end, and everything that reads the table for the ALTER TABLE. Rolling back to a savepoint releases the lock, as
// mysqldump --single-transaction does (MySQL bug 71017, "mysqldump creates useless metadata locks").
func unlocking(conn *sql.Conn) export.Rows {
	return func(ctx context.Context, t export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			MySQLRows(conn)(ctx, t)(yield)
			// It fails on a broken connection only, which has ended the transaction.
			_, _ = conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT unlocked")
		}
	}
}

// read makes a snapshot of what conn sees.
func (s *server) read(ctx context.Context, conn *sql.Conn, rows export.Rows) (*snapshot, error) {
	tables, err := readTables(ctx, conn, s.config.DBName)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", describe(s.config), err), conn.Close())
	}
	return &snapshot{conn: conn, tables: tables, rows: rows}, nil
}

// Close ends all snapshots as well.
func (s *server) Close() error { return s.db.Close() }

// snapshot is a connection with an open transaction.
type snapshot struct {
	mu     sync.Mutex // a connection answers one query at a time
	conn   *sql.Conn
	tables []export.Table
	rows   export.Rows
}

// Export reads the tables one after the other.
func (s *snapshot) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return export.Write(ctx, task, s.tables, s.rows, put)
}

// Close ends the transaction.
func (s *snapshot) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Close()
}
