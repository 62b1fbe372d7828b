// Package manifest reads the manifests of an RDS export, export_info_ID.json and export_tables_info_ID_from_A_to_B.json, and lists the
// objects in each table's folder.
//
// AWS documents these files only in part (RDS guide, "Exporting DB snapshot data to Amazon S3"). This package reads only what exports from
// several years have in common. It ignores the case of keys and skips unknown keys. Package local/internal/export writes these files for
// the local AWS.
package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/workflow"
)

// Client is the part of the S3 client that reads an export.
type Client interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Read and ReadInfo return these errors if a manifest is missing or damaged.
var (
	// ErrMissing means that the export has no info manifest or no table manifest.
	ErrMissing = errors.New("no such manifest")
	// ErrDamaged means that a manifest was read to its end and is invalid. An interrupted read results in a different error, because
	// another attempt may succeed.
	ErrDamaged = errors.New("damaged manifest")
)

// IsUnreadable reports whether an error is about a missing or damaged manifest.
func IsUnreadable(err error) bool { return errors.Is(err, ErrMissing) || errors.Is(err, ErrDamaged) }

// Export is a finished export.
type Export struct {
	Info Info
	// Tables holds the tables in the order of the manifests.
	Tables []Table
	// Warnings holds the warnings about whole databases.
	Warnings []Warning
	// Folders is the number of table folders with a Parquet file.
	Folders int
	// Objects is the number of objects in the export's folder, including the manifests.
	Objects int
}

// Info holds the contents of export_info_ID.json.
type Info struct {
	// The times are in UTC. A time that is missing from the file is zero.
	SnapshotTime  time.Time
	TaskStartTime time.Time
	TaskEndTime   time.Time
	// Status is COMPLETE for a complete export. PercentProgress may be 0 even then.
	Status string
	// Gigabytes is the totalExportedDataInGB field.
	Gigabytes float64
}

// Table is an entry of the table manifests, with the contents of the table's folder.
type Table struct {
	workflow.TableName
	// Status is COMPLETE for a complete table. It may be empty if there is a Warning.
	Status  string
	Warning string
	// Gigabytes is the sizeGB field.
	Gigabytes float64
	// Partitions is the number of parts of the table, and CompletedPartitions is the number of finished parts. Both are 0 if unknown.
	Partitions, CompletedPartitions int
	// Columns holds the columns in the same order as in the table. It is empty for a skipped table.
	Columns []Column
	// Folder is the key within the export's folder, with a trailing slash: "shop/shop.users/".
	Folder string
	// Objects is the number of objects in the folder, including _SUCCESS.
	Objects int
	// Files is the number of Parquet files, which is 0 for a table without rows. Bytes is their total size.
	Files int
	Bytes int64
	// Unmarked holds the folders with Parquet files but without _SUCCESS, which RDS writes last: "shop/shop.users/1/". It is empty if the
	// whole export has no _SUCCESS.
	Unmarked []string
}

// Column is an entry of originalTypeMappings. Unknown numbers are 0, and an unknown NumScale is nil.
type Column struct {
	Name string
	// OriginalType is the type in the database: varchar, character varying, timestamp with time zone, USER-DEFINED.
	OriginalType string
	// ExportedType is RDS's name for the type in the file: int32, binary (UTF8), int64 (TIMESTAMP_MICRO), int64 (DECIMAL(12,2)).
	ExportedType      string
	NumPrecision      int
	NumScale          *int
	DateTimePrecision int
}

// Warning is an entry of the table manifests that only names a database.
type Warning struct {
	Database string
	Message  string
}

// Complete reports whether RDS exported the table. A skipped table has neither columns nor files.
func (t Table) Complete() bool { return t.Status == "COMPLETE" }

// Empty reports whether the table has no file to crawl.
func (t Table) Empty() bool { return t.Files == 0 }

// Gap returns what is missing from the table according to its entry and its folder, or "" if the table is complete. The warning of a
// complete table is only a notice, for example about values that were converted to strings.
func (t Table) Gap() string {
	switch {
	case !t.Complete():
		return cmp.Or(t.Warning, "status "+cmp.Or(t.Status, "missing"))
	case t.Objects == 0:
		return cmp.Or(t.Warning, "no objects in "+t.Folder)
	case t.CompletedPartitions < t.Partitions:
		return fmt.Sprintf("%d of %d partitions were written", t.CompletedPartitions, t.Partitions)
	case len(t.Unmarked) > 0:
		return t.Unmarked[0] + " has no _SUCCESS"
	case t.Empty() && t.Gigabytes > 0:
		return fmt.Sprintf("%g GB, but no file in %s", t.Gigabytes, t.Folder)
	}
	return ""
}

// ReadInfo reads only export_info_ID.json. The folder is a key with a trailing slash: "exports/shop/shop-20261121-1705-0/".
func ReadInfo(ctx context.Context, c Client, bucket, folder string) (Info, error) {
	e, _, err := readInfo(ctx, c, bucket, folder, workflow.InfoManifest)
	return e.Info, err
}

// Read reads all manifests of an export and lists its objects.
func Read(ctx context.Context, c Client, bucket, folder string) (Export, error) {
	return read(ctx, c, bucket, folder, true)
}

// ReadWithoutColumns is like Read, but discards the columns of the tables after it has verified them.
func ReadWithoutColumns(ctx context.Context, c Client, bucket, folder string) (Export, error) {
	return read(ctx, c, bucket, folder, false)
}

func read(ctx context.Context, c Client, bucket, folder string, columns bool) (Export, error) {
	e, l, err := readInfo(ctx, c, bucket, folder, "")
	if err != nil {
		return Export{}, err
	}
	if len(l.tables) == 0 {
		return Export{}, fmt.Errorf("s3://%s/%s%s*.json: %w", bucket, folder, workflow.TablesManifest, ErrMissing)
	}
	tables := collector{export: &e, keepColumns: columns}
	for _, key := range l.tables {
		if err := l.read(ctx, c, key, tables.decode); err != nil {
			return Export{}, err
		}
	}
	l.place(e.Tables)
	return e, nil
}

// readInfo lists a folder's objects whose names begin with the given prefix, and reads the info manifest among them.
func readInfo(ctx context.Context, c Client, bucket, folder, prefix string) (e Export, l *listing, err error) {
	if l, err = list(ctx, c, bucket, folder, prefix); err != nil {
		return e, l, err
	}
	if l.info == "" {
		return e, l, fmt.Errorf("s3://%s/%s%s*.json: %w", bucket, folder, workflow.InfoManifest, ErrMissing)
	}
	e.Folders, e.Objects = l.nonEmpty, l.objects
	err = l.read(ctx, c, l.info, e.Info.decode)
	return e, l, err
}

// Quiet is an option for the S3 client. Without it, the SDK logs a warning for each object written by RDS, because RDS adds no checksums.
func Quiet(o *s3.Options) { o.DisableLogOutputChecksumValidationSkipped = true }
