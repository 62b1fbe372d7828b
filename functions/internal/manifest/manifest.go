// Package manifest reads the manifests of an RDS export, export_info_ID.json and export_tables_info_ID_from_A_to_B.json, and lists the
// objects in the folder of each table.
//
// AWS documents these files only in part (RDS guide, "Exporting DB snapshot data to Amazon S3"). This package reads what exports of several
// years have in common. Keys match in any case, and unknown keys are ignored.
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

// Client is what reading an export calls of S3.
type Client interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// ErrMissing is wrapped by the errors of Read and ReadInfo if a kind of manifest is missing.
var ErrMissing = errors.New("no such manifest")

// ErrDamaged is wrapped by the errors of Read and ReadInfo if a manifest was read to its end and is invalid. An interrupted read is another
// error, because the next one may succeed.
var ErrDamaged = errors.New("damaged manifest")

// Export is a finished export.
type Export struct {
	Info Info
	// Tables in the order of the manifests.
	Tables []Table
	// Warnings are about whole databases.
	Warnings []Warning
	// Folders is the number of table folders with a Parquet file.
	Folders int
	// Objects is the number of objects in the export's folder, including the manifests.
	Objects int
}

// Info is the content of export_info_ID.json.
type Info struct {
	// The times are UTC, and zero if the file does not have them.
	SnapshotTime  time.Time
	TaskStartTime time.Time
	TaskEndTime   time.Time
	// Status of a complete export is COMPLETE; PercentProgress may be 0 even then.
	Status string
	// Gigabytes is totalExportedDataInGB.
	Gigabytes float64
}

// Table is an entry of the table manifests, and the content of the table's folder.
type Table struct {
	workflow.TableName
	// Status of a complete table is COMPLETE. It may be missing if there is a Warning.
	Status  string
	Warning string
	// Gigabytes is sizeGB, the table's own data.
	Gigabytes float64
	// Partitions is the number of parts in which RDS read the table, CompletedPartitions that of the finished ones; 0 if unknown.
	Partitions, CompletedPartitions int
	// Columns in the order of the table; none for a skipped table.
	Columns []Column
	// Folder is the key below the export's folder, with a slash at its end: "shop/shop.users/".
	Folder string
	// Objects is the number of objects in the folder, including _SUCCESS.
	Objects int
	// Files is the number of Parquet files, 0 for a table without rows.
	Files int
	// Bytes is the size of the Parquet files.
	Bytes int64
	// Unmarked are the folders with Parquet files but without _SUCCESS, which RDS writes last: "shop/shop.users/1/". There are none if the
	// whole export has no _SUCCESS.
	Unmarked []string
}

// Column is an entry of originalTypeMappings. Unknown numbers are 0; an unknown NumScale is nil.
type Column struct {
	Name string
	// OriginalType is that of the database: varchar, character varying, timestamp with time zone, USER-DEFINED.
	OriginalType string
	// ExportedType is that of RDS: int32, binary (UTF8), int64 (TIMESTAMP_MICRO), int64 (DECIMAL(12,2)).
	ExportedType      string
	NumPrecision      int
	NumScale          *int
	DateTimePrecision int
}

// Warning is an entry of the table manifests that names a database only.
type Warning struct {
	Database string
	Message  string
}

// Complete reports whether RDS exported the table. A skipped table has neither columns nor files.
func (t Table) Complete() bool { return t.Status == "COMPLETE" }

// Empty reports whether there is no file to crawl.
func (t Table) Empty() bool { return t.Files == 0 }

// Gap says what is missing of the table, by its entry and by the objects in its folder; "" if it is complete. A warning about a complete
// table is a notice, for example about values that were converted to strings.
func (t Table) Gap() string {
	switch {
	case !t.Complete():
		return cmp.Or(t.Warning, "status "+cmp.Or(t.Status, "missing"))
	case t.Objects == 0:
		return cmp.Or(t.Warning, "no objects in "+t.Folder)
	case t.CompletedPartitions < t.Partitions:
		return fmt.Sprintf("%d of %d partitions are written", t.CompletedPartitions, t.Partitions)
	case len(t.Unmarked) > 0:
		return t.Unmarked[0] + " has no _SUCCESS"
	case t.Empty() && t.Gigabytes > 0:
		return fmt.Sprintf("%g GB, and no file in %s", t.Gigabytes, t.Folder)
	}
	return ""
}

// ReadInfo reads only export_info_ID.json. The folder is a key with a slash at its end:
// "exports/shop/shop-20261121-1705-0/".
func ReadInfo(ctx context.Context, c Client, bucket, folder string) (Info, error) {
	l, err := list(ctx, c, bucket, folder, workflow.InfoManifest)
	if err != nil {
		return Info{}, err
	}
	return readInfo(ctx, c, l)
}

// Read reads all manifests of an export and lists its objects. The folder is as for ReadInfo.
func Read(ctx context.Context, c Client, bucket, folder string) (Export, error) {
	return read(ctx, c, bucket, folder, true)
}

// ReadWithoutColumns is like Read, but discards the columns of the tables. It also reports damaged columns.
func ReadWithoutColumns(ctx context.Context, c Client, bucket, folder string) (Export, error) {
	return read(ctx, c, bucket, folder, false)
}

func read(ctx context.Context, c Client, bucket, folder string, columns bool) (Export, error) {
	l, err := list(ctx, c, bucket, folder, "")
	if err != nil {
		return Export{}, err
	}
	var e Export
	if e.Info, err = readInfo(ctx, c, l); err != nil {
		return Export{}, err
	}
	if len(l.tables) == 0 {
		return Export{}, fmt.Errorf("s3://%s/%s%s*.json: %w", bucket, folder, workflow.TablesManifest, ErrMissing)
	}
	tables := collector{export: &e, columns: columns}
	for _, key := range l.tables {
		if err := l.read(ctx, c, key, tables.decode); err != nil {
			return Export{}, err
		}
	}
	l.place(e.Tables)
	e.Folders, e.Objects = l.full(), l.objects
	return e, nil
}

func readInfo(ctx context.Context, c Client, l *listing) (Info, error) {
	if l.info == "" {
		return Info{}, fmt.Errorf("s3://%s/%s%s*.json: %w", l.bucket, l.folder, workflow.InfoManifest, ErrMissing)
	}
	var info Info
	err := l.read(ctx, c, l.info, info.decode)
	return info, err
}

// Quiet is an option of the S3 client that reads manifests. Objects written by RDS have no checksum, which the SDK would log for each.
func Quiet(o *s3.Options) { o.DisableLogOutputChecksumValidationSkipped = true }
