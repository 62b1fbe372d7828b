package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

// maxBatch is the number of items that BatchDeleteTable and BatchDeleteTableVersion accept. DeleteObjects accepts a page of ListObjectsV2.
const maxBatch = 100

// undeletable is the error for a table, a version or an object that Glue or S3 does not delete.
type undeletable string

func (u undeletable) Error() string { return string(u) }

// refusals lists what could not be deleted.
type refusals []string

// collect adds an error of type undeletable to the list, and returns any other error.
func (r *refusals) collect(subject string, err error) error {
	if u, ok := errors.AsType[undeletable](err); ok {
		*r = append(*r, subject+": "+u.Error())
		return nil
	}
	return err
}

// refusal returns the reason why Glue did not delete an item, or "" if the item no longer exists.
func refusal(d *gluetypes.ErrorDetail) string {
	switch {
	case d == nil:
		return "Glue gave no reason"
	case aws.ToString(d.ErrorCode) == "EntityNotFoundException":
		return ""
	default:
		return aws.ToString(d.ErrorCode) + ": " + aws.ToString(d.ErrorMessage)
	}
}

// delete deletes an export, and returns the number of tables deleted. If it is interrupted, the next run deletes the rest. To make that
// safe, it first deletes the publication, because StartCrawler does not crawl an export that has one; then the tables, because a table
// without objects appears empty; then the manifest that marks the export as complete; and then all other objects.
func (h *Handler) delete(ctx context.Context, e exports.Export, tables []string) (deleted int, err error) {
	if err := h.deleteObjects(ctx, e.Folder+workflow.PublishedFile); err != nil {
		return 0, err
	}
	database := h.Config.CrawledDatabase()
	slices.Sort(tables)
	for names := range slices.Chunk(tables, maxBatch) {
		out, err := h.Glue.BatchDeleteTable(ctx, &glue.BatchDeleteTableInput{DatabaseName: &database, TablesToDelete: names})
		if err != nil {
			return deleted, fmt.Errorf("delete tables of database %q: %w", database, err)
		}
		deleted += len(names) - len(out.Errors)
		for _, e := range out.Errors {
			if reason := refusal(e.ErrorDetail); reason != "" {
				return deleted, undeletable(fmt.Sprintf("table %q of database %q: %s", aws.ToString(e.TableName), database, reason))
			}
		}
	}
	if err := h.deleteObjects(ctx, e.Folder+workflow.InfoManifest); err != nil {
		return deleted, err
	}
	if err := h.deleteObjects(ctx, e.Folder); err != nil {
		return deleted, err
	}
	h.Log.InfoContext(ctx, "deleted", "export", e.ID.String(), "tables", deleted)
	return deleted, nil
}

// deleteObjects deletes all objects whose keys begin with a prefix.
func (h *Handler) deleteObjects(ctx context.Context, prefix string) error {
	pages := s3.NewListObjectsV2Paginator(h.S3, &s3.ListObjectsV2Input{Bucket: &h.Bucket, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list %s: %w", workflow.S3URI(h.Bucket, prefix), err)
		}
		if len(page.Contents) == 0 {
			continue
		}
		batch := types.Delete{Quiet: aws.Bool(true)}
		for _, o := range page.Contents {
			batch.Objects = append(batch.Objects, types.ObjectIdentifier{Key: o.Key})
		}
		out, err := h.S3.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &h.Bucket, Delete: &batch})
		if err != nil {
			return fmt.Errorf("delete objects of s3://%s: %w", h.Bucket, err)
		}
		if len(out.Errors) > 0 {
			e := out.Errors[0]
			return undeletable(fmt.Sprintf("%d of its objects, for example %s: %s: %s",
				len(out.Errors), workflow.S3URI(h.Bucket, aws.ToString(e.Key)), aws.ToString(e.Code), aws.ToString(e.Message)))
		}
	}
	return nil
}
