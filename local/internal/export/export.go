// Package export writes what an RDS snapshot export writes: Parquet files and manifests, in RDS's layout.
package export

import "time"

// Task is what RDS was asked to export.
type Task struct {
	// ID is the export task identifier, the name of the export's folder.
	ID string
	// SourceARN is the snapshot's, or the cluster's.
	SourceARN string
	// ExportOnly is in the grammar of RDS's parameter: database, database.table. Empty means everything.
	ExportOnly   []string
	SnapshotTime time.Time
	StartTime    time.Time
	// EndTime is when the task will be reported as complete.
	EndTime time.Time
	Bucket  string
	// Prefix is the S3Prefix as RDS was given it, without the ID.
	Prefix     string
	IAMRoleARN string
	KMSKeyID   string
	// Dir is a folder for files on their way to Put. Whoever made it deletes it.
	Dir string
}

// Result is what RDS tells about a finished task.
type Result struct {
	// Bytes that were extracted.
	Bytes int64
	// WarningMessage is RDS's JSON text about what was skipped, or "".
	WarningMessage string
}

// Put stores one finished file under a name below the export's folder: "shop/shop.users/1/part-00000-....gz.parquet".
// The file may be moved away.
type Put func(name, file string) error
