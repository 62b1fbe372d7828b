package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	gocmp "github.com/google/go-cmp/cmp"

	"snaplake/local/internal/athenaclient"
)

// stream returns a result with the given rows, in which "NULL!" stands for NULL.
func stream(columns []athenaclient.Column, rows ...[]string) athenaclient.Stream {
	return athenaclient.Stream{Columns: columns, Rows: func(yield func([]*string, error) bool) {
		for _, row := range rows {
			values := make([]*string, len(row))
			for i := range row {
				if row[i] != "NULL!" {
					values[i] = &row[i]
				}
			}
			if !yield(values, nil) {
				return
			}
		}
	}}
}

// column returns a column with a type, by default varchar.
func column(name, kind string) athenaclient.Column {
	return athenaclient.Column{Name: name, Type: cmp.Or(kind, "varchar")}
}

// texts is a result with values that are hard to show.
func texts() athenaclient.Stream {
	var rows [][]string
	for _, v := range []string{
		"plain", "NULL!", "NULL", "null", "", " ", "two  spaces", " leading", "trailing ", "tab\there", "line\nbreak", "\r\n", `back\slash`,
		`"quoted"`, `it's`, "a,b", "\x1b[31mred\x1b[0m", "\a\x00\x7f", "C1\u009b31m", "bidi\u202eevil\u202c", "zero\u200bwidth",
		"soft\u00adhyphen",
		"\ufeffbom",
		"日本語", "全角　空白", "ｶﾅ", "○△α…", "髙島屋🎌", "👨\u200d👩\u200d👧", "🇯🇵", "e\u0301", "가나다", "می\u200cخواهم", "no\u00a0break",
	} {
		rows = append(rows, []string{fmt.Sprint(len(rows) + 1), v})
	}
	return stream([]athenaclient.Column{column("n", "bigint"), column("値", "")}, rows...)
}

// kinds is a result with a column of each type.
func kinds() athenaclient.Stream {
	columns := []athenaclient.Column{
		column("flag", "boolean"), column("tiny", "tinyint"), column("small", "smallint"), column("number", "integer"), column("big", "bigint"),
		column("unsigned", "decimal(20,0)"), column("price", "decimal(38,10)"), column("single", "float"), column("ratio", "double"),
		column("bytes", "varbinary"), column("day", "date"), column("at", "timestamp"), column("at", "timestamp with time zone"),
		column("at_2", ""), column("<b>", ""),
	}
	return stream(columns, []string{
		"true", "-128", "32767", "2147483647", "9223372036854775807", "18446744073709551615", "-0.0500000000", "1.5", "2.5E300",
		"de ad", "2026-11-21", "2026-11-21 17:05:12.000", "2026-11-21 17:05:12.000 UTC", "1", "<i>&\"\n\u2028",
	}, []string{
		"NULL!", "NULL!", "NULL!", "NULL!", "-9223372036854775808", "0", "9999999999999999999999999999.9999999999", "NaN", "-Infinity",
		"", "NULL!", "NULL!", "NULL!", "NULL!", "",
	})
}

// wide is a result whose table is 38 cells wide.
func wide() athenaclient.Stream {
	return stream([]athenaclient.Column{column("a", ""), column("b", "")}, []string{strings.Repeat("漢", 11), "123456789"})
}

func TestResultFormats(t *testing.T) {
	for name, test := range map[string]struct {
		result athenaclient.Stream
		screen screen
	}{
		"pipe":         {texts(), screen{}},
		"terminal":     {texts(), screen{width: 80, dim: true}},
		"kinds-pipe":   {kinds(), screen{}},
		"kinds-80":     {kinds(), screen{width: 80}},
		"fits-38":      {wide(), screen{width: 38}},
		"fits-not-37":  {wide(), screen{width: 37}},
		"no-rows":      {stream(kinds().Columns), screen{width: 200}},
		"no-rows-80":   {stream(kinds().Columns), screen{width: 80}},
		"one-column":   {stream([]athenaclient.Column{column("a\x1bb", "")}, []string{"1"}), screen{width: 80}},
		"csv":          {texts(), screen{}},
		"kinds-csv":    {kinds(), screen{}},
		"no-rows-csv":  {stream(kinds().Columns), screen{}},
		"json":         {texts(), screen{}},
		"kinds-json":   {kinds(), screen{}},
		"no-rows-json": {stream(kinds().Columns), screen{}},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			out := bufio.NewWriter(&b)
			var err error
			switch {
			case strings.HasSuffix(name, "csv"):
				err = writeCSV(out, test.result)
			case strings.HasSuffix(name, "json"):
				err = writeJSON(out, test.result)
			default:
				_, err = writeTable(out, test.result, test.screen)
			}
			if err := errors.Join(err, out.Flush()); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.String())
		})
	}
}

// golden compares a text with a file in testdata/query. With -update, it writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "query", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; to update it, use -update: %s", file, diff)
	}
}

func TestScreen_DrawsASCIIIfAmbiguousCharactersAreWide(t *testing.T) {
	before := uniseg.EastAsianAmbiguousWidth
	t.Cleanup(func() { uniseg.EastAsianAmbiguousWidth = before })
	t.Setenv("RUNEWIDTH_EASTASIAN", "1")
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	on := newScreen(os.Stdin)
	if _, err := writeTable(out, stream([]athenaclient.Column{column("a", "")}, []string{"○"}, []string{"α…日"}), on); err != nil {
		t.Fatal(err)
	}
	out.Flush()
	golden(t, "ambiguous", b.String())
}

// lineCounter counts the lines that are written to it.
type lineCounter struct{ n int }

func (l *lineCounter) Write(b []byte) (int, error) {
	l.n += bytes.Count(b, []byte("\n"))
	return len(b), nil
}

// Before the next row is read, all rows but those that determine the widths of the columns have been written.
func TestResultFormats_HoldFewRows(t *testing.T) {
	for name, test := range map[string]struct {
		held  int // the maximum number of rows that are read but not written
		write func(*bufio.Writer, athenaclient.Stream) error
	}{
		"csv":  {1, writeCSV},
		"json": {2, writeJSON},
		"table": {lookahead, func(out *bufio.Writer, s athenaclient.Stream) error {
			_, err := writeTable(out, s, screen{})
			return err
		}},
		"expanded": {lookahead, func(out *bufio.Writer, s athenaclient.Stream) error {
			_, err := writeTable(out, s, screen{width: 1})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var written lineCounter
			out := bufio.NewWriterSize(&written, 1)
			most, read := 0, 0
			rows := iter.Seq2[[]*string, error](func(yield func([]*string, error) bool) {
				for ; read < 5*lookahead; read++ {
					most = max(most, read-written.n)
					if !yield([]*string{new("value")}, nil) {
						return
					}
				}
			})
			if err := test.write(out, athenaclient.Stream{Columns: []athenaclient.Column{column("v", "")}, Rows: rows}); err != nil {
				t.Fatal(err)
			}
			out.Flush()
			if most > test.held || written.n < read {
				t.Errorf("%d of %d rows were held, want at most %d; %d lines were written", most, read, test.held, written.n)
			}
		})
	}
}

func TestResultFormats_EndWithErrorOfRow(t *testing.T) {
	lost := errors.New("connection lost")
	failing := athenaclient.Stream{Columns: []athenaclient.Column{column("v", "")}, Rows: func(yield func([]*string, error) bool) {
		_ = yield([]*string{nil}, nil) && yield(nil, lost)
	}}
	out := bufio.NewWriter(&lineCounter{})
	_, err := writeTable(out, failing, screen{})
	for _, err := range []error{err, writeCSV(out, failing), writeJSON(out, failing)} {
		if !errors.Is(err, lost) {
			t.Errorf("got %v", err)
		}
	}
}

func TestCheckReads(t *testing.T) {
	const refused, empty = "does not execute ", "the query is empty"
	for sql, want := range map[string]string{
		"SELECT 1": "", "select 1;": "", "(SELECT 1)": "", "\n-- CREATE\n/* DROP */ WITH t AS (SELECT 1) SELECT * FROM t": "",
		"VALUES 1": "", "TABLE t": "", "show views": "", "DESCRIBE t": "", "DESC t": "", "EXPLAIN SELECT 1": "", "'x'": "",
		"": empty, " \n;": empty, "-- a comment": empty, "/* a */ -- b": empty,
		"CREATE VIEW v AS SELECT 1":            refused + "CREATE",
		"create or replace view v as select 1": refused + "CREATE", "DROP VIEW v": refused + "DROP",
		"/* SELECT */ -- SELECT\n;( INSERT INTO t VALUES 1": refused + "INSERT", "UNLOAD (SELECT 1) TO 's3://b/'": refused + "UNLOAD",
		"MSCK REPAIR TABLE t": refused + "MSCK", "ALTER TABLE t DROP PARTITION (p = 1)": refused + "ALTER", "DELETE FROM t": refused + "DELETE",
		"UPDATE t SET a = 1": refused + "UPDATE", "MERGE INTO t USING s ON true": refused + "MERGE", "VACUUM t": refused + "VACUUM",
		"OPTIMIZE t REWRITE DATA": refused + "OPTIMIZE", "PREPARE p FROM SELECT 1": refused + "PREPARE", "EXECUTE p": refused + "EXECUTE",
		"SELEC 1": "",
	} {
		err := checkReads(sql)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", sql, err, want)
		}
	}
}
