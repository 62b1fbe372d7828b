package source

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"snaplake/local/internal/export"
)

func TestParseAddress_ReadsAllParts(t *testing.T) {
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

func TestOpen_RejectsInvalidAddressWithoutPrintingPassword(t *testing.T) {
	for spec, want := range map[string]string{
		"mysql://root:se/cret@localhost/shop":                                        "is not a URL; use the form mysql://",
		"mysql://root:%zzsecret@localhost/shop":                                      "is not a URL",
		"mysql://root:secret@localhost/shop?tls=true":                                "has invalid options (allowed: ?sslmode=",
		"mysql://root:secret@localhost/shop?sslmode=verify-ca":                       "has invalid options (allowed: ?sslmode=",
		"mysql://root:secret@localhost/shop?sslrootcert=rds.pem":                     "has invalid options (allowed: ?sslmode=",
		"mysql://root:secret@localhost/shop#1":                                       "contains a #",
		"mysql://root:secret@localhost/a/b":                                          "has an invalid database name",
		"mysql://root:secret@localhost":                                              "has no database",
		"mysql://root:secret@/shop":                                                  "has no host",
		"mysql://localhost/shop":                                                     "has no user",
		"postgres://root:se/cret@localhost/shop":                                     "PostgreSQL source is not a URL; use the form postgres://",
		"postgres://me:secret@localhost/shop?x=y":                                    "has invalid options (allowed: ?sslmode=",
		"postgres://me:secret@localhost:99999/shop":                                  "postgres://me@localhost:99999/shop",
		"oracle://root:secret@localhost/shop":                                        `unknown kind of source "oracle"; use sample, mysql://`,
		"":                                                                           `unknown kind of source ""`,
		"mysql://root:secret@localhost/shop?sslmode=verify-full&sslrootcert=no.pem":  "sslrootcert: open no.pem: no such file",
		"mysql://root:secret@localhost/shop?sslmode=verify-full&sslrootcert=open.go": "open.go contains no certificate in PEM format",
		"mysql://root:secret@localhost/shop?sslmode=verify-full;sslrootcert=open.go": "has invalid options (allowed: ?sslmode=",
		"postgres://me:secret@localhost/shop?sslmode=verify-full&sslrootcert=no.pem": "postgres://me@localhost:5432/shop: ",
	} {
		_, err := Open(t.Context(), spec)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "cret") {
			t.Errorf("%s: got error %v, want an error that contains %s", spec, err, want)
		}
	}
}

func TestOpen_ReadsTablesOfMySQL(t *testing.T) {
	d, err := Open(t.Context(), "mysql://root@"+fakeMySQL(t, nil)+"/shop")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if name, version := d.Engine(); name != "mysql" || version != "8.0.36" {
		t.Errorf("the engine is %s %s, want mysql 8.0.36", name, version)
	}
	if diff := cmp.Diff([]string{"shop.shop.Users"}, d.(export.Listed).Tables()); diff != "" {
		t.Error(diff)
	}
	s, err := d.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snapshot := s.(*mysqlSnapshot)
	want := []export.Table{{Database: "shop", Name: "Users", Columns: []export.Column{
		{Name: "id", Type: "int", Unsigned: true, Precision: 10}, {Name: "kind", Type: "enum", CharLength: 11},
	}}}
	if d := cmp.Diff(want, snapshot.tables); d != "" {
		t.Error(d)
	}
	for row, err := range unlockingRows(snapshot.conn)(t.Context(), snapshot.tables[0]) {
		if got := fmt.Sprintf("%q, %v", row, err); got != `["1" "is unsigned"], <nil>` {
			t.Errorf("got row %s", got)
		}
	}
}

func TestOpen_ExplainsFailedConnections(t *testing.T) {
	address := fakeMySQL(t, nil)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	const password = ` with this password; check the user and the password (`
	for _, c := range []struct{ name, login, address, want string }{
		{"no server", "mysql://me", closed.Addr().String(), "cannot connect to SPEC: dial tcp ADDRESS: connect: connection refused; " +
			"check the host and the port, and whether a MySQL server is running there"},
		{"no server", "postgres://me", closed.Addr().String(), "cannot connect to SPEC: dial tcp ADDRESS: connect: connection refused; "},
		{"no password", "postgres://me", refuser(t, "28P01", "wrong"),
			`SPEC: the server rejected user "me" without a password; set SNAPLAKE_PASSWORD (FATAL: wrong`},
		{"wrong password", "mysql://root:secret", address, `SPEC: the server rejected user "root"` + password + "Error 1045"},
		{"wrong password", "postgres://me:secret", refuser(t, "28P01", "wrong"),
			`SPEC: the server rejected user "me"` + password + "FATAL: wrong (SQLSTATE 28P01))"},
		{"unknown user", "postgres://me:secret", refuser(t, "28000", "no such role"), `SPEC: the server rejected user "me"` + password},
		{"unknown database", "mysql://root", address + "/shoop",
			`SPEC: the server has no database "shoop"; correct the name, or create the database (Error 1049`},
		{"unknown database", "postgres://me", refuser(t, "3D000", "unknown"), `SPEC: the server has no database "shop"; `},
		{"no permission", "postgres://me", refuser(t, "42501", "denied"),
			`SPEC: user "me" is not allowed to use database "shop"; grant CONNECT on it, or correct the database name (FATAL: denied`},
		{"another reason", "postgres://me", refuser(t, "53300", "too many"), `cannot connect to SPEC: FATAL: too many (SQLSTATE 53300)`},
		{"empty database", "mysql://root", address + "/empty",
			`SPEC: database "empty" has no table that user "root" may read; load data into it, or grant SELECT`},
	} {
		t.Run(c.name+" at "+c.login, func(t *testing.T) {
			host, database, found := strings.Cut(c.address, "/")
			if !found {
				database = "shop"
			}
			_, err := Open(t.Context(), c.login+"@"+host+"/"+database)
			shown := strings.TrimSuffix(c.login, ":secret") + "@" + host + "/" + database
			want := strings.NewReplacer("SPEC", shown, "ADDRESS", host).Replace(c.want)
			if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") ||
				strings.Contains(err.Error(), "secret") {
				t.Errorf("got error %v, want %s", err, want)
			}
		})
	}
}

func TestOpen_StopsWhenCancelled(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections and never responds
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, scheme := range []string{"mysql", "postgres"} {
		if _, err := Open(ctx, scheme+"://root@"+silent.Addr().String()+"/shop"); err == nil {
			t.Errorf("%s: Open succeeded without a response from the server", scheme)
		}
	}
}

// empty is a snapshot with one empty table.
type empty struct{}

func (empty) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	tables := []export.Table{{Database: "shop", Name: "coupons", Columns: []export.Column{{Name: "code", Type: "varchar"}}}}
	return export.Write(ctx, task, tables, func(context.Context, export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(func([]sql.RawBytes, error) bool) {}
	}, put)
}

func (empty) Close() error { return nil }

func TestReplay_ExportsUnchangedFiles(t *testing.T) {
	dir := exportTo(t, empty{})
	d, err := Open(t.Context(), "export:"+dir)
	if err != nil {
		t.Fatal(err)
	}
	if name, version := d.Engine(); name != "mysql" || version != "" {
		t.Errorf("the engine is %q %q, want mysql without a version", name, version)
	}
	if diff := cmp.Diff([]string{"shop.shop.coupons"}, d.(export.Listed).Tables()); diff != "" {
		t.Error(diff)
	}
	s, err := d.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(files(t, dir), files(t, exportTo(t, s))); d != "" {
		t.Error(d)
	}
}

// files returns the contents of the files in a folder, by file name.
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
