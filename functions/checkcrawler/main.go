// Command checkcrawler is the Lambda function that polls a crawl.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) setup.Handler[workflow.Request, workflow.Crawl] {
	return (&Handler{Setup: s, Glue: glue.NewFromConfig(s.AWS)}).Handle
}
