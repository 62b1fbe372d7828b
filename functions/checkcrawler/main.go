// Command checkcrawler is the Lambda that polls a crawl.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Crawl, error) {
	h := &Handler{
		Config:  s.Config,
		Glue:    glue.NewFromConfig(s.AWS),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
	}
	return h.Handle
}
