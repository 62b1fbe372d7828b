package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"snaplake/functions/internal/awserr"
	"snaplake/workflow"
)

// waitSeconds is how long to wait before the first look at a crawl. Even a small one takes a minute or two.
const waitSeconds = 30

// Glue is what StartCrawler needs of the Glue client.
type Glue interface {
	GetCrawler(context.Context, *glue.GetCrawlerInput, ...func(*glue.Options)) (*glue.GetCrawlerOutput, error)
	UpdateCrawler(context.Context, *glue.UpdateCrawlerInput, ...func(*glue.Options)) (*glue.UpdateCrawlerOutput, error)
	StartCrawler(context.Context, *glue.StartCrawlerInput, ...func(*glue.Options)) (*glue.StartCrawlerOutput, error)
}

// Handler points a source's crawler at one export and starts it.
type Handler struct {
	Glue   Glue
	Config workflow.Config
	Log    *slog.Logger
	// Bucket holds the exports.
	Bucket string
}

// Handle makes sure that the crawler of the record's source runs over the record's export, and over nothing else. A crawl of
// this export that already runs is taken up, so that a retry or a redrive never starts a second one.
//
// An export of nothing but empty tables is crawled as well: such a crawl succeeds and leaves no table, and the record then
// reads as on any other night.
//
// The error is a [workflow.CrawlerBusy] while the crawler runs for another export.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Crawl, error) {
	if _, err := h.Config.Source(in.Record.Source); err != nil {
		return workflow.Crawl{}, err
	}
	if in.Record.Export == nil {
		return workflow.Crawl{}, fmt.Errorf("source %q: the record has no export to crawl: start a new execution", in.Record.Source)
	}
	id, ours := workflow.ParseExportID(in.Record.Export.ID)
	if !ours {
		return workflow.Crawl{}, fmt.Errorf("source %q: %q is no export identifier of ours, so its tables have no prefix: start a new execution", in.Record.Source, in.Record.Export.ID)
	}
	target := "s3://" + h.Bucket + "/" + in.Record.Export.Prefix + in.Record.Export.ID + "/"
	crawl := workflow.Crawl{
		Crawler:      h.Config.Crawler(in.Record.Source),
		TablePrefix:  id.TablePrefix(),
		StartedAt:    in.Execution.EnteredAt,
		Status:       workflow.Running,
		RedriveCount: in.Execution.RedriveCount,
		WaitSeconds:  waitSeconds,
	}

	crawler, err := h.look(ctx, crawl.Crawler)
	if err != nil {
		return workflow.Crawl{}, err
	}
	if crawler.State != types.CrawlerStateReady {
		return h.attach(ctx, crawl, crawler, target)
	}
	err = h.start(ctx, crawl, target)
	switch awserr.Code(err) {
	case "CrawlerRunningException", "VersionMismatchException":
		// Another execution was faster. It may crawl the very same export.
		if crawler, err = h.look(ctx, crawl.Crawler); err != nil {
			return workflow.Crawl{}, err
		}
		return h.attach(ctx, crawl, crawler, target)
	}
	if err != nil {
		return workflow.Crawl{}, err
	}
	return crawl, nil
}

func (h *Handler) look(ctx context.Context, name string) (*types.Crawler, error) {
	out, err := h.Glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: &name})
	if awserr.Code(err) == "EntityNotFoundException" {
		return nil, fmt.Errorf("crawler %q does not exist, and deploying does not bring back what was deleted by hand: create it as the template has it, then redrive this execution: %w", name, err)
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
			// The manifests would become tables, and the empty markers disturb how folders are grouped.
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

// attach takes up the crawl that runs now, when it is one of our export.
func (h *Handler) attach(ctx context.Context, crawl workflow.Crawl, crawler *types.Crawler, target string) (workflow.Crawl, error) {
	if crawler.State == types.CrawlerStateReady {
		return workflow.Crawl{}, workflow.Errorf[workflow.CrawlerBusy](
			"crawler %q was in use by another execution a moment ago: trying again", crawl.Crawler)
	}
	if at := targetsOf(crawler); at != target {
		return workflow.Crawl{}, workflow.Errorf[workflow.CrawlerBusy](
			"crawler %q is %s over %s: waiting to crawl %s", crawl.Crawler, crawler.State, at, target)
	}
	h.Log.InfoContext(ctx, "this export is being crawled already", "crawler", crawl.Crawler, "target", target)
	crawl.StartedAt = notBefore(crawler, crawl.StartedAt)
	return crawl, nil
}

// notBefore is a time before which the crawl that runs now did not begin. It may have begun before this state was entered,
// when another execution started it, but not before the crawl that came before it.
func notBefore(crawler *types.Crawler, entered time.Time) time.Time {
	bound := entered
	if last := crawler.LastCrawl; last != nil && last.StartTime != nil {
		bound = last.StartTime.Truncate(time.Second).Add(time.Second)
	} else if crawler.CreationTime != nil {
		bound = *crawler.CreationTime
	}
	if bound.After(entered) {
		// Glue tells of the crawl itself already, which this state began before it was tried again.
		return entered
	}
	return bound
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
