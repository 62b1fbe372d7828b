package export

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"snaplake/local/internal/wire"
)

const (
	// partBytes is how many bytes of values one part file takes. RDS writes files of 1 to 10 MB (Aurora guide, "Exporting DB
	// cluster data to Amazon S3"). A part is one row group, so it also bounds the memory.
	partBytes = 8 << 20
	// dictionaryBytes is when a column's dictionary is given up for plain values.
	dictionaryBytes = 1 << 20
)

// parts writes one table's part files, one after the other, and hands each over when it is finished.
type parts struct {
	table    Table
	mappings []mapping
	options  []parquet.WriterOption
	dir      string
	put      Put

	writer *parquet.GenericWriter[any]
	file   *os.File // nil between two parts
	row    parquet.Row
	size   int // bytes of values in the current part

	// Count is how many parts there are, Bytes how large they are together.
	Count int
	Bytes int64
}

func newParts(t Table, dir string, put Put) (*parts, error) {
	p := &parts{table: t, dir: dir, put: put, row: make(parquet.Row, len(t.Columns))}
	for _, c := range t.Columns {
		m, err := mappingOf(t, c)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.Name, err)
		}
		p.mappings = append(p.mappings, m)
		if !m.bounds {
			p.options = append(p.options, parquet.SkipPageBounds(c.Name))
		}
	}
	p.options = append(p.options,
		newSchema(t.Columns, p.mappings),
		parquet.Compression(&parquet.Gzip),
		parquet.DataPageVersion(1),
		parquet.DictionaryMaxBytes(dictionaryBytes),
	)
	return p, nil
}

// write adds a row.
func (p *parts) write(values []sql.RawBytes) error {
	if p.file == nil {
		if err := p.open(); err != nil {
			return err
		}
	}
	for i, text := range values {
		v := parquet.NullValue()
		if text != nil {
			var err error
			if v, err = p.mappings[i].convert(text); err != nil {
				return fmt.Errorf("column %s: the value %s %w", p.table.Columns[i].Name, shorten(text), err)
			}
		}
		definition := 1
		if v.IsNull() {
			definition = 0
		}
		p.row[i] = v.Level(0, definition, i)
		p.size += len(text) + 1
	}
	if _, err := p.writer.WriteRows([]parquet.Row{p.row}); err != nil {
		return err
	}
	if p.size >= partBytes {
		return p.finish()
	}
	return nil
}

func (p *parts) open() error {
	file, err := os.Create(filepath.Join(p.dir, "part.gz.parquet"))
	if err != nil {
		return err
	}
	p.file = file
	if p.writer == nil {
		p.writer = parquet.NewGenericWriter[any](file, p.options...)
	} else {
		p.writer.Reset(file)
	}
	return nil
}

// finish hands the current part over, if there is one.
func (p *parts) finish() error {
	if p.file == nil {
		return nil
	}
	if err := p.writer.Close(); err != nil {
		return err
	}
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	path := p.file.Name()
	if err := p.file.Close(); err != nil {
		return err
	}
	// A request identifier is a UUID, and that is all a part's name asks for.
	name := fmt.Sprintf("%spart-%05d-%s.gz.parquet", p.table.folder(), p.Count, wire.NewRequestID())
	if err := p.put(name, path); err != nil {
		return err
	}
	p.file, p.size = nil, 0
	p.Count++
	p.Bytes += info.Size()
	return nil
}

// close gives up a part that could not be finished.
func (p *parts) close() {
	if p.file != nil {
		_ = p.file.Close() // its folder is deleted next
	}
}

// shorten quotes a value for an error text.
func shorten(text []byte) string {
	const enough = 60
	if len(text) > enough {
		return fmt.Sprintf("%q...", text[:enough])
	}
	return fmt.Sprintf("%q", text)
}
