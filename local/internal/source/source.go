// Package source is the databases that the local RDS takes snapshots of.
package source

import (
	"context"

	"snaplake/local/internal/export"
)

// Database is a database server that RDS would run.
type Database interface {
	// Engine is mysql or mariadb, and its version: "8.0.36".
	Engine() (name, version string)
	// Snapshot freezes the database as it is now.
	Snapshot(ctx context.Context) (Snapshot, error)
	Close() error
}

// Snapshot is a database as it was at one moment.
type Snapshot interface {
	// Export writes the snapshot's tables and the task's manifests.
	Export(ctx context.Context, task export.Task, put export.Put) (export.Result, error)
	Close() error
}
