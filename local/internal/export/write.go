package export

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Write exports tables as RDS does: for each table its part files and then _SUCCESS, and after all tables the manifests,
// export_info last. A table that RDS would leave out, and a name in task.ExportOnly that tables does not have, become
// warnings in the result and in the manifests. A value that cannot be converted fails the export.
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
		if reason := t.unexportable(); reason != "" {
			w.skip(t.target(), reason)
			continue
		}
		if err := w.table(ctx, t); err != nil {
			return Result{}, fmt.Errorf("table %s: %w", t, err)
		}
	}
	isPostgres := slices.ContainsFunc(tables, Table.isPostgres)
	for _, entry := range unknown {
		w.miss(entry, isPostgres)
	}
	if isPostgres && len(w.task.ExportOnly) == 0 {
		w.mentionSystem()
	}
	if err := w.manifests(); err != nil {
		return Result{}, err
	}
	return Result{Bytes: w.bytes, WarningMessage: w.warnings.String()}, nil
}

// table writes one table's files.
func (w *writer) table(ctx context.Context, t Table) error {
	if other, taken := w.folders[t.folder()]; taken {
		return fmt.Errorf("its files would lie in the folder %s of table %s; export one of them", t.folder(), other)
	}
	w.folders[t.folder()] = t
	p, err := newParts(ctx, t, w.task.Dir, w.put)
	if err != nil {
		return err
	}
	defer p.close()
	for row, err := range w.rows(ctx, t) {
		if err != nil {
			return err
		}
		if err := p.add(row); err != nil {
			return err
		}
	}
	if err := p.finish(); err != nil {
		return err
	}
	if err := w.putContent(t.folder()+"_SUCCESS", nil); err != nil {
		return err
	}
	w.bytes += p.Bytes
	w.statuses = append(w.statuses, w.complete(t, p))
	return nil
}

// putContent stores a small file.
func (w *writer) putContent(name string, content []byte) error {
	file := filepath.Join(w.task.Dir, "content")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return err
	}
	return w.put(name, file)
}
