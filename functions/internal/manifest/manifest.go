// Package manifest reads what an RDS export says about itself: export_info_ID.json and the files
// export_tables_info_ID_from_A_to_B.json in the export's folder, and which objects lie below each table's.
//
// AWS documents these files in part only ("Exporting DB snapshot data to Amazon S3", RDS guide). What is read here is what
// real exports of several years have in common; keys match whatever their case, and unknown ones are passed over.
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

// ErrMissing is behind the errors of Read and ReadInfo when the export's folder has no manifest of a kind.
var ErrMissing = errors.New("no such manifest")

// ErrDamaged is behind the errors of Read and ReadInfo when a manifest was read to its end and is none: cut short, or not what
// it should be. A read that was broken off is another error, since the next may go well.
var ErrDamaged = errors.New("damaged manifest")

// Export is a finished export.
type Export struct {
	Info Info
	// Tables in the order of the manifests.
	Tables []Table
	// Warnings are about a database as a whole, none of whose tables they name.
	Warnings []Warning
	// Folders is how many tables' folders hold a Parquet file.
	Folders int
	// Objects is how many objects lie in the export's folder, the manifests among them.
	Objects int
}

// Info is what export_info_ID.json says.
type Info struct {
	// The times are UTC; those that the file does not have are zero.
	SnapshotTime  time.Time
	TaskStartTime time.Time
	TaskEndTime   time.Time
	// Status is COMPLETE for an export that is; PercentProgress may be 0 even then.
	Status string
	// Gigabytes is totalExportedDataInGB.
	Gigabytes float64
}

// Table is one entry of the table manifests, together with what lies in its folder.
type Table struct {
	workflow.TableName
	// Status is COMPLETE for a table that is; it may be missing when Warning is not.
	Status  string
	Warning string
	// Gigabytes is sizeGB, the table's own data.
	Gigabytes float64
	// Partitions is in how many parts RDS read the table, and CompletedPartitions how many of them it finished; 0 where the file
	// does not say.
	Partitions, CompletedPartitions int
	// Columns in the table's order; none for a table that was skipped.
	Columns []Column
	// Folder is the key below the export's folder, with a slash at its end: "shop/shop.users/".
	Folder string
	// Objects is how many objects lie in the folder, the _SUCCESS ones among them.
	Objects int
	// Files is how many of them are Parquet, none for a table without rows.
	Files int
	// Bytes is the size of the Parquet files.
	Bytes int64
	// Unmarked are the folders that hold Parquet files and no _SUCCESS, which RDS writes last: "shop/shop.users/1/". There is
	// none where the export has no _SUCCESS at all.
	Unmarked []string
}

// Column is one entry of originalTypeMappings. The numbers are 0 where the file does not give them, and NumScale, which means
// something when it is 0, is nil.
type Column struct {
	Name string
	// OriginalType as the database calls it: varchar, character varying, timestamp with time zone, USER-DEFINED.
	OriginalType string
	// ExportedType as RDS calls it: int32, binary (UTF8), int64 (TIMESTAMP_MICRO), int64 (DECIMAL(12,2)).
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

// Complete tells whether RDS exported the table. Of one that it skipped there is neither a column nor a file.
func (t Table) Complete() bool { return t.Status == "COMPLETE" }

// Empty tells whether there is no file to crawl.
func (t Table) Empty() bool { return t.Files == 0 }

// Gap says what is missing of the table, or "" when it is complete: by its entry, or by what lies in its folder against what the
// entry says. A warning about a table that is complete is a notice, for example of values that were converted to strings.
func (t Table) Gap() string {
	switch {
	case !t.Complete():
		return cmp.Or(t.Warning, "status "+cmp.Or(t.Status, "missing"))
	case t.Objects == 0:
		return cmp.Or(t.Warning, "nothing lies in "+t.Folder)
	case t.CompletedPartitions < t.Partitions:
		return fmt.Sprintf("%d of %d partitions are written", t.CompletedPartitions, t.Partitions)
	case len(t.Unmarked) > 0:
		return t.Unmarked[0] + " has no _SUCCESS"
	case t.Empty() && t.Gigabytes > 0:
		return fmt.Sprintf("%g GB, and no file in %s", t.Gigabytes, t.Folder)
	}
	return ""
}

// ReadInfo reads only export_info_ID.json. The folder is the export's key with a slash at its end:
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

// ReadWithoutColumns is Read for who asks which tables the export contains, and not of which form they are. Columns that are
// damaged are told as well.
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

// Quiet is an option of the S3 client that manifests are read with: objects that RDS wrote have no checksum that the SDK
// could compare, and it would log that for each of them.
func Quiet(o *s3.Options) { o.DisableLogOutputChecksumValidationSkipped = true }
