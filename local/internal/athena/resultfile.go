package athena

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// writeResult runs a query, stores its result in S3 as a CSV file, and returns the file's size. The first record holds the column names. As
// in Athena, all values are quoted, and a field without quotes is NULL.
func (s *session) writeResult(ctx context.Context, q translated, output location) (size int64, err error) {
	dir, err := s.options.Store.TempDir()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "result")
	head, tail := copyStatement(q.columns, file)
	if _, err := s.conn.ExecContext(ctx, head+q.duckDB+tail); err != nil {
		return 0, q.failure(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, fmt.Errorf("write the result: %w", err)
	}
	return info.Size(), s.options.Store.MoveFile(output.bucket, output.key, file)
}

// copyStatement returns the text before and after a query in the statement that writes the query's result to a file.
func copyStatement(columns []column, file string) (head, tail string) {
	var header, names, values []string
	for i, c := range columns {
		name := "c" + strconv.Itoa(i)
		header = append(header, quoteString(c.name))
		names = append(names, name)
		values = append(values, printed(name, c.engine))
	}
	return "COPY (SELECT " + strings.Join(header, ", ") + " UNION ALL SELECT " + strings.Join(values, ", ") + " FROM (",
		"\n) AS t(" + strings.Join(names, ", ") + ")) TO " + quoteString(file) + " (FORMAT csv, HEADER false, FORCE_QUOTE *, NULL '')"
}

// readResult reads at most n records of a result file, starting at an offset. It returns the offset of the next record.
func (s *Service) readResult(output location, r result, from int64, n int) (rows [][]*string, next int64, err error) {
	fail := func(why any) ([][]*string, int64, error) {
		return nil, 0, invalid("The result of the query cannot be read from %s: %v", output, why)
	}
	file, err := os.Open(s.options.Store.Path(output.bucket, output.key))
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Size() != r.fileSize {
		return fail("it was changed")
	}
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return fail(err)
	}
	in := bufio.NewReader(file)
	for len(rows) < n {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			break
		}
		row, err := readRecord(in, len(r.columns))
		if err != nil {
			return fail("it was changed")
		}
		rows = append(rows, row)
	}
	next, err = file.Seek(0, io.SeekCurrent)
	return rows, next - int64(in.Buffered()), err
}

// readRecord reads a CSV record with the given number of fields. Package csv cannot distinguish NULL from an empty string.
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
