//go:build engine

package source

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"snaplake/local/internal/export"
)

// mariaDBServer makes a database with the statements' tables in it on the server of .ci/with-mariadb, and returns its address for
// the user who may only read, and a connection of the owner's, who waits a second for a lock.
func mariaDBServer(t *testing.T, database string, statements ...string) (spec string, owner *sql.Conn) {
	t.Helper()
	reader, all := os.Getenv("MARIADB"), os.Getenv("MARIADB_OWNER")
	if reader == "" || all == "" {
		t.Fatal("MARIADB and MARIADB_OWNER are not set; .ci/with-mariadb sets them")
	}
	login, address, _ := strings.Cut(all, "@")
	config := mysql.NewConfig()
	config.User, config.Passwd, _ = strings.Cut(login, ":")
	config.Net, config.Addr = "tcp", address
	config.Params = map[string]string{"lock_wait_timeout": "1"}
	connector, err := mysql.NewConnector(config)
	must(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	owner, err = db.Conn(t.Context())
	must(t, err)
	for _, s := range append([]string{"DROP DATABASE IF EXISTS " + database, "CREATE DATABASE " + database, "USE " + database}, statements...) {
		must(t, runMariaDB(owner, s))
	}
	return "mysql://" + reader + "/" + database, owner
}

func runMariaDB(owner *sql.Conn, statement string) error {
	_, err := owner.ExecContext(context.Background(), statement)
	return err
}

func TestMariaDBSnapshot_KeepsNoTableLockedThatItHasRead(t *testing.T) {
	spec, owner := mariaDBServer(t, "unlocked",
		"CREATE TABLE a (id INT)", "INSERT INTO a VALUES (1)", "CREATE TABLE b (id INT)", "INSERT INTO b VALUES (1)")
	d, err := Open(t.Context(), spec)
	must(t, err)
	defer d.Close()
	s, err := d.Snapshot(t.Context())
	must(t, err)
	defer s.Close()
	_, err = s.Export(t.Context(), export.Task{ID: "e", Dir: t.TempDir()}, func(name, _ string) error {
		if name != "unlocked/unlocked.b/1/_SUCCESS" {
			return nil
		}
		return runMariaDB(owner, "ALTER TABLE a ADD COLUMN during_the_export INT")
	})
	must(t, err)
	must(t, runMariaDB(owner, "ALTER TABLE b ADD COLUMN after_the_export INT"))
}

func TestMariaDBSnapshot_StaysAsItWas(t *testing.T) {
	spec, owner := mariaDBServer(t, "stays", "CREATE TABLE users (id INT)", "INSERT INTO users VALUES (1), (2)")
	d, err := Open(t.Context(), spec)
	must(t, err)
	defer d.Close()
	s, err := d.Snapshot(t.Context())
	must(t, err)
	defer s.Close()
	before := exportedTo(t, s)
	must(t, runMariaDB(owner, "DELETE FROM users"))
	var parts int
	for name, content := range exportedTo(t, s) {
		if strings.HasSuffix(name, ".parquet") {
			parts++
		} else if before[name] != content {
			t.Errorf("%s has changed", name)
		}
	}
	if parts != 1 {
		t.Errorf("%d files of rows, want 1 as before the rows were deleted", parts)
	}
}
