package exports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// Publication is what CreateViews writes into an export's folder after it has created the views. Such an export was complete and crawled,
// and passed the checks.
type Publication struct {
	// SnapshotAt is the time of the snapshot, PublishedAt that at which CreateViews was entered.
	SnapshotAt  time.Time `json:"snapshotAt"`
	PublishedAt time.Time `json:"publishedAt"`
	// Engine is the snapshot's, see [workflow.Snapshot].
	Engine string `json:"engine"`
	// CrawledTables is the number of crawled tables in the catalog.
	CrawledTables int `json:"crawledTables"`
	// Views are the created views by their names.
	Views map[string]Kind `json:"views"`
	// Skipped are the tables that the export lacks, fully or in part. Their views read an older export.
	Skipped []string `json:"skipped,omitempty"`
	// Rules are the column rules of the views.
	Rules []workflow.ColumnRule `json:"rules,omitempty"`
}

// Kind is a kind of view.
type Kind string

// The kinds of views.
const (
	OfTable     Kind = "table"
	OfHistory   Kind = "history"
	OfChanges   Kind = "changes"
	OfFreshness Kind = "freshness"
	// Own is a view of the user's.
	Own Kind = "own"
)

// Announce records that a run begins to create views of an export.
func Announce(ctx context.Context, c PutObject, bucket string, id workflow.ExportID) error {
	key := id.Folder() + workflow.PublishingFile
	if _, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader([]byte("{}"))}); err != nil {
		return fmt.Errorf("write %s: %w", workflow.S3URI(bucket, key), err)
	}
	return nil
}

// IsAnnounced reports whether a run has begun to create views of an export.
func IsAnnounced(ctx context.Context, c manifest.Client, bucket string, id workflow.ExportID) (bool, error) {
	key := id.Folder() + workflow.PublishingFile
	announced, err := Exists(ctx, c, bucket, key)
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", workflow.S3URI(bucket, key), err)
	}
	return announced, nil
}

// ReadPublication reads the publication in an export's folder. It reports false if there is none, or a damaged one: the views are then
// created again. It lists the object first, because S3 denies the read of a missing object unless the caller may list the whole bucket.
func ReadPublication(ctx context.Context, c manifest.Client, bucket, folder string) (Publication, bool, error) {
	var p Publication
	key := folder + workflow.PublishedFile
	there, err := Exists(ctx, c, bucket, key)
	if err != nil {
		return p, false, fmt.Errorf("look for %s: %w", workflow.S3URI(bucket, key), err)
	}
	if !there {
		return p, false, nil
	}
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if awserr.Code(err) == "NoSuchKey" { // deleted since it was listed
		return p, false, nil
	}
	if err != nil {
		return p, false, fmt.Errorf("read %s: %w", workflow.S3URI(bucket, key), err)
	}
	defer out.Body.Close()
	b, err := io.ReadAll(out.Body)
	if err != nil {
		return p, false, fmt.Errorf("read %s: %w", workflow.S3URI(bucket, key), err)
	}
	if json.Unmarshal(b, &p) != nil {
		return Publication{}, false, nil
	}
	return p, true, nil
}

// Exists reports whether S3 lists an object whose key begins with a prefix. An empty page need not be the last.
func Exists(ctx context.Context, c manifest.Client, bucket, key string) (bool, error) {
	pages := s3.NewListObjectsV2Paginator(c, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &key})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil || len(page.Contents) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// WritePublication writes the publication of an export.
func WritePublication(ctx context.Context, c PutObject, bucket string, id workflow.ExportID, p Publication) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	key := id.Folder() + workflow.PublishedFile
	_, err = c.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: bytes.NewReader(b), ContentType: aws.String("application/json"),
	})
	if err != nil {
		return fmt.Errorf("write %s: %w", workflow.S3URI(bucket, key), err)
	}
	return nil
}

// PutObject is what writing a publication calls of S3.
type PutObject interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}
