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

// Publication is the object that CreateViews writes into an export's folder after it has created the views. Such an export was complete and
// crawled, and passed the checks.
type Publication struct {
	// SnapshotAt is the time of the snapshot, and PublishedAt the time when CreateViews was entered.
	SnapshotAt  time.Time `json:"snapshotAt"`
	PublishedAt time.Time `json:"publishedAt"`
	// Engine is the engine of the snapshot, see [workflow.Snapshot].
	Engine string `json:"engine"`
	// CrawledTables is the number of crawled tables in the catalog.
	CrawledTables int `json:"crawledTables"`
	// Views maps the names of the created views to their kinds.
	Views map[string]Kind `json:"views"`
	// Skipped holds the tables that are missing or incomplete in the export. Their views read an older export.
	Skipped []string `json:"skipped,omitempty"`
	// Rules holds the column rules that the views were created with.
	Rules []workflow.ColumnRule `json:"rules,omitempty"`
}

// Kind is a kind of view.
type Kind string

// The kinds of views. Own stands for user-defined views.
const (
	OfTable     Kind = "table"
	OfHistory   Kind = "history"
	OfChanges   Kind = "changes"
	OfFreshness Kind = "freshness"
	Own         Kind = "own"
)

// PutObject is the part of the S3 client that writes a publication.
type PutObject interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Announce writes the object that announces a run before it creates views of an export.
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

// ReadPublication reads the publication in an export's folder. It reports false if there is none or it is damaged; the views are then
// created again. It lists the object first, because S3 refuses to read a missing object unless the caller may list the whole bucket.
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

// Exists reports whether S3 lists an object whose key begins with the given one.
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
