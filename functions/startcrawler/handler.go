package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/functions/internal/exports"
	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

// waitSeconds is the number of seconds until the first poll. Even a small crawl takes a minute or two.
const waitSeconds = 30

// Glue is the part of the Glue API that StartCrawler uses.
type Glue interface {
	GetCrawler(context.Context, *glue.GetCrawlerInput, ...func(*glue.Options)) (*glue.GetCrawlerOutput, error)
	UpdateCrawler(context.Context, *glue.UpdateCrawlerInput, ...func(*glue.Options)) (*glue.UpdateCrawlerOutput, error)
	StartCrawler(context.Context, *glue.StartCrawlerInput, ...func(*glue.Options)) (*glue.StartCrawlerOutput, error)
}

// Handler points a source's crawler at an export and starts the crawler.
type Handler struct {
	setup.Setup
	Glue Glue
	S3   manifest.Client
}

// Handle points the source's crawler at the export in the state and starts the crawler. If this crawl is already running, Handle attaches
// to it, so that a retry or a redrive never starts a second one.
//
// Handle returns SUCCEEDED without a crawl if the export was published, because its tables are in the catalog. It crawls such an export
// only if the state already contains a crawl. In that case, CheckCrawler or CreateViews sent the run back, because tables are missing.
//
// The error is a [workflow.CrawlerBusy] while the crawler runs for another export.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Crawl, error) {
	if _, err := setup.Require(h.Config, in.State, "export", in.State.Export); err != nil {
		return workflow.Crawl{}, err
	}
	id, ours := workflow.ParseExportID(in.State.Export.ID)
	if !ours {
		return workflow.Crawl{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: %q is not a valid export identifier", in.State.Source, in.State.Export.ID)
	}
	folder := in.State.Export.Folder()
	crawl := workflow.Crawl{
		Crawler:      h.Config.Crawler(in.State.Source),
		TablePrefix:  id.TablePrefix(),
		StartedAt:    in.Execution.EnteredAt,
		Status:       workflow.Running,
		RedriveCount: in.Execution.RedriveCount,
		WaitSeconds:  waitSeconds,
	}
	target := workflow.S3URI(h.Bucket, folder)
	if in.State.Crawl != nil {
		crawl.Restarts = in.State.Crawl.Restarts
		return h.crawl(ctx, crawl, target)
	}
	published, isPublished, err := exports.ReadPublication(ctx, h.S3, h.Bucket, folder)
	if err != nil {
		return workflow.Crawl{}, fmt.Errorf("source %q: check whether export %s was published: %w", in.State.Source, in.State.Export.ID, err)
	}
	if isPublished {
		h.Log.InfoContext(ctx, "no new crawl, because the export was published", "export", in.State.Export.ID,
			"publishedAt", published.PublishedAt, "tables", published.CrawledTables)
		crawl.Status, crawl.Tables, crawl.WaitSeconds = workflow.Succeeded, published.CrawledTables, 0
		return crawl, nil
	}
	return h.crawl(ctx, crawl, target)
}

// crawl attaches to a crawl of the target, or starts one.
func (h *Handler) crawl(ctx context.Context, crawl workflow.Crawl, target string) (workflow.Crawl, error) {
	crawler, err := h.get(ctx, crawl.Crawler)
	if err != nil {
		return workflow.Crawl{}, err
	}
	if crawler.State != types.CrawlerStateReady {
		return h.attach(ctx, crawl, crawler, target)
	}
	// An earlier attempt of this state may have started the last crawl, which then failed. That crawl must not count as the new crawl.
	if next := afterLast(crawler); next.After(crawl.StartedAt) {
		crawl.StartedAt = next
	}
	started := h.start(ctx, crawl, target)
	if started != nil && !isInUse(started) {
		return workflow.Crawl{}, started
	}
	// Another run may have started the crawler first, or may have just pointed the crawler at its own export.
	if crawler, err = h.get(ctx, crawl.Crawler); err != nil {
		return workflow.Crawl{}, err
	}
	if started == nil && targetsOf(crawler) == target {
		return crawl, nil
	}
	return h.attach(ctx, crawl, crawler, target)
}

// isInUse reports whether an error means that the crawler is running or being changed. The API reference documents the first two codes. The
// third was observed for UpdateCrawler (aws-cloudformation/cloudformation-coverage-roadmap, issue 817).
func isInUse(err error) bool {
	switch awserr.Code(err) {
	case "CrawlerRunningException", "VersionMismatchException":
		return true
	case "InvalidInputException":
		return strings.Contains(awserr.Message(err), "while running")
	}
	return false
}

func (h *Handler) get(ctx context.Context, name string) (*types.Crawler, error) {
	out, err := h.Glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: &name})
	if awserr.Code(err) == "EntityNotFoundException" {
		return nil, workflow.Errorf[workflow.CallRefused](
			"crawler %q does not exist: %w. A deployment does not restore it; create it as defined in the template", name, awserr.Summarize(err))
	}
	if err != nil {
		return nil, fmt.Errorf("get crawler %q: %w", name, err)
	}
	return out.Crawler, nil
}

func (h *Handler) start(ctx context.Context, crawl workflow.Crawl, target string) error {
	_, err := h.Glue.UpdateCrawler(ctx, &glue.UpdateCrawlerInput{
		Name:        &crawl.Crawler,
		TablePrefix: &crawl.TablePrefix,
		Targets: &types.CrawlerTargets{S3Targets: []types.S3Target{{
			Path: &target,
			// Manifests would become tables, and empty markers interfere with the grouping of folders.
			Exclusions: workflow.CrawlerExclusions(),
		}}},
		Configuration:      aws.String(workflow.CrawlerConfiguration),
		RecrawlPolicy:      &types.RecrawlPolicy{RecrawlBehavior: types.RecrawlBehaviorCrawlEverything},
		SchemaChangePolicy: &types.SchemaChangePolicy{UpdateBehavior: types.UpdateBehaviorLog, DeleteBehavior: types.DeleteBehaviorLog},
	})
	if err != nil {
		return fmt.Errorf("point crawler %q at %s: %w", crawl.Crawler, target, err)
	}
	if _, err := h.Glue.StartCrawler(ctx, &glue.StartCrawlerInput{Name: &crawl.Crawler}); err != nil {
		return fmt.Errorf("start crawler %q: %w", crawl.Crawler, err)
	}
	return nil
}

// attach returns the running crawl if its target matches.
func (h *Handler) attach(ctx context.Context, crawl workflow.Crawl, crawler *types.Crawler, target string) (workflow.Crawl, error) {
	if crawler.State == types.CrawlerStateReady {
		return workflow.Crawl{}, workflow.Errorf[workflow.CrawlerBusy](
			"crawler %q was in use a moment ago, perhaps by another run", crawl.Crawler)
	}
	if current := targetsOf(crawler); current != target {
		return workflow.Crawl{}, workflow.Errorf[workflow.CrawlerBusy](
			"crawler %q is %s for %s, not for %s", crawl.Crawler, crawler.State, current, target)
	}
	h.Log.InfoContext(ctx, "attached to a crawl", "crawler", crawl.Crawler, "target", target)
	// Another run may have started this crawl before this run entered the state. The crawl began after the last crawl.
	bound := cmp.Or(afterLast(crawler), aws.ToTime(crawler.CreationTime))
	if !bound.IsZero() && bound.Before(crawl.StartedAt) {
		crawl.StartedAt = bound
	}
	return crawl, nil
}

// afterLast returns the earliest time at which the next crawl can have started, or zero if there was no crawl yet. Glue reports start times
// in whole seconds.
func afterLast(crawler *types.Crawler) time.Time {
	if crawler.LastCrawl == nil || crawler.LastCrawl.StartTime == nil {
		return time.Time{}
	}
	return crawler.LastCrawl.StartTime.Truncate(time.Second).Add(time.Second)
}

func targetsOf(crawler *types.Crawler) string {
	if crawler.Targets == nil {
		return ""
	}
	var paths []string
	for _, t := range crawler.Targets.S3Targets {
		paths = append(paths, strings.TrimSuffix(aws.ToString(t.Path), "/")+"/")
	}
	return strings.Join(paths, ", ")
}
