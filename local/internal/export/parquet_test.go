package export

import (
	"database/sql"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// kinds returns a column for each mapping of each engine. The key is the schema of the column's table.
func kinds() map[string][]kind { return map[string][]kind{"": mysqlKinds(), "public": postgresKinds()} }

// kind is a column and the expected form of the column in the file.
type kind struct {
	column Column
	schema string // the column's element in the schema of the file
	text   string // a value, as the server sends it
	value  any    // the same value, as DuckDB reads it
}

func postgresKinds() []kind {
	return []kind{
		{Column{Type: "bigint"}, "INT64", "-9223372036854775808", int64(-9223372036854775808)},
		{Column{Type: "integer"}, "INT32", "-2147483648", int32(-2147483648)},
		{Column{Type: "smallint"}, "INT32 INT_16", "-32768", int16(-32768)},
		{Column{Type: "real"}, "FLOAT", "3.4028235e+38", float32(3.4028235e+38)},
		{Column{Type: "real"}, "FLOAT", "-Infinity", float32(math.Inf(-1))},
		{Column{Type: "double precision"}, "DOUBLE", "5e-324", 5e-324},
		{Column{Type: "double precision"}, "DOUBLE", "Infinity", math.Inf(1)},
		{Column{Type: "boolean"}, "BOOLEAN", "t", true},
		{Column{Type: "boolean"}, "BOOLEAN", "f", false},
		{Column{Type: "bytea"}, "BYTE_ARRAY", `\x00ff`, []byte{0, 0xff}},
		{Column{Type: "bytea"}, "BYTE_ARRAY", `\x`, []byte{}},
		{Column{Type: "numeric", Precision: 12}, "BYTE_ARRAY UTF8", "NaN", "NaN"},
		{Column{Type: "date"}, "BYTE_ARRAY UTF8", "0044-03-15 BC", "0044-03-15 BC"},
		{Column{Type: "timestamp with time zone", TimePrecision: 6}, "BYTE_ARRAY UTF8", "infinity", "infinity"},
		{Column{Type: "character", CharLength: 3}, "BYTE_ARRAY UTF8", "髙  ", "髙  "},
		{Column{Type: "bit", CharLength: 3}, "BYTE_ARRAY UTF8", "101", "101"},
		{Column{Type: "point"}, "BYTE_ARRAY UTF8", "(1,2)", "(1,2)"},
		{Column{Type: "integer", Domain: true}, "BYTE_ARRAY UTF8", "-1", "-1"},
		{Column{Type: "ARRAY"}, "BYTE_ARRAY UTF8", `{1,NULL,"a b"}`, `{1,NULL,"a b"}`},
		{Column{Type: "USER-DEFINED"}, "BYTE_ARRAY UTF8", "", ""},
	}
}

func mysqlKinds() []kind {
	return []kind{
		{Column{Type: "bigint"}, "INT64", "-9223372036854775808", int64(-9223372036854775808)},
		{Column{Type: "bigint", Unsigned: true}, "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)", "18446744073709551615", "18446744073709551615"},
		{Column{Type: "int"}, "INT32", "-2147483648", int32(-2147483648)},
		{Column{Type: "int", Unsigned: true}, "INT64", "4294967295", int64(4294967295)},
		{Column{Type: "mediumint"}, "INT32", "-8388608", int32(-8388608)},
		{Column{Type: "mediumint", Unsigned: true}, "INT64", "16777215", int64(16777215)},
		{Column{Type: "smallint"}, "INT32", "-32768", int32(-32768)},
		{Column{Type: "smallint", Unsigned: true}, "INT32", "65535", int32(65535)},
		{Column{Type: "tinyint"}, "INT32", "-128", int32(-128)},
		{Column{Type: "tinyint", Unsigned: true}, "INT32 INT_16", "255", int16(255)},
		{Column{Type: "year"}, "INT32", "2026", int32(2026)},
		{Column{Type: "float"}, "DOUBLE", "1.5", 1.5},
		{Column{Type: "double"}, "DOUBLE", "-2.5e300", -2.5e300},
		{Column{Type: "decimal", Precision: 9, Scale: 2}, "INT32 DECIMAL(9,2)", "-1234567.80", "-1234567.8"},
		{Column{Type: "decimal", Precision: 18, Scale: 4}, "INT64 DECIMAL(18,4)", "12345678901234.5678", "12345678901234.5678"},
		{Column{Type: "decimal", Precision: 19}, "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(19,0)", "-9999999999999999999", "-9999999999999999999"},
		{Column{Type: "decimal", Precision: 38, Scale: 38}, "FIXED_LEN_BYTE_ARRAY(16) DECIMAL(38,38)", "-0.01", "-0.01"},
		{Column{Type: "decimal", Precision: 65, Scale: 30}, "BYTE_ARRAY UTF8", "1.5", "1.5"},
		{Column{Type: "date"}, "BYTE_ARRAY UTF8", "0000-00-00", "0000-00-00"},
		{Column{Type: "time"}, "BYTE_ARRAY UTF8", "-838:59:59", "-838:59:59"},
		{Column{Type: "datetime"}, "INT64 TIMESTAMP_MICROS", "9999-12-31 23:59:59.123456", time.Date(9999, 12, 31, 23, 59, 59, 123456000,
			time.UTC)},
		{Column{Type: "timestamp"}, "INT64 TIMESTAMP_MICROS", "1969-12-31 23:59:59", time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC)},
		{Column{Type: "char"}, "BYTE_ARRAY UTF8", "髙島屋", "髙島屋"},
		{Column{Type: "longtext"}, "BYTE_ARRAY UTF8", "🎌", "🎌"},
		{Column{Type: "enum"}, "BYTE_ARRAY UTF8", "", ""},
		{Column{Type: "json"}, "BYTE_ARRAY UTF8", `{"a": 1}`, `{"a": 1}`},
		{Column{Type: "bit"}, "BYTE_ARRAY", "\x01", []byte{1}},
		{Column{Type: "varbinary"}, "BYTE_ARRAY", "\xff\x00", []byte{0xff, 0}},
		{Column{Type: "geomcollection"}, "BYTE_ARRAY", "\x00", []byte{0}},
	}
}

// exportKinds exports a table that has these columns, one row of values and one row of NULLs. It returns the path of the part file.
func exportKinds(t *testing.T, schema string, kinds []kind) string {
	t.Helper()
	wide := Table{Database: "shop", Schema: schema, Name: "wide"}
	var values []sql.RawBytes
	for i, k := range kinds {
		k.column.Name = name(i)
		wide.Columns = append(wide.Columns, k.column)
		values = append(values, sql.RawBytes(k.text))
	}
	_, dir, _ := write(t, task(), fixed(values, make([]sql.RawBytes, len(values))), wide)
	return partsOf(t, dir, wide.schema()+".wide")[0]
}

// name returns the name of column i. Names descend, so that the tests detect columns that are sorted by name.
func name(i int) string { return fmt.Sprintf("c%02d", 99-i) }

func partsOf(t *testing.T, dir, table string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "shop", table, "1", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no part of %s: %v", table, err)
	}
	return files
}

func footer(t *testing.T, path string) *format.FileMetaData {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return f.Metadata()
}

// describe returns an element in the format of kind.schema.
func describe(e format.SchemaElement) string {
	s := e.Type.V.String()
	if e.Type.V == format.FixedLenByteArray { // for other types, the length has no meaning
		s += fmt.Sprintf("(%d)", e.TypeLength.V)
	}
	if e.ConvertedType.Valid {
		s += " " + map[deprecated.ConvertedType]string{
			deprecated.UTF8: "UTF8", deprecated.Decimal: "DECIMAL", deprecated.TimestampMicros: "TIMESTAMP_MICROS", deprecated.Int16: "INT_16",
		}[e.ConvertedType.V]
	}
	if e.Precision.Valid {
		s += fmt.Sprintf("(%d,%d)", e.Precision.V, e.Scale.V)
	}
	return s
}

func TestWrite_DeclaresColumnsAsRDSDoes(t *testing.T) {
	for where, kinds := range kinds() {
		schema := footer(t, exportKinds(t, where, kinds)).Schema
		if schema[0].Name != "spark_schema" {
			t.Errorf("the root is named %s, want spark_schema", schema[0].Name)
		}
		for i, k := range kinds {
			e := schema[i+1]
			if e.Name != name(i) {
				t.Fatalf("column %d is named %s, want %s", i, e.Name, name(i))
			}
			if got := describe(e); got != k.schema {
				t.Errorf("%+v is written as %s, want %s", k.column, got, k.schema)
			}
			if e.RepetitionType.V != format.Optional {
				t.Errorf("%+v is %v, want OPTIONAL", k.column, e.RepetitionType.V)
			}
			if logical := e.LogicalType.Value; logical != nil && !e.Precision.Valid {
				t.Errorf("%+v has LogicalType %v, want none", k.column, logical)
			}
		}
	}
}

func TestWrite_CompressesColumnsWithGzip(t *testing.T) {
	groups := footer(t, exportKinds(t, "", mysqlKinds())).RowGroups
	if len(groups) != 1 {
		t.Fatalf("got %d row groups, want 1", len(groups))
	}
	for _, c := range groups[0].Columns {
		if c.MetaData.Codec != format.Gzip {
			t.Errorf("column %v is compressed with %v", c.MetaData.PathInSchema, c.MetaData.Codec)
		}
	}
}

func openDuckDB(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "?autoinstall_known_extensions=false&autoload_known_extensions=false")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestWrite_WritesValuesThatDuckDBReads(t *testing.T) {
	for where, kinds := range kinds() {
		var want []any
		for _, k := range kinds {
			want = append(want, k.value)
		}
		got := readWithDuckDB(t, exportKinds(t, where, kinds))
		for _, row := range got {
			for i, v := range row {
				if d, ok := v.(duckdb.Decimal); ok {
					row[i] = d.String()
				}
			}
		}
		if d := cmp.Diff([][]any{want, make([]any, len(want))}, got); d != "" {
			t.Errorf("schema %q: %s", where, d)
		}
	}
}

func readWithDuckDB(t *testing.T, file string) (got [][]any) {
	t.Helper()
	rows, err := openDuckDB(t).Query("SELECT * FROM read_parquet('" + file + "')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row := make([]any, len(columns))
		targets := make([]any, len(row))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWrite_KeepsOrderOfRowsAcrossParts(t *testing.T) {
	letters := Table{Database: "shop", Name: "letters", Columns: []Column{{Name: "n", Type: "int"}, {Name: "body", Type: "longblob"}}}
	var rows [][]sql.RawBytes
	for i := range 5 {
		rows = append(rows, []sql.RawBytes{sql.RawBytes(fmt.Sprint(i)), make([]byte, partBytes/2)})
	}
	_, dir, _ := write(t, task(), fixed(rows...), letters)
	var got []int32
	for _, path := range partsOf(t, dir, "shop.letters") {
		type letter struct {
			N *int32 `parquet:"n,optional"`
		}
		part, err := parquet.ReadFile[letter](path)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range part {
			got = append(got, *l.N)
		}
	}
	if d := cmp.Diff([]int32{0, 1, 2, 3, 4}, got); d != "" {
		t.Error(d)
	}
}
