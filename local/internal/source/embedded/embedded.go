// Package embedded runs a MySQL-compatible server in this process, for the sample database. The server has one database and one user, and
// keeps the data only in memory.
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

// Version is the MySQL version with which the server is compatible.
const Version = "8.0.31"

// Server is a running MySQL-compatible server.
type Server struct {
	*mysqlserver.Server
	// Config is the configuration that clients need to connect to the server.
	Config *mysql.Config
}

// Serve starts a server with an empty database on the loopback interface. The password is random, since LOAD_FILE and INTO OUTFILE give
// clients access to the files of the user who runs this process.
func Serve(database string) (*Server, error) {
	// The server does not log errors, since the client receives them.
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
	server, err := mysqlserver.NewServer(mysqlserver.Config{Listener: listener}, engine, gmssql.NewContext,
		memory.NewSessionBuilder(provider), nil)
	if err != nil {
		_ = listener.Close()
		return nil, err
	}
	go func() { _ = server.Start() }() // returns when the listener is closed; the client receives the errors
	config := mysql.NewConfig()
	config.User, config.Passwd, config.DBName = "root", password, database
	config.Net, config.Addr = "tcp", listener.Addr().String()
	return &Server{server, config}, nil
}
