package source

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/local/internal/export"
)

// tableTypes lists the values of TABLE_TYPE for tables that store rows. Only MariaDB uses the second value.
const tableTypes = "'BASE TABLE', 'SYSTEM VERSIONED'"

// readMySQLTables returns the definitions of the tables of a database, sorted by name. It combines the results of two queries, since an SQL
// join in information_schema would treat Users and users as the same table, even on servers where they are different tables.
func readMySQLTables(ctx context.Context, conn *sql.Conn, database string) ([]export.Table, error) {
	const names = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN (" + tableTypes + ")"
	byName := map[string]*export.Table{}
	err := query(ctx, conn, names, database, func(scan scanner) error {
		t := &export.Table{Database: database}
		err := scan(&t.Name)
		byName[t.Name] = t
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	const columns = `SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COALESCE(CHARACTER_MAXIMUM_LENGTH, 0),
			COALESCE(NUMERIC_PRECISION, 0), COALESCE(NUMERIC_SCALE, 0), COALESCE(DATETIME_PRECISION, 0)
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY ORDINAL_POSITION`
	err = query(ctx, conn, columns, database, func(scan scanner) error {
		var table, declared string
		var c export.Column
		if err := scan(&table, &c.Name, &c.Type, &declared, &c.CharLength, &c.Precision, &c.Scale, &c.TimePrecision); err != nil {
			return err
		}
		c.Type = strings.ToLower(c.Type)
		// The condition on Precision excludes ENUM columns, whose declared values may contain " unsigned".
		c.Unsigned = c.Precision > 0 && strings.Contains(strings.ToLower(declared), " unsigned")
		if t := byName[table]; t != nil { // otherwise, it is a column of a view
			t.Columns = append(t.Columns, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the tables' columns: %w", err)
	}
	tables := make([]export.Table, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		tables = append(tables, *byName[name])
	}
	return tables, nil
}

type scanner func(targets ...any) error

// query runs a query and calls f for each row.
func query(ctx context.Context, conn *sql.Conn, query, argument string, f func(scanner) error) error {
	rows, err := conn.QueryContext(ctx, query, argument)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
