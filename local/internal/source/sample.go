package source

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"snaplake/local/internal/export"
)

// sample is the database of a shop that changes every day. The first snapshot shows day 0, and each later snapshot shows the next day.
type sample struct {
	mu  sync.Mutex
	day int
}

// Engine returns the engine whose types and values the sample has.
func (s *sample) Engine() (name, version string) { return "mysql", "8.0.31" }

// Snapshot returns a snapshot of the shop on the next day.
func (s *sample) Snapshot(context.Context) (export.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	snapshot := sampleDay(s.day)
	s.day++
	return snapshot, nil
}

// Repeat returns a snapshot of the shop on the given day.
func (s *sample) Repeat(day int) export.Snapshot { return sampleDay(day) }

// Skip makes the next snapshot show the given day.
func (s *sample) Skip(day int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day = day
}

// Close does nothing, because the sample holds no resources.
func (s *sample) Close() error { return nil }

// sampleDay is a snapshot of the shop on the given day.
type sampleDay int

// Export exports the tables, sorted by name.
func (d sampleDay) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	tables, rows := d.read()
	return export.Write(ctx, task, tables, rows, put)
}

// Close does nothing, because a day holds no resources.
func (d sampleDay) Close() error { return nil }

// read returns the tables of the day, sorted by name, and their rows.
func (d sampleDay) read() ([]export.Table, export.Rows) {
	content := shop(int(d))
	slices.SortFunc(content, func(a, b sampleTable) int { return cmp.Compare(a.name, b.name) })
	var tables []export.Table
	byName := map[string][][]any{}
	for _, t := range content {
		tables = append(tables, export.Table{Database: "shop", Name: t.name, Columns: parseColumns(t.columns)})
		byName[t.name] = t.rows
	}
	return tables, func(_ context.Context, t export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			for _, row := range byName[t.Name] {
				if !yield(asText(row), nil) {
					return
				}
			}
		}
	}
}

// asText returns the values of a row as the text that MySQL sends. The value of a NULL is nil.
func asText(row []any) []sql.RawBytes {
	text := make([]sql.RawBytes, len(row))
	for i, value := range row {
		switch value := value.(type) {
		case nil:
		case []byte:
			text[i] = value
		default:
			text[i] = fmt.Append(sql.RawBytes{}, value)
		}
	}
	return text
}

// sampleTable is a table of the shop.
type sampleTable struct {
	name string
	// columns are in the format of parseColumns.
	columns string
	rows    [][]any
}

// parseColumns returns the columns of a definition such as "id int unsigned, name varchar(100), price decimal(10,2)". For ENUM and
// SET, the number is the length of the longest value.
func parseColumns(definition string) []export.Column {
	var columns []export.Column
	for column := range strings.SplitSeq(definition, ", ") {
		name, declared, _ := strings.Cut(column, " ")
		declared, unsigned := strings.CutSuffix(declared, " unsigned")
		kind, arguments, _ := strings.Cut(strings.TrimSuffix(declared, ")"), "(")
		first, second, _ := strings.Cut(arguments, ",")
		number, _ := strconv.Atoi(first) // 0 without arguments
		scale, _ := strconv.Atoi(second)
		c := export.Column{Name: name, Type: kind, Unsigned: unsigned, Scale: scale}
		switch kind {
		case "time", "datetime", "timestamp":
			c.TimePrecision = number
		case "decimal", "bit":
			c.Precision = number
		case "char", "varchar", "binary", "varbinary", "enum", "set":
			c.CharLength = int64(number)
		}
		columns = append(columns, c)
	}
	return columns
}
