package export

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// dictionaryBytes is the maximum size of a column's dictionary. A column that needs a larger one is written without a dictionary.
	dictionaryBytes = 1 << 20
	// batchValues and batchBytes limit how much of a column is written at a time. They also determine the minimum page size.
	batchValues = 512
	batchBytes  = 64 << 10
)

// part holds the rows of one part file, as text.
type part struct {
	columns []columnValues
	rows    int
	size    int // bytes of text, plus one per value
	options []parquet.WriterOption
	batch   []parquet.Value
}

// columnValues holds the values of one column as text. Converting them column by column takes half as long as converting row by row.
type columnValues struct {
	name    string
	mapping mapping
	text    []byte  // all values, concatenated
	lengths []int32 // length of each value, at most 1 GB in MySQL and PostgreSQL, or isNull
}

const isNull = -1

func newPart(t Table) (*part, error) {
	p := &part{columns: make([]columnValues, len(t.Columns)), batch: make([]parquet.Value, 0, batchValues)}
	mappings := make([]mapping, len(t.Columns))
	for i, c := range t.Columns {
		m, err := mappingOf(t, c)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		mappings[i] = m
		p.columns[i] = columnValues{name: c.Name, mapping: m}
		if !m.bounds {
			p.options = append(p.options, parquet.SkipPageBounds(c.Name))
		}
	}
	p.options = append(p.options,
		newSchema(t.Columns, mappings),
		parquet.Compression(&parquet.Gzip),
		parquet.DataPageVersion(1),
		parquet.DictionaryMaxBytes(dictionaryBytes),
	)
	return p, nil
}

// add appends a copy of a row to the part.
func (p *part) add(row []sql.RawBytes) {
	for i, text := range row {
		c := &p.columns[i]
		if text == nil {
			c.lengths = append(c.lengths, isNull)
		} else {
			c.text = append(c.text, text...)
			c.lengths = append(c.lengths, int32(len(text)))
		}
		p.size += len(text) + 1
	}
	p.rows++
}

// write writes the part to a file, empties the part, and returns the size of the file.
func (p *part) write(path string) (size int64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// The writer is not reused, because a reused writer would hold as much memory as the part itself.
	writer := parquet.NewGenericWriter[any](file, p.options...)
	for i, w := range writer.ColumnWriters() {
		if err := p.writeColumn(i, w); err != nil {
			return 0, err
		}
	}
	p.rows, p.size = 0, 0
	if err := writer.Close(); err != nil {
		return 0, err
	}
	return omitPageIndex(file, writer.File().Metadata())
}

// omitPageIndex rewrites the footer of a file without references to a page index, and returns the size of the file. The library always
// writes a page index. For columns without bounds, it contains empty bounds or no pages, so that readers lose rows or fail.
func omitPageIndex(file *os.File, metadata *format.FileMetaData) (size int64, err error) {
	start := metadata.RowGroups[0].Columns[0].ColumnIndexOffset
	for _, group := range metadata.RowGroups {
		for i := range group.Columns {
			c := &group.Columns[i]
			c.ColumnIndexOffset, c.ColumnIndexLength, c.OffsetIndexOffset, c.OffsetIndexLength = 0, 0, 0, 0
		}
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), metadata)
	if err != nil {
		return 0, err
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	footer = append(footer, "PAR1"...)
	if _, err := file.WriteAt(footer, start); err != nil {
		return 0, err
	}
	size = start + int64(len(footer))
	return size, file.Truncate(size)
}

// writeColumn writes the values of column i, then discards them.
func (p *part) writeColumn(i int, w *parquet.ColumnWriter) error {
	c := &p.columns[i]
	rest, batched := c.text, 0
	for n, length := range c.lengths {
		v, definition := parquet.NullValue(), 0
		if length != isNull {
			text := rest[:length:length]
			rest, batched = rest[length:], batched+int(length)
			var err error
			if v, err = c.mapping.convert(text); err != nil {
				return fmt.Errorf("column %s: the value %s %w", c.name, shorten(text), err)
			}
			if !v.IsNull() {
				definition = 1
			}
		}
		p.batch = append(p.batch, v.Level(0, definition, i))
		if len(p.batch) == batchValues || batched >= batchBytes || n == len(c.lengths)-1 {
			if _, err := w.WriteRowValues(p.batch); err != nil {
				return err
			}
			p.batch, batched = p.batch[:0], 0
		}
	}
	c.text, c.lengths = c.text[:0], c.lengths[:0]
	return nil
}

// shorten returns a value in quotes, truncated if it is long.
func shorten(text []byte) string {
	const limit = 60
	if len(text) > limit {
		return fmt.Sprintf("%q...", text[:limit])
	}
	return fmt.Sprintf("%q", text)
}
