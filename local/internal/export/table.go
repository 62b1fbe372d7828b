package export

import (
	"cmp"
	"context"
	"database/sql"
	"iter"
	"strings"
)

// Table is what a snapshot knows of a table besides its rows.
type Table struct {
	Database string
	// Schema is one of PostgreSQL's. It is "" in MySQL, whose databases have no schemas in them.
	Schema  string
	Name    string
	Columns []Column
	// Skipped says why RDS leaves the table out of an export, beside the rules about names; "" when it does not.
	Skipped string
}

// Column is a column as information_schema.columns describes it. A number is 0 where the type has none.
type Column struct {
	Name string
	// Type is data_type, without length or sign: "bigint", "character varying", "ARRAY". That of MySQL is in lower case.
	Type string
	// Unsigned is MySQL's.
	Unsigned bool
	// Domain tells that the column is of a domain of PostgreSQL's over the Type.
	Domain bool
	// CharLength is character_maximum_length, in characters; in bytes for MySQL's binary types, in bits for PostgreSQL's.
	CharLength int64
	// Precision is numeric_precision, in digits; in bits for MySQL's BIT, and for PostgreSQL's integers and floats.
	Precision int
	// Scale is MySQL's: PostgreSQL's decimals are exported as text.
	Scale int
	// TimePrecision is datetime_precision, in digits of a second's fraction.
	TimePrecision int
}

// Rows reads a table's rows. A row holds the values of Table.Columns, in that order, each as the server prints it in its text
// protocol, in UTF-8 and the time zone UTC; nil is NULL. A row is valid until the next one is asked for.
type Rows func(ctx context.Context, t Table) iter.Seq2[[]sql.RawBytes, error]

// String is the table's name as ExportOnly has it.
func (t Table) String() string {
	if t.Schema == "" {
		return t.Database + "." + t.Name
	}
	return t.Database + "." + t.Schema + "." + t.Name
}

// isPostgres tells whose table it is: those of MySQL are in no schema.
func (t Table) isPostgres() bool { return t.Schema != "" }

// schema is what stands for the schema in the manifests and in paths: of MySQL, the database once more.
func (t Table) schema() string { return cmp.Or(t.Schema, t.Database) }

// target is the table's name in the manifests.
func (t Table) target() string { return t.Database + "." + t.schema() + "." + t.Name }

// folder is where the table's files lie below the export's folder. The last part is the batch: a table is read in one.
func (t Table) folder() string {
	return pathName(t.Database) + "/" + pathName(t.schema()) + "." + pathName(t.Name) + "/1/"
}

// pathName is a name as RDS has it in paths, with underscores for the characters \ ` " and space (RDS guide, "File naming
// conventions for exports to Amazon S3").
func pathName(name string) string {
	return strings.NewReplacer(`\`, "_", "`", "_", `"`, "_", " ", "_").Replace(name)
}

// unexportable says why RDS leaves the table out of an export (RDS guide, "Exporting DB snapshot data to Amazon S3",
// limitations), or is "".
func (t Table) unexportable() string {
	if t.Skipped != "" {
		return t.Skipped
	}
	if strings.Contains(t.Database+t.Schema+t.Name, "/") {
		return "the table's name contains a slash"
	}
	for _, c := range t.Columns {
		if strings.ContainsAny(c.Name, ",;{}()\n\t= ") {
			return "the name of column " + c.Name + ` contains one of , ; { } ( ) = newline, tab and space`
		}
	}
	return ""
}
