// Command startcrawler is the Lambda that points a source's crawler at an export and starts it.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Crawl, error) {
	h := &Handler{
		Config: s.Config,
		Glue:   glue.NewFromConfig(s.AWS),
		S3:     s3.NewFromConfig(s.AWS, manifest.Quiet),
		Log:    s.Log,
		Bucket: s.Variables["BUCKET"],
	}
	return h.Handle
}
