//go:build engine

package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"snaplake/local/internal/analyst"
	"snaplake/local/internal/cloud"
)

// TestViewsEqualTheDatabase runs a night over each database of a real server and compares every table with its view: the
// number of rows, and aggregates over every column. SERVER is USER:PASSWORD@HOST:PORT, DATABASES are parted by commas.
func TestViewsEqualTheDatabase(t *testing.T) {
	server, databases := os.Getenv("SERVER"), os.Getenv("DATABASES")
	if server == "" || databases == "" {
		t.Fatal("SERVER and DATABASES are not set; .ci/run sets them")
	}
	for _, database := range strings.Split(databases, ",") {
		t.Run(database, func(t *testing.T) { compareWithViews(t, server, database) })
	}
}

func compareWithViews(t *testing.T, server, database string) {
	db := openServer(t, server, database)
	dir := t.TempDir()
	run(t, "run", fast, "--dir", dir, "--source", "mysql://"+server+"/"+database)
	aws, viewDatabase, err := cloud.OpenLake(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	defer aws.Close()
	lake := analyst.New(aws, viewDatabase)

	tables := columnsOf(t, db, database)
	if got := len(readReport(t, dir).Views); got != len(tables) {
		t.Errorf("%d views of %d tables", got, len(tables))
	}
	compared := 0
	for table, columns := range tables {
		theirs, ours := []string{"count(*)"}, []string{"count(*)"}
		what := []string{"rows"}
		for _, c := range columns {
			for _, a := range c.aggregates() {
				theirs, ours, what = append(theirs, a.mysql), append(ours, a.athena), append(what, c.name+" "+a.name)
			}
		}
		want := askServer(t, db, "SELECT "+strings.Join(theirs, ", ")+" FROM `"+table+"`")
		got, err := lake.Ask(t.Context(), "SELECT "+strings.Join(ours, ", ")+` FROM "`+strings.ToLower(table)+`"`)
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		for i, value := range got.Rows[0] {
			compared++
			if theirs, ours := orNull(want[i]), orNull(value); theirs != ours {
				t.Errorf("%s: %s: the database has %s, the view %s", table, what[i], theirs, ours)
			}
		}
	}
	t.Logf("%s: %d tables, %d aggregates compared", database, len(tables), compared)
}

func openServer(t *testing.T, server, database string) *sql.DB {
	t.Helper()
	login, address, _ := strings.Cut(server, "@")
	c := mysql.NewConfig()
	c.User, c.Passwd, _ = strings.Cut(login, ":")
	c.Net, c.Addr, c.DBName = "tcp", address, database
	c.Params = map[string]string{"time_zone": "'+00:00'", "group_concat_max_len": "1000000"}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// tableColumn is a column as the database describes it.
type tableColumn struct{ name, kind string }

func columnsOf(t *testing.T, db *sql.DB, database string) map[string][]tableColumn {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT c.table_name, c.column_name, c.data_type
		FROM information_schema.Columns c JOIN information_schema.tables t USING (table_schema, table_name)
		WHERE t.table_type = 'BASE TABLE' AND c.table_schema = ? ORDER BY c.table_name, c.ordinal_position`, database)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := map[string][]tableColumn{}
	for rows.Next() {
		var table string
		var c tableColumn
		if err := rows.Scan(&table, &c.name, &c.kind); err != nil {
			t.Fatal(err)
		}
		tables[table] = append(tables[table], c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(tables) == 0 {
		t.Fatalf("database %s has no tables", database)
	}
	return tables
}

// aggregate is the same figure in the SQL of both sides.
type aggregate struct{ name, mysql, athena string }

// aggregates are figures that both sides print alike, whatever their collations, and that together no wrong column has.
func (c tableColumn) aggregates() []aggregate {
	m, a := "`"+c.name+"`", `"`+strings.ToLower(c.name)+`"`
	both := func(name, format string) aggregate {
		return aggregate{name, fmt.Sprintf(format, m), fmt.Sprintf(format, a)}
	}
	figures := []aggregate{both("values", "count(%s)")}
	switch c.kind {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year":
		figures = append(figures, both("sum", "sum(%s)"), both("least", "min(%s)"), both("greatest", "max(%s)"))
	case "float", "double":
		figures = append(figures, both("least", "min(%s)"), both("greatest", "max(%s)"))
	case "date":
		figures = append(figures, both("least", "min(%s)"), both("greatest", "max(%s)"), both("different", "count(DISTINCT %s)"))
	case "datetime", "timestamp":
		const printed = "left(date_format(%s(%s), '%%Y-%%m-%%d %%H:%%i:%%s.%%f'), 23)"
		for _, f := range []string{"min", "max"} {
			figures = append(figures, aggregate{f, fmt.Sprintf(printed, f, m), f + "(" + a + ")"})
		}
		figures = append(figures, both("different", "count(DISTINCT %s)"))
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry":
		figures = append(figures, both("length", "sum(length(%s))"),
			aggregate{"greatest", "max(hex(" + m + "))", "max(to_hex(" + a + "))"})
	default: // text of some kind; its bytes are compared, since collations take different texts for equal
		figures = append(figures,
			aggregate{"length", "sum(char_length(" + m + "))", "sum(length(" + a + "))"},
			aggregate{"different", "count(DISTINCT CAST(" + m + " AS BINARY))", "count(DISTINCT " + a + ")"},
			aggregate{"greatest", "max(hex(CAST(" + m + " AS CHAR CHARACTER SET utf8mb4)))", "max(to_hex(to_utf8(" + a + ")))"})
	}
	return figures
}

// askServer reads the one row of a query as text.
func askServer(t *testing.T, db *sql.DB, query string) []*string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		t.Fatalf("%s: no row: %v", query, err)
	}
	values := make([]*string, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		t.Fatal(err)
	}
	return values
}

func orNull(s *string) string {
	if s == nil {
		return "NULL"
	}
	return *s
}
