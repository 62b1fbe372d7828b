// Package export writes the files of an RDS snapshot export: Parquet files and manifests, in RDS's layout.
//
// If AWS does not document how RDS exports a column's type, the export fails. Each [Damage] reproduces a defect of real exports. The
// pipeline reads the manifests with package snaplake/functions/internal/manifest.
package export

import "time"

// Task describes an export task.
type Task struct {
	// ID is the identifier of the export task, and the name of the export's folder.
	ID string
	// SourceARN is the ARN of the snapshot or the cluster.
	SourceARN string
	// ExportOnly lists the databases, schemas and tables to export, for example "shop" or "shop.users". If empty, everything is exported.
	ExportOnly   []string
	SnapshotTime time.Time
	StartTime    time.Time
	// EndTime is the planned end of the task.
	EndTime time.Time
	Bucket  string
	// Prefix is the S3Prefix of the request. It does not include the ID.
	Prefix     string
	IAMRoleARN string
	KMSKeyID   string
	// Dir is a folder for temporary files. The caller deletes it.
	Dir string
}

// Result is what RDS reports about a finished task.
type Result struct {
	// Bytes is the size of the extracted data.
	Bytes int64
	// WarningMessage is the JSON text in which RDS reports skipped tables, or "" if no table was skipped.
	WarningMessage string
}

// Put stores a finished file in the bucket. It may move the file instead of copying it. name is relative to the export's folder.
type Put func(name, file string) error
