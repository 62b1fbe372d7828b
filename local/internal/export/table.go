package export

import (
	"context"
	"database/sql"
	"iter"
	"strings"
)

// Table is what a snapshot knows of a table besides its rows.
type Table struct {
	// Database is the table's schema as well: in MySQL they are one.
	Database string
	Name     string
	Columns  []Column
}

// Column is a column as MySQL's information_schema.COLUMNS describes it. A number is 0 where the type has none.
type Column struct {
	Name string
	// Type is DATA_TYPE, in lower case and without length or sign: "bigint".
	Type     string
	Unsigned bool
	// CharLength is CHARACTER_MAXIMUM_LENGTH, in characters; in bytes for the binary types.
	CharLength int64
	// Precision is NUMERIC_PRECISION, in digits; in bits for BIT.
	Precision int
	Scale     int
	// TimePrecision is DATETIME_PRECISION, in digits of a second's fraction.
	TimePrecision int
}

// Rows reads a table's rows. A row holds the values of Table.Columns, in that order, each as MySQL's text protocol gives it
// under the time zone +00:00 and the character set utf8mb4; nil is NULL. A row is valid until the next one is asked for.
type Rows func(ctx context.Context, t Table) iter.Seq2[[]sql.RawBytes, error]

// target is the table's name in the manifests. The database stands twice: once as itself, once as the schema.
func (t Table) target() string { return t.Database + "." + t.Database + "." + t.Name }

// folder is where the table's files lie below the export's folder. The last part is the batch: a table is read in one.
func (t Table) folder() string {
	database := pathName(t.Database)
	return database + "/" + database + "." + pathName(t.Name) + "/1/"
}

// pathName is a name as RDS has it in paths, with underscores for the characters \ ` " and space (RDS guide, "File naming
// conventions for exports to Amazon S3").
func pathName(name string) string {
	return strings.NewReplacer(`\`, "_", "`", "_", `"`, "_", " ", "_").Replace(name)
}

// unexportable says why RDS leaves the table out of an export (RDS guide, "Exporting DB snapshot data to Amazon S3",
// limitations), or is "".
func (t Table) unexportable() string {
	if strings.Contains(t.Database+t.Name, "/") {
		return "the table's name contains a slash"
	}
	for _, c := range t.Columns {
		if strings.ContainsAny(c.Name, ",;{}()\n\t= ") {
			return "the name of column " + c.Name + ` contains one of , ; { } ( ) = newline, tab and space`
		}
	}
	return ""
}
