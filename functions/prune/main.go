// Command prune is the Lambda function that deletes exports that no view reads any longer.
package main

import (
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"snaplake/functions/internal/manifest"
	"snaplake/functions/internal/setup"
	"snaplake/workflow"
)

func main() { setup.Run(newHandler, "BUCKET") }

func newHandler(s setup.Setup) setup.Handler[workflow.Request, workflow.Pruned] {
	h := &Handler{Setup: s, S3: s3.NewFromConfig(s.AWS, manifest.Quiet), Glue: glue.NewFromConfig(s.AWS), RDS: rds.NewFromConfig(s.AWS)}
	return h.Handle
}
