// Package exports lists the exports of a source in the bucket: which are complete, which were published, and which are kept.
package exports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/workflow"
)

// Export is an export of a source.
type Export struct {
	ID workflow.ExportID
	// Folder is the key of the export's folder, "exports/shop/shop-20261121-1705-0/", and Location its address, "s3://lake/exports/...".
	Folder, Location string
	// Complete is true if the export's manifest says so. EndedAt is the end of the export; zero if unknown.
	Complete bool
	EndedAt  time.Time
	// Published is true if there is a [Publication].
	Published bool
}

// Exports returns the exports of a source that have a folder, newest first.
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

// IsComplete reports whether an export's manifest says that the export is complete, and returns its end.
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

// Retained returns the exports that a source keeps: the newest complete and published exports, at most Keep of them, without those whose
// snapshot is more than KeepDays days old at the given time. The current export counts as published and is always kept.
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
