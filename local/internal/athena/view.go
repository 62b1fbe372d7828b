package athena

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"snaplake/local/internal/glue"
	"snaplake/local/internal/wire"
)

const virtualView = "VIRTUAL_VIEW"

// prestoView is the definition of a view in the catalog. Athena stores it in ViewOriginalText, as base64-encoded JSON in an SQL comment.
type prestoView struct {
	OriginalSQL string         `json:"originalSql"`
	Catalog     string         `json:"catalog"`
	Schema      string         `json:"schema"`
	Columns     []prestoColumn `json:"columns"`
}

type prestoColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

const (
	prestoPrefix = "/* Presto View: "
	prestoSuffix = " */"
)

func (p prestoView) encode() (string, error) {
	b, err := json.Marshal(p)
	return prestoPrefix + base64.StdEncoding.EncodeToString(b) + prestoSuffix, err
}

func decodePresto(text string) (prestoView, error) {
	var p prestoView
	body, ok := strings.CutPrefix(text, prestoPrefix)
	if !ok {
		return p, fmt.Errorf("ViewOriginalText does not begin with %q", prestoPrefix)
	}
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.TrimSuffix(body, prestoSuffix)))
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(b, &p)
}

// defineView creates a DuckDB view for a view in the catalog. It also defines everything that the view reads. The function fail creates an
// error at the position of the view's name in the query.
func (s *session) defineView(
	ctx context.Context, n name, t glue.Table, fail func(code, format string, args ...any) error, seen []name,
) ([]column, error) {
	p, err := decodePresto(t.ViewOriginalText)
	if err != nil {
		return nil, fail("INVALID_VIEW", "Failed parsing stored view '%s': %v", n, err)
	}
	q, err := s.translate(ctx, p.OriginalSQL, 0, strings.ToLower(p.Schema), append(slices.Clone(seen), n))
	if f, ok := err.(*failure); ok && f.code == "SYNTAX_ERROR" {
		return nil, fail("INVALID_VIEW", "Failed parsing stored view '%s': %s", n, f.text)
	} else if ok && f.place != "" {
		return nil, fail("INVALID_VIEW", "Failed analyzing stored view '%s': %s", n, f.detail())
	}
	if err != nil {
		return nil, err
	}
	if why := stale(q.columns, p.Columns); why != "" {
		return nil, fail("VIEW_IS_STALE", "View '%s' is stale or in invalid state: %s", n, why)
	}
	var columns []column
	var list, names []string
	for i, c := range p.Columns {
		stored, ok := typeOf(c.Type)
		if !ok {
			stored.engine = q.columns[i].engine
		}
		columns = append(columns, column{c.Name, stored.engine, c.Type})
		list = append(list, "CAST("+quote(c.Name)+" AS "+stored.engine+") AS "+quote(c.Name))
		names = append(names, quote(c.Name))
	}
	definition := "SELECT " + strings.Join(list, ", ") + " FROM (" + q.duckDB + "\n) AS v(" + strings.Join(names, ", ") + ")"
	return s.create(ctx, n, definition, columns)
}

// stale returns Trino's message if the stored columns of a view no longer match its query. Otherwise, it returns "".
func stale(columns []column, stored []prestoColumn) string {
	if len(columns) != len(stored) {
		return fmt.Sprintf("stored view column count (%d) does not match column count derived from the view query analysis (%d)",
			len(stored), len(columns))
	}
	for i, c := range columns {
		want, differs := stored[i], ""
		switch {
		case c.name == "":
			return fmt.Sprintf("a column of type %s projected from query view at position %d has no name", c.kind, i)
		case !strings.EqualFold(c.name, want.Name):
			differs = "has a different name from"
		case !coercible(c.kind, want.Type):
			differs = "cannot be coerced to"
		default:
			continue
		}
		return fmt.Sprintf("column [%s] of type %s projected from query view at position %d %s column [%s] of type %s stored in view definition",
			c.name, c.kind, i, differs, want.Name, want.Type)
	}
	return ""
}

func (s *session) createView(ctx context.Context, sql string, st statement, database string) error {
	n := st.name.withDefault(database)
	old, err := s.find(ctx, n)
	exists := err == nil
	switch {
	case errors.Is(err, errNoDatabase):
		return failAt(sql, 0, "SCHEMA_NOT_FOUND", "Schema '%s' does not exist", n.database)
	case err != nil && !errors.Is(err, errNoTable):
		return err
	case exists && old.TableType != virtualView:
		return failAt(sql, 0, "TABLE_ALREADY_EXISTS", "Table already exists: '%s'", n)
	case exists && !st.replace:
		return failAt(sql, 0, "TABLE_ALREADY_EXISTS", "View already exists: '%s'", n)
	}
	columns, err := s.viewColumns(ctx, sql, st, n, database)
	if err != nil {
		return err
	}
	in, err := viewTable(sql, st, n, database, columns)
	if err != nil {
		return err
	}
	if !exists {
		err = s.options.Catalog.CreateTable(ctx, n.database, in)
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != "AlreadyExistsException" || !st.replace {
			return err
		}
	}
	return s.options.Catalog.UpdateTable(ctx, n.database, in) // the view exists, perhaps because another query has just created it
}

// viewColumns returns the columns of the query of CREATE VIEW. The name of an unnamed column is "".
func (s *session) viewColumns(ctx context.Context, sql string, st statement, n name, database string) ([]column, error) {
	if s.options.Trino != nil {
		return s.viewColumnsInTrino(ctx, sql, st, database)
	}
	q, err := s.translate(ctx, sql[:st.queryAt+len(st.query)], st.queryAt, database, []name{n})
	if err != nil {
		return nil, err
	}
	return q.columns, s.verify(ctx, q)
}

// viewTable returns the table that Athena writes to the catalog for a view.
func viewTable(sql string, st statement, n name, database string, columns []column) (glue.TableInput, error) {
	p := prestoView{OriginalSQL: st.query, Catalog: catalogName, Schema: database}
	sd := &glue.StorageDescriptor{Columns: []glue.Column{}, SerdeInfo: &glue.SerDeInfo{}}
	for i, c := range columns {
		c.name = strings.ToLower(c.name)
		if c.name == "" {
			return glue.TableInput{}, failAt(sql, 0, "MISSING_COLUMN_NAME", "Column name not specified at position %d", i+1)
		}
		if c.kind == "unknown" {
			return glue.TableInput{}, failAt(sql, 0, "COLUMN_TYPE_UNKNOWN", "Column type is unknown: %s", c.name)
		}
		hive, ok := hiveType(c.kind)
		if !ok {
			const format = "Invalid column type for column %s: Unsupported Hive type: %s"
			return glue.TableInput{}, failWith("NOT_SUPPORTED", format, c.name, c.kind)
		}
		if slices.ContainsFunc(p.Columns, func(p prestoColumn) bool { return p.Name == c.name }) {
			return glue.TableInput{}, failAt(sql, st.queryAt, "DUPLICATE_COLUMN_NAME", "Column name '%s' specified more than once", c.name)
		}
		p.Columns = append(p.Columns, prestoColumn{c.name, c.kind})
		sd.Columns = append(sd.Columns, glue.Column{Name: c.name, Type: hive})
	}
	text, err := p.encode()
	return glue.TableInput{
		Name:              n.table,
		StorageDescriptor: sd,
		PartitionKeys:     []glue.Column{},
		ViewOriginalText:  text,
		ViewExpandedText:  "/* Presto View */",
		TableType:         virtualView,
		Parameters:        map[string]string{"presto_view": "true", "comment": "Presto View"},
	}, err
}

func (s *session) dropView(ctx context.Context, sql string, st statement, database string) error {
	n := st.name.withDefault(database)
	t, err := s.find(ctx, n)
	none := errors.Is(err, errNoDatabase) || errors.Is(err, errNoTable)
	switch {
	case none && st.ifExists:
		return nil
	case none:
		return failAt(sql, 0, "TABLE_NOT_FOUND", "View '%s' does not exist", n)
	case err != nil:
		return err
	case t.TableType != virtualView:
		return failAt(sql, 0, "TABLE_NOT_FOUND", "View '%s' does not exist, but a table with that name exists", n)
	}
	return s.options.Catalog.DeleteTable(ctx, n.database, n.table)
}
