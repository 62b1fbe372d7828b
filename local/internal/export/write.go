package export

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Write exports tables as RDS does: the part files and the _SUCCESS file of each table, then the manifests, with export_info last. The
// result and the manifests contain a warning for each table that RDS skips, and for each entry of ExportOnly that selects no table.
func Write(ctx context.Context, task Task, tables []Table, rows Rows, put Put) (Result, error) {
	w := writer{task: task, put: put, rows: rows, folders: map[string]Table{}}
	result, err := w.write(ctx, tables)
	if err != nil {
		return Result{}, fmt.Errorf("export %s: %w", task.ID, err)
	}
	return result, nil
}

type writer struct {
	task Task
	put  Put
	rows Rows

	folders  map[string]Table
	statuses []tableStatus
	warnings warnings
	bytes    int64
}

func (w *writer) write(ctx context.Context, tables []Table) (Result, error) {
	chosen, unknown := choose(tables, w.task.ExportOnly)
	for _, t := range chosen {
		if reason := t.skipReason(); reason != "" {
			w.skip(t.target(), reason)
			continue
		}
		if err := w.table(ctx, t); err != nil {
			return Result{}, fmt.Errorf("table %s: %w", t, err)
		}
	}
	isPostgres := slices.ContainsFunc(tables, Table.isPostgres)
	for _, entry := range unknown {
		w.addUnknown(entry, isPostgres)
	}
	if isPostgres && len(w.task.ExportOnly) == 0 {
		w.addSystem()
	}
	if err := w.writeManifests(); err != nil {
		return Result{}, err
	}
	return Result{Bytes: w.bytes, WarningMessage: w.warnings.String()}, nil
}

func (w *writer) table(ctx context.Context, t Table) error {
	if other, taken := w.folders[t.folder()]; taken {
		return fmt.Errorf("its folder %s is also the folder of table %s; export only one of the two", t.folder(), other)
	}
	w.folders[t.folder()] = t
	e, err := w.extract(ctx, t)
	if err != nil {
		return err
	}
	if err := w.putContent(t.folder()+"_SUCCESS", nil); err != nil {
		return err
	}
	w.bytes += e.bytes
	w.statuses = append(w.statuses, w.complete(t, e))
	return nil
}

// putContent puts a small file with the given content into the bucket.
func (w *writer) putContent(name string, content []byte) error {
	file := filepath.Join(w.task.Dir, "content")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return err
	}
	return w.put(name, file)
}
