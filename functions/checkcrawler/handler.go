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
	"snaplake/functions/internal/metrics"
	"snaplake/workflow"
)

// settled is after how long Glue surely tells of a crawl that was started: what one call made, the next may not show yet.
const settled = 2 * time.Minute

// waitSeconds is how long to wait before the next look at a crawl, between 15 and 120: a twentieth of the time that has passed.
// A crawler that never ends would else fill the execution's history, which takes 25,000 events, before the state machine's
// time is over; and an execution with a full history cannot be redriven.
func waitSeconds(elapsed time.Duration) int {
	return int(min(max(elapsed/20, 15*time.Second), 2*time.Minute).Seconds())
}

// Glue is what CheckCrawler needs of the Glue client.
type Glue interface {
	GetCrawler(context.Context, *glue.GetCrawlerInput, ...func(*glue.Options)) (*glue.GetCrawlerOutput, error)
	glue.GetTablesAPIClient
}

// Handler looks whether a crawl is over.
type Handler struct {
	Glue    Glue
	Config  workflow.Config
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket holds the exports.
	Bucket string
}

// Handle looks whether the record's crawl is over and went well. The answer's status is one of
//
//   - RUNNING: not over. STOPPING is not over either.
//   - SUCCEEDED: over, and the tables are counted.
//   - RESTART: there is no such crawl any more, so it has to be made anew. Either it failed and the execution was redriven
//     since, or somebody pointed the crawler elsewhere or ran it in between. StartCrawler then waits until the crawler is free;
//     how often this may happen is bounded by the time-out of the state machine.
//
// The error is a [workflow.CrawlFailed] when the crawl failed or was cancelled.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Crawl, error) {
	if in.Record.Export == nil || in.Record.Crawl == nil {
		return workflow.Crawl{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the record has no crawl to look at. A redrive does not help: start a new execution", in.Record.Source)
	}
	crawl := *in.Record.Crawl
	elapsed := in.Execution.EnteredAt.Sub(crawl.StartedAt)
	crawl.Status = workflow.Running
	crawl.WaitSeconds = waitSeconds(elapsed)

	out, err := h.Glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: &crawl.Crawler})
	if awserr.Code(err) == "EntityNotFoundException" {
		return workflow.Crawl{}, workflow.Errorf[workflow.CallRefused](
			"crawler %q does not exist any more: %w. Deploying does not bring back what was deleted by hand: create it as the template has it, then redrive", crawl.Crawler, awserr.Brief(err))
	}
	if err != nil {
		return workflow.Crawl{}, fmt.Errorf("get crawler %q: %w", crawl.Crawler, err)
	}
	target := "s3://" + h.Bucket + "/" + in.Record.Export.Prefix + in.Record.Export.ID + "/"
	switch why := lost(out.Crawler, target, crawl.StartedAt); {
	case why != "" && elapsed >= settled:
		return h.restart(ctx, crawl, why), nil
	case why != "", out.Crawler.State != types.CrawlerStateReady:
		return crawl, nil
	}
	last := out.Crawler.LastCrawl
	if last.Status == types.LastCrawlStatusSucceeded {
		crawl.Status = workflow.Succeeded
		if crawl.Tables, err = h.count(ctx, crawl.TablePrefix, target); err != nil {
			return workflow.Crawl{}, err
		}
		// Glue knows best when it began: the record's time lies long before that for a crawl that was taken up.
		h.Metrics.Emit(in.Record.Source, in.Execution.Name,
			metrics.Seconds(workflow.MetricCrawlSeconds, in.Execution.EnteredAt.Sub(*last.StartTime)))
		return crawl, nil
	}
	if in.Execution.RedriveCount > crawl.RedriveCount {
		return h.restart(ctx, crawl, "it failed, and the execution was redriven since"), nil
	}
	return workflow.Crawl{}, workflow.Errorf[workflow.CrawlFailed](
		"crawler %q over %s: %s: %s; its log is %s. Redrive this execution to crawl again",
		crawl.Crawler, target, last.Status, reason(last), logOf(last))
}

// lost says why a crawl cannot be found out about any more, or "".
func lost(crawler *types.Crawler, target string, startedAt time.Time) string {
	switch last := crawler.LastCrawl; {
	case !isOnly(crawler.Targets, target):
		return "the crawler was pointed elsewhere"
	case crawler.State == types.CrawlerStateReady && (last == nil || !isSince(last.StartTime, startedAt)):
		return "the crawler has not run since"
	}
	return ""
}

func (h *Handler) restart(ctx context.Context, crawl workflow.Crawl, reason string) workflow.Crawl {
	h.Log.WarnContext(ctx, "crawling once more", "crawler", crawl.Crawler, "reason", reason)
	crawl.Status = workflow.Restart
	return crawl
}

// count is how many tables the crawled database has of this export. Two sources whose snapshots are of the same minute share
// a prefix, so the location decides.
func (h *Handler) count(ctx context.Context, prefix, target string) (int, error) {
	database := h.Config.CrawledDatabase()
	pages := glue.NewGetTablesPaginator(h.Glue, &glue.GetTablesInput{DatabaseName: &database, Expression: aws.String(prefix + ".*")})
	n := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, fmt.Errorf("count the crawled tables in database %q: %w", database, err)
		}
		for _, t := range page.TableList {
			if t.StorageDescriptor != nil && strings.HasPrefix(aws.ToString(t.StorageDescriptor.Location), target) {
				n++
			}
		}
	}
	return n, nil
}

func isOnly(targets *types.CrawlerTargets, target string) bool {
	return targets != nil && len(targets.S3Targets) == 1 &&
		strings.TrimSuffix(aws.ToString(targets.S3Targets[0].Path), "/")+"/" == target
}

// isSince compares whole seconds, because Glue reports a crawl's start without fractions.
func isSince(started *time.Time, bound time.Time) bool {
	return started != nil && !started.Truncate(time.Second).Before(bound.Truncate(time.Second))
}

func reason(last *types.LastCrawlInfo) string {
	if text := strings.TrimSpace(aws.ToString(last.ErrorMessage)); text != "" {
		return text
	}
	return "Glue gives no reason"
}

func logOf(last *types.LastCrawlInfo) string {
	if last.LogGroup == nil {
		return "not given"
	}
	return fmt.Sprintf("stream %s of group %s", aws.ToString(last.LogStream), *last.LogGroup)
}
