package export

import "context"

// Database is a database server that RDS would run.
type Database interface {
	// Engine is mysql, mariadb or postgres, and its version: "8.0.36", or "" where it is not known.
	Engine() (name, version string)
	// Snapshot freezes the database as it is now.
	Snapshot(ctx context.Context) (Snapshot, error)
	Close() error
}

// Transactional is a database whose snapshots are transactions in a server of the user's, which keeps old rows until they end.
type Transactional interface{ HoldsTransactions() }

// Snapshot is a database as it was at one moment.
type Snapshot interface {
	// Export writes the snapshot's tables and the task's manifests.
	Export(ctx context.Context, task Task, put Put) (Result, error)
	Close() error
}
