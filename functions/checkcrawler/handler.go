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

// consistencyWindow is after how long Glue must show a crawl that was started.
const consistencyWindow = 2 * time.Minute

// waitSeconds returns the time until the next poll: a twentieth of the elapsed time, between 15 and 120 seconds. Otherwise a crawler that
// never ends would fill the execution's history of 25,000 events before the state machine times out, and no redrive would be possible.
func waitSeconds(elapsed time.Duration) int {
	return int(min(max(elapsed/20, 15*time.Second), 2*time.Minute).Seconds())
}

// Glue is what CheckCrawler calls of Glue.
type Glue interface {
	GetCrawler(context.Context, *glue.GetCrawlerInput, ...func(*glue.Options)) (*glue.GetCrawlerOutput, error)
	glue.GetTablesAPIClient
}

// Handler polls a crawl.
type Handler struct {
	Glue    Glue
	Config  workflow.Config
	Log     *slog.Logger
	Metrics metrics.Recorder
	// Bucket holds the exports.
	Bucket string
}

// maxRestarts is how often a run crawls again before it needs a redrive.
const maxRestarts = 3

// Handle reports how the crawl of the state's export stands. The answer's status is one of
//
//   - RUNNING: not over. STOPPING is not over either.
//   - SUCCEEDED: the crawl succeeded, or the catalog has all tables that the export has rows of.
//   - RESTART: StartCrawler has to crawl again. The crawl failed and the execution was redriven since, or the crawler was used for
//     something else and tables are missing.
//
// The error is a [workflow.CrawlFailed] when the crawl failed or was cancelled, or after three restarts.
//
// All runs of a source share its crawler, and another run may point it at another export as soon as this crawl is over. So what a
// crawl left in the catalog counts, and not what the crawler did afterwards. This keeps the invariant: each crawl that ends lets
// at least one run go on, and no run restarts without end.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Crawl, error) {
	if in.State.Export == nil || in.State.Crawl == nil {
		return workflow.Crawl{}, workflow.Errorf[workflow.InvalidInput](
			"source %q: the state has no crawl", in.State.Source)
	}
	crawl := *in.State.Crawl
	crawl.RedriveCount = in.Execution.RedriveCount
	isRedriven := in.Execution.RedriveCount > in.State.Crawl.RedriveCount
	if isRedriven {
		crawl.Restarts = 0
	}
	elapsed := in.Execution.EnteredAt.Sub(crawl.StartedAt)
	crawl.Status = workflow.Running
	crawl.WaitSeconds = waitSeconds(elapsed)

	out, err := h.Glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: &crawl.Crawler})
	if awserr.Code(err) == "EntityNotFoundException" {
		return workflow.Crawl{}, workflow.Errorf[workflow.CallRefused](
			"crawler %q no longer exists: %w. A deployment does not restore it: create it like the template does", crawl.Crawler, awserr.Summarize(err))
	}
	if err != nil {
		return workflow.Crawl{}, fmt.Errorf("get crawler %q: %w", crawl.Crawler, err)
	}
	target := workflow.S3URI(h.Bucket, in.State.Export.Folder())
	isOurs := hasOnlyTarget(out.Crawler.Targets, target)
	if isOurs && out.Crawler.State != types.CrawlerStateReady {
		return crawl, nil
	}
	last := out.Crawler.LastCrawl
	isOver := isOurs && beganSince(out.Crawler, crawl.StartedAt)
	if isOver && last.Status != types.LastCrawlStatusSucceeded {
		if isRedriven {
			return h.restart(ctx, crawl, "it failed, and the execution was redriven")
		}
		return workflow.Crawl{}, workflow.Errorf[workflow.CrawlFailed](
			"crawler %q over %s: %s: %s; its log is %s",
			crawl.Crawler, target, last.Status, reason(last), logOf(last))
	}
	if crawl.Tables, err = h.count(ctx, crawl.TablePrefix, target); err != nil {
		return workflow.Crawl{}, err
	}
	switch {
	case isOver, crawl.Tables >= in.State.Export.Folders:
		crawl.Status = workflow.Succeeded
	case elapsed < consistencyWindow:
		return crawl, nil
	default:
		return h.restart(ctx, crawl, fmt.Sprintf("the crawler was used for something else, and the catalog has %d of %d tables",
			crawl.Tables, in.State.Export.Folders))
	}
	if isOver { // Glue knows when it began: the state's time lies long before that for a crawl of another run
		h.Metrics.Emit(in.State.Source, in.Execution.Name,
			metrics.Seconds(workflow.MetricCrawlSeconds, in.Execution.EnteredAt.Sub(*last.StartTime)))
	}
	return crawl, nil
}

// restart sends the run back to StartCrawler. The error is a [workflow.CrawlFailed] when that was done too often since the last
// redrive.
func (h *Handler) restart(ctx context.Context, crawl workflow.Crawl, reason string) (workflow.Crawl, error) {
	if crawl.Restarts == maxRestarts {
		return workflow.Crawl{}, workflow.Errorf[workflow.CrawlFailed](
			"crawler %q was restarted %d times: %s. The Glue console shows what else starts it", crawl.Crawler, maxRestarts, reason)
	}
	h.Log.WarnContext(ctx, "crawling again", "crawler", crawl.Crawler, "reason", reason)
	crawl.Restarts++
	crawl.Status = workflow.Restart
	return crawl, nil
}

// count returns the number of crawled tables of the export. It compares locations, because two sources with snapshots of the same minute
// share a prefix.
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

func hasOnlyTarget(targets *types.CrawlerTargets, target string) bool {
	return targets != nil && len(targets.S3Targets) == 1 &&
		strings.TrimSuffix(aws.ToString(targets.S3Targets[0].Path), "/")+"/" == target
}

// isSince reports whether the last crawl began at a time or after it, and with the targets that the crawler has now. It compares
// whole seconds, because Glue reports a crawl's start without fractions.
func beganSince(crawler *types.Crawler, bound time.Time) bool {
	if crawler.LastCrawl == nil || crawler.LastCrawl.StartTime == nil {
		return false
	}
	started := crawler.LastCrawl.StartTime.Truncate(time.Second)
	updated := aws.ToTime(crawler.LastUpdated).Truncate(time.Second)
	return !started.Before(bound.Truncate(time.Second)) && !started.Before(updated)
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
