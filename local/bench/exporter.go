package main

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"iter"
	"os"
	"runtime"
	"slices"
	"time"

	"snaplake/local/internal/export"
)

// What is exported: rows enough for several parts, and for two of DuckDB's threads, which take 122,880 each.
const (
	memoryRows   = 2 * 122_880
	embeddedRows = 50_000
	mariadbRows  = 150_000
)

// measureExporter compares the exporter with DuckDB, which has the same rows as values already, and with reading them alone.
func measureExporter(ctx context.Context) (section, error) {
	s := section{Title: "Exporter: a table of 12 columns"}
	figures, limit, err := fromMemory(ctx)
	if err != nil {
		return section{}, err
	}
	s.Figures = figures
	for _, measure := range []func(context.Context, peer) ([]figure, error){fromEmbedded, fromMariaDB, fromManyRows} {
		figures, err := measure(ctx, limit)
		if err != nil {
			return section{}, err
		}
		s.Figures = append(s.Figures, figures...)
	}
	return s, nil
}

// fromMemory measures the exporter alone: no server gives the rows. The limit is what DuckDB does with all cores.
func fromMemory(ctx context.Context) (_ []figure, limit peer, err error) {
	rows := kept(ctx, company{rows: memoryRows}.read)
	duck, err := loadDuckDB(ctx, rows)
	if err != nil {
		return nil, limit, err
	}
	defer func() { err = errors.Join(err, duck.close()) }()
	table := tableOf("memory")
	one, err := onOneCore(func() (run, error) { return exported(ctx, table, rows, memoryRows) })
	if err != nil {
		return nil, limit, err
	}
	all, err := exported(ctx, table, rows, memoryRows)
	if err != nil {
		return nil, limit, err
	}
	read, err := readOnly(ctx, table, rows)
	if err != nil {
		return nil, limit, err
	}
	peerOne, err := duck.copy(ctx, 1)
	if err != nil {
		return nil, limit, err
	}
	peerAll, err := duck.copy(ctx, runtime.NumCPU())
	if err != nil {
		return nil, limit, err
	}
	const rate, duckdb = "rows/s", "DuckDB's COPY"
	limit = peer{duckdb + " of such rows", peerAll.rate()}
	return []figure{
		{Name: "rows from memory, on one core", Value: one.rate(), Unit: rate, Bound: atLeastOfPeer(0.5), Peer: &peer{duckdb, peerOne.rate()}},
		{Name: "rows from memory, on all cores", Value: all.rate(), Unit: rate, Bound: atLeastOfPeer(0.5), Peer: &peer{duckdb, peerAll.rate()}},
		{Name: "rows from memory, beside reading them", Value: all.rate(), Unit: rate, Peer: &peer{"reading alone", read.rate()}},
		{Name: "text of values", Value: all.megabytes(read.bytes), Unit: "MB/s"},
		{Name: "bytes written", Value: float64(all.bytes) / 1e6, Unit: "MB", Peer: &peer{duckdb, float64(peerOne.bytes) / 1e6}},
	}, limit, nil
}

// kept is rows that are in memory already.
func kept(ctx context.Context, rows export.Rows) export.Rows {
	var all [][]sql.RawBytes
	for row := range rows(ctx, tableOf("memory")) {
		copied := make([]sql.RawBytes, len(row))
		for i, value := range row {
			copied[i] = bytes.Clone(value)
		}
		all = append(all, copied)
	}
	return func(context.Context, export.Table) iter.Seq2[[]sql.RawBytes, error] {
		return func(yield func([]sql.RawBytes, error) bool) {
			for _, row := range all {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// fromServer measures an export of rows that a server gives, beside reading them.
func fromServer(ctx context.Context, name string, table export.Table, rows export.Rows, limit peer) ([]figure, error) {
	read, err := readOnly(ctx, table, rows)
	if err != nil {
		return nil, err
	}
	all, err := exported(ctx, table, rows, read.rows)
	if err != nil {
		return nil, err
	}
	return []figure{
		{Name: "rows from " + name, Value: all.rate(), Unit: "rows/s", Peer: &peer{"reading alone", read.rate()}},
		{Name: "rows from " + name, Value: all.rate(), Unit: "rows/s", Peer: &limit},
		{Name: "text of values from " + name, Value: all.megabytes(read.bytes), Unit: "MB/s"},
	}, nil
}

// run is one way of going through rows.
type run struct {
	rows  int
	bytes int64 // of the files, or of the values' text where there are none
	took  time.Duration
}

func (r run) rate() float64 { return float64(r.rows) / r.took.Seconds() }

// megabytes is how many of so many bytes a second were.
func (r run) megabytes(size int64) float64 { return float64(size) / 1e6 / r.took.Seconds() }

// exported exports a table of so many rows.
func exported(ctx context.Context, table export.Table, rows export.Rows, number int) (run, error) {
	return middle(func() (run, error) {
		size, err := exportOnce(ctx, table, rows)
		return run{rows: number, bytes: size}, err
	})
}

// exportOnce exports a table, deletes the files as they come, and returns how large they were.
func exportOnce(ctx context.Context, table export.Table, rows export.Rows) (size int64, err error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	drop := func(_, file string) error { return os.Remove(file) }
	result, err := export.Write(ctx, export.Task{ID: "bench", Dir: dir}, []export.Table{table}, rows, drop)
	return result.Bytes, err
}

// readOnly reads a table.
func readOnly(ctx context.Context, table export.Table, rows export.Rows) (run, error) {
	return middle(func() (r run, err error) {
		for row, err := range rows(ctx, table) {
			if err != nil {
				return run{}, err
			}
			r.rows++
			for _, value := range row {
				r.bytes += int64(len(value))
			}
		}
		return r, nil
	})
}

// middle is the run of the middle time of three.
func middle(do func() (run, error)) (run, error) {
	runs := make([]run, 3)
	for i := range runs {
		began := time.Now()
		r, err := do()
		if err != nil {
			return run{}, err
		}
		r.took = time.Since(began)
		runs[i] = r
	}
	slices.SortFunc(runs, func(a, b run) int { return cmp.Compare(a.took, b.took) })
	return runs[1], nil
}

// onOneCore keeps Go to one core.
func onOneCore(do func() (run, error)) (run, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	return do()
}

func tableOf(database string) export.Table {
	return export.Table{Database: database, Name: "users", Columns: columns}
}
