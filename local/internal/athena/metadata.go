package athena

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"snaplake/local/internal/glue"
)

// show runs SHOW: lines of one column, without a header.
func (s *session) show(ctx context.Context, sql string, st statement, database string) (result, error) {
	if st.name.database != "" {
		database = st.name.database
	}
	var out result
	var err error
	switch st.verb {
	case showDatabases:
		out, err = s.showDatabases(ctx)
	case showColumns:
		out, err = s.showColumns(ctx, name{database, st.name.table})
	default:
		out, err = s.showTables(ctx, database, st.verb == showViews)
	}
	switch {
	case errors.Is(err, errNoDatabase):
		return out, failAt(sql, 0, "SCHEMA_NOT_FOUND", "Schema '%s' does not exist", database)
	case errors.Is(err, errNoTable):
		return out, failAt(sql, 0, "TABLE_NOT_FOUND", "Table '%s' does not exist", name{database, st.name.table})
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

func (s *session) showColumns(ctx context.Context, n name) (result, error) {
	t, err := s.find(ctx, n)
	var lines []string
	for _, c := range columnsOf(t) {
		lines = append(lines, c.name)
	}
	return listing("field", lines), err
}

// showTables lists the tables and the views, or the views alone.
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

// columnsOf are the columns of a table or view as a query sees them.
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
	for _, c := range append(t.StorageDescriptor.Columns[:len(t.StorageDescriptor.Columns):len(t.StorageDescriptor.Columns)], t.PartitionKeys...) {
		kind := c.Type
		if engine, ok := hiveEngineType(c.Type); ok {
			kind = trinoType(engine)
		}
		columns = append(columns, column{name: strings.ToLower(c.Name), kind: kind})
	}
	return columns
}

// defineInformation gives the engine a table of information_schema, with the whole catalog in it.
func (s *session) defineInformation(ctx context.Context, n name, fail func(code, format string, args ...any) error) error {
	var head string
	var rows []string
	add := func(values ...string) {
		for i, v := range values {
			values[i] = quoteString(v)
		}
		rows = append(rows, "("+strings.Join(values, ", ")+")")
	}
	switch n.table {
	case "schemata":
		head = "catalog_name, schema_name"
	case "tables":
		head = "table_catalog, table_schema, table_name, table_type"
	case "columns":
		head = "table_catalog, table_schema, table_name, column_name, ordinal_position, is_nullable, data_type"
	default:
		return fail("TABLE_NOT_FOUND", "Table '%s.information_schema.%s' does not exist", catalogName, n.table)
	}
	databases, err := s.catalog.Databases(ctx)
	if err != nil {
		return err
	}
	for _, d := range databases {
		if n.table == "schemata" {
			add(catalogName, d.Name)
			continue
		}
		tables, err := s.catalog.Tables(ctx, d.Name)
		if absent(err) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		for _, t := range tables {
			if n.table == "tables" {
				kind := "BASE TABLE"
				if t.TableType == virtualView {
					kind = "VIEW"
				}
				add(catalogName, d.Name, t.Name, kind)
				continue
			}
			for i, c := range columnsOf(t) {
				add(catalogName, d.Name, t.Name, c.name, strconv.Itoa(i+1), "YES", c.kind)
			}
		}
	}
	none := "SELECT " + strings.Repeat("'', ", strings.Count(head, ",")) + "'' WHERE false"
	all := none
	if len(rows) > 0 {
		all = "VALUES " + strings.Join(rows, ", ")
	}
	position := "*"
	if n.table == "columns" {
		position = "* REPLACE (ordinal_position::BIGINT AS ordinal_position)"
	}
	return s.create(ctx, "VIEW", n, " AS SELECT "+position+" FROM ("+all+") AS t("+head+")")
}
