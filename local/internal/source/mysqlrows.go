package source

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"snaplake/local/internal/export"
)

// MySQLRows streams tables through a connection, which answers one query at a time. Spatial values come as MySQL keeps them: four
// bytes of SRID, then WKB.
func MySQLRows(conn *sql.Conn) export.Rows {
	return func(ctx context.Context, t export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			// Not through database/sql, which takes as long again to look at each value.
			err := conn.Raw(func(c any) error { return readMySQL(ctx, c.(driver.QueryerContext), t, yield) })
			if err != nil {
				yield(nil, err)
			}
		}
	}
}

// readMySQL yields rows until it is told to stop.
func readMySQL(ctx context.Context, conn driver.QueryerContext, t export.Table, yield func([]sql.RawBytes, error) bool) error {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = quote(c.Name)
	}
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + quote(t.Database) + "." + quote(t.Name)
	rows, err := conn.QueryContext(ctx, query, nil)
	if err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close() // what it could say, Next has said
	read := make([]driver.Value, len(columns))
	row := make([]sql.RawBytes, len(columns))
	numbers := make([][]byte, len(columns))
	for {
		err := rows.Next(read)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the rows: %w", err)
		}
		for i, v := range read {
			switch v := v.(type) {
			case nil:
				row[i] = nil
			case []byte:
				row[i] = v
			default:
				numbers[i] = appendNumber(numbers[i][:0], v)
				row[i] = numbers[i]
			}
		}
		if !yield(row, nil) {
			return nil
		}
	}
}

// appendNumber prints what the driver has made of a number's text.
func appendNumber(text []byte, v driver.Value) []byte {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(text, v, 10)
	case uint64:
		return strconv.AppendUint(text, v, 10)
	case float32:
		return strconv.AppendFloat(text, float64(v), 'g', -1, 32)
	case float64:
		return strconv.AppendFloat(text, v, 'g', -1, 64)
	default:
		return fmt.Append(text, v)
	}
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
