package glue

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// wholeFile returns the content of a file like an export's.
func wholeFile(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	err := parquet.Write(&b, []struct {
		ID      int64     `parquet:"id,optional"`
		Name    string    `parquet:"name,optional"`
		Total   int64     `parquet:"total,optional,decimal(2:12)"`
		Created time.Time `parquet:"created_at,optional,timestamp(microsecond)"`
		Raw     []byte    `parquet:"raw,optional"`
	}{{ID: 1, Name: "Ada"}, {ID: 2, Total: 100}}, parquet.Compression(&parquet.Gzip))
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readBytes returns the columns of a file with the given content.
func readBytes(t *testing.T, content []byte) ([]Column, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.parquet")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return readColumns(t.Context(), db, file)
}

func TestReadColumns_ReturnsNamesAndTypes(t *testing.T) {
	got, err := readBytes(t, wholeFile(t))
	if err != nil {
		t.Fatal(err)
	}
	var columns []string
	for _, c := range got {
		columns = append(columns, c.Name+" "+c.Type)
	}
	const want = "id bigint, name string, total decimal(12,2), created_at timestamp, raw binary"
	if text := strings.Join(columns, ", "); text != want {
		t.Errorf("got %s", text)
	}
}

func TestReadColumns_RejectsDamagedFiles(t *testing.T) {
	whole := wholeFile(t)
	longer := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(longer[len(longer)-8:], math.MaxUint32)
	// The Thrift encoding of a footer whose list of columns declares 2,147,483,647 elements.
	manyColumns := []byte("PAR1\x15\x02\x19\xFC\xFF\xFF\xFF\xFF\x07\x09\x00\x00\x00PAR1")
	for name, content := range map[string][]byte{
		"empty": nil, "end missing": whole[:len(whole)-1], "length too large": longer, "many columns": manyColumns,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readBytes(t, content); err == nil || !strings.Contains(err.Error(), "not a complete Parquet file: ") {
				t.Errorf("got %v", err)
			}
		})
	}
}
