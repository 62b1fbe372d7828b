package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/exports"
	"snaplake/workflow"
)

const (
	// keptVersions of a view: the current and the previous one.
	keptVersions = 2
	// viewsPerRun limits the duration of a run. A larger source takes several runs.
	viewsPerRun = 2000
)

// deleteVersions deletes older versions of the views that the run published. Each CREATE OR REPLACE VIEW leaves a version of the
// table in Glue, and an account that has 1,000,000 of them cannot update any table (AWS General Reference, "AWS Glue endpoints and
// quotas").
func (h *Handler) deleteVersions(ctx context.Context, source workflow.Source, in workflow.Request) (failures []string, err error) {
	if in.DryRun || in.State.Views == nil || in.State.Views.Published == 0 {
		return nil, nil
	}
	published, _, err := exports.ReadPublication(ctx, h.S3, h.Bucket, in.State.Export.Folder())
	if err != nil {
		return nil, err
	}
	for _, view := range window(slices.Sorted(maps.Keys(published.Views)), in.Execution.Name) {
		failure, err := h.deleteVersionsOf(ctx, source.Database(), view)
		if err != nil {
			return nil, err
		}
		if failure != "" {
			failures = append(failures, failure)
		}
	}
	return failures, nil
}

// window returns viewsPerRun of the views, beginning with one that depends on the execution.
func window(views []string, execution string) []string {
	if len(views) <= viewsPerRun {
		return views
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(execution)) // a hash never fails
	first := int(hash.Sum32()) % len(views)
	return slices.Concat(views[first:], views[:first])[:viewsPerRun]
}

// deleteVersionsOf deletes the older versions of a view. A view that no longer exists has none.
func (h *Handler) deleteVersionsOf(ctx context.Context, database, view string) (failure string, err error) {
	var versions []int
	pages := glue.NewGetTableVersionsPaginator(h.Glue, &glue.GetTableVersionsInput{DatabaseName: &database, TableName: &view})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "EntityNotFoundException" {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("list the versions of view %s.%s: %w", database, view, err)
		}
		for _, v := range page.TableVersions {
			n, err := strconv.Atoi(aws.ToString(v.VersionId))
			if err != nil {
				return fmt.Sprintf("view %s.%s has a version %q, which is not a number", database, view, aws.ToString(v.VersionId)), nil
			}
			versions = append(versions, n)
		}
	}
	slices.Sort(versions)
	for old := range slices.Chunk(versions[:max(len(versions)-keptVersions, 0)], tablesAtATime) {
		ids := make([]string, len(old))
		for i, n := range old {
			ids[i] = strconv.Itoa(n)
		}
		out, err := h.Glue.BatchDeleteTableVersion(ctx, &glue.BatchDeleteTableVersionInput{
			DatabaseName: &database, TableName: &view, VersionIds: ids,
		})
		if awserr.Code(err) == "EntityNotFoundException" {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("delete old versions of view %s.%s: %w", database, view, err)
		}
		for _, e := range out.Errors {
			if d := e.ErrorDetail; d != nil && aws.ToString(d.ErrorCode) != "EntityNotFoundException" {
				return fmt.Sprintf("version %s of view %s.%s: %s: %s",
					aws.ToString(e.VersionId), database, view, aws.ToString(d.ErrorCode), aws.ToString(d.ErrorMessage)), nil
			}
		}
	}
	return "", nil
}
