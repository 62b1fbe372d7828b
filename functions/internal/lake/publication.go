package lake

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

// Publication is the account that CreateViews leaves in an export's folder when its views are made. An export that has one was
// complete, crawled and good enough to be shown.
type Publication struct {
	// SnapshotAt is the snapshot's time, PublishedAt when CreateViews was entered.
	SnapshotAt  time.Time `json:"snapshotAt"`
	PublishedAt time.Time `json:"publishedAt"`
	// Engine is the snapshot's, see [workflow.Snapshot].
	Engine string `json:"engine"`
	// CrawledTables is how many tables the crawl left in the catalog.
	CrawledTables int `json:"crawledTables"`
	// Views are all that were made, by their names.
	Views map[string]Kind `json:"views"`
	// Skipped are the tables of which the export has no rows, or not all, and whose views read an older one.
	Skipped []string `json:"skipped,omitempty"`
	// Rules are those that the views were made with.
	Rules []workflow.ColumnRule `json:"rules,omitempty"`
}

// Kind is what a view is made of.
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

// Announce says that a run begins to make views of an export.
func Announce(ctx context.Context, c PutObject, bucket string, id workflow.ExportID) error {
	key := id.Folder() + workflow.PublishingFile
	if _, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader([]byte("{}"))}); err != nil {
		return fmt.Errorf("write %s: %w", workflow.S3URI(bucket, key), err)
	}
	return nil
}

// IsAnnounced reports whether a run has begun to make views of an export.
func IsAnnounced(ctx context.Context, c manifest.Client, bucket string, id workflow.ExportID) (bool, error) {
	key := id.Folder() + workflow.PublishingFile
	announced, err := Exists(ctx, c, bucket, key)
	if err != nil {
		return false, fmt.Errorf("look for %s: %w", workflow.S3URI(bucket, key), err)
	}
	return announced, nil
}

// ReadPublication reads the publication of an export by its folder. It reports false when there is none, or none that can be
// read: its views are made once more then. It is listed first, since S3 says that an object is missing only to who may list the
// bucket whole; to others it denies the read.
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

// Exists reports whether S3 lists an object whose key begins with a prefix. A page may be empty and not the last.
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
	_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(b), ContentType: aws.String("application/json")})
	if err != nil {
		return fmt.Errorf("write %s: %w", workflow.S3URI(bucket, key), err)
	}
	return nil
}

// PutObject is what writing one needs.
type PutObject interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}
