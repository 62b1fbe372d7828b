package source

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"snaplake/local/internal/export"
)

// listTables selects one row for each column of each table, and one row for a table without columns. It lists partitioned tables instead of
// their partitions. It omits temporary tables, which snapshots do not contain, and columns of type oid, which RDS does not export (RDS
// guide, "Data conversion when exporting to an Amazon S3 bucket").
//
// RDS skips unlogged tables (RDS guide, "Exporting DB snapshot data to Amazon S3", limitations). It reports PERMISSIONS_DO_NOT_EXIST for
// tables that it is not permitted to read (RDS guide, "Troubleshooting PostgreSQL permissions errors").
const listTables = `SELECT n.nspname, t.relname,
		CASE WHEN t.relpersistence = 'u' THEN 'the table is unlogged'
			WHEN NOT has_schema_privilege(n.oid, 'USAGE') OR NOT has_table_privilege(t.oid, 'SELECT') OR row_security_active(t.oid)
			THEN 'PERMISSIONS_DO_NOT_EXIST' END,
		c.column_name, c.data_type, c.domain_name IS NOT NULL,
		c.character_maximum_length, c.numeric_precision, c.datetime_precision
	FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
	LEFT JOIN information_schema.columns c ON c.table_schema = n.nspname AND c.table_name = t.relname AND c.data_type <> 'oid'
	WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relpersistence <> 't'
		AND n.nspname NOT IN ('pg_catalog', 'information_schema')
	ORDER BY n.nspname, t.relname, c.ordinal_position`

// readPostgresTables returns the definitions of the tables in conn's database, sorted by schema and name.
func readPostgresTables(ctx context.Context, conn *pgconn.PgConn, database string) ([]export.Table, error) {
	result := conn.ExecParams(ctx, listTables, nil, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, fmt.Errorf("list the tables: %w", result.Err)
	}
	var tables []export.Table
	for _, row := range result.Rows {
		schema, name, skipped := string(row[0]), string(row[1]), string(row[2])
		if last := len(tables) - 1; last < 0 || tables[last].Schema != schema || tables[last].Name != name {
			tables = append(tables, export.Table{Database: database, Schema: schema, Name: name, Skipped: skipped})
		}
		t := &tables[len(tables)-1]
		if row[3] == nil {
			if t.Skipped == "" {
				t.Skipped = "the table has no column with a type that RDS exports"
			}
			continue
		}
		c := export.Column{Name: string(row[3]), Type: string(row[4]), Domain: string(row[5]) == "t"}
		numbers := make([]int64, 3)
		for i, text := range row[6:] {
			if text == nil {
				continue
			}
			var err error
			if numbers[i], err = strconv.ParseInt(string(text), 10, 64); err != nil {
				return nil, fmt.Errorf("read the columns of %s: %w", t, err)
			}
		}
		c.CharLength, c.Precision, c.TimePrecision = numbers[0], int(numbers[1]), int(numbers[2])
		t.Columns = append(t.Columns, c)
	}
	return tables, nil
}

// postgresRows reads rows through a connection.
type postgresRows struct{ conn *pgconn.PgConn }

// read streams the rows of a table, including those of its partitions and of the tables that inherit from it.
func (r postgresRows) read(ctx context.Context, t export.Table) iter.Seq2[[]sql.RawBytes, error] {
	return func(yield func([]sql.RawBytes, error) bool) {
		query := selectAll(t, quotePostgres, quotePostgres(t.Schema)+"."+quotePostgres(t.Name))
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		result := r.conn.ExecParams(ctx, query, nil, nil, nil, nil)
		values := make([]sql.RawBytes, len(t.Columns))
		for result.NextRow() {
			for i, v := range result.Values() {
				values[i] = v
			}
			if !yield(values, nil) {
				cancel() // otherwise, Close would read the remaining rows
				_, _ = result.Close()
				return
			}
		}
		_, err := result.Close()
		if err == nil {
			// Rolling back to a savepoint releases the locks that were acquired after it (PostgreSQL manual, "Explicit Locking").
			// Otherwise, an ALTER TABLE would wait for the transaction, and all queries on the table would wait for the ALTER TABLE.
			err = execute(ctx, r.conn, "ROLLBACK TO SAVEPOINT unlocked")
		}
		if err != nil {
			yield(nil, fmt.Errorf("read the rows: %w", err))
		}
	}
}

// quotePostgres returns a name as a quoted PostgreSQL identifier.
func quotePostgres(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
