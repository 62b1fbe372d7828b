// Command startcrawler is the Lambda function that points a source's crawler at an export and starts the crawler.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) setup.Handler[workflow.Request, workflow.Crawl] {
	return (&Handler{Setup: s, Glue: glue.NewFromConfig(s.AWS), S3: s3.NewFromConfig(s.AWS, manifest.Quiet)}).Handle
}
