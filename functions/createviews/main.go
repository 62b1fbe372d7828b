// Command createviews is the Lambda function that creates the views of an export.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/functions/internal/statement"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Views, error) {
	h := &Handler{
		Config:  s.Config,
		S3:      s3.NewFromConfig(s.AWS, manifest.Quiet),
		Glue:    glue.NewFromConfig(s.AWS),
		Athena:  statement.NewRunner(athena.NewFromConfig(s.AWS), s.Config.Name),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
	}
	return h.Handle
}
