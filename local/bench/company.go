package main

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strconv"

	"snaplake/local/internal/export"
)

// company is a database of so many tables alike, with so many rows each.
type company struct{ tables, rows int }

// columns are those of a common table of MySQL's.
var columns = []export.Column{
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
}

// Engine is MySQL.
func (c company) Engine() (name, version string) { return "mysql", "8.0.36" }

// Snapshot is the company itself, which never changes.
func (c company) Snapshot(context.Context) (export.Snapshot, error) { return c, nil }

// Export writes what RDS writes.
func (c company) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	tables := make([]export.Table, c.tables)
	for i := range tables {
		tables[i] = export.Table{Database: "shop", Name: fmt.Sprintf("t%05d", i+1), Columns: columns}
	}
	tables[0].Name = "users" // which the configuration's history and changes are of
	return export.Write(ctx, task, tables, c.read, put)
}

func (c company) read(context.Context, export.Table) iter.Seq2[[]sql.RawBytes, error] {
	return func(yield func([]sql.RawBytes, error) bool) {
		row := make([]sql.RawBytes, len(columns))
		for i := range c.rows {
			fill(row, i+1)
			if !yield(row, nil) {
				return
			}
		}
	}
}

// fill writes row n into the buffers of the row before.
func fill(row []sql.RawBytes, n int) {
	put := func(i int, text string) { row[i] = append(row[i][:0], text...) }
	number := strconv.Itoa(n)
	put(0, number)
	put(1, strconv.Itoa(n*7919%100_003))
	put(2, "plan "+strconv.Itoa(n%5))
	put(3, "お客様 "+number)
	put(4, "delivered to door "+strconv.Itoa(n%977))
	put(5, strconv.Itoa(n%100_000)+"."+strconv.Itoa(10+n%90))
	put(6, strconv.Itoa(n%5000)+".125")
	put(7, strconv.Itoa(n%2))
	put(8, fmt.Sprintf("2026-%02d-%02d", 1+n%12, 1+n%28))
	put(9, `{"color":"red","n":`+strconv.Itoa(n%313)+`}`)
	put(10, fmt.Sprintf("2026-%02d-%02d %02d:%02d:%02d", 1+n%12, 1+n%28, n%24, n%60, n/60%60))
	put(11, fmt.Sprintf("2026-%02d-%02d %02d:%02d:%02d", 1+n%12, 1+n%28, n%24, n%60, n/60%60))
}

// Close leaves nothing to do.
func (c company) Close() error { return nil }
