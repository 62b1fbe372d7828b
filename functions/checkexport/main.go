// Command checkexport is the Lambda that polls an export, and checks at its end whether it is complete.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Export, error) {
	h := &Handler{
		Config:  s.Config,
		RDS:     rds.NewFromConfig(s.AWS),
		S3:      s3.NewFromConfig(s.AWS, manifest.Quiet),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
	}
	return h.Handle
}
