//go:build engine

package source

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"snaplake/local/internal/export"
)

// postgresServer makes a database with the statements' tables in it on the server of .ci/with-postgres, and returns its
// address for the user who may only read, and a connection of the owner's.
func postgresServer(t *testing.T, database, statements string) (spec string, owner *pgconn.PgConn) {
	t.Helper()
	reader, all := os.Getenv("POSTGRES"), os.Getenv("POSTGRES_OWNER")
	if reader == "" || all == "" {
		t.Fatal("POSTGRES and POSTGRES_OWNER are not set; .ci/with-postgres sets them")
	}
	connect := func(database string) *pgconn.PgConn {
		conn, err := pgconn.Connect(t.Context(), "postgres://"+all+"/"+database)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { hangUp(conn) })
		return conn
	}
	must(t, execute(t.Context(), connect("postgres"), "DROP DATABASE IF EXISTS "+database, "CREATE DATABASE "+database))
	owner = connect(database)
	must(t, execute(t.Context(), owner, statements))
	return "postgres://" + reader + "/" + database, owner
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// exportedTo is a snapshot's export in a folder.
func exportedTo(t *testing.T, s export.Snapshot) map[string]string {
	t.Helper()
	return files(t, exportTo(t, s))
}

func TestReadsWhatRDSExportsOfPostgreSQL(t *testing.T) {
	spec, _ := postgresServer(t, "reads", `
		CREATE TABLE "Kunden" (id integer, "größe" numeric(12,2), at timestamp(3) with time zone, tags text[], code character varying(8), o oid);
		CREATE SCHEMA audit;
		CREATE TABLE audit.log (at date) PARTITION BY RANGE (at);
		CREATE TABLE audit.log_2026 PARTITION OF audit.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
		CREATE UNLOGGED TABLE cache (id integer);
		CREATE TABLE only_oid (o oid);
		CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
		CREATE TABLE own (n positive);
		CREATE TABLE secrets (id integer, who text);
		ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
		CREATE VIEW customers AS SELECT id FROM "Kunden";
		CREATE MATERIALIZED VIEW kept AS SELECT id FROM "Kunden";
		CREATE TEMPORARY TABLE passing (id integer);`)
	d, err := Open(t.Context(), spec)
	must(t, err)
	defer d.Close()
	if name, version := d.Engine(); name != "postgres" || version == "" || strings.Contains(version, " ") {
		t.Errorf("the engine is %q %q, want postgres with its version alone", name, version)
	}
	s, err := d.Snapshot(t.Context())
	must(t, err)
	defer s.Close()
	in := func(schema, name, skipped string, columns ...export.Column) export.Table {
		return export.Table{Database: "reads", Schema: schema, Name: name, Columns: columns, Skipped: skipped}
	}
	want := []export.Table{
		in("audit", "log", "", export.Column{Name: "at", Type: "date"}),
		in("public", "Kunden", "",
			export.Column{Name: "id", Type: "integer", Precision: 32},
			export.Column{Name: "größe", Type: "numeric", Precision: 12},
			export.Column{Name: "at", Type: "timestamp with time zone", TimePrecision: 3},
			export.Column{Name: "tags", Type: "ARRAY"},
			export.Column{Name: "code", Type: "character varying", CharLength: 8}),
		in("public", "cache", "the table is unlogged", export.Column{Name: "id", Type: "integer", Precision: 32}),
		in("public", "only_oid", "the table has no column of a type that is exported"),
		in("public", "own", "", export.Column{Name: "n", Type: "integer", Domain: true, Precision: 32}),
		in("public", "secrets", "PERMISSIONS_DO_NOT_EXIST", export.Column{Name: "id", Type: "integer", Precision: 32}, export.Column{Name: "who", Type: "text"}),
	}
	if d := cmp.Diff(want, s.(*postgresSnapshot).tables); d != "" {
		t.Error(d)
	}
}

func TestASnapshotOfPostgreSQLStaysAsItWas(t *testing.T) {
	spec, owner := postgresServer(t, "stays", "CREATE TABLE users (id integer); INSERT INTO users VALUES (1), (2)")
	d, err := Open(t.Context(), spec)
	must(t, err)
	defer d.Close()
	s, err := d.Snapshot(t.Context())
	must(t, err)
	defer s.Close()
	before := exportedTo(t, s)
	must(t, execute(t.Context(), owner, "DELETE FROM users"))

	ctx, cancel := context.WithCancel(t.Context())
	_, err = s.Export(ctx, export.Task{ID: "broken-off", Dir: t.TempDir()}, func(string, string) error {
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an export that was broken off ended with %v", err)
	}
	var rows int
	for name, content := range exportedTo(t, s) {
		if strings.HasSuffix(name, ".parquet") {
			rows++
		} else if before[name] != content {
			t.Errorf("%s has changed", name)
		}
	}
	if rows != 1 {
		t.Errorf("%d files of rows, want 1 as before the rows were deleted", rows)
	}
}

func TestPostgreSQLSnapshot_KeepsNoTableLockedThatItHasRead(t *testing.T) {
	spec, owner := postgresServer(t, "unlocked", "CREATE TABLE a (id integer); CREATE TABLE b (id integer); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)")
	d, err := Open(t.Context(), spec)
	must(t, err)
	defer d.Close()
	s, err := d.Snapshot(t.Context())
	must(t, err)
	defer s.Close()
	must(t, execute(t.Context(), owner, "SET lock_timeout = '1s'"))
	_, err = s.Export(t.Context(), export.Task{ID: "e", Dir: t.TempDir()}, func(name, _ string) error {
		if name != "unlocked/public.b/1/_SUCCESS" {
			return nil
		}
		return execute(t.Context(), owner, "ALTER TABLE a ADD COLUMN during_the_export integer")
	})
	must(t, err)
	must(t, execute(t.Context(), owner, "ALTER TABLE b ADD COLUMN after_the_export integer"))
}

func TestSaysWhatToDoWhenADatabaseOfPostgreSQLCannotBeUsed(t *testing.T) {
	spec, owner := postgresServer(t, "unusable", "CREATE VIEW one AS SELECT 1 AS n")
	for _, c := range []struct{ name, spec, want string }{
		{"nothing to read", spec, `database "unusable" has no table that user "reader" may read; load data into it, or grant SELECT, and USAGE on its schema`},
		{"wrong password", strings.Replace(spec, "only-reads", "wrong-one", 1), `the server refuses user "reader" with this password; check both (FATAL: password authentication failed`},
		{"unknown database", spec + "_too", `the server has no database "unusable_too"; correct its name, or create it (FATAL: database "unusable_too" does not exist`},
	} {
		_, err := Open(t.Context(), c.spec)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "wrong-one") {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
	must(t, execute(t.Context(), owner, "REVOKE CONNECT ON DATABASE unusable FROM PUBLIC"))
	if _, err := Open(t.Context(), spec); err == nil || !strings.Contains(err.Error(), `user "reader" may not use database "unusable"; grant CONNECT on it`) {
		t.Errorf("error %v, want one about CONNECT", err)
	}
}
