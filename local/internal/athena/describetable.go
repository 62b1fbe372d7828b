package athena

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"snaplake/local/internal/glue"
)

// describedVerb returns the verb of a statement. DESCRIBE and SHOW COLUMNS of a view have their own verb. Athena looks their table up when
// the query is submitted, and rejects a query for a table that does not exist (measured, aoyagikouhei/athena-local, entity_check.rs).
func (s *Service) describedVerb(ctx context.Context, st statement, database string) (verb, error) {
	if st.verb != describeTable && st.verb != showColumns {
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

// describeColumns returns the result of DESCRIBE or SHOW COLUMNS. Each row has a single value, also where the result has several columns.
// The forms were measured (aoyagikouhei/athena-local, docs/dev/measurements/query-results.md).
func (s *session) describeColumns(ctx context.Context, as verb, n name) (result, error) {
	t, err := s.find(ctx, n)
	if err != nil {
		return result{}, err
	}
	var lines []string
	switch {
	case t.TableType == virtualView:
		for _, c := range columnsOf(t) {
			lines = append(lines, c.name+"\t"+c.kind)
		}
		out := listing("column", unlimited, lines)
		out.columns = append(out.columns, column{"type", "VARCHAR", unlimited})
		return out, nil
	case as == showColumns:
		for _, c := range hiveColumns(t) {
			lines = append(lines, padded(c.Name))
		}
		return listing("field", "string", lines), nil
	}
	for _, c := range hiveColumns(t) {
		lines = append(lines, describedColumn(c))
	}
	if len(t.PartitionKeys) > 0 {
		head := glue.Column{Name: "# col_name            ", Type: "data_type", Comment: "comment"}
		lines = append(lines, "\t \t ", "# Partition Information\t \t ", describedColumn(head), "\t \t ")
		for _, c := range t.PartitionKeys {
			lines = append(lines, describedColumn(c))
		}
	}
	out := listing("col_name", "string", lines)
	out.columns = append(out.columns, column{"data_type", "VARCHAR", "string"}, column{"comment", "VARCHAR", "string"})
	return out, nil
}

// hiveColumns returns the columns of a table, including the partition keys.
func hiveColumns(t glue.Table) []glue.Column {
	if t.StorageDescriptor == nil {
		return t.PartitionKeys
	}
	return slices.Concat(t.StorageDescriptor.Columns, t.PartitionKeys)
}

func describedColumn(c glue.Column) string {
	return padded(c.Name) + "\t" + padded(c.Type) + "\t" + padded(c.Comment)
}

// padded pads a text to 20 characters.
func padded(text string) string {
	return text + strings.Repeat(" ", max(20-utf8.RuneCountInString(text), 0))
}
