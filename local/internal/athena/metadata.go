package athena

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/glue"
)

// show runs a SHOW statement. The result has one column and no header.
func (s *session) show(ctx context.Context, sql string, st statement, database string) (result, error) {
	if st.name.database != "" {
		database = st.name.database
	}
	if st.verb == showDatabases {
		return s.showDatabases(ctx)
	}
	out, err := s.showTables(ctx, database, st.verb == showViews)
	if errors.Is(err, errNoDatabase) {
		return out, failAt(sql, 0, "SCHEMA_NOT_FOUND", "Schema '%s' does not exist", database)
	}
	return out, err
}

func (s *session) showDatabases(ctx context.Context) (result, error) {
	databases, err := s.catalog.Databases(ctx)
	var lines []string
	for _, d := range databases {
		lines = append(lines, d.Name)
	}
	return listing("database_name", lines), err
}

// showTables lists the tables and views of a database, or only its views.
func (s *session) showTables(ctx context.Context, database string, viewsOnly bool) (result, error) {
	if err := s.hasDatabase(ctx, database); err != nil {
		return result{}, err
	}
	tables, err := s.catalog.Tables(ctx, database)
	var lines []string
	for _, t := range tables {
		if !viewsOnly || t.TableType == virtualView {
			lines = append(lines, t.Name)
		}
	}
	return listing("tab_name", lines), err
}

func listing(columnName string, lines []string) result {
	r := result{columns: []column{{columnName, "VARCHAR", "varchar"}}}
	for _, l := range lines {
		r.rows = append(r.rows, []*string{&l})
	}
	return r
}

// columnsOf returns the names and Trino types of the columns of a table or view.
func columnsOf(t glue.Table) []column {
	var columns []column
	if p, err := decodePresto(t.ViewOriginalText); t.TableType == virtualView && err == nil {
		for _, c := range p.Columns {
			columns = append(columns, column{name: c.Name, kind: c.Type})
		}
		return columns
	}
	if t.StorageDescriptor == nil {
		return nil
	}
	for _, c := range slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys) {
		kind := c.Type
		if engine, ok := hiveEngineType(c.Type); ok {
			kind = trinoType(engine)
		}
		columns = append(columns, column{name: strings.ToLower(c.Name), kind: kind})
	}
	return columns
}

// informationTables maps the tables of information_schema to their columns.
var informationTables = map[string]string{
	"schemata": "catalog_name, schema_name",
	"tables":   "table_catalog, table_schema, table_name, table_type",
	"columns":  "table_catalog, table_schema, table_name, column_name, ordinal_position, is_nullable, data_type",
}

// defineInformation defines a table of information_schema in DuckDB. The table covers the whole catalog.
func (s *session) defineInformation(ctx context.Context, n name, fail func(code, format string, args ...any) error) error {
	head, ok := informationTables[n.table]
	if !ok {
		return fail("TABLE_NOT_FOUND", "Table '%s.information_schema.%s' does not exist", catalogName, n.table)
	}
	rows, err := s.information(ctx, n.table)
	if err != nil {
		return err
	}
	source := "SELECT " + strings.Repeat("'', ", strings.Count(head, ",")) + "'' WHERE false"
	if len(rows) > 0 {
		source = "VALUES " + strings.Join(rows, ", ")
	}
	list := "*"
	if n.table == "columns" {
		list = "* REPLACE (ordinal_position::BIGINT AS ordinal_position)"
	}
	return s.create(ctx, "VIEW", n, " AS SELECT "+list+" FROM ("+source+") AS t("+head+")")
}

// information returns the rows of an information_schema table in the syntax of a VALUES clause.
func (s *session) information(ctx context.Context, table string) (rows []string, err error) {
	add := func(values ...string) {
		for i, v := range values {
			values[i] = quoteString(v)
		}
		rows = append(rows, "("+quoteString(catalogName)+", "+strings.Join(values, ", ")+")")
	}
	databases, err := s.catalog.Databases(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range databases {
		if table == "schemata" {
			add(d.Name)
			continue
		}
		tables, err := s.catalog.Tables(ctx, d.Name)
		if err != nil && !absent(err) { // the database may have been deleted after it was listed
			return nil, err
		}
		for _, t := range tables {
			switch {
			case table == "columns":
				for i, c := range columnsOf(t) {
					add(d.Name, t.Name, c.name, strconv.Itoa(i+1), "YES", c.kind)
				}
			case t.TableType == virtualView:
				add(d.Name, t.Name, "VIEW")
			default:
				add(d.Name, t.Name, "BASE TABLE")
			}
		}
	}
	return rows, nil
}
