// Package exports lists a source's exports in the bucket, and reads and writes their publications.
package exports

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// Export is an export of a source.
type Export struct {
	ID workflow.ExportID
	// Folder is the key of the export's folder, "exports/shop/shop-20261121-1705-0/", and Location its address, "s3://lake/exports/...".
	Folder, Location string
	// Complete is true if the manifest has the status COMPLETE. EndedAt is the time at which the export ended, or zero if unknown.
	Complete bool
	EndedAt  time.Time
	// Published is true if the folder contains a [Publication].
	Published bool
}

// Exports returns the source's exports that have a folder, newest first.
func Exports(ctx context.Context, c manifest.Client, bucket, source string) ([]Export, error) {
	ids, err := List(ctx, c, bucket, source)
	if err != nil {
		return nil, err
	}
	return Describe(ctx, c, bucket, ids)
}

// Describe returns the exports with these identifiers, newest first and without duplicates. Their folders need not exist.
func Describe(ctx context.Context, c manifest.Client, bucket string, ids []workflow.ExportID) ([]Export, error) {
	var exports []Export
	for _, id := range slices.Compact(slices.SortedFunc(slices.Values(ids), newestFirst)) {
		e := Export{ID: id, Folder: id.Folder(), Location: workflow.S3URI(bucket, id.Folder())}
		var err error
		if e.Complete, e.EndedAt, err = IsComplete(ctx, c, bucket, id); err != nil {
			return nil, err
		}
		if e.Published, err = Exists(ctx, c, bucket, e.Folder+workflow.PublishedFile); err != nil {
			return nil, fmt.Errorf("look for %s: %w", e.Location+workflow.PublishedFile, err)
		}
		exports = append(exports, e)
	}
	return exports, nil
}

func newestFirst(a, b workflow.ExportID) int {
	return cmp.Or(b.SnapshotTime.Compare(a.SnapshotTime), cmp.Compare(b.Attempt, a.Attempt))
}

// IsComplete reports whether an export is complete according to its manifest, and when it ended.
func IsComplete(ctx context.Context, c manifest.Client, bucket string, id workflow.ExportID) (complete bool, endedAt time.Time, err error) {
	info, err := manifest.ReadInfo(ctx, c, bucket, id.Folder())
	if manifest.IsUnreadable(err) {
		return false, time.Time{}, nil
	}
	if err != nil {
		return false, time.Time{}, fmt.Errorf("check whether export %s is complete: %w", id, err)
	}
	return info.Status == workflow.Complete, info.TaskEndTime, nil
}

// List returns the identifiers of a source's exports that have a folder.
func List(ctx context.Context, c manifest.Client, bucket, source string) ([]workflow.ExportID, error) {
	root := workflow.ExportPrefix(source)
	var ids []workflow.ExportID
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &root, Delimiter: aws.String("/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the exports in %s: %w", workflow.S3URI(bucket, root), err)
		}
		for _, p := range page.CommonPrefixes {
			name := strings.TrimSuffix(strings.TrimPrefix(aws.ToString(p.Prefix), root), "/")
			if id, ours := workflow.ParseExportID(name); ours && id.Source == source {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// Retained returns the exports that a source keeps: the newest complete and published exports. Source.Keep limits their number, and
// Source.KeepDays limits the age of their snapshots at the given time. The current export counts as published and is always kept.
func Retained(newestFirst []Export, source workflow.Source, current string, at time.Time) []Export {
	var retained []Export
	left := source.Keep
	for _, e := range newestFirst {
		isCurrent := e.ID.String() == current
		tooOld := source.KeepDays > 0 && e.ID.SnapshotTime.Before(at.AddDate(0, 0, -source.KeepDays))
		switch {
		case e.Complete && (e.Published || isCurrent) && left > 0 && !tooOld:
			left--
		case !isCurrent:
			continue
		}
		retained = append(retained, e)
	}
	return retained
}

// Publication is the object that CreateViews writes into an export's folder after it has created the views. An export that has this
// object was complete and crawled, and it passed the checks.
type Publication struct {
	// SnapshotAt is the time of the snapshot. PublishedAt is the time at which the run entered CreateViews.
	SnapshotAt  time.Time `json:"snapshotAt"`
	PublishedAt time.Time `json:"publishedAt"`
	// Engine is the engine of the snapshot, see [workflow.Snapshot].
	Engine string `json:"engine"`
	// CrawledTables is the number of the export's crawled tables.
	CrawledTables int `json:"crawledTables"`
	// Views maps the names of the created views to their kinds.
	Views map[string]Kind `json:"views"`
	// Skipped holds the tables that are missing or incomplete in the export. Their views read an older export.
	Skipped []string `json:"skipped,omitempty"`
	// Rules holds the column rules that the views were created with.
	Rules []workflow.ColumnRule `json:"rules,omitempty"`
}

// Kind is a kind of view, as written in a publication.
type Kind string

const (
	OfTable     Kind = "table"
	OfHistory   Kind = "history"
	OfChanges   Kind = "changes"
	OfFreshness Kind = "freshness"
	UserDefined Kind = "own"
)

// PutObject is the part of the S3 client that writes a publication.
type PutObject interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Announce writes an object into an export's folder to tell other runs that this run is about to create views.
func Announce(ctx context.Context, c PutObject, bucket string, id workflow.ExportID) error {
	return write(ctx, c, bucket, id.Folder()+workflow.PublishingFile, struct{}{})
}

// WritePublication writes the publication of an export.
func WritePublication(ctx context.Context, c PutObject, bucket string, id workflow.ExportID, p Publication) error {
	return write(ctx, c, bucket, id.Folder()+workflow.PublishedFile, p)
}

func write(ctx context.Context, c PutObject, bucket, key string, content any) error {
	b, err := json.Marshal(content)
	if err != nil {
		return err
	}
	_, err = c.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(b), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", workflow.S3URI(bucket, key), err)
	}
	return nil
}

// ReadPublication reads the publication in an export's folder. It reports false if the publication is missing or damaged; the
// views are then created again. ReadPublication lists the object first, because for a missing object, S3 returns AccessDenied instead of
// NoSuchKey unless the caller may list the whole bucket.
func ReadPublication(ctx context.Context, c manifest.Client, bucket, folder string) (p Publication, there bool, err error) {
	key := folder + workflow.PublishedFile
	there, err = Exists(ctx, c, bucket, key)
	if err != nil {
		return p, false, fmt.Errorf("look for %s: %w", workflow.S3URI(bucket, key), err)
	}
	if !there {
		return p, false, nil
	}
	var b []byte
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if awserr.Code(err) == "NoSuchKey" { // deleted since it was listed
		return p, false, nil
	}
	if err == nil {
		defer out.Body.Close()
		b, err = io.ReadAll(out.Body)
	}
	if err != nil {
		return p, false, fmt.Errorf("read %s: %w", workflow.S3URI(bucket, key), err)
	}
	if json.Unmarshal(b, &p) != nil {
		return Publication{}, false, nil
	}
	return p, true, nil
}

// Exists reports whether the bucket contains an object whose key begins with the given string.
func Exists(ctx context.Context, c manifest.Client, bucket, key string) (bool, error) {
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &key})
	for pages.HasMorePages() { // an empty page need not be the last
		page, err := pages.NextPage(ctx)
		if err != nil || len(page.Contents) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}
