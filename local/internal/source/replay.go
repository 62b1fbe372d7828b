package source

import (
	"context"

	"snaplake/local/internal/export"
)

// replay stands in for a database. Every snapshot of it contains the same finished export.
type replay struct{ finished *export.Finished }

func openReplay(dir string) (export.Database, error) {
	finished, err := export.Open(dir)
	if err != nil {
		return nil, err
	}
	return replay{finished}, nil
}

// Engine returns "mysql" or "postgres", depending on the types in the manifests. The version is empty, since an export does not contain it.
func (r replay) Engine() (name, version string) {
	if r.finished.Postgres() {
		return "postgres", ""
	}
	return "mysql", ""
}

// Tables implements [export.Listed].
func (r replay) Tables() []string { return r.finished.Tables() }

func (r replay) Snapshot(context.Context) (export.Snapshot, error) { return r, nil }

// Repeat returns the export, like Snapshot.
func (r replay) Repeat(int) export.Snapshot { return r }

// Skip does nothing, because all snapshots are equal.
func (r replay) Skip(int) {}

// Export copies all files of the finished export without renaming them. It ignores ExportOnly.
func (r replay) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	return r.finished.Copy(ctx, task.Dir, put)
}

func (r replay) Close() error { return nil }
