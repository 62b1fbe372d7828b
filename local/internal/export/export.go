// Package export writes the files of an RDS snapshot export: Parquet files and manifests, in RDS's layout.
//
// It implements RDS's type mapping for MySQL, MariaDB and PostgreSQL, the warnings about tables that RDS skips, and the replay of a
// finished export. Each [Damage] reproduces a defect that was observed in real exports or is documented. An export fails if RDS does not
// document how it exports the type of a column, since the files might differ from those of RDS.
package export

import "time"

// Task is a request for an export.
type Task struct {
	// ID is the export task identifier, which is also the name of the export's folder.
	ID string
	// SourceARN is the ARN of the snapshot or the cluster.
	SourceARN string
	// ExportOnly has the format of RDS's parameter, for example database or database.table. If empty, everything is exported.
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
	// Dir is a folder for temporary files. The caller deletes it.
	Dir string
}

// Result is what RDS reports about a finished task.
type Result struct {
	// Bytes is the size of the extracted data.
	Bytes int64
	// WarningMessage is RDS's JSON text about skipped tables, or "" if there are none.
	WarningMessage string
}

// Put stores one finished file in the bucket, and may move it there. The name is relative to the export's folder, for example
// "shop/shop.users/1/part-00000-....gz.parquet".
type Put func(name, file string) error
