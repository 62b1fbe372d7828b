package source

import (
	"context"
	"crypto/tls"
	"database/sql"
	"iter"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/memory"
	mysqlserver "github.com/dolthub/go-mysql-server/server"
	gmssql "github.com/dolthub/go-mysql-server/sql"
	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"snaplake/local/internal/export"
)

func TestReadsTheParts(t *testing.T) {
	for spec, want := range map[string]address{
		"mysql://r%40ot:p%2Fa%3Ass%23@[::1]:3307/my%20shop": {"mysql", "r@ot", "p/a:ss#", "::1", "3307", "my shop", "prefer", ""},
		"mysql://root@db.example/shop?sslmode=require":      {"mysql", "root", "", "db.example", "3306", "shop", "require", ""},
		"postgres://me:se%25cret@db.example/Caf%C3%A9":      {"postgres", "me", "se%cret", "db.example", "5432", "Café", "prefer", ""},
		"postgres://me@db.example/shop?sslmode=verify-full&sslrootcert=%2Ftmp%2Frds.pem": {
			"postgres", "me", "", "db.example", "5432", "shop", "verify-full", "/tmp/rds.pem",
		},
	} {
		got, err := parseAddress(spec)
		if err != nil || got != want {
			t.Errorf("%s: %#v, %v; want %#v", spec, got, err, want)
		}
	}
}

func TestRefusesABadAddressWithoutShowingThePassword(t *testing.T) {
	for spec, want := range map[string]string{
		"mysql://root:se/cret@localhost/shop":                                        "cannot be read; write mysql://",
		"mysql://root:%zzsecret@localhost/shop":                                      "cannot be read; write mysql://",
		"mysql://root:secret@localhost/shop?tls=true":                                "has other options than ?sslmode=MODE,",
		"mysql://root:secret@localhost/shop?sslmode=verify-ca":                       "has other options than ?sslmode=MODE,",
		"mysql://root:secret@localhost/shop?sslrootcert=rds.pem":                     "and &sslrootcert=FILE after the last; write mysql://",
		"mysql://root:secret@localhost/shop?sslmode=verify-full&sslrootcert=no.pem":  "mysql://root@localhost:3306/shop: sslrootcert: open no.pem: no such file",
		"mysql://root:secret@localhost/shop?sslmode=verify-full&sslrootcert=open.go": "open.go has no certificate in PEM",
		"mysql://root:secret@localhost/shop?sslmode=verify-full;sslrootcert=open.go": "has other options than ?sslmode=MODE,",
		"mysql://root:secret@localhost/shop#1":                                       "has a #; write mysql://",
		"mysql://root:secret@localhost/a/b":                                          "has no single database name; write mysql://",
		"mysql://root:secret@localhost":                                              "names no database; write mysql://",
		"mysql://root:secret@/shop":                                                  "names no host; write mysql://",
		"mysql://localhost/shop":                                                     "names no user; write mysql://",
		"postgres://root:se/cret@localhost/shop":                                     "of the PostgreSQL source cannot be read; write postgres://",
		"postgres://localhost/shop":                                                  "of the PostgreSQL source names no user; write postgres://",
		"postgres://me:secret@localhost/shop?x=y":                                    "has other options than ?sslmode=MODE,",
		"postgres://me:secret@localhost/shop?sslmode=verify-full&sslrootcert=no.pem": "postgres://me@localhost:5432/shop: ",
		"postgres://me:secret@localhost:99999/shop":                                  "postgres://me@localhost:99999/shop",
		"oracle://root:secret@localhost/shop":                                        `there is no source of the kind "oracle"; write sample, mysql://`,
		"":                                                                           `there is no source of the kind ""; write sample, mysql://`,
	} {
		_, err := Open(t.Context(), spec)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "cret") {
			t.Errorf("%s: error %v, want ...%s", spec, err, want)
		}
	}
}

// serve runs a MySQL-compatible server with the account root without a password, and the empty databases shop and empty.
func serve(t *testing.T) (address string) { return serveTLS(t, nil) }

// serveTLS is serve with TLS, where there is a configuration of it.
func serveTLS(t *testing.T, encryption *tls.Config) (address string) {
	t.Helper()
	logrus.SetLevel(logrus.PanicLevel)
	provider := memory.NewDBProvider(memory.NewDatabase("shop"), memory.NewDatabase("empty"))
	engine := sqle.NewDefault(provider)
	engine.Analyzer.Catalog.MySQLDb.AddRootAccount()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := mysqlserver.NewServer(mysqlserver.Config{Listener: listener, TLSConfig: encryption}, engine, gmssql.NewContext, memory.NewSessionBuilder(provider), nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Start() }()
	t.Cleanup(func() { s.Close() })
	return listener.Addr().String()
}

func TestOpensAServer(t *testing.T) {
	address := serve(t)
	parsed, err := parseAddress("mysql://root@" + address + "/shop")
	if err != nil {
		t.Fatal(err)
	}
	config, err := mysqlConfig(parsed)
	if err != nil {
		t.Fatal(err)
	}
	s, err := connect(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.db.ExecContext(t.Context(), "CREATE TABLE Users (id INT UNSIGNED, kind ENUM('is unsigned'))"); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), "mysql://root@"+address+"/shop")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if name, version := d.Engine(); name != "mysql" || !strings.HasPrefix(version, "8.0.") {
		t.Errorf("the engine is %s %s, want mysql 8.0", name, version)
	}
	conn, err := d.(*server).db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	tables, err := readTables(t.Context(), conn, "shop")
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != 1 || tables[0].Name != "Users" || !tables[0].Columns[0].Unsigned || tables[0].Columns[1].Unsigned {
		t.Errorf("tables are %+v", tables)
	}
}

func TestSaysWhatToDoWhenAServerCannotBeUsed(t *testing.T) {
	address := serve(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, c := range []struct{ name, user, address, database, want string }{
		{"no server", "root", closed.Addr().String(), "shop", "cannot connect to mysql://root@ADDRESS/shop: dial tcp ADDRESS: connect: connection refused; check host, port and sslrootcert, and whether the server is running"},
		{"wrong password", "root:secret", address, "shop", `mysql://root@ADDRESS/shop: the server refuses user "root" with this password; check both (Error 1045`},
		{"unknown database", "root", address, "shoop", `mysql://root@ADDRESS/shoop: the server has no database "shoop"; correct its name, or create it (Error 1049`},
		{"empty database", "root", address, "empty", `mysql://root@ADDRESS/empty: database "empty" has no table that user "root" may read; load data into it, or grant SELECT`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(t.Context(), "mysql://"+c.user+"@"+c.address+"/"+c.database)
			want := strings.ReplaceAll(c.want, "ADDRESS", c.address)
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}

func TestGivesUpOnAServerThatStaysSilentWhenTheRunEnds(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, scheme := range []string{"mysql", "postgres"} {
		if _, err := Open(ctx, scheme+"://root@"+silent.Addr().String()+"/shop"); err == nil {
			t.Errorf("%s: a silent server was opened", scheme)
		}
	}
}

// empty is a snapshot of a table without rows.
type empty struct{}

func (empty) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	tables := []export.Table{{Database: "shop", Name: "coupons", Columns: []export.Column{{Name: "code", Type: "varchar"}}}}
	return export.Write(ctx, task, tables, func(context.Context, export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(func([]sql.RawBytes, error) bool) {}
	}, put)
}

func (empty) Close() error { return nil }

func TestReplaysAnExport(t *testing.T) {
	dir := exportTo(t, empty{})
	d, err := Open(t.Context(), "export:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	if name, version := d.Engine(); name != "mysql" || version != "" {
		t.Errorf("the engine is %q %q, want mysql without a version", name, version)
	}
	s, err := d.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(files(t, dir), files(t, exportTo(t, s))); d != "" {
		t.Error(d)
	}
}

// files is a folder's files with their contents.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	contents := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		contents[strings.TrimPrefix(path, dir)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return contents
}
