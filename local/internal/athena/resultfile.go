package athena

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxPage is the maximum number of rows in a response of GetQueryResults (API reference).
const maxPage = 1000

// resultFile describes the CSV file with the result of a SELECT. Its first record holds the column names. As in Athena, all values are
// quoted, and a field without quotes is NULL. The rows are only in this file, so that a large result needs no memory.
type resultFile struct {
	records int
	// pages holds the offset of every record whose number is a multiple of maxPage.
	pages []int64
}

// writeResult runs a query and stores its result in S3. DuckDB writes the rows as it computes them.
func (s *session) writeResult(ctx context.Context, q translated, columns []column, output string) (_ *resultFile, err error) {
	dir, err := s.store.TempDir()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	rows := filepath.Join(dir, "rows")
	head, tail := copyStatement(columns, rows)
	if _, err := s.conn.ExecContext(ctx, head+q.sql+tail); err != nil {
		return nil, q.within(len(head)).failure(err)
	}
	file := filepath.Join(dir, "result")
	f, err := indexResult(file, rows, columns)
	if err != nil {
		return nil, fmt.Errorf("write the result: %w", err)
	}
	bucket, key, err := splitLocation(output)
	if err != nil {
		return nil, err
	}
	return f, s.store.MoveFile(bucket, key, file)
}

// copyStatement returns what precedes and what follows a query in the statement that writes the query's rows to a file.
func copyStatement(columns []column, file string) (head, tail string) {
	var names, values []string
	for i, c := range columns {
		name := "c" + strconv.Itoa(i)
		names, values = append(names, name), append(values, printed(name, c.engine))
	}
	return "COPY (SELECT " + strings.Join(values, ", ") + " FROM (",
		"\n) AS t(" + strings.Join(names, ", ") + ")) TO " + quoteString(file) + " (FORMAT csv, HEADER false, FORCE_QUOTE *, NULL '')"
}

// indexResult writes the column names and a copy of the rows to a file.
func indexResult(file, rows string, columns []column) (_ *resultFile, err error) {
	in, err := os.Open(rows)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = `"` + strings.ReplaceAll(c.name, `"`, `""`) + `"`
	}
	w := bufio.NewWriter(out)
	f, err := index(w, io.MultiReader(strings.NewReader(strings.Join(names, ",")+"\n"), in))
	return f, errors.Join(err, w.Flush())
}

// index copies CSV records and notes where the pages begin.
func index(out io.Writer, records io.Reader) (*resultFile, error) {
	f := &resultFile{pages: []int64{0}}
	in := bufio.NewReader(records)
	offset, quotes := int64(0), 0
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if _, err := out.Write(line); err != nil {
			return nil, err
		}
		offset += int64(len(line))
		quotes += bytes.Count(line, []byte(`"`))
		if err != nil || quotes%2 == 1 {
			continue // the line or the quoted value continues
		}
		if f.records++; f.records%maxPage == 0 {
			f.pages = append(f.pages, offset)
		}
	}
}

// readResult reads the records from number from to number to-1 of a result file.
func (s *Service) readResult(output string, f *resultFile, from, to, columns int) ([][]*string, error) {
	bucket, key, err := splitLocation(output)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(s.options.Store.Path(bucket, key))
	if err != nil {
		return nil, invalid("The result of the query cannot be read from %s: %v", output, err)
	}
	defer file.Close()
	page := min(from/maxPage, len(f.pages)-1)
	if _, err := file.Seek(f.pages[page], io.SeekStart); err != nil {
		return nil, err
	}
	in := bufio.NewReader(file)
	var rows [][]*string
	for i := page * maxPage; i < to; i++ {
		row, err := readRecord(in, columns)
		if err != nil {
			return nil, invalid("The result of the query cannot be read from %s: it was changed", output)
		}
		if i >= from {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// readRecord reads a CSV record with the given number of fields. Package csv cannot tell NULL from an empty string.
func readRecord(in *bufio.Reader, fields int) ([]*string, error) {
	row := make([]*string, fields)
	for i := range row {
		next, err := in.ReadByte()
		if err == nil && next == '"' {
			row[i], next, err = readQuoted(in)
		}
		if err == nil && next != ',' && next != '\n' {
			err = fmt.Errorf("unexpected character %q", next)
		}
		if err != nil {
			return nil, err
		}
	}
	return row, nil
}

// readQuoted reads the rest of a quoted value, and the character after it.
func readQuoted(in *bufio.Reader) (value *string, next byte, err error) {
	var text []byte
	for {
		part, err := in.ReadBytes('"')
		if err != nil {
			return nil, 0, err
		}
		text = append(text, part...)
		if next, err = in.ReadByte(); err != nil || next != '"' {
			return new(string(text[:len(text)-1])), next, err
		}
	}
}
