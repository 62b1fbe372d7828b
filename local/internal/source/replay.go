package source

import (
	"context"

	"snaplake/local/internal/export"
)

// replay is a database of which nothing is left but an export. Each of its snapshots is that one export.
type replay struct{ finished *export.Finished }

func openReplay(dir string) (export.Database, error) {
	finished, err := export.Open(dir)
	if err != nil {
		return nil, err
	}
	return replay{finished}, nil
}

// Engine is mysql or postgres, as the manifests' types suggest. They do not tell the version, which is "".
func (r replay) Engine() (name, version string) {
	if r.finished.Postgres() {
		return "postgres", ""
	}
	return "mysql", ""
}

func (r replay) Snapshot(context.Context) (export.Snapshot, error) { return r, nil }

// Export puts the export's files as they are, under their own names, and the whole of it whatever the task asks for.
func (r replay) Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error) {
	return r.finished.Copy(ctx, task.Dir, put)
}

func (r replay) Close() error { return nil }
