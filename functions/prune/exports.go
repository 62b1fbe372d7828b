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

// export is a folder of the bucket that holds one of a source's exports.
type export struct {
	id workflow.ExportID
	// folder is the key: "exports/shop/shop-20261121-1705-0/".
	folder string
	// complete is true when the export says so of itself.
	complete bool
}

// exports returns the source's exports, the newest first.
func (h *Handler) exports(ctx context.Context, source string) ([]export, error) {
	root := workflow.ExportPrefix(source)
	pages := s3.NewListObjectsV2Paginator(h.S3, &s3.ListObjectsV2Input{Bucket: &h.Bucket, Prefix: &root, Delimiter: aws.String("/")})
	var exports []export
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the exports in s3://%s/%s: %w", h.Bucket, root, err)
		}
		for _, p := range page.CommonPrefixes {
			folder := aws.ToString(p.Prefix)
			id, ours := workflow.ParseExportID(strings.TrimSuffix(strings.TrimPrefix(folder, root), "/"))
			if !ours || id.Source != source {
				continue
			}
			info, err := manifest.ReadInfo(ctx, h.S3, h.Bucket, folder)
			if err != nil && !errors.Is(err, manifest.ErrMissing) {
				return nil, fmt.Errorf("see whether export %s is complete: %w", id, err)
			}
			exports = append(exports, export{id: id, folder: folder, complete: info.Status == workflow.Complete})
		}
	}
	slices.SortFunc(exports, func(a, b export) int {
		return cmp.Or(b.id.SnapshotTime.Compare(a.id.SnapshotTime), cmp.Compare(b.id.Attempt, a.id.Attempt))
	})
	return exports, nil
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

// isRunning asks RDS whether it still writes an export.
func (h *Handler) isRunning(ctx context.Context, id string) (bool, error) {
	out, err := h.RDS.DescribeExportTasks(ctx, &rds.DescribeExportTasksInput{ExportTaskIdentifier: &id})
	if awserr.Code(err) == "ExportTaskNotFound" {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("describe export task %s: %w", id, err)
	}
	for _, t := range out.ExportTasks {
		switch aws.ToString(t.Status) {
		case workflow.Starting, workflow.InProgress, "CANCELING":
			return true, nil
		}
	}
	return false, nil
}
