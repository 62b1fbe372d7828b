package export

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
)

// benchRows is large enough to occupy two threads of DuckDB. A thread processes 122,880 rows at a time.
const benchRows = 2 * 122_880

// benchTable has columns of MySQL's common types.
var benchTable = Table{Database: "bench", Name: "users", Columns: []Column{
	{Name: "id", Type: "bigint", Precision: 20, Unsigned: true},
	{Name: "points", Type: "int", Precision: 10},
	{Name: "plan", Type: "char", CharLength: 8},
	{Name: "name", Type: "varchar", CharLength: 100},
	{Name: "note", Type: "text", CharLength: 65535},
	{Name: "price", Type: "decimal", Precision: 12, Scale: 2},
	{Name: "weight", Type: "double", Precision: 22},
	{Name: "is_active", Type: "tinyint", Precision: 3},
	{Name: "sold_on", Type: "date"},
	{Name: "details", Type: "json"},
	{Name: "created_at", Type: "datetime"},
	{Name: "updated_at", Type: "timestamp"},
}}

// sameRows creates the rows of [makeRows] in DuckDB.
const sameRows = `CREATE TABLE users AS SELECT n::DECIMAL(20, 0) AS id, (n * 7919 % 100003)::INTEGER AS points, 'plan ' || n % 5 AS plan,
	'お客様 ' || n AS name, 'delivered to door ' || n % 977 AS note, (n % 100000 + (10 + n % 90) / 100)::DECIMAL(12, 2) AS price,
	(n % 5000 + 0.125)::DOUBLE AS weight, (n % 2)::INTEGER AS is_active, strftime(moment, '%Y-%m-%d') AS sold_on,
	'{"color":"red","n":' || n % 313 || '}' AS details, moment AS created_at, moment AS updated_at
	FROM (SELECT n, make_timestamp(2026, 1 + n % 12, 1 + n % 28, n % 24, n % 60, n // 60 % 60) AS moment FROM range(1, ? + 1) t(n))`

// makeRows generates rows in the form in which a database server sends them.
func makeRows(rows int) Rows {
	return func(context.Context, Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			row := make([]sql.RawBytes, len(benchTable.Columns))
			put := func(column int, text string) { row[column] = append(row[column][:0], text...) }
			for n := 1; n <= rows; n++ {
				id, day := strconv.Itoa(n), fmt.Sprintf("2026-%02d-%02d", 1+n%12, 1+n%28)
				at := fmt.Sprintf("%s %02d:%02d:%02d", day, n%24, n%60, n/60%60)
				put(0, id)
				put(1, strconv.Itoa(n*7919%100_003))
				put(2, "plan "+strconv.Itoa(n%5))
				put(3, "お客様 "+id)
				put(4, "delivered to door "+strconv.Itoa(n%977))
				put(5, strconv.Itoa(n%100_000)+"."+strconv.Itoa(10+n%90))
				put(6, strconv.Itoa(n%5000)+".125")
				put(7, strconv.Itoa(n%2))
				put(8, day)
				put(9, `{"color":"red","n":`+strconv.Itoa(n%313)+`}`)
				put(10, at)
				put(11, at)
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// BenchmarkWrite measures how fast rows in memory are exported. For comparison, it measures how fast DuckDB writes the same rows as
// Parquet.
func BenchmarkWrite(b *testing.B) {
	db, err := sql.Open("duckdb", "?autoinstall_known_extensions=false&autoload_known_extensions=false")
	must(b, err)
	b.Cleanup(func() { must(b, db.Close()) })
	db.SetMaxOpenConns(1)
	execute := func(statement string, args ...any) {
		_, err := db.ExecContext(b.Context(), statement, args...)
		must(b, err)
	}
	execute(sameRows, benchRows)
	file := filepath.Join(b.TempDir(), "users.parquet")
	rows := inMemory(benchRows)
	var exported, copied time.Duration
	for b.Loop() {
		began := time.Now()
		writeRows(b, rows)
		exported += time.Since(began)
		began = time.Now()
		execute("COPY users TO '" + file + "' (FORMAT parquet, COMPRESSION gzip)")
		copied += time.Since(began)
	}
	rate := func(took time.Duration) float64 { return float64(b.N*benchRows) / took.Seconds() }
	b.ReportMetric(rate(exported), "rows/s")
	b.ReportMetric(rate(copied), "peer-rows/s")
	b.ReportMetric(rate(copied)/2, "min-rows/s")
}

// BenchmarkWriteManyRows measures the memory use of an export of 10,000,000 rows. It reports the peak of the whole process, so it must run
// without other benchmarks.
func BenchmarkWriteManyRows(b *testing.B) {
	const rows = 10_000_000
	for b.Loop() {
		writeRows(b, makeRows(rows))
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(200, "max-peak-MB")
	b.ReportMetric(peakMB(b), "peak-MB")
}

// peakMB returns the peak resident memory of the process in megabytes.
func peakMB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("this system does not report the peak memory use")
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, err := strconv.ParseFloat(strings.Fields(peak)[0], 64)
	must(b, err)
	return kilobytes * 1024 / 1e6
}

// inMemory returns the rows of [makeRows] from memory.
func inMemory(rows int) Rows {
	var all [][]sql.RawBytes
	for row := range makeRows(rows)(context.Background(), benchTable) {
		copied := make([]sql.RawBytes, len(row))
		for i, value := range row {
			copied[i] = bytes.Clone(value)
		}
		all = append(all, copied)
	}
	return func(context.Context, Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			for _, row := range all {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// writeRows exports rows and deletes each file once it has been written.
func writeRows(b *testing.B, rows Rows) {
	b.Helper()
	drop := func(_, file string) error { return os.Remove(file) }
	_, err := Write(b.Context(), Task{ID: "bench", Dir: b.TempDir()}, []Table{benchTable}, rows, drop)
	must(b, err)
}
