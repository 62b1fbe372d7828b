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

// MySQLRows returns a function that streams the rows of a table from a connection. Only one table can be read at a time. Spatial values
// are in MySQL's internal format: four bytes of SRID, then WKB.
func MySQLRows(conn *sql.Conn) export.Rows {
	return func(ctx context.Context, t export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			// Reading the rows through database/sql would take twice as long.
			err := conn.Raw(func(c any) error { return readMySQL(ctx, c.(driver.QueryerContext), t, yield) })
			if err != nil {
				yield(nil, err)
			}
		}
	}
}

// readMySQL yields the rows of a table. It stops when yield returns false.
func readMySQL(ctx context.Context, conn driver.QueryerContext, t export.Table, yield func([]sql.RawBytes, error) bool) error {
	rows, err := conn.QueryContext(ctx, selectAll(t, quoteMySQL, quoteMySQL(t.Database)+"."+quoteMySQL(t.Name)), nil)
	if err != nil {
		return fmt.Errorf("read the rows: %w", err)
	}
	defer rows.Close() // Next has returned any error
	read := make([]driver.Value, len(t.Columns))
	row := make([]sql.RawBytes, len(t.Columns))
	numbers := make([][]byte, len(t.Columns))
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

// appendNumber formats a number that the driver parsed, and appends it to buf.
func appendNumber(buf []byte, v driver.Value) []byte {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(buf, v, 10)
	case uint64:
		return strconv.AppendUint(buf, v, 10)
	case float32:
		return strconv.AppendFloat(buf, float64(v), 'g', -1, 32)
	case float64:
		return strconv.AppendFloat(buf, v, 'g', -1, 64)
	default:
		return fmt.Append(buf, v)
	}
}

// quoteMySQL returns a name as a quoted MySQL identifier.
func quoteMySQL(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
