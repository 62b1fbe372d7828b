package export

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"iter"
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

// extracted describes the part files of a table.
type extracted struct {
	columns []columnValues
	parts   int
	bytes   int64 // total size of the files
}

// extract writes the rows of a table to part files and puts these into the bucket. It fills a part while it writes the previous one.
func (w *writer) extract(ctx context.Context, t Table) (extracted, error) {
	full, empty := make(chan *part), make(chan *part, partsAtOnce)
	var out extracted
	for range partsAtOnce {
		p, err := newPart(t)
		if err != nil {
			return out, err
		}
		out.columns = p.columns
		empty <- p
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(full)
		return fillParts(ctx, w.rows(ctx, t), empty, full)
	})
	group.Go(func() error {
		for p := range full {
			path := filepath.Join(w.task.Dir, "part.gz.parquet")
			size, err := p.write(path)
			if err := cmp.Or(err, ctx.Err()); err != nil {
				return err
			}
			// RDS puts a UUID into the name of each part file. A request ID serves as the UUID.
			name := fmt.Sprintf("%spart-%05d-%s.gz.parquet", t.folder(), out.parts, wire.NewRequestID())
			if err := w.put(name, path); err != nil {
				return err
			}
			out.parts++
			out.bytes += size
			empty <- p
		}
		return nil
	})
	err := group.Wait()
	return out, err
}

// fillParts takes empty parts, fills them with rows and passes them on. The last part may be partly filled.
func fillParts(ctx context.Context, rows iter.Seq2[[]sql.RawBytes, error], empty <-chan *part, full chan<- *part) error {
	send := func(p *part) error {
		select {
		case full <- p:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p := <-empty
	for row, err := range rows {
		if err != nil {
			return err
		}
		p.add(row)
		if p.size < partBytes {
			continue
		}
		if err := send(p); err != nil {
			return err
		}
		p = <-empty // does not wait: the previous part has been written
	}
	if p.rows == 0 {
		return nil
	}
	return send(p)
}
