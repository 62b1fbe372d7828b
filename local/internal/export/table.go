package export

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"
)

// Table describes a table in a snapshot.
type Table struct {
	Database string
	// Schema is "" for MySQL, whose databases have no schemas.
	Schema  string
	Name    string
	Columns []Column
	// Skipped is the reason why RDS skips the table, if any. Write may also skip a table because of its name or its columns' names.
	Skipped string
}

// Column describes a column as information_schema.columns does. A number that does not apply to the type is 0.
type Column struct {
	Name string
	// Type is the value of data_type, without length or UNSIGNED, for example "bigint" or "ARRAY". For MySQL, it is in lower case.
	Type string
	// Unsigned applies to MySQL only.
	Unsigned bool
	// Domain is true if the column's type is a PostgreSQL domain based on Type.
	Domain bool
	// CharLength is the value of character_maximum_length, in bytes for MySQL's binary types, in bits for PostgreSQL's bit types, and in
	// characters for other types.
	CharLength int64
	// Precision is the value of numeric_precision, in bits for MySQL's BIT and for PostgreSQL's integers and floats, and in digits for
	// other types.
	Precision int
	// Scale applies to MySQL only, since PostgreSQL's decimals are exported as text.
	Scale int
	// TimePrecision is the value of datetime_precision, the number of fractional digits of the seconds.
	TimePrecision int
}

// Rows reads a table's rows. A row has one value per column, in the order of Table.Columns. A value is the text that the server sends, in
// UTF-8 and with times in UTC, or nil for NULL. A row is valid until the next row is read.
type Rows func(ctx context.Context, t Table) iter.Seq2[[]sql.RawBytes, error]

// String returns the table's name in the format of ExportOnly.
func (t Table) String() string {
	if t.Schema == "" {
		return t.Database + "." + t.Name
	}
	return t.Database + "." + t.Schema + "." + t.Name
}

// isPostgres reports whether the table is a PostgreSQL table. Only PostgreSQL tables have a schema.
func (t Table) isPostgres() bool { return t.Schema != "" }

// schema returns the name of the schema in manifests and paths. For MySQL, it is the name of the database.
func (t Table) schema() string { return cmp.Or(t.Schema, t.Database) }

// target returns the table's name in the manifests.
func (t Table) target() string { return t.Database + "." + t.schema() + "." + t.Name }

// Targets returns the names of the tables in the manifests.
func Targets(tables []Table) []string {
	var targets []string
	for _, t := range tables {
		targets = append(targets, t.target())
	}
	return targets
}

// folder returns the table's folder, relative to the export's folder. The local RDS writes one batch folder per table, named 1.
func (t Table) folder() string {
	return pathName(t.Database) + "/" + pathName(t.schema()) + "." + pathName(t.Name) + "/1/"
}

// pathName returns the form of a name that RDS uses in paths: each \ ` " and space becomes an underscore (RDS guide, "File naming
// conventions for exports to Amazon S3").
func pathName(name string) string {
	return strings.NewReplacer(`\`, "_", "`", "_", `"`, "_", " ", "_").Replace(name)
}

// skipReason returns why RDS skips the table, or "" if it does not (RDS guide, "Exporting DB snapshot data to Amazon S3", limitations).
func (t Table) skipReason() string {
	if t.Skipped != "" {
		return t.Skipped
	}
	if strings.Contains(t.Database+t.Schema+t.Name, "/") {
		return "the table's name contains a slash"
	}
	for _, c := range t.Columns {
		if strings.ContainsAny(c.Name, ",;{}()\n\t= ") {
			return "the name of column " + c.Name + ` contains a space, a tab, a newline, or one of , ; { } ( ) =`
		}
	}
	return ""
}

// choose returns the tables that the entries of exportOnly select, and the entries that select no table.
func choose(tables []Table, exportOnly []string) (chosen []Table, unknown []string) {
	if len(exportOnly) == 0 {
		return tables, nil
	}
	for _, t := range tables {
		if slices.ContainsFunc(exportOnly, t.isNamedBy) {
			chosen = append(chosen, t)
		}
	}
	for _, entry := range exportOnly {
		isUsed := slices.ContainsFunc(tables, func(t Table) bool { return t.isNamedBy(entry) })
		if !isUsed && !slices.Contains(unknown, entry) {
			unknown = append(unknown, entry)
		}
	}
	return chosen, unknown
}

// isNamedBy reports whether an ExportOnly entry names the table, its database or its schema.
func (t Table) isNamedBy(entry string) bool {
	return entry == t.Database || entry == t.String() || t.isPostgres() && entry == t.Database+"."+t.Schema
}
