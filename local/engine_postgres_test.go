//go:build trino

package main

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// comparePostgreSQL uses the server that .ci/with-databases starts, and fills two of its databases: sakila with a copy of MariaDB's database
// sakila, and types with a column of each type. POSTGRES names a read-only user and POSTGRES_OWNER a user with all privileges, each as
// USER:PASSWORD@HOST:PORT.
func comparePostgreSQL(t *testing.T, all *figure) {
	met := map[string]bool{}
	for name, fill := range map[string]func(*testing.T, postgreSQL){
		"chinook": func(*testing.T, postgreSQL) {}, // .ci/with-databases loads it
		"sakila":  copySakila,
		"types":   createPostgresTypes,
	} {
		t.Run(name, func(t *testing.T) {
			owner := openPostgreSQL(t, "POSTGRES_OWNER", "postgres")
			if name == "chinook" {
				requireLoaded(t, owner, "SELECT datname FROM pg_database WHERE datname = 'chinook'")
			} else {
				owner.execute(t, "DROP DATABASE IF EXISTS "+name)
				owner.execute(t, "CREATE DATABASE "+name)
				fill(t, openPostgreSQL(t, "POSTGRES_OWNER", name))
			}
			maps.Copy(met, equal(t, openPostgreSQL(t, "POSTGRES", name), all))
		})
	}
	requireMet(t, met, "NaN", "scale", "infinity", "BC", "late", "oid")
}

func TestServe_HoldsNoPostgreSQLTransactionAfterExport(t *testing.T) {
	owner := openPostgreSQL(t, "POSTGRES_OWNER", "postgres")
	owner.execute(t, "DROP DATABASE IF EXISTS held")
	owner.execute(t, "CREATE DATABASE held")
	owner = openPostgreSQL(t, "POSTGRES_OWNER", "held")
	owner.execute(t, "CREATE TABLE users (id integer)")
	serveAndRun(t, openPostgreSQL(t, "POSTGRES", "held"))
	owner.execute(t, "SET statement_timeout = '1s'")
	owner.execute(t, "ALTER TABLE users ADD COLUMN name text")
	owner.execute(t, "CREATE INDEX CONCURRENTLY ON users (id)") // waits for every transaction that can read old rows
}

type postgreSQL struct {
	*pgconn.PgConn
	server, database string
}

func openPostgreSQL(t *testing.T, user, database string) postgreSQL {
	t.Helper()
	server := serverOf(t, user)
	// The settings determine how values are printed as text.
	conn, err := pgconn.Connect(t.Context(), "postgres://"+server+"/"+database+
		"?timezone=UTC&datestyle=ISO&intervalstyle=postgres&extra_float_digits=1&client_encoding=UTF8")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return postgreSQL{conn, server, database}
}

func (p postgreSQL) spec() string { return "postgres://" + p.server + "/" + p.database }
func (p postgreSQL) name() string { return p.database }
func (p postgreSQL) quoted(e engineTable) string {
	return identifier(e.schema) + "." + identifier(e.name)
}

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (p postgreSQL) execute(t *testing.T, statement string) {
	t.Helper()
	if _, err := p.Exec(t.Context(), statement).ReadAll(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (p postgreSQL) ask(t *testing.T, query string) (answer [][]*string) {
	t.Helper()
	result := p.ExecParams(t.Context(), query, nil, nil, nil, nil).Read()
	if result.Err != nil {
		t.Fatalf("%s: %v", query, result.Err)
	}
	for _, row := range result.Rows {
		values := make([]*string, len(row))
		for i, v := range row {
			if v != nil {
				values[i] = new(string(v))
			}
		}
		answer = append(answer, values)
	}
	return answer
}

func (p postgreSQL) tables(t *testing.T) (tables []engineTable) {
	t.Helper()
	for _, row := range p.ask(t, `SELECT c.table_schema, c.table_name, c.column_name, c.data_type,
			COALESCE(c.numeric_precision, 0), COALESCE(c.datetime_precision, 0)
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
			AND table_name NOT IN (SELECT relname FROM pg_class WHERE relispartition)
		ORDER BY c.table_schema, c.table_name, c.ordinal_position`) {
		schema, name := *row[0], *row[1]
		if last := len(tables) - 1; last < 0 || tables[last].schema != schema || tables[last].name != name {
			tables = append(tables, engineTable{schema: schema, name: name})
		}
		c := postgresColumn{name: *row[2], kind: *row[3]}
		var err error
		if c.precision, err = strconv.Atoi(*row[4]); err != nil {
			t.Fatal(err)
		}
		if c.fraction, err = strconv.Atoi(*row[5]); err != nil {
			t.Fatal(err)
		}
		e := &tables[len(tables)-1]
		if c.kind == "oid" {
			e.without = append(e.without, "oid")
			continue
		}
		e.readings = append(e.readings, c.reading())
	}
	if len(tables) == 0 {
		t.Fatalf("database %s has no tables", p.database)
	}
	return tables
}

// postgresColumn is a column in information_schema.
type postgresColumn struct {
	name, kind string
	precision  int
	// fraction is the maximum number of fractional digits of a second.
	fraction int
}

func (c postgresColumn) reading() reading {
	q := identifier(c.name)
	// format returns the server's own text of the value. A cast to text would remove the trailing blanks of a character(n). num_nulls is
	// used because IS NULL is also true for a composite of NULLs.
	printed := fmt.Sprintf("CASE WHEN num_nulls(%[1]s) = 0 THEN format('%%s', %[1]s) END", q)
	switch c.kind {
	case "smallint", "integer", "bigint":
		return exact(c.name, c.kind, printed)
	case "real":
		return exact(c.name, "float", printed) // the name of the type in Athena's results
	case "double precision":
		return exact(c.name, "double", printed)
	case "boolean":
		return exact(c.name, "boolean", q+"::text")
	case "bytea":
		return exact(c.name, "varbinary", "encode("+q+", 'hex')")
	case "numeric":
		if c.precision == 0 || c.precision > 19 {
			return exact(c.name, "varchar", printed)
		}
		// The manifest does not contain the scale. A decimal with twice as many digits can hold every number whose scale is neither negative
		// nor larger than the precision.
		return reading{
			strings.ToLower(c.name), decimalType(2*c.precision, c.precision),
			fmt.Sprintf("CASE WHEN abs(%[1]s) < 1e%[3]d THEN %[1]s::numeric(%[2]d,%[3]d)::text END", q, 2*c.precision, c.precision),
			fmt.Sprintf("CASE WHEN %[1]s = 'NaN' THEN 'NaN' WHEN abs(%[1]s) >= 1e%[2]d OR %[1]s <> round(%[1]s, %[2]d) THEN 'scale' END",
				q, c.precision),
		}
	case "date":
		return c.day("date", q, "'YYYY-MM-DD'")
	case "timestamp without time zone":
		return c.day("timestamp", q, c.clock())
	case "timestamp with time zone":
		return c.day("timestamp", q+" AT TIME ZONE 'UTC'", c.clock())
	default:
		return exact(c.name, "varchar", printed)
	}
}

// clock returns the to_char pattern of a timestamp.
func (c postgresColumn) clock() string {
	if c.fraction >= 1 && c.fraction <= 3 {
		return "'YYYY-MM-DD HH24:MI:SS.MS'"
	}
	return "'YYYY-MM-DD HH24:MI:SS.US'"
}

// day returns the reading of a date or timestamp column.
func (c postgresColumn) day(athena, value, pattern string) reading {
	return reading{
		strings.ToLower(c.name), athena,
		fmt.Sprintf("CASE WHEN isfinite(%[1]s) AND %[1]s >= '0001-01-01' AND %[1]s < '10000-01-01' THEN to_char(%[1]s, %[2]s) END",
			value, pattern),
		fmt.Sprintf("CASE WHEN NOT isfinite(%[1]s) THEN 'infinity' WHEN %[1]s < '0001-01-01' THEN 'BC' "+
			"WHEN %[1]s >= '10000-01-01' THEN 'late' END", value),
	}
}
