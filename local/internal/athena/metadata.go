package athena

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"snaplake/local/internal/fault"
	"snaplake/local/internal/glue"
)

// show runs a statement that describes the catalog, and EXPLAIN. The result has no header.
func (s *session) show(ctx context.Context, sql string, st statement, database string) (out result, err error) {
	n := st.name.withDefault(database)
	if s.options.Trino != nil && (st.verb == explain || st.verb == showCreateView || st.verb == describeView) {
		return s.showTrino(ctx, sql, st, database)
	}
	switch st.verb {
	case explain:
		return out, failAt(sql, 0, "NOT_SUPPORTED", "%s", unsupportedText("EXPLAIN"))
	case showDatabases:
		return s.showDatabases(ctx)
	case describeTable, describeView:
		out, err = s.describeColumns(ctx, n)
	case showCreateView:
		out, err = s.showCreateView(ctx, sql, n)
	default:
		out, err = s.showTables(ctx, n.database, st.verb)
	}
	switch {
	case errors.Is(err, errNoDatabase):
		return out, failAt(sql, 0, "SCHEMA_NOT_FOUND", "Schema '%s' does not exist", n.database)
	case errors.Is(err, errNoTable): // the table was deleted after describedVerb found it
		return out, &failure{kind: noTable, text: "FAILED: SemanticException [Error 10001]: Table not found " + n.table}
	}
	return out, err
}

func (s *session) showDatabases(ctx context.Context) (result, error) {
	databases, err := s.options.Catalog.Databases(ctx)
	var lines []string
	for _, d := range databases {
		lines = append(lines, d.Name)
	}
	return listing(lines, "string", "database_name"), err
}

// showTables lists the tables and views of a database, or only its views.
func (s *session) showTables(ctx context.Context, database string, as verb) (result, error) {
	if err := s.hasDatabase(ctx, database); err != nil {
		return result{}, err
	}
	tables, err := s.options.Catalog.Tables(ctx, database)
	var lines []string
	for _, t := range tables {
		if as == showTables || t.TableType == virtualView {
			lines = append(lines, t.Name)
		}
	}
	if as == showViews {
		return listing(lines, unlimited, "views"), err
	}
	return listing(lines, "string", "tab_name"), err
}

// unlimited is the type varchar with precision 0, which Athena reports for statements that describe the catalog.
const unlimited = "varchar(0)"

// listing returns the result of a statement that describes the catalog. Each row is a single value, regardless of the number of columns.
func listing(lines []string, kind string, columns ...string) result {
	out := result{lines: lines}
	for _, name := range columns {
		out.columns = append(out.columns, column{name, "VARCHAR", kind})
	}
	return out
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
		if known, ok := hiveTypeOf(c.Type); ok {
			kind = known.kind
		}
		columns = append(columns, column{name: strings.ToLower(c.Name), kind: kind})
	}
	return columns
}

// informationTables maps the tables of information_schema to their columns.
var informationTables = map[string]string{
	"schemata": "catalog_name, schema_name",
	"tables":   "table_catalog, table_schema, table_name, table_type",
	"views":    "table_catalog, table_schema, table_name, view_definition",
	"columns":  "table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, data_type",
}

// namesTables matches a query that restricts table_name to constants.
var namesTables = regexp.MustCompile(`(?i)\btable_name"?\s*(=\s*'|in\s*\(\s*')`)

// defineInformation defines a table of information_schema in DuckDB. The table covers the whole catalog.
func (s *session) defineInformation(
	ctx context.Context, q *tree, n name, fail func(code, format string, args ...any) error,
) ([]column, error) {
	head, ok := informationTables[n.table]
	if !ok {
		return nil, fail("TABLE_NOT_FOUND", "Table '%s.information_schema.%s' does not exist", catalogName, n.table)
	}
	withoutViews := n.table == "columns" && !namesTables.MatchString(q.sql) && s.options.Faults.Columns() == fault.NoViews
	rows, err := s.information(ctx, n.table, withoutViews)
	if err != nil {
		return nil, err
	}
	source := "SELECT " + strings.Repeat("'', ", strings.Count(head, ",")) + "'' WHERE false"
	if len(rows) > 0 {
		source = "VALUES " + strings.Join(rows, ", ")
	}
	var columns []column
	for c := range strings.SplitSeq(head, ", ") {
		columns = append(columns, column{name: c, engine: "VARCHAR"})
	}
	list := "*"
	if n.table == "columns" {
		columns[4].engine = "BIGINT"
		list = "* REPLACE (ordinal_position::BIGINT AS ordinal_position, NULL::VARCHAR AS column_default)"
	}
	return s.create(ctx, n, "SELECT "+list+" FROM ("+source+") AS t("+head+")", columns)
}

// information returns the rows of an information_schema table in the syntax of a VALUES clause, for the tables and views of all databases.
func (s *session) information(ctx context.Context, table string, withoutViews bool) (rows []string, err error) {
	add := func(values ...string) {
		for i, v := range values {
			values[i] = quoteString(v)
		}
		rows = append(rows, "("+quoteString(catalogName)+", "+strings.Join(values, ", ")+")")
	}
	databases, err := s.options.Catalog.Databases(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range databases {
		if table == "schemata" {
			add(d.Name)
			continue
		}
		tables, err := s.options.Catalog.Tables(ctx, d.Name)
		if err != nil && !absent(err) { // the database may have been deleted after it was listed
			return nil, err
		}
		for _, t := range tables {
			isView := t.TableType == virtualView
			switch {
			case isView && withoutViews, table == "views" && !isView:
			case table == "columns":
				for i, c := range columnsOf(t) {
					add(d.Name, t.Name, c.name, strconv.Itoa(i+1), "", "YES", c.kind)
				}
			case table == "views":
				p, _ := decodePresto(t.ViewOriginalText) // the definition of an invalid view is NULL
				add(d.Name, t.Name, p.OriginalSQL)
			case isView:
				add(d.Name, t.Name, "VIEW")
			default:
				add(d.Name, t.Name, "BASE TABLE")
			}
		}
	}
	return rows, nil
}
