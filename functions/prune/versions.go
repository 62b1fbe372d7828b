package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

const (
	// keptVersions is the number of versions kept for each view: the current and the previous one.
	keptVersions = 2
	// viewsPerRun is the maximum number of views per run, so that the function does not time out. A larger source needs several runs.
	viewsPerRun = 2000
)

// deleteVersions deletes old versions of the views of a publication. Each CREATE OR REPLACE VIEW adds a version of the view to Glue, and an
// account with 1,000,000 table versions cannot update any table (AWS General Reference, "AWS Glue endpoints and quotas").
func (h *Handler) deleteVersions(ctx context.Context, source workflow.Source, folder string, refused *refusals) error {
	published, _, err := exports.ReadPublication(ctx, h.S3, h.Bucket, folder)
	if err != nil {
		return err
	}
	for _, view := range window(slices.Sorted(maps.Keys(published.Views))) {
		err := h.deleteVersionsOf(ctx, source.Database(), view)
		if awserr.Code(err) == "EntityNotFoundException" {
			continue // the view no longer exists
		}
		if err = refused.collect("view "+source.Database()+"."+view, err); err != nil {
			return err
		}
	}
	return nil
}

// window returns at most viewsPerRun views. It begins at a random view, so that several runs together cover all views.
func window(views []string) []string {
	if len(views) <= viewsPerRun {
		return views
	}
	first := rand.IntN(len(views))
	return slices.Concat(views[first:], views[:first])[:viewsPerRun]
}

func (h *Handler) deleteVersionsOf(ctx context.Context, database, view string) error {
	var versions []int
	pages := glue.NewGetTableVersionsPaginator(h.Glue, &glue.GetTableVersionsInput{DatabaseName: &database, TableName: &view})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the versions of view %s.%s: %w", database, view, err)
		}
		for _, v := range page.TableVersions {
			n, err := strconv.Atoi(aws.ToString(v.VersionId))
			if err != nil {
				return undeletable(fmt.Sprintf("the ID of version %q is not a number", aws.ToString(v.VersionId)))
			}
			versions = append(versions, n)
		}
	}
	slices.Sort(versions)
	for old := range slices.Chunk(versions[:max(len(versions)-keptVersions, 0)], maxBatch) {
		in := &glue.BatchDeleteTableVersionInput{DatabaseName: &database, TableName: &view}
		for _, n := range old {
			in.VersionIds = append(in.VersionIds, strconv.Itoa(n))
		}
		out, err := h.Glue.BatchDeleteTableVersion(ctx, in)
		if err != nil {
			return fmt.Errorf("delete old versions of view %s.%s: %w", database, view, err)
		}
		for _, e := range out.Errors {
			if reason := refusal(e.ErrorDetail); reason != "" {
				return undeletable(fmt.Sprintf("version %s: %s", aws.ToString(e.VersionId), reason))
			}
		}
	}
	return nil
}
