// Command checkexport is the Lambda function that polls an export and verifies it once it is complete.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) setup.Handler[workflow.Request, workflow.Export] {
	return (&Handler{Setup: s, RDS: rds.NewFromConfig(s.AWS), S3: s3.NewFromConfig(s.AWS, manifest.Quiet)}).Handle
}
