// Package export writes what an RDS snapshot export writes: Parquet files and manifests, in RDS's layout.
//
// It has RDS's type mapping for MySQL, MariaDB and PostgreSQL, the warnings about tables that RDS skips, and a replay of a finished
// export. Each [Damage] is a way in which a real export was seen or documented to go wrong. A type whose export RDS does not document
// fails the export: its files would prove nothing about real ones.
package export

import "time"

// Task is a request for an export.
type Task struct {
	// ID is the export task identifier, the name of the export's folder.
	ID string
	// SourceARN is the ARN of the snapshot or the cluster.
	SourceARN string
	// ExportOnly has the grammar of RDS's parameter, for example database or database.table. Empty means everything.
	ExportOnly   []string
	SnapshotTime time.Time
	StartTime    time.Time
	// EndTime is when the task will be COMPLETE.
	EndTime time.Time
	Bucket  string
	// Prefix is the S3Prefix of the request, without the ID.
	Prefix     string
	IAMRoleARN string
	KMSKeyID   string
	// Dir is a folder for files before Put. The caller deletes it.
	Dir string
}

// Result is what RDS reports about a finished task.
type Result struct {
	// Bytes is the size of the extracted data.
	Bytes int64
	// WarningMessage is RDS's JSON text about skipped tables, or "".
	WarningMessage string
}

// Put stores one finished file under a name below the export's folder, for example "shop/shop.users/1/part-00000-....gz.parquet". It
// may move the file.
type Put func(name, file string) error
