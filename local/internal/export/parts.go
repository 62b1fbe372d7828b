package export

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"snaplake/local/internal/wire"
)

const (
	// partBytes is the approximate total size of the values in one part file. RDS writes files of 1 to 10 MB (Aurora guide, "Exporting DB
	// cluster data to Amazon S3"). A part is one row group, so this also limits memory use.
	partBytes = 6 << 20
	// partsAtOnce is the maximum number of parts in memory: one is being filled while the other is being written.
	partsAtOnce = 2
)

// tableWriter writes the part files of one table and puts them into the bucket in order. It fills a part while it writes the previous one.
type tableWriter struct {
	table   Table
	dir     string
	put     Put
	writers *errgroup.Group
	ctx     context.Context // canceled when a part cannot be written
	cancel  context.CancelFunc

	filling *part
	free    chan *part    // parts to reuse
	created int           // number of parts in memory
	turn    chan struct{} // closed when all earlier parts have been put

	// Count is the number of parts. Bytes is the total size of their files.
	Count int
	Bytes int64
}

func newTableWriter(ctx context.Context, t Table, dir string, put Put) (*tableWriter, error) {
	first, err := newPart(t)
	if err != nil {
		return nil, err
	}
	p := &tableWriter{table: t, dir: dir, put: put, filling: first, free: make(chan *part, partsAtOnce), created: 1, turn: make(chan struct{})}
	close(p.turn)
	ctx, p.cancel = context.WithCancel(ctx)
	p.writers, p.ctx = errgroup.WithContext(ctx)
	return p, nil
}

func (p *tableWriter) add(row []sql.RawBytes) error {
	p.filling.add(row)
	if p.filling.size < partBytes {
		return nil
	}
	p.start()
	var err error
	p.filling, err = p.next()
	return err
}

// start begins to write the filled part in the background.
func (p *tableWriter) start() {
	full, number, before, after := p.filling, p.Count, p.turn, make(chan struct{})
	p.Count++
	p.turn = after
	p.writers.Go(func() error {
		defer close(after)
		path := filepath.Join(p.dir, fmt.Sprintf("part-%05d.gz.parquet", number))
		size, err := full.write(path)
		<-before
		if err = cmp.Or(err, p.ctx.Err()); err != nil {
			return err
		}
		p.Bytes += size
		p.free <- full
		// RDS puts a UUID into the name of each part file. A request ID serves as the UUID.
		return p.put(fmt.Sprintf("%spart-%05d-%s.gz.parquet", p.table.folder(), number, wire.NewRequestID()), path)
	})
}

// next returns an empty part. If the maximum number of parts is in memory, it waits until one of them has been written.
func (p *tableWriter) next() (*part, error) {
	if p.created < partsAtOnce && len(p.free) == 0 {
		p.created++
		return newPart(p.table)
	}
	select {
	case empty := <-p.free:
		return empty, nil
	case <-p.ctx.Done():
		return nil, cmp.Or(p.writers.Wait(), p.ctx.Err())
	}
}

// finish writes the last part and waits until all parts are in the bucket.
func (p *tableWriter) finish() error {
	if p.filling.rows > 0 {
		p.start()
	}
	return p.writers.Wait()
}

// close stops the writing of parts. Unfinished files are deleted with the task's Dir.
func (p *tableWriter) close() {
	p.cancel()
	_ = p.writers.Wait() // next or finish has returned the error
}
