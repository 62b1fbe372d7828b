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
	"snaplake/functions/internal/catalog"
	"snaplake/functions/internal/metrics"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

const (
	// consistencyWindow is how long Glue may take to report a crawl after StartCrawler.
	consistencyWindow = 2 * time.Minute
	// maxRestarts is the maximum number of times that a run repeats a crawl.
	maxRestarts = 3
)

// waitSeconds returns the time until the next poll: 5% of the elapsed time, between 15 and 120 seconds. With a short fixed
// interval, a crawl that never ends would fill the execution's history of 25,000 events, and the execution could not be redriven.
func waitSeconds(elapsed time.Duration) int {
	return int(min(max(elapsed/20, 15*time.Second), 2*time.Minute).Seconds())
}

// Glue is the part of the Glue API that CheckCrawler uses.
type Glue interface {
	GetCrawler(context.Context, *glue.GetCrawlerInput, ...func(*glue.Options)) (*glue.GetCrawlerOutput, error)
	glue.GetTablesAPIClient
}

// Handler polls a crawl.
type Handler struct {
	setup.Setup
	Glue Glue
}

// Handle polls the crawl in the state and returns it with its current status:
//
//   - RUNNING: the crawl has not ended. The crawler state STOPPING also counts as RUNNING.
//   - SUCCEEDED: the crawl succeeded, or the catalog contains all tables for which the export has files.
//   - RESTART: StartCrawler must crawl again. Either the crawl failed and the execution has been redriven since, or the crawler was used
//     for something else and tables are missing.
//
// The error is a [workflow.CrawlFailed] if the crawl failed or was cancelled, or after three restarts.
//
// All runs of a source share its crawler, and another run may point the crawler at another export as soon as this crawl has ended. So
// Handle counts the tables in the catalog instead of relying on the crawler's status. After each crawl, at least one run can continue, and
// no run restarts forever.
func (h *Handler) Handle(ctx context.Context, in workflow.Request) (workflow.Crawl, error) {
	if _, err := setup.Require(h.Config, in.State, "crawl", in.State.Crawl); err != nil {
		return workflow.Crawl{}, err
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
			"crawler %q no longer exists: %w. A deployment does not restore it; create it as defined in the template",
			crawl.Crawler, awserr.Summarize(err))
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
			"crawler %q ended with status %s for %s: %s; see log stream %s in log group %s",
			crawl.Crawler, last.Status, target, cmp.Or(strings.TrimSpace(aws.ToString(last.ErrorMessage)), "Glue gave no reason"),
			cmp.Or(aws.ToString(last.LogStream), crawl.Crawler), cmp.Or(aws.ToString(last.LogGroup), "/aws-glue/crawlers"))
	}
	if crawl.Tables, err = h.count(ctx, crawl.TablePrefix, target); err != nil {
		return workflow.Crawl{}, err
	}
	switch {
	case isOver: // Glue's start time is exact; the one in the state can be much earlier if another run started the crawl
		h.Metrics.Emit(in.State.Source, in.Execution.Name,
			metrics.Seconds(workflow.MetricCrawlSeconds, in.Execution.EnteredAt.Sub(*last.StartTime)))
		crawl.Status = workflow.Succeeded
	case crawl.Tables >= in.State.Export.Folders:
		crawl.Status = workflow.Succeeded
	case elapsed >= consistencyWindow:
		return h.restart(ctx, crawl, fmt.Sprintf("the crawler was used for something else, and the catalog contains only %d of %d tables",
			crawl.Tables, in.State.Export.Folders))
	}
	return crawl, nil
}

// restart sends the run back to StartCrawler. The error is a [workflow.CrawlFailed] after three restarts since the last redrive.
func (h *Handler) restart(ctx context.Context, crawl workflow.Crawl, reason string) (workflow.Crawl, error) {
	if crawl.Restarts == maxRestarts {
		return workflow.Crawl{}, workflow.Errorf[workflow.CrawlFailed](
			"crawler %q was restarted %d times: %s. Check in the Glue console what else starts it", crawl.Crawler, maxRestarts, reason)
	}
	h.Log.WarnContext(ctx, "crawling again", "crawler", crawl.Crawler, "reason", reason)
	crawl.Restarts++
	crawl.Status = workflow.Restart
	return crawl, nil
}

// count returns how many tables of the export are in the catalog. It compares locations, because the table names of two sources have the
// same prefix if the snapshots are from the same minute.
func (h *Handler) count(ctx context.Context, prefix, target string) (int, error) {
	n := 0
	for t, err := range catalog.Matching(ctx, h.Glue, h.Config.CrawledDatabase(), prefix+".*") {
		if err != nil {
			return 0, err
		}
		if strings.HasPrefix(catalog.Location(t), target) {
			n++
		}
	}
	return n, nil
}

func hasOnlyTarget(targets *types.CrawlerTargets, target string) bool {
	return targets != nil && len(targets.S3Targets) == 1 &&
		strings.TrimSuffix(aws.ToString(targets.S3Targets[0].Path), "/")+"/" == target
}

// beganSince reports whether the last crawl began no earlier than the given time and no earlier than the last update of the crawler. It
// compares whole seconds, because Glue reports the start of a crawl in whole seconds.
func beganSince(crawler *types.Crawler, bound time.Time) bool {
	if crawler.LastCrawl == nil || crawler.LastCrawl.StartTime == nil {
		return false
	}
	started := crawler.LastCrawl.StartTime.Truncate(time.Second)
	updated := aws.ToTime(crawler.LastUpdated).Truncate(time.Second)
	return !started.Before(bound.Truncate(time.Second)) && !started.Before(updated)
}
