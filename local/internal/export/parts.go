package export

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"snaplake/local/internal/wire"
)

const (
	// partBytes is the approximate total size of the values in one part file. RDS writes files of 1 to 10 MB (Aurora guide, "Exporting DB
	// cluster data to Amazon S3"). A part is one row group, so this also limits memory use.
	partBytes = 6 << 20
	// partsAtOnce is the maximum number of parts in memory. They are filled one after the other, and written concurrently.
	partsAtOnce = 2
)

// extraction writes the part files of one table and puts them into the bucket in order.
type extraction struct {
	w       *writer
	table   Table
	columns []columnValues
	group   *errgroup.Group
	ctx     context.Context // canceled when a part cannot be written
	empty   chan *part
	turn    chan struct{} // closed when all earlier parts are in the bucket
	parts   int
	bytes   int64 // total size of the files
}

func (w *writer) extract(ctx context.Context, t Table) (*extraction, error) {
	e := &extraction{w: w, table: t, empty: make(chan *part, partsAtOnce), turn: make(chan struct{})}
	for range partsAtOnce {
		p, err := newPart(t)
		if err != nil {
			return nil, err
		}
		e.columns = p.columns
		e.empty <- p
	}
	close(e.turn)
	e.group, e.ctx = errgroup.WithContext(ctx)
	err := e.readRows()
	return e, cmp.Or(e.group.Wait(), err)
}

// readRows fills parts with the rows of the table, and starts writing each part.
func (e *extraction) readRows() error {
	p := <-e.empty
	for row, err := range e.w.rows(e.ctx, e.table) {
		if err != nil {
			return err
		}
		p.add(row)
		if p.size < partBytes {
			continue
		}
		e.start(p)
		select {
		case p = <-e.empty:
		case <-e.ctx.Done():
			return e.ctx.Err()
		}
	}
	if p.rows > 0 {
		e.start(p)
	}
	return nil
}

// start begins to write a part in the background.
func (e *extraction) start(p *part) {
	number, before, after := e.parts, e.turn, make(chan struct{})
	e.parts++
	e.turn = after
	e.group.Go(func() error {
		path := filepath.Join(e.w.task.Dir, fmt.Sprintf("part-%05d.gz.parquet", number))
		size, err := p.write(path)
		select {
		case <-before:
		case <-e.ctx.Done():
		}
		if err := cmp.Or(err, e.ctx.Err()); err != nil {
			return err
		}
		// RDS puts a UUID into the name of each part file. A request ID serves as the UUID.
		if err := e.w.put(fmt.Sprintf("%spart-%05d-%s.gz.parquet", e.table.folder(), number, wire.NewRequestID()), path); err != nil {
			return err
		}
		e.bytes += size
		e.empty <- p // never blocks
		close(after)
		return nil
	})
}
