// Command prune is the Lambda that deletes what no view reads any longer.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Pruned, error) {
	h := &Handler{
		Config:  s.Config,
		S3:      s3.NewFromConfig(s.AWS, manifest.Quiet),
		Glue:    glue.NewFromConfig(s.AWS),
		RDS:     rds.NewFromConfig(s.AWS),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
	}
	return h.Handle
}
