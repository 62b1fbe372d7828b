package source

import (
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"snaplake/local/internal/export"
)

// BenchmarkMariaDB measures how fast a table is exported from the server that .ci/with-mariadb starts. For comparison, it measures how
// fast the server sends the table's rows.
func BenchmarkMariaDB(b *testing.B) {
	owner := os.Getenv("MARIADB_OWNER") // USER:PASSWORD@HOST:PORT
	if owner == "" {
		b.Skip("MARIADB_OWNER is not set; .ci/with-mariadb sets it")
	}
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	login, address, _ := strings.Cut(owner, "@")
	config := mysql.NewConfig()
	config.User, config.Passwd, _ = strings.Cut(login, ":")
	config.Net, config.Addr, config.Params = "tcp", address, map[string]string{"time_zone": "'+00:00'"}
	connector, err := mysql.NewConnector(config)
	must(err)
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(b.Context())
	must(err)
	for _, statement := range []string{"CREATE OR REPLACE DATABASE bench", "USE bench", makeUsers} {
		_, err := conn.ExecContext(b.Context(), statement)
		must(err)
	}

	task := export.Task{ID: "bench", Dir: b.TempDir()}
	drop := func(_, file string) error { return os.Remove(file) }
	var exported, read time.Duration
	rows := 0
	for b.Loop() {
		began := time.Now()
		for _, err := range MySQLRows(conn)(b.Context(), users) {
			must(err)
			rows++
		}
		read += time.Since(began)
		began = time.Now()
		_, err := export.Write(b.Context(), task, []export.Table{users}, MySQLRows(conn), drop)
		must(err)
		exported += time.Since(began)
	}
	b.ReportMetric(float64(rows)/exported.Seconds(), "rows/s")
	b.ReportMetric(float64(rows)/read.Seconds(), "peer-rows/s")
	_, err = conn.ExecContext(b.Context(), "DROP DATABASE bench")
	must(err)
}

// users is a table with columns of MySQL's common types.
var users = export.Table{Database: "bench", Name: "users", Columns: []export.Column{
	{Name: "id", Type: "bigint", Precision: 20, Unsigned: true},
	{Name: "points", Type: "int", Precision: 10},
	{Name: "plan", Type: "char", CharLength: 8},
	{Name: "name", Type: "varchar", CharLength: 100},
	{Name: "note", Type: "text", CharLength: 65535},
	{Name: "price", Type: "decimal", Precision: 12, Scale: 2},
	{Name: "weight", Type: "double", Precision: 22},
	{Name: "is_active", Type: "tinyint", Precision: 3},
	{Name: "sold_on", Type: "date"},
	{Name: "details", Type: "json"},
	{Name: "created_at", Type: "datetime"},
	{Name: "updated_at", Type: "timestamp"},
}}

// makeUsers creates the table users with 150,000 rows.
const makeUsers = "CREATE TABLE users (id BIGINT UNSIGNED NOT NULL, points INT, `plan` CHAR(8), name VARCHAR(100), note TEXT, " +
	"price DECIMAL(12, 2), weight DOUBLE, is_active TINYINT, sold_on DATE, details JSON, created_at DATETIME, updated_at TIMESTAMP NULL) " +
	`SELECT seq AS id, seq * 7919 % 100003 AS points, CONCAT('plan ', seq % 5) AS plan, CONCAT('お客様 ', seq) AS name,
	CONCAT('delivered to door ', seq % 977) AS note, seq % 100000 + 0.25 AS price, seq % 5000 + 0.125 AS weight, seq % 2 AS is_active,
	CURRENT_DATE - INTERVAL seq % 365 DAY AS sold_on, CONCAT('{"color":"red","n":', seq % 313, '}') AS details,
	CURRENT_DATE - INTERVAL seq % 100000 SECOND AS created_at, CURRENT_DATE - INTERVAL seq % 100000 SECOND AS updated_at
	FROM seq_1_to_150000`
