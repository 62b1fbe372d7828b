package export

import (
	"database/sql"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/duckdb/duckdb-go/v2"
)

// extremes is a column with values that readers order in different ways, or whose bounds are truncated.
type extremes struct {
	column Column
	values []string
}

func mysqlExtremes() []extremes {
	decimal := func(precision, scale int, values ...string) extremes {
		return extremes{Column{Type: "decimal", Precision: precision, Scale: scale}, values}
	}
	texts := []string{"", "a", "髙島屋", "🎌", "Z", strings.Repeat("z", 16) + "after", strings.Repeat("🎌", 16_000)}
	bytes := []string{"\x00", "", "\xff", "\x7f", strings.Repeat("\xff", 17), strings.Repeat("\x00", 17)}
	return []extremes{
		{Column{Type: "bigint"}, []string{"-1", "0", "9223372036854775807", "-9223372036854775808"}},
		{Column{Type: "bigint", Unsigned: true}, []string{"0", "1", "255", "18446744073709551615"}},
		{Column{Type: "int"}, []string{"7", "-2147483648", "0", "2147483647"}},
		{Column{Type: "tinyint", Unsigned: true}, []string{"255", "0", "128"}},
		{Column{Type: "double"}, []string{"-0", "0", "5e-324", "-1.7976931348623157e308", "1.7976931348623157e308"}},
		decimal(9, 2, "-1.50", "0.00", "9999999.99", "-9999999.99"),
		decimal(18, 4, "-1.5", "0", "99999999999999.9999", "-99999999999999.9999"),
		decimal(19, 0, "-1", "0", "1", "9999999999999999999", "-9999999999999999999"),
		decimal(38, 0, "-1", "0", "1", strings.Repeat("9", 38), "-"+strings.Repeat("9", 38)),
		decimal(38, 38, "-0.01", "0.01", "0", "0."+strings.Repeat("9", 38), "-0."+strings.Repeat("9", 38)),
		decimal(65, 30, "-1.5", "9", "10"),
		{Column{Type: "date"}, []string{"0000-00-00", "9999-12-31", "2026-11-21"}},
		{Column{Type: "datetime"}, []string{"0000-00-00 00:00:00", "1969-12-31 23:59:59", "9999-12-31 23:59:59.999999", "0001-01-01 00:00:00"}},
		{Column{Type: "varchar"}, texts},
		{Column{Type: "longtext"}, texts},
		{Column{Type: "varbinary"}, bytes},
		{Column{Type: "bit"}, bytes},
	}
}

func postgresExtremes() []extremes {
	return []extremes{
		{Column{Type: "smallint"}, []string{"-1", "0", "32767", "-32768"}},
		{Column{Type: "real"}, []string{"-1.5", "NaN", "-0", "0", "Infinity", "-Infinity"}},
		{Column{Type: "double precision"}, []string{"NaN", "1", "-Infinity", "Infinity", "-0"}},
		{Column{Type: "boolean"}, []string{"t", "f"}},
		{Column{Type: "bytea"}, []string{`\x`, `\x00`, `\xff`, `\x` + strings.Repeat("ff", 17)}},
		{Column{Type: "numeric", Precision: 12}, []string{"-1", "NaN", "10", "9"}},
		{Column{Type: "timestamp with time zone"}, []string{"infinity", "2026-11-21 17:05:12+09", "0044-03-15 10:00:00+00 BC"}},
		{Column{Type: "uuid"}, []string{"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}},
		{Column{Type: "text"}, []string{"", "z", "🎌", strings.Repeat("z", 100)}},
		{Column{Type: "integer", Domain: true}, []string{"-1", "0", "1"}},
	}
}

// exportExtremes exports rows of NULLs, then rows of values, so that each column has several pages, the first of them with NULLs only. The
// last value of a column, which can be long, is rare.
func exportExtremes(t *testing.T, schema string, columns []extremes) string {
	t.Helper()
	const nulls, values = 60_000, 80_000
	wide := Table{Database: "shop", Schema: schema, Name: "wide"}
	for i, c := range columns {
		c.column.Name = name(i)
		wide.Columns = append(wide.Columns, c.column)
	}
	rows := make([][]sql.RawBytes, nulls+values)
	for n := range rows {
		rows[n] = make([]sql.RawBytes, len(columns))
		for i, c := range columns {
			switch length := len(c.values); {
			case n < nulls:
			case n%1000 == 0:
				rows[n][i] = sql.RawBytes(c.values[n/1000%length])
			default:
				rows[n][i] = sql.RawBytes(c.values[n/20_000%(length-1)])
			}
		}
	}
	_, dir, _ := write(t, task(), fixed(rows...), wide)
	return partsOf(t, dir, wide.schema()+".wide")[0]
}

// Readers use bounds to skip files.
func TestWrite_WritesBoundsThatHoldOrNone(t *testing.T) {
	for schema, columns := range map[string][]extremes{"": mysqlExtremes(), "public": postgresExtremes()} {
		r, err := file.OpenParquetFile(exportExtremes(t, schema, columns), false)
		must(t, err)
		defer r.Close()
		for i, c := range columns {
			t.Run(fmt.Sprintf("%s %+v", schema, c.column), func(t *testing.T) {
				m, err := mappingOf(Table{Schema: schema}, c.column)
				must(t, err)
				checkBounds(t, r, i, m.bounds)
			})
		}
	}
}

// checkBounds compares each value of a column with the bounds of the column chunk.
func checkBounds(t *testing.T, r *file.Reader, i int, want bool) {
	chunk, err := r.RowGroup(0).MetaData().ColumnChunk(i)
	must(t, err)
	if chunk.GetColumnIndexLocation() != nil || chunk.GetOffsetIndexLocation() != nil {
		t.Error("the column has a page index, want none")
	}
	if pages := countPages(t, r, i); pages < 3 {
		t.Errorf("got %d pages, want several", pages)
	}
	statistics, err := chunk.Statistics()
	must(t, err)
	if got := statistics != nil && statistics.HasMinMax(); got != want {
		t.Fatalf("the column has bounds: %v, want %v", got, want)
	}
	values, physical := readColumn(t, r.RowGroup(0), i)
	if !want {
		return
	}
	low, high := decode(physical, statistics.EncodeMin()), decode(physical, statistics.EncodeMax())
	for _, v := range values {
		if v != nil && !(isAtMost(low, v) && isAtMost(v, high)) {
			t.Fatalf("the value %.40v is not between %.40v and %.40v", v, low, high)
		}
	}
}

func countPages(t *testing.T, r *file.Reader, i int) (pages int) {
	t.Helper()
	reader, err := r.RowGroup(0).GetColumnPageReader(i)
	must(t, err)
	for reader.Next() {
		pages++
	}
	must(t, reader.Err())
	return pages
}

// readColumn returns the values of a column, in the form of [decode], and their physical type. NULL is nil.
func readColumn(t *testing.T, group *file.RowGroupReader, i int) (values []any, physical parquet.Type) {
	t.Helper()
	column, err := group.Column(i)
	must(t, err)
	switch c := column.(type) {
	case *file.BooleanColumnChunkReader:
		values = readValues(t, c.ReadBatch, func(v bool) any { return map[bool]int64{true: 1}[v] })
	case *file.Int32ColumnChunkReader:
		values = readValues(t, c.ReadBatch, func(v int32) any { return int64(v) })
	case *file.Int64ColumnChunkReader:
		values = readValues(t, c.ReadBatch, func(v int64) any { return v })
	case *file.Float32ColumnChunkReader:
		values = readValues(t, c.ReadBatch, func(v float32) any { return float64(v) })
	case *file.Float64ColumnChunkReader:
		values = readValues(t, c.ReadBatch, func(v float64) any { return v })
	case *file.ByteArrayColumnChunkReader:
		values = readValues(t, c.ReadBatch, func(v parquet.ByteArray) any { return string(v) })
	case *file.FixedLenByteArrayColumnChunkReader:
		values = readValues(t, c.ReadBatch, func(v parquet.FixedLenByteArray) any { return signed(v) })
	}
	return values, column.Type()
}

func readValues[T any](t *testing.T, readBatch func(int64, []T, []int16, []int16) (int64, int, error), convert func(T) any) (all []any) {
	t.Helper()
	values, levels := make([]T, 1000), make([]int16, 1000)
	for {
		rows, _, err := readBatch(int64(len(levels)), values, levels, nil)
		must(t, err)
		if rows == 0 {
			return all
		}
		n := 0
		for _, level := range levels[:rows] {
			if level == 0 {
				all = append(all, nil)
				continue
			}
			all = append(all, convert(values[n]))
			n++
		}
	}
}

// decode returns a value in Parquet's plain encoding as an int64, float64, string or *big.Int.
func decode(physical parquet.Type, b []byte) any {
	switch physical {
	case parquet.Types.Boolean:
		return int64(b[0])
	case parquet.Types.Int32:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case parquet.Types.Int64:
		return int64(binary.LittleEndian.Uint64(b))
	case parquet.Types.Float:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case parquet.Types.Double:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case parquet.Types.FixedLenByteArray:
		return signed(b)
	}
	return string(b)
}

// signed returns a big-endian number in two's complement.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func isAtMost(a, b any) bool {
	switch a := a.(type) {
	case int64:
		return a <= b.(int64)
	case float64:
		return a <= b.(float64)
	case string:
		return a <= b.(string)
	}
	return a.(*big.Int).Cmp(b.(*big.Int)) <= 0
}

func TestWrite_WritesFilesInWhichDuckDBFindsEveryValue(t *testing.T) {
	db := openDuckDB(t)
	for schema, columns := range map[string][]extremes{"": mysqlExtremes(), "public": postgresExtremes()} {
		from := " FROM read_parquet('" + exportExtremes(t, schema, columns) + "')"
		for i, c := range columns {
			for value, want := range countValues(t, db, from, name(i)) {
				var got int
				must(t, db.QueryRow("SELECT count(*)"+from+" WHERE "+name(i)+" = ?", value).Scan(&got))
				if got != want {
					t.Errorf("%s %+v: the predicate finds %d of %d rows with %.40v", schema, c.column, got, want, value)
				}
			}
		}
	}
}

// countValues returns the values of a column, and in how many rows each occurs.
func countValues(t *testing.T, db *sql.DB, from, column string) iter.Seq2[any, int] {
	t.Helper()
	rows, err := db.Query("SELECT " + column + ", count(*)" + from + " WHERE " + column + " IS NOT NULL GROUP BY ALL")
	must(t, err)
	return func(yield func(any, int) bool) {
		defer rows.Close()
		for rows.Next() {
			var value any
			var count int
			must(t, rows.Scan(&value, &count))
			if d, ok := value.(duckdb.Decimal); ok {
				value = d.String()
			}
			if !yield(value, count) {
				return
			}
		}
		must(t, rows.Err())
	}
}
