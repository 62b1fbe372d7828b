package athena

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"snaplake/local/internal/glue"
)

// show runs SHOW: lines of one column, without a header.
func (s *session) show(sql string, st statement, database string) (result, error) {
	if st.name.database != "" {
		database = st.name.database
	}
	var lines []string
	if st.verb == showDatabases {
		for _, d := range s.catalog.Databases() {
			lines = append(lines, d.Name)
		}
		return listing("database_name", lines), nil
	}
	tables, err := s.catalog.Tables(database)
	if err != nil {
		return result{}, failAt(sql, 0, "SCHEMA_NOT_FOUND", "Schema '%s' does not exist", database)
	}
	if st.verb == showColumns {
		t, err := s.catalog.Table(database, st.name.table)
		if err != nil {
			return result{}, failAt(sql, 0, "TABLE_NOT_FOUND", "Table '%s' does not exist", name{database, st.name.table})
		}
		for _, c := range columnsOf(t) {
			lines = append(lines, c.name)
		}
		return listing("field", lines), nil
	}
	for _, t := range tables { // SHOW TABLES lists the views too
		if st.verb == showTables || t.TableType == virtualView {
			lines = append(lines, t.Name)
		}
	}
	return listing("tab_name", lines), nil
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
	for _, d := range s.catalog.Databases() {
		if n.table == "schemata" {
			add(catalogName, d.Name)
			continue
		}
		tables, err := s.catalog.Tables(d.Name)
		if err != nil {
			continue // deleted meanwhile
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
	if err := s.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+n.schema()); err != nil {
		return fmt.Errorf("create schema %s: %w", n.database, err)
	}
	if err := s.exec(ctx, "CREATE VIEW "+n.qualified()+" AS SELECT "+position+" FROM ("+all+") AS t("+head+")"); err != nil {
		return fmt.Errorf("define %s: %w", n, err)
	}
	s.defined[n] = true
	return nil
}
