// Command startexport is the Lambda that makes sure that an export of a snapshot runs, or is there already.
package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"

	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Start(newHandler, "BUCKET", "EXPORT_ROLE_ARN", "KMS_KEY_ARN") }

func newHandler(s setup.Setup) func(context.Context, workflow.Request) (workflow.Export, error) {
	h := &Handler{
		Config:  s.Config,
		RDS:     rds.NewFromConfig(s.AWS),
		Log:     s.Log,
		Metrics: s.Metrics,
		Bucket:  s.Variables["BUCKET"],
		Role:    s.Variables["EXPORT_ROLE_ARN"],
		Key:     s.Variables["KMS_KEY_ARN"],
	}
	return h.Handle
}
