package athena

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snaplake/local/internal/glue"
)

// showCreateTable returns the statement that creates a table, in the form of Hive's SHOW CREATE TABLE (Hive, DDLTask), including the blanks
// at the ends of lines. The statement names the database only if the query does.
func (s *session) showCreateTable(ctx context.Context, written, n name) (result, error) {
	t, err := s.find(ctx, n)
	if err != nil {
		return result{}, err
	}
	if t.TableType == virtualView || t.StorageDescriptor == nil {
		text := fmt.Sprintf("the local Athena does not support SHOW CREATE TABLE for the view '%s'; use SHOW CREATE VIEW", n)
		return result{}, &failure{code: "NOT_SUPPORTED", text: text}
	}
	called := written.table
	if written.database != "" {
		called = written.database + "." + called
	}
	return listing("createtab_stmt", "string", strings.Split(createTable(called, t), "\n")), nil
}

func createTable(called string, t glue.Table) string {
	sd := t.StorageDescriptor
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE EXTERNAL TABLE `%s`(\n%s)\n", called, hiveColumnList(sd.Columns))
	if t.Description != "" {
		fmt.Fprintf(&b, "COMMENT %s\n", hiveString(t.Description))
	}
	if len(t.PartitionKeys) > 0 {
		fmt.Fprintf(&b, "PARTITIONED BY ( \n%s)\n", hiveColumnList(t.PartitionKeys))
	}
	if serde := sd.SerdeInfo; serde != nil {
		fmt.Fprintf(&b, "ROW FORMAT SERDE \n  %s \n", hiveString(serde.SerializationLibrary))
		parameters := maps.Clone(serde.Parameters)
		maps.DeleteFunc(parameters, func(k, v string) bool { return k == "serialization.format" && v == "1" }) // Hive's default
		if len(parameters) > 0 {
			fmt.Fprintf(&b, "WITH SERDEPROPERTIES ( \n%s) \n", hiveProperties(parameters))
		}
	}
	fmt.Fprintf(&b, "STORED AS INPUTFORMAT \n  %s \nOUTPUTFORMAT \n  %s\n", hiveString(sd.InputFormat), hiveString(sd.OutputFormat))
	fmt.Fprintf(&b, "LOCATION\n  %s\nTBLPROPERTIES (\n%s)", hiveString(sd.Location), hiveProperties(t.Parameters))
	return b.String()
}

func hiveColumnList(columns []glue.Column) string {
	var list []string
	for _, c := range columns {
		text := "  `" + c.Name + "` " + c.Type
		if c.Comment != "" {
			text += " COMMENT " + hiveString(c.Comment)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", \n")
}

func hiveProperties(properties map[string]string) string {
	var list []string
	for _, k := range slices.Sorted(maps.Keys(properties)) {
		list = append(list, "  "+hiveString(k)+"="+hiveString(properties[k]))
	}
	return strings.Join(list, ", \n")
}

// hiveString returns a string literal of Hive, in which a backslash escapes characters.
func hiveString(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(text) + "'"
}

// showCreateView returns the statement that creates a view. Athena formats the query anew; the local Athena returns it as it was written.
func (s *session) showCreateView(ctx context.Context, sql string, n name) (result, error) {
	t, err := s.find(ctx, n)
	switch {
	case errors.Is(err, errNoTable):
		return result{}, failAt(sql, 0, "TABLE_NOT_FOUND", "View '%s' not found", n)
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
	return listing("create view", unlimited, strings.Split(statement, "\n")), nil
}
