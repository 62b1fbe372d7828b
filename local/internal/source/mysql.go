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

// mysqlServer gives access to one database on a MySQL or MariaDB server.
type mysqlServer struct {
	address address
	db      *sql.DB
	engine  string
	version string
	tables  []export.Table // the tables when the database was opened
}

// openMySQL connects to the server and checks that the database has at least one table to export.
func openMySQL(ctx context.Context, spec string) (export.Database, error) {
	a, err := parseAddress(spec)
	if err != nil {
		return nil, err
	}
	s, err := connectMySQL(ctx, a)
	if err != nil {
		return nil, err
	}
	conn, err := s.db.Conn(ctx)
	if err == nil {
		s.tables, err = readMySQLTables(ctx, conn, a.database)
		err = errors.Join(err, conn.Close())
	}
	switch {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("%s: %w", a, err), s.Close())
	case len(s.tables) == 0:
		return nil, errors.Join(a.noTables("SELECT"), s.Close())
	}
	return s, nil
}

// connectMySQL connects to the server and reads its version.
func connectMySQL(ctx context.Context, a address) (*mysqlServer, error) {
	config, err := mysqlConfig(a)
	if err != nil {
		return nil, err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a, err)
	}
	s := &mysqlServer{address: a, db: sql.OpenDB(connector), engine: "mysql"}
	s.db.SetMaxIdleConns(0)                                 // closes a released connection, which ends its transaction
	ctx, cancel := context.WithTimeout(ctx, config.Timeout) // another kind of server may accept the connection and never respond
	defer cancel()
	var version string
	if err := s.db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return nil, errors.Join(explainMySQL(a, err), s.Close())
	}
	if strings.Contains(version, "MariaDB") { // 10.11.9-MariaDB-log
		s.engine = "mariadb"
	}
	s.version, _, _ = strings.Cut(version, "-")
	return s, nil
}

// Engine returns "mysql" or "mariadb", and the version of the server.
func (s *mysqlServer) Engine() (name, version string) { return s.engine, s.version }

// Tables implements [export.Listed].
func (s *mysqlServer) Tables() []string { return export.Targets(s.tables) }

// HoldsTransactions implements [export.Transactional], since a snapshot is an open transaction.
func (s *mysqlServer) HoldsTransactions() {}

// Snapshot opens a transaction that sees the current state of the database, and keeps the transaction open. The server keeps old versions
// of rows until the snapshot is closed. Later changes to nontransactional tables, such as MyISAM tables, are visible in the snapshot.
func (s *mysqlServer) Snapshot(ctx context.Context) (export.Snapshot, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, explainMySQL(s.address, err)
	}
	for _, statement := range []string{
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
		"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
		"SAVEPOINT unlocked",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: take a snapshot: %w", s.address, err), conn.Close())
		}
	}
	tables, err := readMySQLTables(ctx, conn, s.address.database)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.address, err), conn.Close())
	}
	return &mysqlSnapshot{conn: conn, tables: tables}, nil
}

// unlockingRows returns a function that reads a table in a transaction and then releases the table's metadata lock. If the lock were not
// released, an ALTER TABLE would wait for the end of the transaction, and all queries on the table would wait for the ALTER TABLE. The
// function rolls back to a savepoint, as mysqldump --single-transaction does (MySQL bug 71017, "mysqldump creates useless metadata locks").
func unlockingRows(conn *sql.Conn) export.Rows {
	return func(ctx context.Context, t export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			MySQLRows(conn)(ctx, t)(yield)
			// This statement fails only if the connection is broken. In that case, the server releases the lock.
			_, _ = conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT unlocked")
		}
	}
}

// Close closes the connections to the server, which ends all snapshots.
func (s *mysqlServer) Close() error { return s.db.Close() }

// mysqlSnapshot is a connection with an open transaction.
type mysqlSnapshot struct {
	mu     sync.Mutex // a connection runs one query at a time
	conn   *sql.Conn
	tables []export.Table
}

// Export exports the tables one at a time.
func (s *mysqlSnapshot) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return export.Write(ctx, task, s.tables, unlockingRows(s.conn), put)
}

// Close ends the transaction.
func (s *mysqlSnapshot) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Close()
}
