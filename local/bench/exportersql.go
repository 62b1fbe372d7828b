package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"

	mysqlsource "snaplake/local/internal/source"
	"snaplake/local/internal/source/embedded"
)

// benchDatabase is made in MariaDB, and dropped at the end.
const benchDatabase = "bench"

// sqlTable has the columns of [columns].
const sqlTable = "CREATE TABLE users (id BIGINT UNSIGNED NOT NULL, points INT, `plan` CHAR(8), name VARCHAR(100), " +
	"note TEXT, price DECIMAL(12, 2), weight DOUBLE, is_active TINYINT, sold_on DATE, details JSON, created_at DATETIME, " +
	"updated_at TIMESTAMP NULL)"

// fromEmbedded reads the server in the process, of which the sample is made.
func fromEmbedded(ctx context.Context, limit peer) (_ []figure, err error) {
	server, err := embedded.Serve(benchDatabase)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	return fromMySQL(ctx, "the embedded server", server.Config, embeddedRows, limit)
}

// fromMariaDB reads a real server, whose owner MARIADB_OWNER is: USER:PASSWORD@HOST:PORT, as .ci/with-mariadb has it.
func fromMariaDB(ctx context.Context, limit peer) (_ []figure, err error) {
	owner := os.Getenv("MARIADB_OWNER")
	if owner == "" {
		return nil, nil
	}
	user, address, _ := strings.Cut(owner, "@")
	config := mysql.NewConfig()
	config.User, config.Passwd, _ = strings.Cut(user, ":")
	config.Net, config.Addr = "tcp", address
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("MARIADB_OWNER: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "CREATE OR REPLACE DATABASE "+benchDatabase); err != nil {
		return nil, fmt.Errorf("MARIADB_OWNER: %w", err)
	}
	defer func() {
		_, e := db.ExecContext(context.WithoutCancel(ctx), "DROP DATABASE "+benchDatabase)
		err = errors.Join(err, e)
	}()
	config.DBName = benchDatabase
	return fromMySQL(ctx, "MariaDB", config, mariadbRows, limit)
}

// fromMySQL fills a database and measures an export of it.
func fromMySQL(ctx context.Context, name string, config *mysql.Config, rows int, limit peer) (_ []figure, err error) {
	config.Params = map[string]string{"time_zone": "'+00:00'"}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := insertRows(ctx, conn, rows); err != nil {
		return nil, fmt.Errorf("fill %s: %w", name, err)
	}
	return fromServer(ctx, name, tableOf(config.DBName), mysqlsource.MySQLRows(conn), limit)
}

// insertRows makes the company's rows, many in a statement.
func insertRows(ctx context.Context, conn *sql.Conn, rows int) error {
	if _, err := conn.ExecContext(ctx, sqlTable); err != nil {
		return err
	}
	const together = 2000
	var statement strings.Builder
	n := 0
	for row := range (company{rows: rows}).read(ctx, tableOf("")) {
		separator := ", ("
		if n%together == 0 {
			statement.Reset()
			separator = "INSERT INTO users VALUES ("
		}
		for _, value := range row {
			statement.WriteString(separator + "'")
			statement.Write(value)
			statement.WriteString("'")
			separator = ", "
		}
		statement.WriteString(")")
		if n++; n%together == 0 || n == rows {
			if _, err := conn.ExecContext(ctx, statement.String()); err != nil {
				return err
			}
		}
	}
	return nil
}
