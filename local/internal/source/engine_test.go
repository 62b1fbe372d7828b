//go:build engine

package source

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"snaplake/local/internal/export"
)

// engines maps each engine to a function that creates a database on a real server and runs the statements in it. The function returns the
// address of the database for a user who may only read, and a function that runs a statement as the owner. The statement waits up to one
// second for a lock. .ci/with-mariadb and .ci/with-postgres start the servers.
var engines = map[string]func(t *testing.T, database string, statements ...string) (spec string, run func(statement string) error){
	"MariaDB": mariaDB, "PostgreSQL": postgreSQL,
}

func mariaDB(t *testing.T, database string, statements ...string) (spec string, run func(statement string) error) {
	t.Helper()
	reader, owner := logins(t, "MARIADB")
	login, address, _ := strings.Cut(owner, "@")
	config := mysql.NewConfig()
	config.User, config.Passwd, _ = strings.Cut(login, ":")
	config.Net, config.Addr = "tcp", address
	config.Params = map[string]string{"lock_wait_timeout": "1"}
	connector, err := mysql.NewConnector(config)
	must(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // USE affects a single connection
	run = func(statement string) error {
		_, err := db.ExecContext(context.Background(), statement)
		return err
	}
	fresh := []string{"DROP DATABASE IF EXISTS " + database, "CREATE DATABASE " + database, "USE " + database}
	for _, s := range append(fresh, statements...) {
		must(t, run(s))
	}
	return "mysql://" + reader + "/" + database, run
}

func postgreSQL(t *testing.T, database string, statements ...string) (spec string, run func(statement string) error) {
	t.Helper()
	reader, owner := logins(t, "POSTGRES")
	connect := func(database string) func(statement string) error {
		conn, err := pgconn.Connect(t.Context(), "postgres://"+owner+"/"+database)
		must(t, err)
		t.Cleanup(func() { hangUp(conn) })
		return func(statement string) error { return execute(context.Background(), conn, statement) }
	}
	run = connect("postgres")
	must(t, run("DROP DATABASE IF EXISTS "+database))
	must(t, run("CREATE DATABASE "+database))
	run = connect(database)
	for _, s := range append(statements, "SET lock_timeout = '1s'") {
		must(t, run(s))
	}
	return "postgres://" + reader + "/" + database, run
}

// logins returns USER:PASSWORD@HOST:PORT for the user who may only read, and for the owner.
func logins(t *testing.T, variable string) (reader, owner string) {
	t.Helper()
	reader, owner = os.Getenv(variable), os.Getenv(variable+"_OWNER")
	if reader == "" || owner == "" {
		t.Fatalf("%[1]s and %[1]s_OWNER are not set; .ci/with-mariadb and .ci/with-postgres set them", variable)
	}
	return reader, owner
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// snapshotOf opens a database and returns a snapshot of it.
func snapshotOf(t *testing.T, spec string) export.Snapshot {
	t.Helper()
	d, err := Open(t.Context(), spec)
	must(t, err)
	t.Cleanup(func() { d.Close() })
	s, err := d.Snapshot(t.Context())
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOpen_ListsTables(t *testing.T) {
	for name, create := range engines {
		t.Run(name, func(t *testing.T) {
			spec, _ := create(t, "listed", "CREATE TABLE users (id INT)", "CREATE VIEW v AS SELECT id FROM users")
			d, err := Open(t.Context(), spec)
			must(t, err)
			defer d.Close()
			want := map[string]string{"MariaDB": "listed.listed.users", "PostgreSQL": "listed.public.users"}
			if diff := cmp.Diff([]string{want[name]}, d.(export.Listed).Tables()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSnapshot_ReleasesLocksOfExportedTables(t *testing.T) {
	for name, create := range engines {
		t.Run(name, func(t *testing.T) {
			spec, run := create(t, "unlocked",
				"CREATE TABLE a (id INT)", "INSERT INTO a VALUES (1)", "CREATE TABLE b (id INT)", "INSERT INTO b VALUES (1)")
			during := errors.New("table b was not exported")
			_, err := snapshotOf(t, spec).Export(t.Context(), export.Task{ID: "e", Dir: t.TempDir()}, func(name, _ string) error {
				if strings.HasSuffix(name, ".b/1/_SUCCESS") {
					during = run("ALTER TABLE a ADD COLUMN during_the_export INT")
				}
				return nil
			})
			must(t, err)
			must(t, during)
			must(t, run("ALTER TABLE b ADD COLUMN after_the_export INT"))
		})
	}
}

func TestSnapshot_DoesNotChange(t *testing.T) {
	for name, create := range engines {
		t.Run(name, func(t *testing.T) {
			spec, run := create(t, "frozen", "CREATE TABLE users (id INT)", "INSERT INTO users VALUES (1), (2)")
			s := snapshotOf(t, spec)
			before := files(t, exportTo(t, s))
			must(t, run("DELETE FROM users"))
			if name == "PostgreSQL" { // on MariaDB, cancelling an export closes the connection of the snapshot
				exportCancelled(t, s)
			}
			parts := 0
			for name, content := range files(t, exportTo(t, s)) {
				if strings.HasSuffix(name, ".parquet") {
					parts++
				} else if before[name] != content {
					t.Errorf("%s has changed", name)
				}
			}
			if parts != 1 {
				t.Errorf("got %d Parquet files, want 1 as before the DELETE", parts)
			}
		})
	}
}

func exportCancelled(t *testing.T, s export.Snapshot) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Export(ctx, export.Task{ID: "cancelled", Dir: t.TempDir()}, func(string, string) error {
		cancel()
		return ctx.Err()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled export ended with %v", err)
	}
}

func TestOpen_DescribesTablesOfPostgreSQLThatRDSExports(t *testing.T) {
	spec, _ := postgreSQL(t, "reads", `
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
	s := snapshotOf(t, spec).(*postgresSnapshot)
	if name, version := s.server.Engine(); name != "postgres" || version == "" || strings.Contains(version, " ") {
		t.Errorf("the engine is %q %q, want postgres and a version number", name, version)
	}
	in := func(schema, name, skipped string, columns ...export.Column) export.Table {
		return export.Table{Database: "reads", Schema: schema, Name: name, Columns: columns, Skipped: skipped}
	}
	id := export.Column{Name: "id", Type: "integer", Precision: 32}
	want := []export.Table{
		in("audit", "log", "", export.Column{Name: "at", Type: "date"}),
		in("public", "Kunden", "", id,
			export.Column{Name: "größe", Type: "numeric", Precision: 12},
			export.Column{Name: "at", Type: "timestamp with time zone", TimePrecision: 3},
			export.Column{Name: "tags", Type: "ARRAY"},
			export.Column{Name: "code", Type: "character varying", CharLength: 8}),
		in("public", "cache", "the table is unlogged", id),
		in("public", "only_oid", "the table has no column with a type that RDS exports"),
		in("public", "own", "", export.Column{Name: "n", Type: "integer", Domain: true, Precision: 32}),
		in("public", "secrets", "PERMISSIONS_DO_NOT_EXIST", id, export.Column{Name: "who", Type: "text"}),
	}
	if d := cmp.Diff(want, s.tables); d != "" {
		t.Error(d)
	}
}

func TestOpen_ExplainsErrorsOfPostgreSQL(t *testing.T) {
	spec, run := postgreSQL(t, "unusable", "CREATE VIEW one AS SELECT 1 AS n")
	refuses := func(spec, want string) {
		t.Helper()
		if _, err := Open(t.Context(), spec); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "wrong-one") {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	refuses(spec, "has no table that user")
	refuses(strings.Replace(spec, "only-reads", "wrong-one", 1), "with this password")
	refuses(spec+"_too", `has no database "unusable_too"`)
	must(t, run("REVOKE CONNECT ON DATABASE unusable FROM PUBLIC"))
	refuses(spec, "grant CONNECT on it")
}
