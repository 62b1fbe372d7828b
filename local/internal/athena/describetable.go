package athena

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"snaplake/local/internal/glue"
)

// describedVerb returns the verb of a statement, or describeView for DESCRIBE of a view. Athena rejects DESCRIBE of a table that does not
// exist when the query is submitted (measured, aoyagikouhei/athena-local, entity_check.rs).
func (s *Service) describedVerb(ctx context.Context, st statement, database string) (verb, error) {
	if st.verb != describeTable {
		return st.verb, nil
	}
	n := st.name.withDefault(database)
	t, err := s.options.Catalog.Table(ctx, n.database, n.table)
	if absent(err) {
		return st.verb, invalid("%s", glueMessage("EntityNotFoundException", "Entity Not Found"))
	}
	if err == nil && t.TableType == virtualView {
		return describeView, nil
	}
	return st.verb, nil // the query reports any other error when it runs
}

// describeColumns returns the result of DESCRIBE (measured, aoyagikouhei/athena-local, docs/dev/measurements/query-results.md).
func (s *session) describeColumns(ctx context.Context, n name) (result, error) {
	t, err := s.find(ctx, n)
	if err != nil {
		return result{}, err
	}
	var lines []string
	if t.TableType == virtualView {
		for _, c := range columnsOf(t) {
			lines = append(lines, c.name+"\t"+c.kind)
		}
		return listing(lines, unlimited, "column", "type"), nil
	}
	columns := t.PartitionKeys
	if t.StorageDescriptor != nil {
		columns = slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys)
	}
	for _, c := range columns {
		lines = append(lines, describedColumn(c))
	}
	if len(t.PartitionKeys) > 0 {
		head := glue.Column{Name: "# col_name            ", Type: "data_type", Comment: "comment"}
		lines = append(lines, "\t \t ", "# Partition Information\t \t ", describedColumn(head), "\t \t ")
		for _, c := range t.PartitionKeys {
			lines = append(lines, describedColumn(c))
		}
	}
	return listing(lines, "string", "col_name", "data_type", "comment"), nil
}

// describedColumn returns the description of a column, in which each part is padded to 20 characters.
func describedColumn(c glue.Column) string {
	return fmt.Sprintf("%-20s\t%-20s\t%-20s", c.Name, c.Type, c.Comment)
}

// showCreateView returns the statement that creates a view. Athena reformats the query; the local Athena returns the query as it was
// written.
func (s *session) showCreateView(ctx context.Context, sql string, n name) (result, error) {
	t, err := s.find(ctx, n)
	switch {
	case errors.Is(err, errNoTable):
		return result{}, failAt(sql, 0, "TABLE_NOT_FOUND", "View '%s' does not exist", n)
	case err != nil:
		return result{}, err
	case t.TableType != virtualView:
		return result{}, failAt(sql, 0, "NOT_SUPPORTED", "Relation '%s' is a table, not a view", n)
	}
	p, err := decodePresto(t.ViewOriginalText)
	if err != nil {
		return result{}, failAt(sql, 0, "INVALID_VIEW", "Failed parsing stored view '%s': %v", n, err)
	}
	statement := fmt.Sprintf("CREATE VIEW %s.%s AS\n%s", n.database, n.table, p.OriginalSQL)
	return listing(strings.Split(statement, "\n"), unlimited, "create view"), nil
}
