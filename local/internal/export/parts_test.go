package export

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// large returns a table in which each row fills a part.
func large(parts int) (Table, Rows) {
	row := []sql.RawBytes{sql.RawBytes(strings.Repeat("x", partBytes))}
	return Table{Database: "shop", Name: "letters", Columns: []Column{{Name: "body", Type: "longblob"}}},
		fixed(slices.Repeat([][]sql.RawBytes{row}, parts)...)
}

func TestParts_PutsFilesInOrder(t *testing.T) {
	table, rows := large(2*partsAtOnce + 1)
	names, _, _ := write(t, task(), rows, table)
	for i := range 2*partsAtOnce + 1 {
		if want := fmt.Sprintf("shop/shop.letters/1/part-%05d-UUID.gz.parquet", i); names[i] != want {
			t.Errorf("file %d is %s, want %s", i, names[i], want)
		}
	}
}

func TestParts_StopsAfterFailedPut(t *testing.T) {
	table, rows := large(2*partsAtOnce + 1)
	full := errors.New("the disk is full")
	task := task()
	task.Dir = t.TempDir()
	puts := 0
	_, err := Write(t.Context(), task, []Table{table}, rows, func(string, string) error { puts++; return full })
	if !errors.Is(err, full) || puts != 1 {
		t.Errorf("got error %v after %d files, want 1", err, puts)
	}
}

func TestParts_StopsWhenCanceled(t *testing.T) {
	table, rows := large(2*partsAtOnce + 1)
	ctx, cancel := context.WithCancel(t.Context())
	task := task()
	task.Dir = t.TempDir()
	_, err := Write(ctx, task, []Table{table}, rows, func(string, string) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}
