package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/duckdb/duckdb-go/v2"

	"snaplake/local/internal/export"
)

// duckTable has the columns of [columns] as the types that RDS exports them as.
const duckTable = `CREATE TABLE users AS SELECT id::DECIMAL(20, 0) AS id, points::INTEGER AS points, plan, name, note,
	price::DECIMAL(12, 2) AS price, weight::DOUBLE AS weight, is_active::INTEGER AS is_active, sold_on, details,
	created_at::TIMESTAMP AS created_at, updated_at::TIMESTAMP AS updated_at FROM texts`

// duckDB holds rows, as values.
type duckDB struct {
	db   *sql.DB
	conn *sql.Conn
	dir  string
}

func loadDuckDB(ctx context.Context, rows export.Rows) (*duckDB, error) {
	d := &duckDB{}
	var err error
	if d.db, err = sql.Open("duckdb", "?autoinstall_known_extensions=false&autoload_known_extensions=false"); err != nil {
		return nil, err
	}
	if d.conn, err = d.db.Conn(ctx); err != nil {
		return nil, err
	}
	if d.dir, err = os.MkdirTemp("", "bench-"); err != nil {
		return nil, err
	}
	const texts = `CREATE TABLE texts (id TEXT, points TEXT, plan TEXT, name TEXT, note TEXT, price TEXT, weight TEXT, is_active TEXT,
		sold_on TEXT, details TEXT, created_at TEXT, updated_at TEXT)`
	if err := d.execute(ctx, texts); err != nil {
		return nil, err
	}
	if err := d.conn.Raw(func(c any) error { return appendRows(ctx, c.(driver.Conn), rows) }); err != nil {
		return nil, fmt.Errorf("load DuckDB: %w", err)
	}
	return d, d.execute(ctx, duckTable, "DROP TABLE texts")
}

func appendRows(ctx context.Context, conn driver.Conn, rows export.Rows) (err error) {
	appender, err := duckdb.NewAppenderFromConn(conn, "", "texts")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, appender.Close()) }()
	values := make([]driver.Value, len(columns))
	for row, err := range rows(ctx, tableOf("memory")) {
		if err != nil {
			return err
		}
		for i, text := range row {
			values[i] = string(text)
		}
		if err := appender.AppendRow(values...); err != nil {
			return err
		}
	}
	return nil
}

func (d *duckDB) execute(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := d.conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("DuckDB: %.40s: %w", s, err)
		}
	}
	return nil
}

// copy writes the rows as one Parquet file, by so many threads.
func (d *duckDB) copy(ctx context.Context, threads int) (run, error) {
	if err := d.execute(ctx, fmt.Sprintf("SET threads = %d", threads)); err != nil {
		return run{}, err
	}
	return middle(func() (r run, err error) {
		file := filepath.Join(d.dir, "users.parquet")
		if err := d.execute(ctx, "COPY users TO '"+file+"' (FORMAT parquet, COMPRESSION gzip)"); err != nil {
			return run{}, err
		}
		info, err := os.Stat(file)
		if err != nil {
			return run{}, err
		}
		return run{rows: memoryRows, bytes: info.Size()}, nil
	})
}

func (d *duckDB) close() error {
	return errors.Join(d.conn.Close(), d.db.Close(), os.RemoveAll(d.dir))
}
