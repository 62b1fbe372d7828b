package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

// tablesAtATime is the limit of BatchDeleteTable. A page of ListObjectsV2 is within the limit of DeleteObjects.
const tablesAtATime = 100

// undeletable is the error about a single table or object that Glue or S3 does not delete.
type undeletable struct{ text string }

func (u undeletable) Error() string { return u.text }

// delete deletes an export in an order that is safe to interrupt: the publication, by which StartCrawler knows that the tables are crawled;
// the tables, because one without objects reads as empty; the manifest that says that the export is complete; then the rest. The next run
// finds what is left. It returns the number of tables deleted.
func (h *Handler) delete(ctx context.Context, e exports.Export, tables []string) (deleted int, err error) {
	if err := h.deleteObjects(ctx, e.Folder+workflow.PublishedFile); err != nil {
		return 0, err
	}
	slices.Sort(tables)
	for names := range slices.Chunk(tables, tablesAtATime) {
		n, err := h.deleteTables(ctx, names)
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	if err := h.deleteObjects(ctx, e.Folder+workflow.InfoManifest); err != nil {
		return deleted, err
	}
	return deleted, h.deleteObjects(ctx, e.Folder)
}

func (h *Handler) deleteTables(ctx context.Context, names []string) (deleted int, err error) {
	database := h.Config.CrawledDatabase()
	out, err := h.Glue.BatchDeleteTable(ctx, &glue.BatchDeleteTableInput{DatabaseName: &database, TablesToDelete: names})
	if err != nil {
		return 0, fmt.Errorf("delete tables of database %q: %w", database, err)
	}
	deleted = len(names)
	for _, e := range out.Errors {
		deleted--
		if e.ErrorDetail != nil && aws.ToString(e.ErrorDetail.ErrorCode) == "EntityNotFoundException" {
			continue // already deleted
		}
		if err == nil {
			reason := "Glue gives no reason"
			if d := e.ErrorDetail; d != nil {
				reason = aws.ToString(d.ErrorCode) + ": " + aws.ToString(d.ErrorMessage)
			}
			err = undeletable{fmt.Sprintf("table %q of database %q cannot be deleted: %s", aws.ToString(e.TableName), database, reason)}
		}
	}
	return deleted, err
}

// deleteObjects deletes all objects whose keys begin with a prefix.
func (h *Handler) deleteObjects(ctx context.Context, prefix string) error {
	pages := s3.NewListObjectsV2Paginator(h.S3, &s3.ListObjectsV2Input{Bucket: &h.Bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list s3://%s/%s: %w", h.Bucket, prefix, err)
		}
		if err := h.deletePage(ctx, page.Contents); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handler) deletePage(ctx context.Context, objects []types.Object) error {
	if len(objects) == 0 {
		return nil
	}
	var keys []types.ObjectIdentifier
	for _, o := range objects {
		keys = append(keys, types.ObjectIdentifier{Key: o.Key})
	}
	out, err := h.S3.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &h.Bucket,
		Delete: &types.Delete{Objects: keys, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return fmt.Errorf("delete objects of s3://%s: %w", h.Bucket, err)
	}
	if len(out.Errors) > 0 {
		e := out.Errors[0]
		return undeletable{fmt.Sprintf("%d of its objects cannot be deleted, the first is s3://%s/%s: %s: %s",
			len(out.Errors), h.Bucket, aws.ToString(e.Key), aws.ToString(e.Code), aws.ToString(e.Message))}
	}
	return nil
}
