package source

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	mysqlserver "github.com/dolthub/go-mysql-server/server"
	gmssql "github.com/dolthub/go-mysql-server/sql"
	"github.com/go-sql-driver/mysql"
	"github.com/sirupsen/logrus"

	"snaplake/local/internal/export"
)

// sample is a shop that is another one every night: the n-th snapshot, counted from 0, is night n. Each night is a
// MySQL-compatible server of its own in this process, read as a real one is, so that a snapshot stays what it was.
type sample struct {
	mu    sync.Mutex
	night int
}

func openSample() *sample {
	// The embedded server writes to the process's log, which has no other way to be told; its errors reach the client.
	logrus.SetLevel(logrus.PanicLevel)
	return &sample{}
}

// Engine is that of the embedded server, and the version of MySQL whose behaviour it has.
func (s *sample) Engine() (name, version string) { return "mysql", "8.0.31" }

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
	embedded *mysqlserver.Server
}

const shopDatabase = "shop"

func openNight(ctx context.Context, number int) (*night, error) {
	embedded, address, err := serveEmpty()
	if err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr, config.DBName = "root", "tcp", address, shopDatabase
	server, err := connect(ctx, config)
	if err != nil {
		return nil, errors.Join(err, embedded.Close())
	}
	snapshot, err := fill(ctx, server, number)
	if err != nil {
		return nil, errors.Join(err, server.Close(), embedded.Close())
	}
	return &night{snapshot, server, embedded}, nil
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
	return s.read(ctx, conn)
}

// serveEmpty starts a server with an empty database, which only processes of this machine reach.
func serveEmpty() (s *mysqlserver.Server, address string, err error) {
	database := memory.NewDatabase(shopDatabase)
	database.EnablePrimaryKeyIndexes()
	provider := memory.NewDBProvider(database)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	config := mysqlserver.Config{Listener: listener}
	s, err = mysqlserver.NewServer(config, sqle.NewDefault(provider), gmssql.NewContext, memory.NewSessionBuilder(provider), nil)
	if err != nil {
		return nil, "", errors.Join(err, listener.Close())
	}
	go func() { _ = s.Start() }() // it ends with the listener, and what it could say the client sees
	return s, listener.Addr().String(), nil
}

// Close ends the night's server.
func (n *night) Close() error {
	return errors.Join(n.snapshot.Close(), n.server.Close(), n.embedded.Close())
}
