//go:build trino

package main

import (
	"database/sql"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// compareMariaDB uses the server that .ci/with-databases starts, and fills one of its databases. MARIADB names a read-only user and
// MARIADB_OWNER a user with all privileges, each as USER:PASSWORD@HOST:PORT.
func compareMariaDB(t *testing.T, all *figure) {
	createMariaDBTypes(t, openMariaDB(t, "MARIADB_OWNER", ""))
	met := map[string]bool{}
	for _, name := range []string{"extremes", "types", "ancient", "charsets", "Chinook", "sakila"} {
		t.Run(name, func(t *testing.T) {
			requireLoaded(t, openMariaDB(t, "MARIADB", ""), "SHOW DATABASES LIKE '"+name+"'")
			maps.Copy(met, equal(t, openMariaDB(t, "MARIADB", name), all))
		})
	}
	requireMet(t, met, "zero date", "micros")
}

func TestServe_HoldsNoMariaDBTransactionAfterExport(t *testing.T) {
	owner := openMariaDB(t, "MARIADB_OWNER", "")
	owner.execute(t, "CREATE OR REPLACE DATABASE held")
	owner.execute(t, "CREATE TABLE held.users (id INT)")
	serveAndRun(t, openMariaDB(t, "MARIADB", "held"))
	owner.execute(t, "SET STATEMENT lock_wait_timeout = 1 FOR ALTER TABLE held.users ADD COLUMN name TEXT")
	open := owner.ask(t, `SELECT trx_started FROM information_schema.innodb_trx
		JOIN information_schema.processlist ON id = trx_mysql_thread_id WHERE db = 'held'`)
	if len(open) > 0 {
		t.Errorf("a transaction has been open since %s", *open[0][0])
	}
}

type mariaDB struct {
	*sql.DB
	server, database string
}

func openMariaDB(t *testing.T, user, database string) mariaDB {
	t.Helper()
	server := serverOf(t, user)
	login, address, _ := strings.Cut(server, "@")
	c := mysql.NewConfig()
	c.User, c.Passwd, _ = strings.Cut(login, ":")
	c.Net, c.Addr, c.DBName = "tcp", address, database
	c.Params = map[string]string{"time_zone": "'+00:00'", "sql_mode": "''"} // an empty sql_mode allows invalid dates
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return mariaDB{db, server, database}
}

func (m mariaDB) spec() string                { return "mysql://" + m.server + "/" + m.database }
func (m mariaDB) name() string                { return m.database }
func (m mariaDB) quoted(e engineTable) string { return "`" + e.name + "`" }

func (m mariaDB) execute(t *testing.T, statement string) {
	t.Helper()
	if _, err := m.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (m mariaDB) ask(t *testing.T, query string) (answer [][]*string) {
	t.Helper()
	rows, err := m.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values := make([]*string, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		answer = append(answer, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return answer
}

func (m mariaDB) tables(t *testing.T) (tables []engineTable) {
	t.Helper()
	rows, err := m.QueryContext(t.Context(), `SELECT c.table_name, c.column_name, c.data_type, c.column_type LIKE '%unsigned%',
			COALESCE(c.numeric_precision, 0), COALESCE(c.numeric_scale, 0)
		FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE t.table_type = 'BASE TABLE' AND c.table_schema = ? ORDER BY c.table_name, c.ordinal_position`, m.database)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var c mysqlColumn
		if err := rows.Scan(&table, &c.name, &c.kind, &c.unsigned, &c.precision, &c.scale); err != nil {
			t.Fatal(err)
		}
		if last := len(tables) - 1; last < 0 || tables[last].name != table {
			tables = append(tables, engineTable{name: table})
		}
		e := &tables[len(tables)-1]
		e.readings = append(e.readings, c.reading())
	}
	if err := rows.Err(); err != nil || len(tables) == 0 {
		t.Fatalf("database %s: %d tables, %v", m.database, len(tables), err)
	}
	return tables
}

// mysqlColumn is a column in information_schema.
type mysqlColumn struct {
	name, kind       string
	unsigned         bool
	precision, scale int
}

func (c mysqlColumn) reading() reading {
	q := "`" + c.name + "`"
	// The addition removes the leading zeros of a ZEROFILL column.
	number := "CAST(" + q + " + 0 AS CHAR)"
	bytes := exact(c.name, "varbinary", "lower(hex("+q+"))")
	switch c.kind {
	case "tinyint":
		if c.unsigned {
			return exact(c.name, "smallint", number)
		}
		return exact(c.name, "integer", number)
	case "smallint", "year":
		return exact(c.name, "integer", number)
	case "mediumint", "int":
		if c.unsigned {
			return exact(c.name, "bigint", number)
		}
		return exact(c.name, "integer", number)
	case "bigint":
		if c.unsigned {
			return exact(c.name, "decimal(20,0)", number)
		}
		return exact(c.name, "bigint", number)
	case "decimal":
		if c.precision > 38 {
			return exact(c.name, "varchar", number)
		}
		return exact(c.name, decimalType(c.precision, c.scale), number)
	case "float", "double":
		return exact(c.name, "double", "CAST("+q+" AS CHAR)")
	case "bit":
		switch {
		case c.precision == 1:
			return exact(c.name, "boolean", fmt.Sprintf("CASE %s WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", q))
		case c.precision < 64:
			return exact(c.name, "bigint", number)
		}
		bytes.value = "lpad(lower(hex(" + q + ")), 16, '0')" // hex omits the leading zeros of a number
		return bytes
	case "date":
		isZero := fmt.Sprintf("(year(%[1]s) = 0 OR month(%[1]s) = 0 OR dayofmonth(%[1]s) = 0)", q)
		return c.day("date", isZero, "CAST("+q+" AS CHAR)", "NULL")
	case "datetime", "timestamp":
		isZero := fmt.Sprintf("(month(%[1]s) = 0 OR dayofmonth(%[1]s) = 0)", q)
		rounded := fmt.Sprintf("IF(microsecond(%[1]s) %% 1000 < 500, %[1]s, %[1]s + INTERVAL 500 MICROSECOND)", q)
		return c.day("timestamp", isZero, "left(date_format("+rounded+", '%Y-%m-%d %H:%i:%s.%f'), 23)",
			"IF(microsecond("+q+") % 1000 <> 0, 'micros', NULL)")
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json", "enum", "set":
		return exact(c.name, "varchar", "CONVERT("+q+" USING utf8mb4)")
	case "time":
		return exact(c.name, "varchar", "CAST("+q+" AS CHAR)")
	default: // binary strings and geometries
		return bytes
	}
}

// day returns the reading of a date or timestamp column.
func (c mysqlColumn) day(athena, isZero, value, because string) reading {
	return reading{
		strings.ToLower(c.name), athena,
		fmt.Sprintf("IF(%s, NULL, %s)", isZero, value), fmt.Sprintf("IF(%s, 'zero date', %s)", isZero, because),
	}
}
