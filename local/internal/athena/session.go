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
	// schemas holds the databases that have a schema in DuckDB. Between statements, the schemas remain but are empty.
	schemas map[string]bool
	// defined holds the views in DuckDB.
	defined map[name]bool
	// defaultDatabase is the database for names that do not specify one.
	defaultDatabase string
	// macros holds the definitions of the macros that do not exist in DuckDB yet; see defineMacros.
	macros map[string]string
	// types holds the types that DuckDB recorded for a query; see learnTypes.
	types map[int][]string
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
	out := &session{options: s.options, db: db, conn: conn, schemas: map[string]bool{}, defined: map[name]bool{}, macros: macros()}
	// Each DuckDB instance needs its own folder for temporary files, because all instances use the same file names.
	setup := []string{
		"SET temp_directory = " + quoteString(s.options.Store.TempPath()),
		"SET errors_as_json = true",
		"SET ieee_floating_point_ops = true",
		"SET disabled_optimizers = 'common_subexpressions'", // it evaluates a part of try(x) before try
		"SET enable_external_file_cache = false",            // a cached file may have been overwritten
		"SET TimeZone = 'UTC'",
		"SET threads = 1", // with more threads, COPY keeps rows in memory until all rows before them are written
		"ATTACH ':memory:' AS " + catalogName,
	}
	if err := errors.Join(out.registerFunctions(conn), out.exec(ctx, strings.Join(setup, "; "))); err != nil {
		out.close()
		return nil, fmt.Errorf("set up DuckDB: %w", err)
	}
	return out, nil
}

// reset drops the tables and views that the last statement needed. This is much faster than opening a new session.
func (s *session) reset(ctx context.Context) error {
	var drops []string
	for n := range s.defined {
		drops = append(drops, "DROP VIEW IF EXISTS "+n.qualified())
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

func (s *session) setDefaultDatabase(ctx context.Context, database string) error {
	if s.defaultDatabase == database {
		return nil
	}
	if err := s.addSchema(ctx, database); err != nil {
		return err
	}
	path := catalogName + "." + quote(database) + ",memory.main" // the macros are in memory.main
	if err := s.exec(ctx, "SET search_path = "+quoteString(path)); err != nil {
		return fmt.Errorf("set default database %s: %w", database, err)
	}
	s.defaultDatabase = database
	return nil
}

func (s *session) addSchema(ctx context.Context, database string) error {
	if s.schemas[database] {
		return nil
	}
	if err := s.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+catalogName+"."+quote(database)); err != nil {
		return fmt.Errorf("create schema %s: %w", database, err)
	}
	s.schemas[database] = true
	return nil
}

// create creates a view in DuckDB.
func (s *session) create(ctx context.Context, n name, query string) error {
	if err := s.addSchema(ctx, n.database); err != nil {
		return err
	}
	s.defined[n] = true // also on failure, because an interrupted statement may have created it
	if err := s.exec(ctx, "CREATE VIEW "+n.qualified()+" AS "+query); err != nil {
		return fmt.Errorf("define %s: %w", n, err)
	}
	return nil
}

// prepare defines everything that a query reads, completes its translation, and returns its columns. The name of an unnamed column is "".
// seen lists the views that are being defined; the query must not read them.
func (s *session) prepare(ctx context.Context, q *translated, database string, seen []name) ([]column, error) {
	for _, r := range q.references {
		if err := s.define(ctx, *q, r, database, seen); err != nil {
			return nil, err
		}
	}
	if err := s.setDefaultDatabase(ctx, database); err != nil {
		return nil, err
	}
	s.types = map[int][]string{}
	columns, err := s.learnTypes(ctx, q)
	if err != nil {
		return nil, err
	}
	types := s.types[resultTypes]
	for i := range columns {
		if q.isValues || strings.HasPrefix(columns[i].name, unnamed) {
			columns[i].name = ""
		}
		if i < len(types) && types[i] == unknown {
			columns[i].kind = "unknown"
		}
	}
	return columns, nil
}

// resultTypes is the number of the types of a query's columns in the field types of a session.
const resultTypes = 0

// learnTypes completes the translation of a query and returns its columns. The translation of an expression depends on the types of its
// operands, which can depend on the translation of other expressions. Therefore, it asks DuckDB until the translation remains the same.
func (s *session) learnTypes(ctx context.Context, q *translated) (columns []column, err error) {
	for asked := ""; q.asks && q.sql != asked; {
		asked = q.sql
		clear(s.types)
		if err := s.defineMacros(ctx, asked); err != nil {
			return nil, err
		}
		if columns, err = s.describe(ctx, *q, "", ""); err != nil {
			return nil, err
		}
		if *q, err = q.withTypes(s.types, true); err != nil {
			return nil, err
		}
	}
	if *q, err = q.withTypes(s.types, false); err != nil {
		return nil, err
	}
	if err := s.defineMacros(ctx, q.sql); err != nil || columns != nil && !q.hasNull {
		return columns, err
	}
	if q.hasNull { // in a result, DuckDB changes the type of NULL to INTEGER
		const head, tail = "SELECT athena_record(0, system.main.typeof(COLUMNS(*))) FROM (", "\n)"
		if _, err := s.describe(ctx, *q, head, tail); err != nil {
			return nil, err
		}
	}
	return s.describe(ctx, *q, "", "")
}

// describe returns the columns of a query, to which it adds text at both ends.
func (s *session) describe(ctx context.Context, q translated, head, tail string) ([]column, error) {
	head = "DESCRIBE " + head
	rows, err := s.conn.QueryContext(ctx, head+q.sql+tail)
	if err != nil {
		return nil, q.within(len(head)).failure(err)
	}
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		var ignored [4]any
		if err := rows.Scan(&c.name, &c.engine, &ignored[0], &ignored[1], &ignored[2], &ignored[3]); err != nil {
			return nil, err
		}
		c.kind = trinoType(c.engine)
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

// define creates the DuckDB table or view for a reference in a query.
func (s *session) define(ctx context.Context, q translated, r reference, database string, seen []name) error {
	fail := func(code, format string, args ...any) error {
		return failAt(q.original, r.start, code, format, args...)
	}
	if r.catalog != "" && r.catalog != catalogName {
		return fail("CATALOG_NOT_FOUND", "Catalog '%s' not found", r.catalog)
	}
	n := name{r.schema, r.table}.withDefault(database)
	if s.defined[n] {
		return nil
	}
	if n.database == informationSchema {
		return s.defineInformation(ctx, q, n, fail)
	}
	if slices.Contains(seen, n) {
		return fail("VIEW_IS_RECURSIVE", "Statement would create a recursive view")
	}
	t, err := s.find(ctx, n)
	switch {
	case errors.Is(err, errNoDatabase):
		return fail("SCHEMA_NOT_FOUND", "Schema '%s' does not exist", n.database)
	case errors.Is(err, errNoTable):
		return fail("TABLE_NOT_FOUND", "Table '%s' does not exist", n)
	case err != nil:
		return err
	}
	if t.TableType == virtualView {
		return s.defineView(ctx, n, t, fail, seen)
	}
	return s.defineTable(ctx, n, t)
}

// withDefault returns the name, with the given database added if the name does not specify one.
func (n name) withDefault(database string) name { return name{cmp.Or(n.database, database), n.table} }

// schema returns DuckDB's name for the database.
func (n name) schema() string { return catalogName + "." + quote(n.database) }

// qualified returns DuckDB's name for the table.
func (n name) qualified() string { return n.schema() + "." + quote(n.table) }

// String returns the name as Athena's messages show it.
func (n name) String() string { return catalogName + "." + n.database + "." + n.table }
