package athena

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"snaplake/local/internal/s3"
)

// catalogName is the only catalog, that of Glue.
const catalogName = "awsdatacatalog"

// session is a DuckDB that runs one statement at a time, and holds only what that statement reads. So no query sees another
// one's tables, nor tables that have changed since.
type session struct {
	catalog Catalog
	store   *s3.Store
	db      *sql.DB
	conn    *sql.Conn
	// defined are the tables and views that the engine has.
	defined map[name]bool
	// macros are those that the engine has not yet, see defineMacros.
	macros map[string]string
	// reads is set for a statement that reads rows. Others ask the catalog only, and need no right to the data.
	reads bool
	// scans are what the tables that the engine has are read from.
	scans []tableScan
	// scanned is how many bytes the statement reads, and cutoff the workgroup's limit for it, or 0.
	scanned, cutoff int64
}

// errScanLimit ends a query that scans more than its workgroup allows.
var errScanLimit = errors.New("bytes scanned limit was exceeded")

// unnamed stands for the name of a column that has none.
const unnamed = "no name of its own"

func (s *Service) newSession(ctx context.Context) (*session, error) {
	connector, err := duckdb.NewConnector("?autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	db := sql.OpenDB(connector)
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close() // nothing was opened
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	out := &session{catalog: s.options.Catalog, store: s.options.Store, db: db, conn: conn, defined: map[name]bool{}, macros: macros()}
	if err := registerFunctions(conn); err != nil {
		out.close()
		return nil, err
	}
	setup := []string{
		"SET errors_as_json = true",
		"SET integer_division = true",
		"SET enable_external_file_cache = false", // a file may have been written anew
		"SET TimeZone = 'UTC'",
		attach,
	}
	for _, statement := range setup {
		if err := out.exec(ctx, statement); err != nil {
			out.close()
			return nil, fmt.Errorf("set up DuckDB: %s: %w", statement, err)
		}
	}
	return out, nil
}

const attach = "ATTACH ':memory:' AS " + catalogName

// forget makes the session as it was when it was new, which is much quicker than a new one.
func (s *session) forget(ctx context.Context) error {
	s.defined, s.scans, s.scanned = map[name]bool{}, nil, 0
	for _, statement := range []string{"USE memory", "DETACH " + catalogName, attach} {
		if err := s.exec(ctx, statement); err != nil {
			return fmt.Errorf("empty DuckDB: %s: %w", statement, err)
		}
	}
	return nil
}

// close frees the engine's memory. There is nothing in it that could be lost.
func (s *session) close() {
	_ = s.conn.Close()
	_ = s.db.Close()
}

func (s *session) exec(ctx context.Context, statement string) error {
	_, err := s.conn.ExecContext(ctx, statement)
	return err
}

// enter makes database the one of names without a database.
func (s *session) enter(ctx context.Context, database string) error {
	if err := s.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+catalogName+"."+quote(database)); err != nil {
		return fmt.Errorf("create schema %s: %w", database, err)
	}
	path := catalogName + "." + quote(database) + ",memory.main" // the macros are in memory.main
	return s.exec(ctx, "SET search_path = "+quoteString(path))
}

// prepare defines all that a query reads and tells its columns; one without a name of its own has the name "". seen are the
// views that are being defined: the query must not read any of them.
func (s *session) prepare(ctx context.Context, q translated, database string, seen []name) ([]column, error) {
	tree, err := s.parse(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, r := range tree.references() {
		if err := s.define(ctx, q, r, database, seen); err != nil {
			return nil, err
		}
	}
	if err := s.enter(ctx, database); err != nil {
		return nil, err
	}
	if err := s.defineMacros(ctx, q.sql); err != nil {
		return nil, fmt.Errorf("define macros: %w", err)
	}
	columns, err := s.describe(ctx, q.sql, q)
	if err != nil {
		return nil, err
	}
	if tree.isValues() {
		for i := range columns {
			columns[i].name = ""
		}
	}
	if !tree.nameColumns() {
		return columns, nil
	}
	if list, _ := tree.first()["select_list"].([]any); len(list) == len(columns) { // each is one column: there is no * that is more
		for i, c := range list {
			if column, _ := c.(map[string]any); text(column["alias"]) == unnamed {
				columns[i].name = ""
			}
		}
		return columns, nil
	}
	named, err := s.rewrite(ctx, tree)
	if err != nil {
		return nil, err
	}
	names, err := s.describe(ctx, named, q)
	if err != nil {
		return nil, err
	}
	for i := range columns {
		if i < len(names) && names[i].name == unnamed {
			columns[i].name = ""
		}
	}
	return columns, nil
}

// describe tells the columns of a query in DuckDB's SQL, which is q or was made of it.
func (s *session) describe(ctx context.Context, query string, q translated) ([]column, error) {
	const verb = "DESCRIBE "
	rows, err := s.conn.QueryContext(ctx, verb+query)
	if err != nil {
		return nil, q.within(len(verb)).failure(err)
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

// define gives the engine the table or view that a query refers to.
func (s *session) define(ctx context.Context, q translated, r reference, database string, seen []name) error {
	fail := func(code, format string, args ...any) error {
		return failAt(q.original, q.offset(r.position), code, format, args...)
	}
	if r.function {
		return fail("FUNCTION_NOT_FOUND", "Table function '%s' not registered", strings.ToLower(r.table))
	}
	if r.catalog != "" && !strings.EqualFold(r.catalog, catalogName) {
		return fail("CATALOG_NOT_FOUND", "Catalog '%s' does not exist", strings.ToLower(r.catalog))
	}
	n := name{strings.ToLower(r.schema), strings.ToLower(r.table)}
	if n.database == "" {
		n.database = database
	}
	if s.defined[n] {
		return nil
	}
	if n.database == informationSchema {
		return s.defineInformation(ctx, n, fail)
	}
	for _, open := range seen {
		if open == n {
			return fail("VIEW_IS_RECURSIVE", "View is recursive: '%s'", n)
		}
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
	if err := s.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+n.schema()); err != nil {
		return fmt.Errorf("create schema %s: %w", n.database, err)
	}
	if t.TableType == virtualView {
		err = s.defineView(ctx, n, t, fail, seen)
	} else {
		err = s.defineTable(ctx, n, t)
	}
	s.defined[n] = err == nil
	return err
}

// schema is the database's name in the engine.
func (n name) schema() string { return catalogName + "." + quote(n.database) }

// qualified is the table's name in the engine.
func (n name) qualified() string { return n.schema() + "." + quote(n.table) }

// String is the name as Athena's messages give it.
func (n name) String() string { return catalogName + "." + n.database + "." + n.table }
