package athena

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// catalogName is Athena's name for the Glue catalog. Other catalogs are not supported.
const catalogName = "awsdatacatalog"

// session is a DuckDB instance that runs one statement at a time. It contains only the tables and views that the statement reads.
type session struct {
	options Options // the service's options
	db      *sql.DB
	conn    *sql.Conn
	// defined holds the columns of the views in DuckDB.
	defined map[name][]column
	// readsRows is true for a statement that reads rows. Other statements use only the catalog and need no permission for the data.
	readsRows bool
	// scans holds the files of the tables in DuckDB.
	scans []tableScan
	// scanned is the number of bytes that the statement reads.
	scanned int64
	// cutoff is the workgroup's limit on bytes scanned, or 0 if it has none.
	cutoff int64
}

// errScanLimit is the error of a query that scans more bytes than its workgroup allows.
var errScanLimit = errors.New("bytes scanned limit was exceeded")

func (s *Service) newSession(ctx context.Context) (*session, error) {
	if s.options.Trino != nil {
		return &session{options: s.options}, nil
	}
	db, err := sql.Open("duckdb", "?autoinstall_known_extensions=false&autoload_known_extensions=false")
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	out := &session{options: s.options, db: db, conn: conn, defined: map[name][]column{}}
	// Each DuckDB instance needs its own folder for temporary files, because all instances use the same file names.
	setup := []string{
		"SET temp_directory = " + quoteString(s.options.Store.TempPath()),
		"SET errors_as_json = true",
		"SET ieee_floating_point_ops = true",
		"SET disabled_optimizers = 'common_subexpressions'", // it evaluates a part of try(x) before try
		"SET enable_external_file_cache = false",            // a cached file may have been overwritten
		"SET TimeZone = 'UTC'",
		"SET threads = 1", // with more threads, COPY keeps rows in memory until all rows before them are written
	}
	if err := errors.Join(out.registerFunctions(conn), out.exec(ctx, "BEGIN; "+macros()+"; COMMIT; "+strings.Join(setup, "; "))); err != nil {
		out.close()
		return nil, fmt.Errorf("set up DuckDB: %w", err)
	}
	return out, nil
}

// reset drops the tables and views that the last statement needed. This is much faster than opening a new session.
func (s *session) reset(ctx context.Context) error {
	var drops []string
	for n := range s.defined {
		drops = append(drops, "DROP VIEW IF EXISTS "+quote(n.view()))
	}
	clear(s.defined)
	s.scans, s.scanned = nil, 0
	if len(drops) == 0 {
		return nil
	}
	if err := s.exec(ctx, strings.Join(drops, "; ")); err != nil {
		return fmt.Errorf("drop tables and views in DuckDB: %w", err)
	}
	return nil
}

// close frees DuckDB's memory. It ignores errors, because DuckDB stores no data that must be kept.
func (s *session) close() {
	if s.db == nil {
		return
	}
	_ = s.conn.Close()
	_ = s.db.Close()
}

func (s *session) exec(ctx context.Context, statement string) error {
	_, err := s.conn.ExecContext(ctx, statement)
	return err
}

// create creates a view in DuckDB with the given columns.
func (s *session) create(ctx context.Context, n name, query string, columns []column) ([]column, error) {
	s.defined[n] = columns // also on failure, because an interrupted statement may have created it
	if err := s.exec(ctx, "CREATE VIEW "+quote(n.view())+" AS "+query); err != nil {
		return nil, fmt.Errorf("define %s: %w", n, err)
	}
	return columns, nil
}

// translate translates the query that starts at a byte offset in a statement. It defines everything that the query reads. seen lists the
// views that are being defined; the query must not read them.
func (s *session) translate(ctx context.Context, statement string, start int, database string, seen []name) (translated, error) {
	t, err := parseTree(ctx, s.conn, statement, start)
	if err != nil {
		return translated{}, err
	}
	q, err := t.translate(ctx, s.conn, func(r reference) ([]column, name, error) {
		n := name{r.schema, r.table}.withDefault(database)
		columns, err := s.define(ctx, t, r, n, seen)
		return columns, n, err
	})
	if err != nil {
		return q, err
	}
	return q, s.setNow(ctx, q.duckDB)
}

// verify returns the error that DuckDB finds in a query before it runs.
func (s *session) verify(ctx context.Context, q translated) error {
	columns, err := s.describe(ctx, q.duckDB)
	if err != nil {
		return q.failure(err)
	}
	for i, c := range columns {
		if want := q.columns[i].engine; want != c.engine && want != unknown {
			return failWith("GENERIC_INTERNAL_ERROR", "column %d has the type %s instead of %s", i+1, c.engine, want)
		}
	}
	return nil
}

// describe returns the columns of a query in DuckDB's SQL.
func (s *session) describe(ctx context.Context, query string) ([]column, error) {
	rows, err := s.conn.QueryContext(ctx, "DESCRIBE "+query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		var ignored [4]any
		if err := rows.Scan(&c.name, &c.engine, &ignored[0], &ignored[1], &ignored[2], &ignored[3]); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// define creates the DuckDB table or view for a reference in a query, and returns its columns.
func (s *session) define(ctx context.Context, q *tree, r reference, n name, seen []name) ([]column, error) {
	if r.catalog != "" && r.catalog != catalogName {
		return nil, r.fail("CATALOG_NOT_FOUND", "Catalog '%s' not found", r.catalog)
	}
	if columns, ok := s.defined[n]; ok {
		return columns, nil
	}
	if n.database == "information_schema" {
		return s.defineInformation(ctx, q, n, r.fail)
	}
	if slices.Contains(seen, n) {
		return nil, r.fail("VIEW_IS_RECURSIVE", "Statement would create a recursive view")
	}
	t, err := s.find(ctx, n)
	switch {
	case errors.Is(err, errNoDatabase):
		return nil, r.fail("SCHEMA_NOT_FOUND", "Schema '%s' does not exist", n.database)
	case errors.Is(err, errNoTable):
		return nil, r.fail("TABLE_NOT_FOUND", "Table '%s' does not exist", n)
	case err != nil:
		return nil, err
	}
	if t.TableType == virtualView {
		return s.defineView(ctx, n, t, r.fail, seen)
	}
	return s.defineTable(ctx, n, t)
}

// withDefault returns the name, with the given database added if the name does not specify one.
func (n name) withDefault(database string) name { return name{cmp.Or(n.database, database), n.table} }

// view returns DuckDB's name for the table.
func (n name) view() string { return n.database + "." + n.table }

// String returns the name as Athena's messages show it.
func (n name) String() string { return catalogName + "." + n.database + "." + n.table }
