// Command startexport is the Lambda function that starts an export of a snapshot, or attaches to an existing one.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET", "EXPORT_ROLE_ARN", "KMS_KEY_ARN") }

func newHandler(s setup.Setup) setup.Handler[workflow.Request, workflow.Export] {
	h := &Handler{
		Setup: s,
		RDS:   rds.NewFromConfig(s.AWS),
		S3:    s3.NewFromConfig(s.AWS, manifest.Quiet),
		Role:  s.Variables["EXPORT_ROLE_ARN"],
		Key:   s.Variables["KMS_KEY_ARN"],
	}
	return h.Handle
}
