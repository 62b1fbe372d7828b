package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// checkRunningCrawlers names the crawlers that a deployment cannot update now: UpdateCrawler fails with CrawlerRunningException (Glue API
// reference, UpdateCrawler).
func (d *doctor) checkRunningCrawlers(ctx context.Context) []finding {
	const s subject = "running crawlers"
	var running []string
	for _, source := range d.config.Sources {
		name := d.config.Crawler(source.Name)
		out, err := d.aws.glue.GetCrawler(ctx, &glue.GetCrawlerInput{Name: &name})
		if codeOf(err) == unknownToGlue { // the source is not deployed yet
			continue
		}
		if err != nil {
			return d.checkFailed(s, err)
		}
		if out.Crawler.State != types.CrawlerStateReady {
			running = append(running, name)
		}
	}
	if len(running) > 0 {
		return s.note("%s; wait before you deploy: a deployment that changes a running crawler fails and is rolled back",
			strings.Join(running, ", "))
	}
	return s.ok("none")
}
