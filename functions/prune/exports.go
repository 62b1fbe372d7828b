package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// export is what there is of one of a source's exports: objects, crawled tables, or both.
type export struct {
	id workflow.ExportID
	// folder is the key: "exports/shop/shop-20261121-1705-0/", location the same with the bucket.
	folder, location string
	// complete is true when the export says so of itself.
	complete bool
}

// exports returns the source's exports, the newest first. One whose objects are gone is found by its crawled tables.
func (h *Handler) exports(ctx context.Context, source string, tables crawledTables) ([]export, error) {
	root := workflow.ExportPrefix(source)
	folders, err := h.folders(ctx, root)
	if err != nil {
		return nil, err
	}
	for location := range tables.at {
		if below, ok := strings.CutPrefix(location, "s3://"+h.Bucket+"/"+root); ok {
			name, _, _ := strings.Cut(below, "/")
			folders = append(folders, root+name+"/")
		}
	}
	slices.Sort(folders)
	var exports []export
	for _, folder := range slices.Compact(folders) {
		id, ours := workflow.ParseExportID(strings.TrimSuffix(strings.TrimPrefix(folder, root), "/"))
		if !ours || id.Source != source {
			continue
		}
		e := export{id: id, folder: folder, location: "s3://" + h.Bucket + "/" + folder}
		if e.complete, err = h.isComplete(ctx, e); err != nil {
			return nil, err
		}
		exports = append(exports, e)
	}
	slices.SortFunc(exports, func(a, b export) int {
		return cmp.Or(b.id.SnapshotTime.Compare(a.id.SnapshotTime), cmp.Compare(b.id.Attempt, a.id.Attempt))
	})
	return exports, nil
}

// folders lists the folders in one, as keys.
func (h *Handler) folders(ctx context.Context, root string) ([]string, error) {
	var folders []string
	pages := s3.NewListObjectsV2Paginator(h.S3, &s3.ListObjectsV2Input{Bucket: &h.Bucket, Prefix: &root, Delimiter: aws.String("/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the exports in s3://%s/%s: %w", h.Bucket, root, err)
		}
		for _, p := range page.CommonPrefixes {
			folders = append(folders, aws.ToString(p.Prefix))
		}
	}
	return folders, nil
}

func (h *Handler) isComplete(ctx context.Context, e export) (bool, error) {
	info, err := manifest.ReadInfo(ctx, h.S3, h.Bucket, e.folder)
	if errors.Is(err, manifest.ErrMissing) || errors.Is(err, manifest.ErrDamaged) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("see whether export %s is complete: %w", e.id, err)
	}
	return info.Status == workflow.Complete, nil
}

// surplus leaves out the published export and the newest complete ones, of which it counts as one when it is among them.
func surplus(newestFirst []export, keep int, published string) []export {
	var old []export
	for _, e := range newestFirst {
		if e.complete && keep > 0 {
			keep--
			continue
		}
		if e.id.String() != published {
			old = append(old, e)
		}
	}
	return old
}

// isUnderWay tells whether an export that was not complete is still written, or was completed a moment ago: the manifest that
// says so is RDS's last object.
func (h *Handler) isUnderWay(ctx context.Context, e export) (bool, error) {
	id := e.id.String()
	pages := rds.NewDescribeExportTasksPaginator(h.RDS, &rds.DescribeExportTasksInput{ExportTaskIdentifier: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if awserr.Code(err) == "ExportTaskNotFound" {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("describe export task %s: %w", id, err)
		}
		for _, t := range page.ExportTasks {
			switch aws.ToString(t.Status) {
			case "FAILED", "CANCELED":
				return false, nil
			case workflow.Complete:
				return h.isComplete(ctx, e)
			default:
				return true, nil
			}
		}
	}
	return false, nil
}
