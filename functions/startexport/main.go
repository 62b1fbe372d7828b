// Command startexport is the Lambda that starts an export of a snapshot, or attaches to an existing one.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET", "EXPORT_ROLE_ARN", "KMS_KEY_ARN") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Export, error) {
	h := &Handler{
		Config:  s.Config,
		RDS:     rds.NewFromConfig(s.AWS),
		S3:      s3.NewFromConfig(s.AWS, manifest.Quiet),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
		Role:    s.Variables["EXPORT_ROLE_ARN"],
		Key:     s.Variables["KMS_KEY_ARN"],
	}
	return h.Handle
}
