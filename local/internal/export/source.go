package export

import "context"

// Database is a database from which the local RDS takes snapshots.
type Database interface {
	// Engine returns the engine's name (mysql, mariadb or postgres) and its version, for example "8.0.36", or "" if unknown.
	Engine() (name, version string)
	// Snapshot takes a snapshot of the database.
	Snapshot(ctx context.Context) (Snapshot, error)
	Close() error
}

// Transactional is implemented by a database that keeps a transaction open on the user's own server for each snapshot. The server keeps old
// versions of rows until the transaction ends.
type Transactional interface{ HoldsTransactions() }

// Repeatable is implemented by a database that does not depend on a server. Its snapshots can be taken again, for example after a restart.
type Repeatable interface {
	// Repeat takes snapshot n again. The first snapshot has the number 0.
	Repeat(n int) Snapshot
	// Skip makes the next call to Snapshot take snapshot n.
	Skip(n int)
}

// Listed is implemented by a database that lists its tables before the first snapshot, as database.schema.table. The sample does not
// implement Listed, because its tables exist only in snapshots.
type Listed interface{ Tables() []string }

// Snapshot is the content of a database at one point in time.
type Snapshot interface {
	// Export writes the snapshot's tables and the task's manifests.
	Export(ctx context.Context, task Task, put Put) (Result, error)
	Close() error
}
