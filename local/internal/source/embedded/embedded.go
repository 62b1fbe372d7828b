// Package embedded is a MySQL-compatible server in this process.
package embedded

import (
	"crypto/rand"
	"net"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	mysqlserver "github.com/dolthub/go-mysql-server/server"
	gmssql "github.com/dolthub/go-mysql-server/sql"
	"github.com/go-sql-driver/mysql"
	"github.com/sirupsen/logrus"
)

// Version is that of MySQL whose behaviour the server has.
const Version = "8.0.31"

// Server holds its one database in memory.
type Server struct {
	*mysqlserver.Server
	// Config is how it is connected to.
	Config *mysql.Config
}

// Serve starts a server with an empty database, on the loopback interface. Its password is random: with LOAD_FILE and INTO OUTFILE the
// server reads and writes the files of its own user for whoever logs in.
func Serve(database string) (*Server, error) {
	// It writes to the process's log, which has no other way to be told; its errors reach the client.
	logrus.SetLevel(logrus.PanicLevel)
	db := memory.NewDatabase(database)
	db.EnablePrimaryKeyIndexes()
	provider := memory.NewDBProvider(db)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	engine, password := sqle.NewDefault(provider), rand.Text()
	users := engine.Analyzer.Catalog.MySQLDb
	editor := users.Editor()
	users.AddSuperUser(editor, "root", "127.0.0.1", password)
	editor.Close()
	server, err := mysqlserver.NewServer(mysqlserver.Config{Listener: listener}, engine, gmssql.NewContext, memory.NewSessionBuilder(provider), nil)
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	go func() { _ = server.Start() }() // it ends with the listener, and what it could say the client sees
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = "root", password, "tcp", listener.Addr().String(), database
	return &Server{server, config}, nil
}
